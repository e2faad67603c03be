//! What is tried again by itself, and nothing else.

use crate::support::{
    app::{App, BUSY, COMPLETES, text},
    both_databases,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

both_databases!(
    a_busy_line_is_tried_again_after_15_minutes,
    no_answer_is_tried_again_after_60_minutes,
    the_budget_is_kept_to_the_last_attempt,
    a_call_that_is_tried_again_never_shows_an_end_in_between,
    nothing_else_is_tried_again_by_itself,
    a_retry_that_waits_can_be_taken_back,
    a_person_may_retry_once_more_after_the_end,
);

const NO_ANSWER: &str = "+14155550103";

async fn a_busy_line_is_tried_again_after_15_minutes(app: App) {
    let call = app.create_with(BUSY, json!({"max_attempts": 2})).await;
    app.live(3).await;
    let waits = app.call(&call["id"]).await;
    assert_eq!((&waits["status"], &waits["due_at"]), (&json!("pending"), &json!("2026-11-21T09:15:02.000Z")));
    let why = "The line was busy; it is tried again at 21 Nov 2026, 09:15 UTC";
    assert_eq!(waits["waiting"]["reasons"], json!([{"code": "retry_delay", "detail": why}]));
    assert_eq!(app.newest_event(&call["id"]).await["kind"], "retry_planned");

    app.pass_secs(898);
    assert_eq!(app.dispatch().await, 0);
    app.pass_secs(1);
    assert_eq!(app.dispatch().await, 1);
    let again = app.call(&call["id"]).await;
    assert_eq!((&again["status"], &again["attempts"][1]["number"]), (&json!("initiated"), &json!(2)));
}

async fn no_answer_is_tried_again_after_60_minutes(app: App) {
    let call = app.create_with(NO_ANSWER, json!({"max_attempts": 2})).await;
    app.live(11).await;
    let waits = app.call(&call["id"]).await;
    assert_eq!((&waits["status"], &waits["due_at"]), (&json!("pending"), &json!("2026-11-21T10:00:10.000Z")));
    app.pass_secs(3_598);
    assert_eq!(app.dispatch().await, 0);
    app.pass_secs(1);
    assert_eq!(app.dispatch().await, 1);
}

async fn the_budget_is_kept_to_the_last_attempt(app: App) {
    let call = app.create_with(BUSY, json!({"max_attempts": 3})).await;
    for attempts in 1..=3 {
        app.live(3).await;
        assert_eq!(app.call(&call["id"]).await["attempts_made"], attempts);
        app.pass_secs(900);
    }
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("busy"), &json!("busy")));
    assert_eq!(app.dispatch().await, 0);
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 3);
}

async fn a_call_that_is_tried_again_never_shows_an_end_in_between(app: App) {
    let call = app.create_with(NO_ANSWER, json!({"max_attempts": 2})).await;
    let mut seen = BTreeSet::new();
    for _ in 0..12 {
        seen.insert(status(&app, &call).await);
        app.live(1).await;
    }
    app.pass_secs(3_600);
    for _ in 0..9 {
        app.live(1).await;
        seen.insert(status(&app, &call).await);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["initiated", "pending", "ringing"]);
    app.live(2).await;
    assert_eq!(status(&app, &call).await, "no_answer");
}

async fn nothing_else_is_tried_again_by_itself(app: App) {
    let mut calls = Vec::new();
    for number in [COMPLETES, "+14155550104", "+14155550106"] {
        calls.push(app.create_with(number, json!({"max_attempts": 10})).await);
    }
    app.live(11).await;
    let mut ends = Vec::new();
    for call in &calls {
        ends.push(status(&app, call).await);
    }
    assert_eq!(ends, ["completed", "failed", "failed"]);
    app.pass_secs(86_400);
    assert_eq!(app.dispatch().await, 0);
}

async fn a_retry_that_waits_can_be_taken_back(app: App) {
    let call = app.create_with(BUSY, json!({"max_attempts": 2})).await;
    app.live(3).await;
    let (code, canceled) = app.command(&call["id"], "cancel").await;
    assert_eq!((code.as_u16(), &canceled["status"]), (200, &json!("canceled")));
    app.pass_secs(900);
    assert_eq!(app.dispatch().await, 0);
}

async fn a_person_may_retry_once_more_after_the_end(app: App) {
    let call = app.create(BUSY).await;
    app.live(3).await;
    assert_eq!(status(&app, &call).await, "busy");
    let (code, reopened) = app.command(&call["id"], "retry").await;
    assert_eq!((code.as_u16(), &reopened["max_attempts"]), (200, &json!(2)));
    app.live(3).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["attempts_made"]), (&json!("busy"), &json!(2)));
}

async fn status(app: &App, call: &Value) -> String {
    text(&app.call(&call["id"]).await["status"])
}
