//! Whatever the provider does wrong, a call comes to its right end, and nobody is dialed twice.

use super::Lab;
use crate::support::{
    app::{BUSY, COMPLETES, text},
    both_databases,
};
use reqwest::Method;
use serde_json::{Value, json};

both_databases!(
    late_reports_are_waited_for,
    lost_reports_are_made_up_for_by_asking,
    reports_that_come_twice_count_once,
    reports_out_of_order_lead_to_the_same_end,
    wrongly_signed_reports_are_refused_and_made_up_for_by_asking,
    an_ambiguous_placing_is_no_second_dial,
    a_call_that_is_dialed_late_is_no_second_dial,
    a_placing_that_was_never_heard_is_made_again,
    a_refusal_for_good_ends_the_call,
    a_refusal_for_now_is_waited_out,
    a_call_that_nothing_is_said_of_ends_as_lost,
    a_number_that_was_told_what_to_do_does_it_once,
    a_call_that_never_ends_is_hung_up,
    the_clock_of_switchboard_is_not_the_labs_to_hold,
);

/// Places one call under a fault, and lets `secs` pass.
async fn call_under(lab: &Lab, fault: Value, secs: i64) -> Value {
    lab.fault(&fault).await;
    let call = lab.0.create(COMPLETES).await;
    lab.0.live(secs).await;
    lab.0.call(&call["id"]).await
}

fn assert_completed(call: &Value) {
    let end = (&call["status"], &call["ended_reason"], &call["attempts_made"]);
    assert_eq!(end, (&json!("completed"), &json!("answered"), &json!(1)), "{call}");
    assert_eq!(call["attempts"].as_array().map(Vec::len), Some(1));
}

async fn late_reports_are_waited_for(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "callbacks_late", "by_ms": 20_000}), 28).await;
    assert_eq!(call["status"], "in_progress");
    lab.0.live(4).await;
    let call = lab.0.call(&call["id"]).await;
    assert_completed(&call);
    assert_eq!(call["ended_at"], "2026-11-21T09:00:10.000Z", "when it ended, not when that was told");
}

async fn lost_reports_are_made_up_for_by_asking(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "callbacks_lost"}), 92).await;
    assert_completed(&call);
    assert_eq!(lab.0.newest_event(&call["id"]).await["kind"], "reconciled");
}

async fn reports_that_come_twice_count_once(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "callbacks_twice"}), 12).await;
    assert_completed(&call);
    let events = lab.0.events(&call["id"]).await;
    let repeats: Vec<_> =
        events.iter().filter(|it| it["kind"] == "report").map(|it| &it["repeats"]).collect();
    assert_eq!(repeats, [1, 1, 1, 1]);
}

async fn reports_out_of_order_lead_to_the_same_end(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "callbacks_out_of_order"}), 13).await;
    assert_completed(&call);
    let events = lab.0.events(&call["id"]).await;
    let verdicts: Vec<_> =
        events.iter().filter(|it| it["kind"] == "report").map(|it| text(&it["verdict"])).collect();
    assert_eq!(verdicts, ["applied", "stale", "applied", "already_ended"]);
}

async fn wrongly_signed_reports_are_refused_and_made_up_for_by_asking(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "callbacks_wrongly_signed"}), 12).await;
    assert_eq!(call["status"], "initiated", "nothing of it was believed");
    let sent = lab.look("/callbacks").await;
    for callback in sent["callbacks"].as_array().expect("a list") {
        assert_eq!((&callback["state"], &callback["tries"][0]["status"]), (&json!("failing"), &json!(403)));
    }
    lab.0.live(80).await;
    let call = lab.0.call(&call["id"]).await;
    assert_completed(&call);
    let timeline = lab.0.timeline(&call["id"]).await;
    assert_eq!(timeline, ["created", "claimed", "placed", "reconciled"]);
}

async fn an_ambiguous_placing_is_no_second_dial(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "placing_ambiguous"}), 40).await;
    assert_completed(&call);
    assert!(lab.0.timeline(&call["id"]).await.contains(&"ambiguous".to_owned()));
    assert_eq!(lab.dials().await, 1);
}

async fn a_call_that_is_dialed_late_is_no_second_dial(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "placing_dialed_late"}), 40).await;
    assert_completed(&call);
    assert_eq!(lab.dials().await, 1);
}

async fn a_placing_that_was_never_heard_is_made_again(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "placing_slow", "by_ms": 60_000, "next": 1}), 40).await;
    assert_completed(&call);
    let timeline = lab.0.timeline(&call["id"]).await;
    assert_eq!(timeline[..5], ["created", "claimed", "ambiguous", "claimed", "placed"]);
    assert_eq!(lab.dials().await, 1);
}

async fn a_refusal_for_good_ends_the_call(lab: Lab) {
    for status in [409, 422] {
        let call = call_under(&lab, json!({"kind": "placing_refused", "status": status, "next": 1}), 1).await;
        let end = (&call["status"], &call["ended_reason"], &call["attempts_made"]);
        assert_eq!(end, (&json!("failed"), &json!("provider_refused"), &json!(0)), "{status}");
    }
    assert_eq!(lab.dials().await, 0);
}

async fn a_refusal_for_now_is_waited_out(lab: Lab) {
    for status in [429, 503] {
        let fault = json!({"kind": "placing_refused", "status": status, "retry_after_secs": 20, "next": 1});
        let call = call_under(&lab, fault, 1).await;
        assert_eq!(call["status"], "pending");
        let reasons = lab.0.reasons(&call["id"]).await;
        assert_eq!(reasons, ["provider_not_now"], "{status}");
        lab.0.live(18).await;
        assert_eq!(lab.0.call(&call["id"]).await["status"], "pending", "as long as was asked for");
        lab.0.live(18).await;
        assert_completed(&lab.0.call(&call["id"]).await);
    }
}

async fn a_call_that_nothing_is_said_of_ends_as_lost(lab: Lab) {
    let call = call_under(&lab, json!({"kind": "call_silent"}), 89).await;
    assert_eq!(call["status"], "initiated");
    lab.0.live(200).await;
    let call = lab.0.call(&call["id"]).await;
    assert_eq!((&call["status"], &call["ended_reason"]), (&json!("failed"), &json!("lost_contact")));
    assert_eq!(lab.dials().await, 1);
}

async fn a_number_that_was_told_what_to_do_does_it_once(lab: Lab) {
    let outcome =
        json!({"to": BUSY, "next": 1, "story": {"answered_after_ms": 3_000, "talks_for_ms": 2_000}});
    assert_eq!(lab.control(Method::POST, "/outcomes", &outcome).await.0, 201);
    let first = lab.0.create(BUSY).await;
    lab.0.live(6).await;
    let second = lab.0.create(BUSY).await;
    lab.0.live(6).await;
    assert_completed(&lab.0.call(&first["id"]).await);
    assert_eq!(lab.0.call(&first["id"]).await["attempts"][0]["duration_secs"], 2);
    assert_eq!(lab.0.call(&second["id"]).await["status"], "busy");
}

async fn a_call_that_never_ends_is_hung_up(lab: Lab) {
    let outcome = json!({"story": {"ends": "never"}});
    assert_eq!(lab.control(Method::POST, "/outcomes", &outcome).await.0, 201);
    let call = lab.0.create(COMPLETES).await;
    lab.0.live(100).await;
    assert_eq!(lab.0.call(&call["id"]).await["status"], "ringing");
    lab.0.command(&call["id"], "cancel").await;
    lab.0.live(3).await;
    assert_eq!(lab.0.call(&call["id"]).await["status"], "canceled");
}

async fn the_clock_of_switchboard_is_not_the_labs_to_hold(lab: Lab) {
    let (status, problem) = lab.control(Method::PUT, "/clock", &json!({"held": true})).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("clock_is_shared")));
    let (status, _) = lab.control(Method::POST, "/clock/advance", &json!({"by_ms": 1})).await;
    assert_eq!(status.as_u16(), 409);
}
