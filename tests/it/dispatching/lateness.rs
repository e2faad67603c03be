//! A call that waited too long is not made: the customer no longer expects it.

use crate::support::{
    Backend, OnDatabase,
    app::{App, BUSY, COMPLETES},
    both_databases,
    company::{World, problem},
};
use sea_orm::ActiveValue::Set;
use serde_json::json;
use switchboard::server::calls::dispatch_state::row;

both_databases!(
    a_call_that_was_kept_waiting_for_an_hour_is_missed,
    whatever_the_cause_it_is_missed_at_the_same_instant,
    a_provider_that_says_not_now_for_an_hour_is_a_cause_too,
    lateness_counts_from_the_wish_not_from_the_creation,
    after_a_retry_lateness_counts_from_its_own_time,
    with_zero_a_call_waits_for_ever,
);

/// Nothing is ever too late.
struct Patient(App);

impl OnDatabase for Patient {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--max-lateness-secs", "0"]).await)
    }
}

async fn a_call_that_was_kept_waiting_for_an_hour_is_missed(app: App) {
    app.pause().await;
    let call = app.create(COMPLETES).await;
    assert_eq!(call["waiting"]["missed_at"], "2026-11-21T10:00:00.000Z");
    app.clock.advance_ms(3_600_000 - 1);
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["status"], "pending");

    app.clock.advance_ms(1);
    assert_eq!(app.reasons(&call["id"]).await, ["too_late", "paused"]);
    app.dispatch().await;
    let missed = app.call(&call["id"]).await;
    assert_eq!((&missed["status"], &missed["ended_reason"]), (&json!("failed"), &json!("missed")));
    assert_eq!(missed["ended_at"], "2026-11-21T10:00:00.000Z");
    assert_eq!(app.timeline(&call["id"]).await, ["created", "missed"]);

    app.resume().await;
    assert_eq!(app.dispatch().await, 0);
}

async fn whatever_the_cause_it_is_missed_at_the_same_instant(app: App) {
    let causes = [
        row::ActiveModel { paused_at: Set(Some(0)), ..Default::default() },
        row::ActiveModel {
            paused_at: Set(None),
            blocked_reason: Set(Some("No.".to_owned())),
            ..Default::default()
        },
        row::ActiveModel {
            blocked_reason: Set(None),
            breaker_until: Set(Some(i64::MAX)),
            ..Default::default()
        },
        row::ActiveModel { breaker_until: Set(None), ..Default::default() },
    ];
    for cause in causes {
        app.hold(cause).await;
        let call = app.create(COMPLETES).await;
        app.pass_secs(3_600);
        assert_eq!(app.dispatch().await, 0);
        assert_eq!(app.call(&call["id"]).await["ended_reason"], "missed");
    }
}

async fn a_provider_that_says_not_now_for_an_hour_is_a_cause_too(World { app, company }: World) {
    company.answers_placings(problem(503, "busy", "Come back later.").insert_header("retry-after", "60"));
    let call = app.create(COMPLETES).await;
    for _ in 0..30 {
        app.dispatch().await;
        app.pass_secs(120);
    }
    app.dispatch().await;
    let missed = app.call(&call["id"]).await;
    assert_eq!((&missed["ended_reason"], &missed["attempts_made"]), (&json!("missed"), &json!(0)));
    assert_eq!(missed["attempts"][0]["status"], "canceled", "nothing is asked of the provider any more");
    assert_eq!(missed["ended_at"], "2026-11-21T10:00:00.000Z");
}

async fn lateness_counts_from_the_wish_not_from_the_creation(app: App) {
    let call = app.create_with(COMPLETES, json!({"delay_secs": 7_200})).await;
    assert_eq!(call["waiting"]["missed_at"], "2026-11-21T12:00:00.000Z");
    app.pass_secs(10_799);
    assert_eq!(app.dispatch().await, 1);
}

async fn after_a_retry_lateness_counts_from_its_own_time(app: App) {
    let call = app.create_with(BUSY, json!({"max_attempts": 2})).await;
    app.live(3).await;
    let waits = app.call(&call["id"]).await;
    assert_eq!(waits["due_at"], "2026-11-21T09:15:02.000Z");
    assert_eq!(waits["waiting"]["missed_at"], "2026-11-21T10:15:02.000Z");

    app.pause().await;
    app.pass_secs(4_498);
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["status"], "pending");
    app.pass_secs(1);
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["ended_reason"], "missed");
}

async fn with_zero_a_call_waits_for_ever(Patient(app): Patient) {
    app.pause().await;
    let call = app.create(COMPLETES).await;
    assert_eq!(call["waiting"]["missed_at"], json!(null));
    app.pass_secs(400 * 86_400);
    app.dispatch().await;
    app.resume().await;
    assert_eq!(app.dispatch().await, 1);
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
}
