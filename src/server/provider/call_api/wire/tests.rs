use super::*;
use rstest::rstest;
use serde_json::json;

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_251_600_000)
}

fn placed_as(status: u16, body: &Value) -> PlacingAnswer {
    placed(StatusCode::from_u16(status).expect("a status"), None, body.to_string().as_bytes())
}

fn stands_as(status: u16, body: &Value) -> StatusAnswer {
    standing(StatusCode::from_u16(status).expect("a status"), body.to_string().as_bytes(), "c1", now())
}

#[rstest]
#[case("initiated", Some(AttemptStatus::Initiated))]
#[case("queued", Some(AttemptStatus::Initiated))]
#[case("ringing", Some(AttemptStatus::Ringing))]
#[case("connected", Some(AttemptStatus::InProgress))]
#[case("answered", Some(AttemptStatus::InProgress))]
#[case("in-progress", Some(AttemptStatus::InProgress))]
#[case(" Completed ", Some(AttemptStatus::Completed))]
#[case("busy", Some(AttemptStatus::Busy))]
#[case("no-answer", Some(AttemptStatus::NoAnswer))]
#[case("failed", Some(AttemptStatus::Failed))]
#[case("cancelled", Some(AttemptStatus::Canceled))]
#[case("dispatching", None)]
#[case("", None)]
#[case("dancing", None)]
fn its_words_are_ours_or_unknown(#[case] word: &str, #[case] status: Option<AttemptStatus>) {
    assert_eq!(stands_at(word), status);
}

#[rstest]
#[case(json!("c1"), "c1")]
#[case(json!(7), "7")]
fn a_success_that_names_the_call_is_taken(#[case] id: Value, #[case] kept: &str) {
    let body = json!({"success": true, "call": {"id": id, "status": "initiated"}});
    assert_eq!(placed_as(201, &body), PlacingAnswer::Accepted { provider_call_id: kept.to_owned() });
}

#[rstest]
#[case::no_envelope(json!({"id": "c1"}))]
#[case::no_id(json!({"success": true, "call": {}}))]
#[case::an_empty_id(json!({"success": true, "call": {"id": ""}}))]
#[case::an_id_that_leads_elsewhere(json!({"success": true, "call": {"id": ".."}}))]
#[case::an_id_that_can_not_be_kept(json!({"success": true, "call": {"id": "a\u{0}b"}}))]
#[case::an_id_without_end(json!({"success": true, "call": {"id": "x".repeat(201)}}))]
#[case::no_success(json!({"success": false, "call": {"id": "c1"}}))]
#[case::an_error(json!({"error": "oops", "call": {"id": "c1"}}))]
#[case::nothing(json!(null))]
fn any_other_success_leaves_it_open(#[case] body: Value) {
    assert!(matches!(placed_as(201, &body), PlacingAnswer::Ambiguous { .. }));
}

#[rstest]
#[case(400, "Invalid phone number", EndedReason::InvalidNumber)]
#[case(422, "The number is invalid.", EndedReason::InvalidNumber)]
#[case(422, "No credit left.", EndedReason::ProviderRefused)]
#[case(404, "Unknown account", EndedReason::ProviderRefused)]
fn its_own_no_is_a_refusal(#[case] status: u16, #[case] words: &str, #[case] reason: EndedReason) {
    let refused = PlacingAnswer::Refused { reason, detail: words.to_owned() };
    assert_eq!(placed_as(status, &json!({"success": false, "error": words})), refused);
    assert_eq!(placed_as(status, &json!({"error": words})), refused);
}

#[rstest]
#[case(400)]
#[case(404)]
#[case(422)]
fn a_no_in_other_words_leaves_it_open(#[case] status: u16) {
    for body in [json!(null), json!({"detail": "no"}), json!(["error"]), json!("error")] {
        assert!(matches!(placed_as(status, &body), PlacingAnswer::Ambiguous { .. }), "{body}");
    }
}

#[rstest]
#[case(302)]
#[case(405)]
#[case(408)]
#[case(409)]
#[case(429)]
#[case(500)]
#[case(502)]
#[case(503)]
fn every_other_status_leaves_it_open(#[case] status: u16) {
    let body = json!({"success": false, "error": "no"});
    assert!(matches!(placed_as(status, &body), PlacingAnswer::Ambiguous { .. }));
}

#[test]
fn a_call_is_told_in_our_words() {
    let call = json!({
        "id": "c1", "phone_number": "+14155550101", "status": "completed", "duration": 4.6,
        "updated_at": "2026-11-21T09:00:10Z",
    });
    for body in [json!({"success": true, "call": call}), call.clone()] {
        let StatusAnswer::Known(report) = stands_as(200, &body) else { panic!("{body} is understood") };
        assert_eq!((report.status, report.duration_secs), (AttemptStatus::Completed, Some(5)));
        assert_eq!(report.occurred_at, now().plus_secs(10));
    }
}

#[rstest]
#[case(json!(null))]
#[case(json!("soon"))]
#[case(json!("2026-11-21T10:00:00.123456"))]
#[case(json!(7))]
fn an_instant_that_is_none_is_now(#[case] updated_at: Value) {
    let body = json!({"call": {"id": "c1", "status": "ringing", "updated_at": updated_at, "duration": null}});
    let StatusAnswer::Known(report) = stands_as(200, &body) else { panic!("it is understood") };
    assert_eq!((report.occurred_at, report.duration_secs), (now(), None));
}

#[test]
fn only_its_own_no_means_that_it_does_not_know_the_call() {
    assert_eq!(stands_as(404, &json!({"success": false, "error": "Call not found"})), StatusAnswer::Unknown);
    let call = |id: &str, status: &str| json!({"call": {"id": id, "status": status}});
    for (status, body) in [
        (404, json!(null)),
        (404, call("c1", "ringing")),
        (200, json!({"success": false, "error": "Call not found"})),
        (200, json!({})),
        (200, call("c2", "ringing")),
        (200, call("c1", "dancing")),
        (200, json!({"call": {"id": "c1"}})),
        (401, json!({"error": "Who are you?"})),
        (500, call("c1", "completed")),
    ] {
        assert!(matches!(stands_as(status, &body), StatusAnswer::NoAnswer { .. }), "{status} {body}");
    }
}
