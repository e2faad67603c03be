//! The quick start of docs/API.md does what it says, as it is written.

use crate::support::{app::App, both_databases};
use reqwest::StatusCode;
use serde_json::json;
use std::{fs, path::Path};
use tokio::process::Command;

both_databases!(the_quick_start_runs_as_it_is_written);

/// The blocks of a document that a shell is to run.
fn shell_blocks(document: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(path).expect("a document");
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.collect()
}

async fn the_quick_start_runs_as_it_is_written(app: App) {
    let script = format!("set -euo pipefail\n{}", shell_blocks("docs/API.md"));
    let mut bash = Command::new("bash");
    bash.args(["-c", &script]).env("SWITCHBOARD", &app.base).env("NO_PROXY", "127.0.0.1");
    let run = bash.kill_on_drop(true).output().await.expect("bash");
    let (said, complained) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{complained}\n{said}");

    let (status, page) = app.get("/api/calls?sort=created").await;
    assert_eq!(status, StatusCode::OK);
    let told: Vec<_> = page["calls"]
        .as_array()
        .expect("calls")
        .iter()
        .map(|call| (call["customer_name"].clone(), call["workflow"].clone(), call["status"].clone()))
        .collect();
    let expected = [
        (json!("Grace Hopper"), json!("support"), json!("canceled")),
        (json!("Ada Lovelace"), json!("reminder"), json!("pending")),
    ];
    assert_eq!(told, expected);
    assert!(said.contains("\"kind\":\"canceled\""), "the timeline is shown: {said}");
}
