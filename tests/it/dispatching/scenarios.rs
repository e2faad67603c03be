//! Each of the simulator's numbers to its end, as product.md's table has it.

use crate::support::{
    Backend, OnDatabase,
    app::{App, text},
    both_databases,
};
use serde_json::{Value, json};

both_databases!(
    each_number_comes_to_its_end,
    reports_that_come_twice_or_in_the_wrong_order_lead_to_the_same_end,
    a_call_whose_callbacks_are_lost_ends_by_asking,
    a_minute_of_ringing_is_sat_out,
    a_number_that_is_refused_ends_at_once_and_was_never_dialed,
    where_the_answer_is_lost_after_dialing_the_phone_rings_once,
    where_the_dialing_comes_after_the_caller_gave_up_the_phone_rings_once,
);

/// It waits no longer than a second for the provider's answer.
struct Hasty(App);

impl OnDatabase for Hasty {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--provider-timeout-secs", "1"]).await)
    }
}

fn end(call: &Value) -> (String, String) {
    (text(&call["status"]), text(&call["ended_reason"]))
}

fn ends(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

async fn each_number_comes_to_its_end(app: App) {
    let table = [
        ("01", "completed", "answered"),
        ("02", "busy", "busy"),
        ("03", "no_answer", "no_answer"),
        ("04", "failed", "provider_failed"),
        ("06", "failed", "provider_refused"),
        ("08", "completed", "answered"),
        ("09", "completed", "answered"),
    ];
    let mut calls = Vec::new();
    for (number, ..) in table {
        calls.push(app.create(&format!("+141555501{number}")).await);
    }
    app.live(11).await;
    for (call, (number, status, reason)) in calls.iter().zip(table) {
        let ended = app.call(&call["id"]).await;
        assert_eq!(end(&ended), ends(status, reason), "{number}");
        let dials = i32::from(number != "06");
        assert_eq!(ended["attempts_made"], dials, "{number}");
    }
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 6);
}

async fn reports_that_come_twice_or_in_the_wrong_order_lead_to_the_same_end(app: App) {
    let mut calls = Vec::new();
    for number in ["01", "08", "09"] {
        calls.push(app.create(&format!("+141555501{number}")).await);
    }
    app.live(12).await;
    let mut outcomes = Vec::new();
    for call in &calls {
        let call = app.call(&call["id"]).await;
        let attempt = &call["attempts"][0];
        let told = [
            "status",
            "ended_reason",
            "ringing_at",
            "answered_at",
            "ended_at",
            "duration_secs",
            "answered_by",
        ];
        outcomes.push(told.map(|name| attempt[name].clone()));
    }
    assert_eq!(outcomes[0], outcomes[1], "twice");
    assert_eq!(outcomes[0], outcomes[2], "out of order");

    let twice = app.events(&calls[1]["id"]).await;
    let repeats: Vec<_> =
        twice.iter().filter(|it| it["kind"] == "report").map(|it| it["repeats"].clone()).collect();
    assert_eq!(repeats, [1, 1, 1, 1]);
    let disordered = app.events(&calls[2]["id"]).await;
    let verdicts: Vec<_> =
        disordered.iter().filter(|it| it["kind"] == "report").map(|it| text(&it["verdict"])).collect();
    assert_eq!(verdicts, ["applied", "stale", "applied", "already_ended"]);
}

async fn a_call_whose_callbacks_are_lost_ends_by_asking(app: App) {
    let call = app.create("+14155550107").await;
    app.live(89).await;
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
    app.live(2).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!(end(&ended), ends("completed", "answered"));
    assert_eq!(ended["ended_at"], "2026-11-21T09:00:10.000Z", "when it ended, not when it was asked about");
    assert_eq!(app.newest_event(&call["id"]).await["kind"], "reconciled");
}

async fn a_minute_of_ringing_is_sat_out(app: App) {
    let call = app.create("+14155550105").await;
    app.live(60).await;
    assert_eq!(app.call(&call["id"]).await["status"], "ringing");
    app.live(8).await;
    assert_eq!(end(&app.call(&call["id"]).await), ends("completed", "answered"));
}

async fn a_number_that_is_refused_ends_at_once_and_was_never_dialed(app: App) {
    let call = app.create_with("+14155550106", json!({"max_attempts": 3})).await;
    app.dispatch().await;
    let ended = app.call(&call["id"]).await;
    assert_eq!(end(&ended), ends("failed", "provider_refused"));
    assert_eq!(ended["attempts_made"], 0, "a refusal uses no budget");
    assert_eq!(app.timeline(&call["id"]).await, ["created", "claimed", "refused"]);
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 0);
}

async fn where_the_answer_is_lost_after_dialing_the_phone_rings_once(Hasty(app): Hasty) {
    rings_once(&app, "+14155550110").await;
}

async fn where_the_dialing_comes_after_the_caller_gave_up_the_phone_rings_once(Hasty(app): Hasty) {
    rings_once(&app, "+14155550111").await;
}

async fn rings_once(app: &App, number: &str) {
    let call = app.create_with(number, json!({"max_attempts": 3})).await;
    app.dispatch().await;
    let open = app.call(&call["id"]).await;
    assert_eq!(open["status"], "dispatching", "it is asked about before anything else is done");
    assert_eq!(app.newest_event(&call["id"]).await["kind"], "ambiguous");

    app.live(40).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!(end(&ended), ends("completed", "answered"));
    assert_eq!((&ended["attempts_made"], ended["attempts"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 1);
    assert_eq!(app.count("SELECT placings FROM sim_placings").await, 1);
}
