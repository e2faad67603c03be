//! Log lines of the real process, for programs to read: JSON, with ids, and nothing that is nobody's business.

use crate::{starting::Serving, support::app::text};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

const TOKEN: &str = "a-token-of-24-characters";

/// The call at `url`, once it has ended.
async fn ended(http: &Client, url: &str) -> Value {
    // However slow the machine: a call of a tenth of a second has ended by then.
    for _ in 0..1_200 {
        let answer = http.get(url).bearer_auth(TOKEN).send().await.expect("an answer");
        let call: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        if !call["ended_at"].is_null() {
            return call;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the call has not ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_is_json_with_ids_and_without_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("LOG_FORMAT", "json"),
        ("RUST_LOG", "info,switchboard=debug,tower_http=debug"),
        ("SIMULATOR_SPEED", "100"),
        ("API_TOKEN", TOKEN),
        ("NODE_NAME", "desk-1"),
    ];
    let (serving, lines) = Serving::logging(folder.path(), &settings);
    let http = Client::builder().no_proxy().build().expect("a client");
    let body =
        json!({"customer_name": "Ada Lovelace", "phone_number": "+14155550101", "workflow": "support"});
    let create = http.post(format!("{}/api/calls", serving.base())).bearer_auth(TOKEN);
    let created = create.header("x-request-id", "from-a-test").json(&body).send().await.expect("an answer");
    let call: Value = serde_json::from_slice(&created.bytes().await.expect("a body")).expect("JSON");
    let listed = http.get(format!("{}/api/calls?q=Lovelace", serving.base())).bearer_auth(TOKEN);
    assert_eq!(listed.send().await.expect("an answer").status(), 200);
    let ended = ended(&http, &format!("{}/api/calls/{}", serving.base(), text(&call["id"]))).await;
    let attempt = &ended["attempts"][0];
    drop(serving);
    let log = lines.recv_timeout(Duration::from_mins(1)).expect("its lines");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
        .collect();
    for name in ["timestamp", "level", "fields", "target"] {
        assert!(lines.iter().all(|line| line.get(name).is_some()), "{name}: {log}");
    }
    for secret in ["Lovelace", "4155550101", TOKEN, "q=", "whsec_"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let request = lines.iter().find(|line| line["span"]["request_id"] == "from-a-test");
    assert_eq!(request.map(|line| &line["span"]["path"]), Some(&json!("/api/calls")), "{log}");
    let placed = lines.iter().find(|line| line["fields"]["message"] == "placed").expect("the placing");
    assert_eq!(placed["span"]["call_id"], call["id"]);
    assert_eq!(placed["span"]["attempt_id"], attempt["id"]);
    assert_eq!(placed["fields"]["provider_call_id"], attempt["provider_call_id"]);
    for name in ["request", "place", "report"] {
        let told = lines.iter().find(|line| line["span"]["name"] == name);
        assert_eq!(told.map(|line| &line["span"]["node"]), Some(&json!("desk-1")), "{name}: {log}");
    }
    let report = lines.iter().find(|line| line["span"]["name"] == "report").expect("a report");
    assert_eq!(report["span"]["provider_call_id"], attempt["provider_call_id"]);
    assert_eq!(report["span"]["attempt_id"], attempt["id"]);
    assert!(log.contains("+1415…01"), "numbers are masked: {log}");
}
