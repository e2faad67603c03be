//! When a call goes out: at once, at an instant with any offset, or after a delay.

use super::refusing::{found, with};
use crate::support::{
    app::{App, COMPLETES},
    both_databases,
};
use serde_json::{Value, json};

both_databases!(
    a_wish_is_one_instant_however_it_is_written,
    a_call_sixty_days_ahead_waits_for_its_time,
    a_delay_counts_from_now,
    what_is_hardly_past_means_now,
    what_can_not_be_an_instant_is_refused,
);

async fn a_wish_is_one_instant_however_it_is_written(app: App) {
    for (wished, kept) in [
        ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00.000Z"),
        ("2026-12-01T14:45:00+05:45", "2026-12-01T09:00:00.000Z"),
        ("2026-11-30T22:00:00-11:00", "2026-12-01T09:00:00.000Z"),
        ("2026-12-01T23:00:00+14:00", "2026-12-01T09:00:00.000Z"),
        ("2026-12-01t09:00:00.1239z", "2026-12-01T09:00:00.123Z"),
        ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00.000Z"),
    ] {
        let call = app.create_with(COMPLETES, json!({"scheduled_at": wished})).await;
        assert_eq!((&call["scheduled_at"], &call["due_at"]), (&json!(kept), &json!(kept)), "{wished}");
    }
}

async fn a_call_sixty_days_ahead_waits_for_its_time(app: App) {
    let call = app.create_with(COMPLETES, json!({"scheduled_at": "2027-01-20T09:00:00Z"})).await;
    let waiting = json!({
        "not_before": "2027-01-20T09:00:00.000Z",
        "missed_at": "2027-01-20T10:00:00.000Z",
        "reasons": [{"code": "scheduled", "detail": "Waits for 20 Jan 2027, 09:00 UTC"}],
    });
    assert_eq!(call["waiting"], waiting);

    assert_eq!(app.dispatch().await, 0);
    app.pass_secs(60 * 86_400 - 1);
    assert_eq!(app.dispatch().await, 0, "not a second early");
    app.pass_secs(1);
    assert_eq!(app.dispatch().await, 1);
}

async fn a_delay_counts_from_now(app: App) {
    for (delay, scheduled_at) in [
        (json!(0), Value::Null),
        (Value::Null, Value::Null),
        (json!(90), json!("2026-11-21T09:01:30.000Z")),
        (json!(31_622_400), json!("2027-11-22T09:00:00.000Z")),
    ] {
        let call = app.create_with(COMPLETES, json!({"delay_secs": delay, "scheduled_at": null})).await;
        assert_eq!(call["scheduled_at"], scheduled_at, "{delay}");
    }
    assert_eq!(app.dispatch().await, 2, "those without a delay are due");
}

async fn what_is_hardly_past_means_now(app: App) {
    for wished in ["2026-11-21T09:00:00Z", "2026-11-21T08:59:30Z", "2026-11-21T08:59:00Z"] {
        let call = app.create_with(COMPLETES, json!({"scheduled_at": wished})).await;
        assert_eq!(call["scheduled_at"], Value::Null, "{wished}");
        assert_eq!(call["due_at"], "2026-11-21T09:00:00.000Z", "{wished}");
    }
    assert_eq!(app.dispatch().await, 3);
}

async fn what_can_not_be_an_instant_is_refused(app: App) {
    for (more, pointer, code) in [
        (json!({"scheduled_at": "2026-11-21T08:58:59Z"}), "/scheduled_at", "in_the_past"),
        (json!({"scheduled_at": "1969-12-31T23:59:59Z"}), "/scheduled_at", "in_the_past"),
        (json!({"scheduled_at": "2033-01-01T00:00:00Z"}), "/scheduled_at", "too_far"),
        (json!({"scheduled_at": "2026-12-01T09:00:00"}), "/scheduled_at", "malformed"),
        (json!({"scheduled_at": "2026-12-01"}), "/scheduled_at", "malformed"),
        (json!({"scheduled_at": "2026-02-30T09:00:00Z"}), "/scheduled_at", "malformed"),
        (json!({"scheduled_at": ""}), "/scheduled_at", "malformed"),
        (json!({"scheduled_at": 1_795_251_600}), "/scheduled_at", "wrong_type"),
        (json!({"scheduled_time": "tomorrow"}), "/scheduled_time", "malformed"),
        (json!({"delay_secs": -1}), "/delay_secs", "out_of_range"),
        (json!({"delay_secs": 31_622_401}), "/delay_secs", "out_of_range"),
        (json!({"delay_secs": 1.5}), "/delay_secs", "wrong_type"),
        (json!({"delay_secs": "60"}), "/delay_secs", "wrong_type"),
        (json!({"delay_secs": 1e30}), "/delay_secs", "wrong_type"),
        (json!({"delay_secs": 60, "scheduled_at": "2026-12-01T09:00:00Z"}), "/delay_secs", "contradiction"),
    ] {
        assert_eq!(found(&app, &with(&more)).await, [(pointer.to_owned(), code.to_owned())], "{more}");
    }
    assert!(app.ids("").await.is_empty(), "nothing was made");
}
