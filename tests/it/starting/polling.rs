//! Two processes: a simulator that is served by itself, and a Switchboard that has it as its provider by the Call
//! API. The Switchboard is killed in the middle.

use super::{
    Serving,
    restarting::{ENDS, create},
};
use crate::support::app::client;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;
use switchboard::server::db::Db;

/// However slow the machine: by then every call has ended, or one is lost.
const ASKS: usize = 1_200;

/// All calls, in the order in which they were asked for, once every one has ended.
async fn ended(http: &Client, base: &str) -> Vec<Value> {
    for _ in 0..ASKS {
        let answer =
            http.get(format!("{base}/api/calls?sort=created&limit=100")).send().await.expect("an answer");
        let page: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        let mut calls = page["calls"].as_array().expect("a list").clone();
        if calls.iter().all(|call| !call["ended_at"].is_null()) {
            calls.reverse();
            return calls;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a call has not ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_dials_nobody_twice() {
    let http = client();
    let (company, ours) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let settings = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("PROVIDER_TOKEN", "a-token-of-24-characters"),
        ("WEBHOOK_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("SIMULATOR_SPEED", "10"),
    ];
    let simulator = Serving::start_as(company.path(), &["simulator"], &settings);
    let provider = simulator.base();
    let provider = provider.strip_suffix("/provider").expect("where the protocol is spoken");
    let health = http.get(format!("{provider}/health")).send().await.expect("an answer");
    assert_eq!(health.status(), 200);

    let settings = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("PROVIDER_KIND", "call_api"),
        ("PROVIDER_URL", provider),
        ("NUMBER_CHECK", "shape"),
        ("LEASE_SECS", "3"),
    ];
    let first = Serving::start(ours.path(), &settings);
    create(&http, &first.base(), 2).await;
    drop(first);
    let second = Serving::start(ours.path(), &settings);
    let calls = ended(&http, &second.base()).await;

    assert_eq!(calls.len(), 12);
    let mut unknown = 0;
    for (nth, call) in calls.iter().enumerate() {
        if call["ended_reason"] == "unknown" {
            unknown += 1;
        } else {
            assert_eq!(
                (&call["status"], &call["attempts_made"]),
                (&json!(ENDS[nth % 4]), &json!(1)),
                "{call}"
            );
        }
    }
    drop(simulator);
    let url = format!("sqlite://{}", company.path().join("data/simulator.db").display());
    let dialed = super::restarting::dialed(&Db::connect(&url).await.expect("its database")).await;
    assert!((12 - unknown..=12).contains(&dialed), "{dialed} dialed, {unknown} unknown");
}
