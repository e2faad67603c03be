//! Ending by hand: a person knows better how a call ended. The attempt is the provider's to end.

use crate::support::{
    app::{App, COMPLETES},
    asking::SLOW,
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::json;

both_databases!(
    the_attempt_stays_open_until_the_provider_confirms,
    late_reports_do_not_change_the_end,
    a_call_that_is_just_being_placed_is_hung_up_later,
    an_end_by_hand_says_who_and_how,
);

async fn the_attempt_stays_open_until_the_provider_confirms(app: App) {
    let call = app.create(SLOW).await;
    app.dispatch().await;
    app.pass_secs(10);
    app.report().await;

    let (_, ended) = app.patch(&call["id"], &json!({"status": "completed"})).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("ended_by_hand")));
    let attempt = &app.call(&call["id"]).await["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["ended_at"]), (&json!("ringing"), &json!(null)));
    assert_eq!(attempt["hangup_requested_at"], "2026-11-21T09:00:10.000Z");

    assert_eq!(app.hang_up().await, 1);
    app.report().await;
    let confirmed = app.call(&call["id"]).await;
    assert_eq!(confirmed["attempts"][0]["status"], "canceled");
    for unchanged in ["status", "ended_reason", "ended_at"] {
        assert_eq!(confirmed[unchanged], ended[unchanged], "{unchanged}");
    }
}

async fn late_reports_do_not_change_the_end(app: App) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    app.patch(&call["id"], &json!({"status": "failed"})).await;
    for secs in [2, 3, 5] {
        app.pass_secs(secs);
        app.report().await;
    }
    let late = app.call(&call["id"]).await;
    assert_eq!((&late["status"], &late["ended_reason"]), (&json!("failed"), &json!("ended_by_hand")));
    assert_eq!(late["ended_at"], "2026-11-21T09:00:00.000Z");
    let attempt = &late["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["duration_secs"]), (&json!("completed"), &json!(5)));
    assert_eq!(app.hang_up().await, 0, "it has hung up by itself");
}

async fn a_call_that_is_just_being_placed_is_hung_up_later(app: App) {
    let call = app.create(SLOW).await;
    let claimed = app.claim().await;
    app.patch(&call["id"], &json!({"status": "busy"})).await;
    assert_eq!(app.hang_up().await, 0, "the provider does not know it yet");

    app.place(claimed).await;
    assert_eq!(app.call(&call["id"]).await["status"], "busy");
    assert_eq!(app.hang_up().await, 1);
    app.report().await;
    let confirmed = app.call(&call["id"]).await;
    assert_eq!(
        (&confirmed["status"], &confirmed["attempts"][0]["status"]),
        (&json!("busy"), &json!("canceled"))
    );
}

async fn an_end_by_hand_says_who_and_how(app: App) {
    let call = app.create(COMPLETES).await;
    let stale = app.if_match(Method::PATCH, &call["id"], "\"7\"", &json!({"status": "busy"})).await;
    assert_eq!(stale, StatusCode::PRECONDITION_FAILED);
    app.patch(&call["id"], &json!({"status": "no_answer"})).await;

    let events = app.events(&call["id"]).await;
    let told = (&events[1]["kind"], &events[1]["actor"], &events[1]["payload"]);
    assert_eq!(told, (&json!("ended_by_hand"), &json!("anonymous"), &json!({"status": "no_answer"})));
    assert_eq!(app.dispatch().await, 0, "it does not go out");
}
