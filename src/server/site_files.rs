//! Where the page's files are, and what they are called.

use leptos::config::LeptosOptions;
use std::path::Path;

/// Where the page's files are: as the environment says; else `site` beside the binary, as in the image; else
/// `target/site`, as in the project. Whether their names hold a hash is known by hash.txt beside the binary.
pub fn leptos_options() -> LeptosOptions {
    let mut options = LeptosOptions::builder().output_name("switchboard").site_root("target/site").build();
    if let Some(watched) =
        std::env::var_os("LEPTOS_WATCH").and_then(|_| leptos::config::get_configuration(None).ok())
    {
        options = watched.leptos_options;
    }
    if let Ok(root) = std::env::var("LEPTOS_SITE_ROOT") {
        options.site_root = root.into();
    }
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent);
    if std::env::var_os("LEPTOS_SITE_ROOT").is_none()
        && let Some(site) = beside.map(|folder| folder.join("site")).filter(|site| site.is_dir())
    {
        options.site_root = site.to_string_lossy().into_owned().into();
    }
    if let Ok(hashed) = std::env::var("LEPTOS_HASH_FILES") {
        options.hash_files = hashed == "true";
    } else {
        let hashes = beside.and_then(|folder| std::fs::read_to_string(folder.join(&*options.hash_file)).ok());
        options.hash_files = hashes.is_some_and(|hashes| names_exist(&options, &hashes));
    }
    options
}

/// Whether the hashes are those of the files that are there: a later build without hashes leaves an old
/// hash.txt behind.
fn names_exist(options: &LeptosOptions, hashes: &str) -> bool {
    let hash = hashes.lines().find_map(|line| line.strip_prefix("js:")).map(str::trim).unwrap_or_default();
    let script = format!("{}.{hash}.js", options.output_name);
    Path::new(&*options.site_root).join(&*options.site_pkg_dir).join(script).is_file()
}
