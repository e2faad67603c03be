//! What the fuzz targets try, tried here with what proptest makes up: first anything, then what nearly makes sense.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use proptest::prelude::*;
use std::{fs, path::Path};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..200)
}

proptest! {
    #[test]
    fn signatures(data in bytes()) {
        bodies::signature(&data);
    }

    #[test]
    fn nearly_signatures(text in "[!-~]{0,20}\n-?[0-9]{0,20}\n(v1,[A-Za-z0-9+/=]{0,50} ?){0,3}\n.{0,40}") {
        bodies::signature(text.as_bytes());
    }

    #[test]
    fn cursors(data in bytes()) {
        bodies::cursor(&data);
    }

    #[test]
    fn nearly_cursors(text in "[abAB]?[0-9a-fA-F+-]{63,65}") {
        bodies::cursor(text.as_bytes());
    }

    #[test]
    fn phone_numbers(data in bytes()) {
        bodies::phone_number(&data);
    }

    #[test]
    fn nearly_phone_numbers(text in "(US|DE|de|GB|IT|ZZ)[+0]{0,2}[0-9 ().x#;=/-]{0,20}") {
        bodies::phone_number(text.as_bytes());
    }

    #[test]
    fn last_event_ids(data in bytes()) {
        bodies::last_event_id(&data);
    }

    #[test]
    fn nearly_last_event_ids(text in "[+0-9]{0,20}-?[+0-9]{0,20}") {
        bodies::last_event_id(text.as_bytes());
    }
}

/// cargo-fuzz and its compiler are not at hand everywhere, so this looks at what they would be given.
#[test]
fn every_body_has_its_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let read = |path: &str| fs::read_to_string(folder.join(path)).expect("a text");
    let (bodies, manifest) = (read("bodies.rs"), read("Cargo.toml"));
    let names: Vec<_> = bodies.split("pub fn ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    assert_eq!(names.len(), fs::read_dir(folder.join("fuzz_targets")).expect("targets").count());
    for name in names {
        let target = format!("fuzz_targets/{name}.rs");
        assert!(read(&target).contains(&format!("|data: &[u8]| bodies::{name}(data)")), "{target}");
        assert!(
            manifest.contains(&format!("name = \"{name}\"\npath = \"{target}\"")),
            "{target} is not declared"
        );
    }
}
