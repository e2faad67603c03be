//! Retrying: one attempt more, and never beside an older one.

use crate::support::{
    app::{App, BUSY, COMPLETES},
    asking::{FAILS, SLOW},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::json;

both_databases!(
    a_retry_gives_exactly_one_attempt_more,
    what_was_left_of_the_budget_stays,
    a_call_that_never_went_out_can_be_retried,
    nothing_is_retried_while_an_older_attempt_is_open,
);

async fn a_retry_gives_exactly_one_attempt_more(app: App) {
    let call = app.create(BUSY).await;
    app.live(10).await;
    let (status, again) = app.command(&call["id"], "retry").await;
    assert_eq!((status, &again["status"]), (StatusCode::OK, &json!("pending")));
    for (emptied, value) in
        [("ended_at", json!(null)), ("ended_reason", json!(null)), ("max_attempts", json!(2))]
    {
        assert_eq!(again[emptied], value, "{emptied}");
    }
    assert_eq!(again["due_at"], "2026-11-21T09:00:10.000Z", "at once");

    app.live(10).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["attempts_made"]), (&json!("busy"), &json!(2)));
    let numbers: Vec<_> =
        ended["attempts"].as_array().into_iter().flatten().map(|it| &it["number"]).collect();
    assert_eq!(numbers, [1, 2]);
    app.pass_secs(86_400);
    assert_eq!(app.dispatch().await, 0, "and no third by itself");

    let events = app.events(&call["id"]).await;
    let retried = events.iter().find(|event| event["kind"] == "retried").expect("the event");
    assert_eq!(retried["actor"], "anonymous");
}

async fn what_was_left_of_the_budget_stays(app: App) {
    let call = app.create_with(FAILS, json!({"max_attempts": 3})).await;
    app.live(10).await;
    assert_eq!(app.call(&call["id"]).await["status"], "failed");
    let (_, again) = app.command(&call["id"], "retry").await;
    assert_eq!((&again["attempts_made"], &again["max_attempts"]), (&json!(1), &json!(3)));
}

async fn a_call_that_never_went_out_can_be_retried(app: App) {
    let call = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    app.command(&call["id"], "cancel").await;
    let (_, again) = app.command(&call["id"], "retry").await;
    assert_eq!((&again["max_attempts"], &again["cancel_requested_at"]), (&json!(1), &json!(null)));
    app.live(12).await;
    assert_eq!(app.call(&call["id"]).await["status"], "completed");
}

async fn nothing_is_retried_while_an_older_attempt_is_open(app: App) {
    let call = app.create(SLOW).await;
    app.dispatch().await;
    app.pass_secs(10);
    app.report().await;
    app.patch(&call["id"], &json!({"status": "failed"})).await;

    let (status, problem) = app.command(&call["id"], "retry").await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("attempt_open")));
    app.hang_up().await;
    app.report().await;
    assert_eq!(app.command(&call["id"], "retry").await.0, StatusCode::OK, "the provider has confirmed");
}
