//! The same report many times in the same moment.

use super::{report, report_of};
use crate::support::{both_databases, company::World};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::task::JoinSet;

both_databases!(
    sixteen_identical_callbacks_at_once_make_one_event_with_fifteen_repeats,
    sixteen_of_an_unknown_attempt_make_one_event_too,
    different_reports_at_once_are_all_kept_in_one_gapless_timeline,
);

async fn all_at_once(world: &World, callbacks: impl IntoIterator<Item = (String, Value)>) {
    let mut sending = JoinSet::new();
    for (id, body) in callbacks {
        let body = body.to_string();
        sending.spawn(world.app.callback(&world.app.state().secrets, &id, body.as_bytes()).send());
    }
    for answer in sending.join_all().await {
        assert_eq!(answer.expect("an answer").status(), StatusCode::NO_CONTENT);
    }
}

async fn sixteen_identical_callbacks_at_once_make_one_event_with_fifteen_repeats(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await;
    all_at_once(&world, (0..16).map(|_| ("w1".to_owned(), ringing.clone()))).await;
    let events = world.app.events(&call["id"]).await;
    let reports: Vec<_> = events.iter().filter(|event| event["kind"] == "report").collect();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0]["repeats"], 15);
    let before = call["version"].as_i64().expect("a number");
    assert_eq!(world.app.call(&call["id"]).await["version"], before + 1);
}

async fn sixteen_of_an_unknown_attempt_make_one_event_too(world: World) {
    let unknown = report("0193a000-0000-7000-8000-000000000000", "ringing", "2026-11-21T09:00:00Z");
    all_at_once(&world, (0..16).map(|_| ("w1".to_owned(), unknown.clone()))).await;
    assert_eq!(world.app.count("SELECT count(*) FROM call_events").await, 1);
    assert_eq!(world.app.count("SELECT sum(repeats) FROM call_events").await, 15);
}

async fn different_reports_at_once_are_all_kept_in_one_gapless_timeline(world: World) {
    let call = world.placed().await;
    let mut callbacks = Vec::new();
    for (index, status) in
        ["initiated", "ringing", "in_progress", "completed"].repeat(3).into_iter().enumerate()
    {
        callbacks.push((format!("w{index}"), report_of(&world, &call, status).await));
    }
    all_at_once(&world, callbacks).await;
    let after = world.app.call(&call["id"]).await;
    assert_eq!(after["status"], "completed");
    let seqs: Vec<i64> =
        world.app.events(&call["id"]).await.iter().filter_map(|it| it["seq"].as_i64()).collect();
    assert_eq!(seqs, (1..=after["version"].as_i64().expect("a number")).collect::<Vec<_>>());
    assert_eq!(seqs.len(), 3 + 12);
}
