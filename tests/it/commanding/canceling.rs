//! Canceling: at once while the call waits, else as soon as the provider can be told.

use crate::support::{
    app::{App, COMPLETES},
    asking::{NobodyDials, SLOW},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::json;

both_databases!(
    a_waiting_call_is_canceled_at_once,
    a_conversation_is_hung_up_and_its_end_is_the_providers,
    a_ringing_phone_stops_ringing,
    a_call_that_is_just_being_placed_is_hung_up_once_it_is_taken,
    a_call_that_the_provider_put_off_is_canceled_at_once,
    canceling_twice_is_one_wish,
    a_call_that_was_ended_by_hand_is_not_said_to_be_canceled_while_its_phone_may_ring,
);

async fn a_waiting_call_is_canceled_at_once(app: App) {
    let call = app.create(COMPLETES).await;
    app.pass_secs(5);
    let (_, canceled) = app.command(&call["id"], "cancel").await;
    let seen = (&canceled["ended_reason"], &canceled["ended_at"], &canceled["waiting"]);
    assert_eq!(seen, (&json!("canceled"), &json!("2026-11-21T09:00:05.000Z"), &json!(null)));

    assert_eq!(app.dispatch().await, 0, "it does not go out");
    let events = app.events(&call["id"]).await;
    assert_eq!((&events[1]["kind"], &events[1]["actor"]), (&json!("canceled"), &json!("anonymous")));
}

async fn a_conversation_is_hung_up_and_its_end_is_the_providers(app: App) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    for secs in [2, 4] {
        app.pass_secs(secs);
        app.report().await;
    }
    let (status, wished) = app.command(&call["id"], "cancel").await;
    assert_eq!((status, &wished["status"]), (StatusCode::ACCEPTED, &json!("in_progress")));
    assert!(wished["cancel_requested_at"].is_string());

    assert_eq!(app.hang_up().await, 1);
    app.report().await;
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("hung_up")));
    assert_eq!(ended["attempts"][0]["duration_secs"], 1);
    assert_eq!(
        app.timeline(&call["id"]).await,
        [
            "created",
            "claimed",
            "placed",
            "report",
            "report",
            "report",
            "cancel_requested",
            "hangup_requested",
            "report"
        ]
    );
    app.pass_secs(3_600);
    assert_eq!(app.hang_up().await, 0, "there is nothing left to ask");
}

async fn a_ringing_phone_stops_ringing(app: App) {
    let call = app.create(SLOW).await;
    app.dispatch().await;
    app.pass_secs(10);
    app.report().await;
    app.command(&call["id"], "cancel").await;
    app.hang_up().await;
    app.report().await;
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("canceled"), &json!("hung_up")));
    assert_eq!(ended["attempts"][0]["status"], "canceled");
}

async fn a_call_that_is_just_being_placed_is_hung_up_once_it_is_taken(app: App) {
    let call = app.create(SLOW).await;
    let claimed = app.claim().await;
    let (status, wished) = app.command(&call["id"], "cancel").await;
    assert_eq!((status, &wished["status"]), (StatusCode::ACCEPTED, &json!("dispatching")));
    assert_eq!(app.hang_up().await, 0, "the provider does not know it yet");

    app.place(claimed).await;
    assert_eq!(app.hang_up().await, 1);
    app.report().await;
    assert_eq!(app.call(&call["id"]).await["status"], "canceled");
    assert_eq!(
        app.timeline(&call["id"]).await,
        ["created", "claimed", "cancel_requested", "placed", "hangup_requested", "report", "report"]
    );
}

async fn a_call_that_the_provider_put_off_is_canceled_at_once(NobodyDials(app): NobodyDials) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    let parked = app.call(&call["id"]).await;
    assert_eq!(parked["waiting"]["reasons"][0]["code"], "provider_unreachable");
    assert_eq!(parked["attempts"][0]["status"], "dispatching");

    let (status, canceled) = app.command(&call["id"], "cancel").await;
    assert_eq!((status, &canceled["status"]), (StatusCode::OK, &json!("canceled")));
    assert_eq!(canceled["attempts_made"], 0);
    let attempt = &app.call(&call["id"]).await["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["ended_reason"]), (&json!("canceled"), &json!("canceled")));

    app.pass_secs(600);
    assert_eq!((app.dispatch().await, app.reconcile().await, app.hang_up().await), (0, 0, 0));
    assert_eq!(app.timeline(&call["id"]).await, ["created", "claimed", "refused", "canceled"]);
}

async fn canceling_twice_is_one_wish(app: App) {
    let waiting = app.create(COMPLETES).await;
    app.command(&waiting["id"], "cancel").await;
    let (status, again) = app.command(&waiting["id"], "cancel").await;
    assert_eq!((status, &again["version"]), (StatusCode::OK, &json!(2)));

    let ringing = app.create(SLOW).await;
    app.dispatch().await;
    let (_, first) = app.command(&ringing["id"], "cancel").await;
    let (status, second) = app.command(&ringing["id"], "cancel").await;
    assert_eq!((status, &second), (StatusCode::ACCEPTED, &first));
}

async fn a_call_that_was_ended_by_hand_is_not_said_to_be_canceled_while_its_phone_may_ring(app: App) {
    let call = app.create(SLOW).await;
    let claimed = app.claim().await;
    app.patch(&call["id"], &json!({"status": "canceled"})).await;
    let (status, wished) = app.command(&call["id"], "cancel").await;
    assert_eq!((status, &wished["status"]), (StatusCode::ACCEPTED, &json!("canceled")));

    app.place(claimed).await;
    assert_eq!(app.command(&call["id"], "cancel").await.0, StatusCode::ACCEPTED, "it rings");
    app.hang_up().await;
    app.report().await;
    assert_eq!(
        app.command(&call["id"], "cancel").await.0,
        StatusCode::OK,
        "the provider says that it is over"
    );
}
