//! A checker that sees nothing would let everything pass. So before each run it is shown a small history in which all
//! is well, and then the same with one thing wrong at a time.

use super::{
    Evidence, Rule, Rules, check,
    gather::{Facts, Seen},
};
use crate::{
    base::{Outcome, instant},
    history::{Answer, Ask, Request, Wish},
    options::Face,
    provider::Dial,
};
use leptos::server_fn::error::FromServerFnError;
use serde_json::{Value, json};
use switchboard::error::AppError;

type Wrong = (Rule, &'static str, fn(&mut Evidence));

const WRONGS: [Wrong; 15] = [
    (Rule::Lost, "a call is gone", |it| it.calls.clear()),
    (Rule::Lost, "the list hides one", |it| it.facts.calls = 2),
    (Rule::MadeTwice, "a wish made two calls", |it| {
        it.calls.push(Seen { id: "call-2".to_owned(), ..it.calls[0].clone() });
    }),
    (Rule::SaidOtherwise, "it was made, and the answer says that nothing was changed", |it| {
        it.requests[0].answer = Answer::Status(503, json!({"code": "unavailable"}));
    }),
    (Rule::SaidOtherwise, "it was made, and the form's answer says that nothing was changed", |it| {
        it.requests[0].ask = Ask::CreateWithKey;
        it.requests[0].answer = Answer::read(Ask::CreateWithKey, 503, AppError::Unavailable.ser());
    }),
    (Rule::DialedTwice, "an attempt rang twice", |it| {
        it.dials.push(Dial { dialed_at: 5_000, ends_at: 6_000, ..it.dials[0].clone() });
    }),
    (Rule::DialedTwice, "a phone rang for nothing", |it| {
        it.dials[0].attempt_id = Some("attempt-9".to_owned());
    }),
    (Rule::TwoPhones, "two phones at once", |it| {
        it.dials.push(Dial {
            dialed_at: 1_500,
            attempt_id: Some("attempt-2".to_owned()),
            ..it.dials[0].clone()
        });
        let second = json!({"id": "attempt-2", "status": "completed", "provider_call_id": "ring-1"});
        it.calls[0].view["attempts"].as_array_mut().expect("a list").push(second);
    }),
    (Rule::RangAfterCancel, "it rang after it was canceled", |it| {
        let answer = Answer::Status(200, json!({"status": "canceled"}));
        it.requests.push(Request {
            ask: Ask::Cancel,
            begin: 500,
            end: 600,
            answer,
            ..it.requests[0].clone()
        });
    }),
    (Rule::OverLimit, "too many phones at once", |it| it.rules.max_in_flight = 0),
    (Rule::Stuck, "an attempt is open for ever", |it| it.facts.open_attempts = 1),
    (Rule::Stuck, "a call waits without a reason", |it| it.calls[0].view["status"] = json!("pending")),
    (Rule::BrokenTimeline, "an event is missing", |it| drop(it.calls[0].events.remove(1))),
    (Rule::BrokenTimeline, "a status went back", |it| {
        it.calls[0].events[2]["payload"]["status"] = json!("initiated");
    }),
    (Rule::Disagreement, "it ended otherwise", |it| "busy".clone_into(&mut it.dials[0].ends_as)),
];

/// Whether the checker finds what is wrong, and nothing where all is well.
pub fn sees_everything() -> Outcome<()> {
    let found = check(&all_is_well());
    if !found.is_empty() {
        return Err(format!("the checker sees what is not there: {found:?}"));
    }
    for (rule, what, go_wrong) in WRONGS {
        let mut evidence = all_is_well();
        go_wrong(&mut evidence);
        if !check(&evidence).iter().any(|violation| violation.rule == rule) {
            return Err(format!("the checker does not see that {what}"));
        }
    }
    Ok(())
}

/// One call, made, placed and completed.
fn all_is_well() -> Evidence {
    let number = "+19990000000".to_owned();
    let attempt = json!({
        "id": "attempt-1", "status": "completed", "provider_call_id": "ring-1", "claimed_at": instant(900),
    });
    let view = json!({
        "phone_number": number, "status": "completed", "ended_reason": "answered", "version": 3, "attempts": [attempt],
    });
    let event = |seq: i64, kind: &str, payload: Value| json!({"seq": seq, "kind": kind, "attempt_id": "attempt-1", "verdict": "applied", "payload": payload});
    let created = json!({"seq": 1, "kind": "created", "attempt_id": null, "payload": {}});
    let events =
        vec![created, event(2, "placed", json!({})), event(3, "report", json!({"status": "completed"}))];
    Evidence {
        calls: vec![Seen { id: "call-1".to_owned(), view, events }],
        facts: Facts { calls: 1, open_attempts: 0, reports_of_nothing: 0 },
        dials: vec![Dial {
            provider_call_id: "ring-1".to_owned(),
            attempt_id: Some("attempt-1".to_owned()),
            to: number.clone(),
            dialed_at: 1_000,
            ends_at: 2_000,
            ends_as: "completed".to_owned(),
        }],
        wishes: vec![Wish { numbers: vec![number], call: Some("call-1".to_owned()), keyed: false }],
        requests: vec![Request {
            ask: Ask::Create,
            wish: 0,
            node: "node-1".to_owned(),
            begin: 100,
            end: 200,
            answer: Answer::Status(201, json!({"id": "call-1"})),
        }],
        rules: Rules { face: Face::Protocol, settled: true, max_in_flight: 40 },
    }
}
