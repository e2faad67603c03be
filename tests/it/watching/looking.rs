//! Looking: who may, what stands there, and that the documentation names it all.

use super::{text_of, told};
use crate::support::{
    Backend, OnDatabase,
    app::{App, BUSY, COMPLETES, node, read},
    both_databases,
    receiver::Told as Hooked,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

both_databases!(
    how_things_stand_is_told,
    every_metric_is_in_the_documentation,
    who_may_not_use_the_api_may_not_look,
    who_holds_the_other_token_may_look_and_nothing_else,
    a_process_that_only_dispatches_tells_too,
);

async fn how_things_stand_is_told(app: App) {
    app.create(COMPLETES).await;
    app.dispatch().await;
    let due = app.create(COMPLETES).await;
    app.create_with(COMPLETES, json!({"delay_secs": 3_600})).await;
    app.pass_secs(30);
    let first = told(&app).await;
    let calls =
        |told: &super::Told, status: &str| told.of(&format!("switchboard_calls{{status=\"{status}\"}}"));
    assert_eq!((calls(&first, "pending"), calls(&first, "initiated")), (2.0, 1.0));
    assert_eq!(first.0.keys().filter(|name| name.starts_with("switchboard_calls{")).count(), 5);
    assert_eq!(first.of("switchboard_oldest_due_call_seconds"), 30.0);
    assert_eq!(first.of("switchboard_placing_stopped"), 0.0);
    assert_eq!(first.of("switchboard_dispatcher_heartbeat_timestamp_seconds"), 1_795_251_600.0);

    app.pause().await;
    app.command(&due["id"], "cancel").await;
    let soon = told(&app).await;
    assert_eq!(
        (calls(&soon, "pending"), soon.of("switchboard_placing_stopped")),
        (2.0, 0.0),
        "read just now"
    );
    app.pass_secs(5);
    let later = told(&app).await;
    assert_eq!((calls(&later, "pending"), later.of("switchboard_placing_stopped")), (1.0, 1.0));
    assert_eq!(later.of("switchboard_oldest_due_call_seconds"), 0.0);
}

/// Name, kind and labels of each metric.
type Table = BTreeMap<String, (String, BTreeSet<String>)>;

/// What the process exposes. A kind's samples have the endings that OpenMetrics gives them.
fn exposed(text: &str) -> Table {
    let mut table = Table::new();
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            let (name, kind) = described.split_once(' ').expect("a kind");
            let ending = match kind {
                "counter" => "_total",
                "info" => "_info",
                _ => "",
            };
            table.insert(format!("{name}{ending}"), (kind.to_owned(), BTreeSet::new()));
        } else if let Some((name, labels)) = line.split_once('{') {
            let name = name.trim_end_matches("_bucket").trim_end_matches("_sum").trim_end_matches("_count");
            let labels = labels.rsplit_once('}').expect("an end").0.split("\",");
            let labels = labels.filter_map(|label| label.split_once('=')).map(|(label, _)| label.to_owned());
            let known = &mut table.get_mut(name).unwrap_or_else(|| panic!("{name} has no kind")).1;
            known.extend(labels.filter(|label| label != "le"));
        }
    }
    table
}

/// What `docs/OPERATIONS.md` says that it exposes: name, kind, labels, words.
fn documented() -> Table {
    let text = include_str!("../../../docs/OPERATIONS.md");
    let metrics = text.split("\n## Metrics\n").nth(1).and_then(|rest| rest.split("\n### ").next());
    let rows = metrics.expect("the section").lines().filter(|line| line.starts_with("| `switchboard_"));
    let rows = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let of = |row: Vec<&str>| {
        assert_eq!(row.len(), 6, "{row:?}");
        assert!(!row[4].is_empty(), "{row:?}");
        let labels = row[3].split(',').map(|label| label.trim().trim_matches('`').to_owned());
        let labels = labels.filter(|label| !label.is_empty()).collect();
        (row[1].trim_matches('`').to_owned(), (row[2].to_owned(), labels))
    };
    rows.map(of).collect()
}

async fn every_metric_is_in_the_documentation(Hooked { app, receiver }: Hooked) {
    app.endpoint(&receiver.url("/hooks"), &["call.created"]).await;
    for number in [COMPLETES, BUSY] {
        app.create(number).await;
    }
    app.live(12).await;
    assert!(app.deliver().await > 0);
    let text = text_of(&app).await;
    assert_eq!(exposed(&text), documented());
    assert!(text.ends_with("# EOF\n"));
}

struct WithToken(App);

impl OnDatabase for WithToken {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--api-token", "a-token-of-24-characters"]).await)
    }
}

async fn status_for(app: &App, path: &str, token: Option<&str>) -> StatusCode {
    let request = app.request(Method::GET, path);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.expect("an answer").status()
}

async fn who_may_not_use_the_api_may_not_look(WithToken(app): WithToken) {
    assert_eq!(status_for(&app, "/metrics", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status_for(&app, "/metrics", Some("another-token")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status_for(&app, "/metrics", Some("a-token-of-24-characters")).await, StatusCode::OK);
}

/// A scraper has a token of its own.
struct WithBoth(App);

impl OnDatabase for WithBoth {
    async fn on(backend: Backend) -> Self {
        let settings =
            ["--api-token", "a-token-of-24-characters", "--metrics-token", "a-scraper-of-24-letters!"];
        Self(App::with(backend, &settings).await)
    }
}

async fn who_holds_the_other_token_may_look_and_nothing_else(WithBoth(app): WithBoth) {
    assert_eq!(status_for(&app, "/metrics", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status_for(&app, "/metrics", Some("a-scraper-of-24-letters!")).await, StatusCode::OK);
    assert_eq!(status_for(&app, "/metrics", Some("a-token-of-24-characters")).await, StatusCode::OK);
    assert_eq!(
        status_for(&app, "/api/calls", Some("a-scraper-of-24-letters!")).await,
        StatusCode::UNAUTHORIZED
    );
}

/// A database that no process serves yet, and the settings of one that only dispatches.
struct Alone(crate::support::TestDb);

impl OnDatabase for Alone {
    async fn on(backend: Backend) -> Self {
        Self(crate::support::TestDb::new(backend).await)
    }
}

async fn a_process_that_only_dispatches_tells_too(Alone(test): Alone) {
    let settings = [
        "--roles",
        "dispatcher",
        "--provider-url",
        "http://127.0.0.1:9/provider",
        "--public-url",
        "http://127.0.0.1:9",
        "--metrics-token",
        "a-scraper-of-24-letters!",
    ];
    let clock = switchboard::server::clock::Clock::system();
    let running = node(&test.url, &settings, clock).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/metrics", running.address);
    let refused = http.get(&url).send().await.expect("an answer");
    assert_eq!(read(refused).await.0, StatusCode::UNAUTHORIZED);
    let answer = http.get(&url).bearer_auth("a-scraper-of-24-letters!").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.expect("a text").contains("switchboard_calls{status=\"pending\"} 0"));
}
