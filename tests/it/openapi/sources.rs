//! What the sources say in passing, and the document must know: addresses, and the codes of problems.

use super::document;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use switchboard::server::openapi::CODES;

/// Addresses outside `/api` that programs don't call, so that the document is silent about them.
const NOT_FOR_PROGRAMS: &[&str] =
    &["/health", "/openapi.json", "/docs", "/docs.css", "/problems/{code}", "/fn/{*name}", "/api/{*unknown}"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        // The simulator is another company with an API of its own.
        if path.is_dir() && !path.ends_with("simulator") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The first text literal after each place where `marker` stands, if it comes within the same call.
fn literals_after(marker: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(file).expect("a text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices(marker) {
            let arguments = code[at + marker.len()..].split(';').next().unwrap_or_default();
            found.extend(arguments.split('"').nth(1).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_address_in_the_sources_is_described() {
    let document = document();
    let described: BTreeSet<_> = document["paths"].as_object().expect("paths").keys().cloned().collect();
    let silent: BTreeSet<_> = NOT_FOR_PROGRAMS.iter().map(|path| (*path).to_owned()).collect();
    let routed: BTreeSet<_> = literals_after(".route(").difference(&silent).cloned().collect();
    assert_eq!(routed, described);
}

#[test]
fn every_code_that_is_answered_is_explained_and_the_other_way_round() {
    let explained: BTreeSet<_> = CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(explained.len(), CODES.len(), "a code is explained twice");
    let mut answered = BTreeSet::new();
    for marker in ["AppError::refused(", " refuse(", "plain_problem("] {
        answered.extend(literals_after(marker));
    }
    let errors = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/error.rs");
    let errors = fs::read_to_string(errors).expect("a text");
    let names = errors.split("pub fn code(").nth(1).and_then(|rest| rest.split("\n    }").next());
    answered.extend(names.expect("the function").split('"').skip(1).step_by(2).map(str::to_owned));
    // The browser makes this one for itself.
    answered.remove("network");
    assert_eq!(answered, explained);
}
