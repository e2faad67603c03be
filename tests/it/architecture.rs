//! The sources keep the rules of ARCHITECTURE.md: who names whom, how long files are, what the browser links.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const MAX_LINES: usize = 400;
const MEDIAN_LINES: usize = 100;
const MAX_DOC_LINES: usize = 150;

/// Folder or file, and what of ours it may not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "src/domain",
        &[
            "crate::server",
            "crate::error",
            "crate::pages",
            "crate::components",
            "crate::app",
            "leptos",
            "sea_orm",
        ],
    ),
    ("src/components", &["crate::server", "crate::pages"]),
    ("src/pages", &["crate::server::", "crate::app"]),
    (
        "src/server/calls",
        &[
            "leptos",
            "axum",
            "prometheus_client",
            "server::metrics",
            "server::provider",
            "server::dispatcher",
            "server::api",
            "server::webhooks",
        ],
    ),
    (
        "src/server/idempotency",
        &["leptos", "axum", "server::api", "server::calls", "server::provider", "server::dispatcher"],
    ),
    (
        "src/server/hooks",
        &["leptos", "axum", "server::calls", "server::provider", "server::dispatcher", "server::webhooks"],
    ),
    (
        "src/server/insights",
        &[
            "axum",
            "server::api",
            "server::hooks",
            "server::provider",
            "server::dispatcher",
            "server::webhooks",
        ],
    ),
    ("src/server/db", &["leptos", "axum", "server::calls", "server::provider", "server::api"]),
    ("src/server/api", &["server::openapi", "server::webhooks", "server::dispatcher", "server::provider"]),
    (
        "src/server/openapi",
        &["server::calls", "server::db", "server::dispatcher", "server::provider", "sea_orm"],
    ),
    ("src/server/webhooks", &["server::api", "server::dispatcher", "server::provider"]),
    (
        "src/server/dispatcher",
        &["server::api", "server::webhooks", "provider::http", "provider::call_api", "provider::simulator"],
    ),
    (
        "src/server/provider/simulator",
        &["crate::domain", "server::calls", "server::dispatcher", "server::api"],
    ),
    ("src/server/lab", &["server::provider", "sea_orm", "sim_"]),
    ("src/server/metrics", &["server::api", "server::webhooks", "server::dispatcher", "server::provider"]),
    ("src/server/provider/http.rs", &["server::calls", "sea_orm"]),
    ("src/server/provider/call_api", &["server::calls", "sea_orm"]),
    ("src/server/provider/call_api.rs", &["server::calls", "sea_orm"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_under(path: &Path, ending: &str) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_under(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
    found
}

/// The code of a file, without comments and without its tests, which may use anything.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a text");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn nobody_names_what_they_may_not() {
    let mut found = Vec::new();
    for (place, forbidden) in FORBIDDEN {
        for file in files_under(&root().join(place), "rs") {
            let code = code(&file);
            for name in forbidden.iter().filter(|name| names(&code, name)) {
                found.push(format!("{} names {name}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Whether the code names `path`, also within a braced `use` of ours.
fn names(code: &str, path: &str) -> bool {
    if code.contains(path) {
        return true;
    }
    let (Some(first), Some(second)) = (path.split("::").next(), path.split("::").nth(1)) else {
        return false;
    };
    let uses =
        code.split("use crate::{").nth(1).and_then(|rest| rest.split("\n};").next()).unwrap_or_default();
    match first {
        "crate" => uses.lines().any(|line| line.trim_start().starts_with(&format!("{second}::"))),
        "server" => {
            let server = uses.split("server::{").nth(1).unwrap_or_default();
            server.lines().any(|line| line.trim_start().starts_with(&format!("{second}::")))
        }
        _ => false,
    }
}

#[test]
fn only_lib_rs_knows_features() {
    for file in files_under(&root().join("src"), "rs") {
        let is_native = file.starts_with(root().join("src/server"));
        let gates = code(&file).matches("feature = \"").count();
        let allowed = if file.ends_with("lib.rs") { 2 } else { 0 };
        assert!(is_native || gates <= allowed, "{} has {gates} feature gates", file.display());
    }
}

/// Each type of view, effect or listener of its own is code that every reader fetches.
#[test]
fn pages_say_it_compactly() {
    let longer = [
        ("}.into_any()", "erase"),
        (">{move||", "changing"),
        ("}{move||", "changing"),
        ("<For", "each"),
        ("window_event_listener(", "on_window"),
        ("Effect::new(", "effect"),
    ];
    let same_words = ["Memo", "RwSignal", "Signal", "StoredValue"];
    let files = ["src/components", "src/pages"].map(|place| files_under(&root().join(place), "rs"));
    for file in
        files.iter().flatten().filter(|file| !file.display().to_string().contains("components/compact"))
    {
        let code: String = code(file).split_whitespace().collect();
        let code = code.replace("move|_|", "|_|");
        for (long, compact) in longer {
            assert!(!code.contains(long), "{} says {long}, not `compact::{compact}`", file.display());
        }
        let imported = code.split("compact::").nth(1).unwrap_or_default();
        let imported = match imported.strip_prefix('{') {
            Some(several) => several.split('}').next(),
            None => words(imported).next(),
        };
        let imported = imported.unwrap_or_default();
        for word in same_words {
            let is_ours = words(imported).any(|known| known == word);
            let is_used = words(&code).any(|used| used == word);
            assert!(
                is_ours || !is_used,
                "{} has the library's {word}, not `compact::{word}`",
                file.display()
            );
        }
    }
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| !word.is_empty())
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, PathBuf)> = ["src", "migrations"]
        .iter()
        .flat_map(|place| files_under(&root().join(place), "rs"))
        .map(|file| (fs::read_to_string(&file).expect("a text").lines().count(), file))
        .collect();
    lengths.sort();
    let (longest, file) = lengths.last().expect("files");
    assert!(*longest <= MAX_LINES, "{} has {longest} lines", file.display());
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= MEDIAN_LINES, "the median file has {median} lines");
}

#[test]
fn documents_are_short() {
    for document in ["README.md", "ARCHITECTURE.md"] {
        let lines = fs::read_to_string(root().join(document)).expect("a text").lines().count();
        assert!(lines <= MAX_DOC_LINES, "{document} has {lines} lines");
    }
}

#[test]
fn the_browser_links_nothing_of_the_servers() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--no-default-features", "--features", "hydrate"])
        .args([
            "--target",
            "wasm32-unknown-unknown",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("a text");
    for native in ["tokio v", "axum v", "sea-orm v", "jiff v", "chrono v", "rlibphonenumber v", "utoipa v"] {
        assert!(!tree.lines().any(|line| line.starts_with(native)), "the browser links {native}");
    }
}
