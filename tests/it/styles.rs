//! Every class that a view names is styled, and every class that is styled is named in a view.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn texts_under(path: &Path, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(texts_under(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(fs::read_to_string(&path).expect("a text"));
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The words of every `class="…"`, and the name of every `class:name=`.
fn named() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let views = ["src/components", "src/pages", "src/server/openapi", "src/server/insights"]
        .iter()
        .flat_map(|place| texts_under(&root().join(place), "rs"));
    for view in views.chain([fs::read_to_string(root().join("src/app.rs")).expect("a text")]) {
        for rest in view.split("class=\"").skip(1) {
            let words = rest.split('"').next().unwrap_or_default();
            names.extend(words.split_whitespace().map(str::to_owned));
        }
        for rest in view.split("class:").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            names.insert(name);
        }
    }
    names.remove("");
    names
}

/// Every `.name` of a selector. Comments and declarations hold none.
fn styled() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for sheet in texts_under(&root().join("style"), "css") {
        let mut sheet = sheet.as_str();
        let mut plain = String::new();
        while let Some((before, rest)) = sheet.split_once("/*") {
            plain.push_str(before);
            sheet = rest.split_once("*/").map_or("", |(_, after)| after);
        }
        plain.push_str(sheet);
        for selector in plain.split(['{', '}', ';']).filter(|part| !part.contains("@import")) {
            for rest in selector.split('.').skip(1) {
                let name: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                let begins_a_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
                if begins_a_name {
                    names.insert(name);
                }
            }
        }
    }
    names
}

#[test]
fn each_class_is_named_and_styled() {
    let (named, styled) = (named(), styled());
    let unstyled: Vec<_> = named.difference(&styled).collect();
    let unused: Vec<_> = styled.difference(&named).collect();
    assert!(
        unstyled.is_empty() && unused.is_empty(),
        "without a style: {unstyled:?}; without a view: {unused:?}"
    );
}
