//! Restarting: whatever was under way goes on to its end, and nothing is dialed twice.

use super::Serving;
use crate::support::{
    Backend, TestDb,
    app::{BUSY, COMPLETES, client, text},
    asking::{FAILS, NO_ANSWER},
    both_databases,
};
use clap::Parser;
use reqwest::{Client, StatusCode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard::{
    domain::{actor::Actor, call::Counts},
    server::{Loops, Running, calls::counts, clock::Clock, config::Config, db::Db, start, state::AppState},
};

both_databases!(a_stop_in_the_middle_loses_nothing);

/// However slow the machine: by then every call has ended, or one is lost.
const PATIENCE: Duration = Duration::from_mins(2);
const NUMBERS: [&str; 4] = [COMPLETES, BUSY, NO_ANSWER, FAILS];
pub(super) const ENDS: [&str; 4] = ["completed", "busy", "no_answer", "failed"];

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// A Switchboard whose loops run by themselves, with a simulator that is in a hurry.
async fn begin(url: &str, address: &str) -> Running {
    let arguments = [
        "switchboard",
        "--database-url",
        url,
        "--site-addr",
        address,
        "--simulator-speed",
        "10",
        "--lease-secs",
        "3",
        "--report-overdue-secs",
        "2",
    ];
    let config = Settings::try_parse_from(arguments).expect("good settings").config;
    start(config, Clock::system(), Loops::Running).await.expect("it starts")
}

/// Waits for commits until the counts are as they should be.
async fn until(state: &AppState, enough: impl Fn(&Counts) -> bool) {
    let mut changes = state.db.feed().changes();
    let waiting = async {
        while !enough(&counts::counts(&state.db, &Actor::system()).await.expect("counts")) {
            // Having missed some is as good a reason to look again.
            let _ = changes.recv().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("every call comes to where it should");
}

/// Creates a dozen calls, of every ending; the last four go out `later`, in seconds. Answers their ids.
pub(super) async fn create(http: &Client, base: &str, later: u32) -> Vec<Value> {
    let mut ids = Vec::new();
    for nth in 0..12 {
        let body = json!({
            "customer_name": format!("Caller {nth}"), "phone_number": NUMBERS[nth % 4], "workflow": "reminder",
            "delay_secs": if nth < 8 { 0 } else { later },
        });
        let answer = http.post(format!("{base}/api/calls")).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let call: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        ids.push(call["id"].clone());
    }
    ids
}

/// Each call has ended as its number says, after one attempt.
async fn all_ended_well(http: &Client, base: &str) {
    let answer = http.get(format!("{base}/api/calls?sort=created")).send().await.expect("an answer");
    let page: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
    let calls = page["calls"].as_array().expect("a list");
    assert_eq!(calls.len(), 12);
    for (nth, call) in calls.iter().rev().enumerate() {
        let seen = (&call["status"], &call["attempts_made"]);
        assert_eq!(seen, (&json!(ENDS[nth % 4]), &json!(1)), "{call}");
    }
}

pub(super) async fn dialed(db: &Db) -> i64 {
    let query = Statement::from_string(db.backend(), "SELECT count(*) FROM sim_calls");
    let row = db.read().query_one_raw(query).await.expect("a query").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn a_stop_in_the_middle_loses_nothing(test: TestDb) {
    let http = client();
    let first = begin(&test.url, "127.0.0.1:0").await;
    let address = first.address.to_string();
    let base = format!("http://{address}");
    let ids = create(&http, &base, 3_600).await;
    // On a slow machine the first ones have ended by now.
    until(&first.state, |counts| counts.total() > counts.pending).await;
    first.stop().await;
    let open = counts::counts(&test.db, &Actor::system()).await.expect("counts");
    assert!(open.pending + open.active >= 4, "it was stopped in the middle: {open:?}");

    let second = begin(&test.url, &address).await;
    for id in &ids[8..] {
        let call = http.patch(format!("{base}/api/calls/{}", text(id)));
        let at_once = call.json(&json!({"scheduled_at": null})).send().await.expect("an answer");
        assert_eq!(at_once.status(), StatusCode::OK);
    }
    until(&second.state, |counts| counts.pending + counts.active == 0).await;
    all_ended_well(&http, &base).await;
    assert_eq!(dialed(&test.db).await, 12, "nobody was dialed twice");
    second.stop().await;
}

/// Waits until every call has ended, whoever sees to that.
pub(super) async fn until_all_ended(db: &Db) {
    for asked in 0.. {
        let counts = counts::counts(db, &Actor::system()).await.expect("counts");
        if counts.pending + counts.active == 0 {
            break;
        }
        assert!(asked < 1_200, "a call is lost: {counts:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A process that is killed can't tell anybody when its successor is done, so this story asks again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_loses_nothing() {
    let test = TestDb::new(Backend::Sqlite).await;
    let http = client();
    let folder = tempfile::tempdir().expect("a folder");
    let environment = |address: &'static str| {
        [
            ("DATABASE_URL", test.url.clone()),
            ("LEPTOS_SITE_ADDR", address.to_owned()),
            ("SIMULATOR_SPEED", "10".to_owned()),
            ("LEASE_SECS", "3".to_owned()),
            ("REPORT_OVERDUE_SECS", "2".to_owned()),
        ]
    };
    let start = |settings: &[(&'static str, String)]| {
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Serving::start(folder.path(), &settings)
    };
    let first = start(&environment("127.0.0.1:0"));
    let base = first.base();
    create(&http, &base, 2).await;
    drop(first);

    let address = base.strip_prefix("http://").expect("an address").to_owned();
    let mut settings = environment("");
    settings[1].1 = address;
    let second = start(&settings);
    assert_eq!(second.base(), base);
    until_all_ended(&test.db).await;
    all_ended_well(&http, &base).await;
    assert_eq!(dialed(&test.db).await, 12, "nobody was dialed twice");
}
