//! A call is followed by asking, through everything that the simulator's numbers do.

use crate::support::{
    Backend, OnDatabase,
    app::{COMPLETES, text},
    asking::SLOW,
    both_databases,
    call_api::{Polled, Strange, call as said_of},
};
use serde_json::json;
use std::time::Duration;
use switchboard::server::dispatcher::reconcile;
use tokio_util::sync::CancellationToken;
use wiremock::ResponseTemplate;

both_databases!(
    a_call_is_followed_to_its_end_by_asking_alone,
    each_number_comes_to_its_end,
    it_is_asked_often_at_first_and_then_at_leisure,
    a_busy_line_is_tried_again_by_itself,
    two_rounds_at_once_dial_once,
    an_answer_that_takes_its_time_holds_up_no_other,
    what_was_placed_before_a_crash_is_followed_after_it,
    a_call_that_the_service_forgot_is_lost_and_asked_about_before_a_retry,
);

async fn a_call_is_followed_to_its_end_by_asking_alone(world: Polled) {
    let call = world.placed(COMPLETES).await;
    assert_eq!(
        (&call["status"], &call["attempts"][0]["provider"]),
        (&json!("initiated"), &json!("call_api"))
    );
    for (secs, status) in [(2, "ringing"), (3, "in_progress"), (5, "completed")] {
        world.app.pass_secs(secs);
        world.app.reconcile().await;
        assert_eq!(world.app.call(&call["id"]).await["status"], status);
    }
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["ended_reason"], &ended["attempts_made"]), (&json!("answered"), &json!(1)));
    let attempt = &ended["attempts"][0];
    assert_eq!(
        (&attempt["duration_secs"], &attempt["ringing_at"], &attempt["ended_at"]),
        (&json!(5), &json!("2026-11-21T09:00:02.000Z"), &json!("2026-11-21T09:00:10.000Z"))
    );
    assert_eq!(
        world.app.timeline(&call["id"]).await,
        ["created", "claimed", "placed", "reconciled", "reconciled", "reconciled"]
    );
    let told = "SELECT count(*) FROM sim_callbacks WHERE next_try_at IS NOT NULL";
    assert_eq!(
        (world.company.dials().await, world.company.count(told).await),
        (1, 0),
        "and nobody is called back"
    );
}

async fn each_number_comes_to_its_end(world: Polled) {
    let table = [
        ("01", "completed", "answered"),
        ("02", "busy", "busy"),
        ("03", "no_answer", "no_answer"),
        ("04", "failed", "provider_failed"),
        ("06", "failed", "provider_refused"),
        ("07", "completed", "answered"),
        ("08", "completed", "answered"),
        ("09", "completed", "answered"),
    ];
    let mut calls = Vec::new();
    for (number, ..) in table {
        calls.push(world.app.create(&format!("+141555501{number}")).await);
    }
    world.live(12).await;
    for ((number, status, reason), call) in table.into_iter().zip(calls) {
        let ended = world.app.call(&call["id"]).await;
        assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!(status), &json!(reason)), "{number}");
    }
    assert_eq!(world.company.dials().await, 7, "a refused one is not dialed");
}

async fn it_is_asked_often_at_first_and_then_at_leisure(world: Polled) {
    world.placed(SLOW).await;
    let mut asked = Vec::new();
    for _ in 0..60 {
        world.app.pass_secs(1);
        asked.push(world.app.reconcile().await);
    }
    assert_eq!(asked[..29].iter().sum::<usize>(), 29, "each second");
    let later = asked[30..].iter().sum::<usize>();
    assert!((14..=16).contains(&later), "every two seconds: {asked:?}");
}

async fn a_busy_line_is_tried_again_by_itself(world: Polled) {
    let call = world.app.create_with("+14155550102", json!({"max_attempts": 2})).await;
    world.live(5).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "pending");
    world.app.pass_secs(15 * 60);
    world.live(5).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["attempts_made"]), (&json!("busy"), &json!(2)));
    assert_eq!(world.company.dials().await, 2, "one for each attempt");
}

async fn two_rounds_at_once_dial_once(world: Polled) {
    for _ in 0..20 {
        world.app.create(COMPLETES).await;
    }
    tokio::join!(world.app.dispatch(), world.app.dispatch(), world.app.dispatch());
    for _ in 0..12 {
        world.app.pass_secs(1);
        tokio::join!(world.app.reconcile(), world.app.reconcile(), world.app.dispatch());
    }
    assert_eq!(world.company.dials().await, 20);
    assert_eq!(world.app.ids("status=completed&limit=100").await.len(), 20);
}

/// The service may take its time to answer.
struct Patient(Strange);

impl OnDatabase for Patient {
    async fn on(backend: Backend) -> Self {
        let settings = ["--provider-timeout-secs", "300", "--lease-secs", "600"];
        Self(Strange::with(backend, &settings).await)
    }
}

async fn an_answer_that_takes_its_time_holds_up_no_other(Patient(world): Patient) {
    let (held, other) = (world.placed().await, world.placed().await);
    world.holds(&text(&held["attempts"][0]["provider_call_id"]));
    let stop = CancellationToken::new();
    let asking = tokio::spawn(reconcile::run(world.app.state().clone(), stop.clone()));
    let id = text(&other["attempts"][0]["provider_call_id"]);
    let mut changes = world.app.state().db.feed().changes();
    for status in ["ringing", "connected", "completed"] {
        world.answers_questions(Some(ResponseTemplate::new(200).set_body_json(said_of(&id, status))));
        world.app.pass_secs(5);
        let heard = tokio::time::timeout(Duration::from_mins(1), changes.recv()).await;
        heard.expect("it is asked about").expect("a change");
    }
    assert_eq!(world.app.call(&other["id"]).await["status"], "completed");
    assert_eq!(world.app.call(&held["id"]).await["status"], "initiated");
    asking.abort();
}

async fn what_was_placed_before_a_crash_is_followed_after_it(world: Polled) {
    let call = world.placed(COMPLETES).await;
    let world = world.after_a_crash().await;
    world.live(12).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "completed");
    assert_eq!(world.company.dials().await, 1);
}

async fn a_call_that_the_service_forgot_is_lost_and_asked_about_before_a_retry(world: Polled) {
    let call = world.placed(SLOW).await;
    world.company.forget().await;
    world.live(2).await;
    let lost = world.app.call(&call["id"]).await;
    assert_eq!((&lost["status"], &lost["ended_reason"]), (&json!("failed"), &json!("lost_contact")));
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!(text(&event["payload"]["detail"]), "The provider does not know this attempt any more.");

    assert_eq!(world.app.command(&call["id"], "retry").await.0, 200);
    world.live(1).await;
    assert_eq!(world.company.dials().await, 1, "it does not know the first one, so a second is dialed");
}
