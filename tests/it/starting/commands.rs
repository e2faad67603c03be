//! What the binary can be told: pause, help, serve and stop.

use super::{Serving, run};
use crate::support::{app::App, both_databases};
use serde_json::json;
use std::process::Command;

both_databases!(placing_is_paused_from_the_command_line);

async fn placing_is_paused_from_the_command_line(app: App) {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, words) in [("pause", "Placing is paused"), ("resume", "Placing goes on.")] {
        let said = run(folder.path(), &[command, "--database-url", &app.test_db.url], &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.starts_with(words), "{said:?}");
        let (_, dispatch) = app.get("/api/dispatch").await;
        let by = if command == "pause" { json!("operator") } else { json!(null) };
        assert_eq!((&dispatch["paused"], &dispatch["paused_by"]), (&json!(command == "pause"), &by));
    }
}

#[test]
fn it_explains_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = run(folder.path(), &["--help"], &[("API_TOKEN", "a secret in the environment")]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for word in [
        "migrate",
        "doctor",
        "backup",
        "prune",
        "DATABASE_URL",
        "ALLOW_OPEN",
        "PROVIDER_KIND",
        "SIMULATOR_SPEED",
    ] {
        assert!(help.out.contains(word), "{word}: {}", help.out);
    }
    assert!(!help.out.contains("a secret in the environment"), "{}", help.out);
    let version = run(folder.path(), &["--version"], &[]);
    assert_eq!(
        (version.code, version.out),
        (Some(0), format!("switchboard {}\n", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn the_first_line_says_where_what_and_for_whom() {
    let folder = tempfile::tempdir().expect("a folder");
    for (environment, words) in [
        (vec![("LEPTOS_SITE_ADDR", "127.0.0.1:0")], "open to everybody on this machine"),
        (
            vec![("LEPTOS_SITE_ADDR", "127.0.0.1:0"), ("API_TOKEN", "a-token-of-24-characters")],
            "asks for its token",
        ),
        (
            vec![("LEPTOS_SITE_ADDR", "0.0.0.0:0"), ("API_TOKEN", "a-token-of-24-characters")],
            "asks for its token",
        ),
        (vec![("LEPTOS_SITE_ADDR", "0.0.0.0:0"), ("ALLOW_OPEN", "true")], "OPEN to whoever reaches the port"),
    ] {
        let serving = Serving::start(folder.path(), &environment);
        let rest = format!(" (database: sqlite; provider: the built-in simulator; {words})\n");
        assert!(serving.base().starts_with("http://127.0.0.1:"), "{}", serving.hello);
        assert!(serving.hello.ends_with(&rest), "{}", serving.hello);
    }
}

#[cfg(unix)]
#[test]
fn who_is_asked_to_stop_stops_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start(folder.path(), &[("LEPTOS_SITE_ADDR", "127.0.0.1:0")]);
        let asked = Command::new("kill").args([signal, &serving.child.id().to_string()]).status();
        assert!(asked.expect("kill").success());
        assert_eq!(serving.end(), Some(0), "{signal}");
        let left = std::fs::read_dir(folder.path().join("data")).expect("a folder");
        let mut left: Vec<_> = left.map(|entry| entry.expect("a file").file_name()).collect();
        left.sort();
        assert_eq!(left, ["switchboard.db", "switchboard.db.lock"], "the one file is the whole database");
    }
}
