//! What the simulator sent, in words.

use crate::{
    domain::{
        id::{AttemptId, CallId},
        timestamp::Timestamp,
    },
    server_fns::LabSent,
};
use serde_json::Value;
use std::collections::HashMap;

/// The attempts that callbacks are about: the caller's id for each call, which was ours if it is one.
pub fn attempts_in(callbacks: &Value) -> Vec<AttemptId> {
    list(&callbacks["callbacks"]).filter_map(|it| it["attempt_id"].as_str()?.parse().ok()).collect()
}

/// One callback, with the call of ours that it is about.
pub fn sent(it: &Value, calls: &HashMap<AttemptId, CallId>) -> LabSent {
    let attempt: Option<AttemptId> = it["attempt_id"].as_str().and_then(|id| id.parse().ok());
    let state = text(&it["state"]);
    let (badge, verdict) = match state.as_str() {
        "delivered" => ("delivered", "Taken"),
        "failing" => ("failing", "Not taken"),
        "lost" => ("disabled", "Never sent"),
        _ => ("pending", "Waiting"),
    };
    LabSent {
        id: text(&it["webhook_id"]),
        to: text(&it["to"]),
        call: attempt.and_then(|attempt| calls.get(&attempt)).copied(),
        status: text(&it["status"]).replace('_', " "),
        at: instant(&it["due_at"]).unwrap_or(Timestamp::from_millis(0)),
        badge: badge.to_owned(),
        verdict: verdict.to_owned(),
        tries: list(&it["tries"]).map(a_try).collect(),
        next_at: instant(&it["next_try_at"]).filter(|_| state == "failing"),
        headers: headers(it),
        body: text(&it["body"]),
    }
}

/// One sending: when, and what was answered.
fn a_try(it: &Value) -> String {
    let at = instant(&it["at"]).map(Timestamp::to_utc_clock).unwrap_or_default();
    let (answer, millis) = (text(&it["answer"]), it["duration_ms"].as_u64().unwrap_or_default());
    match it["status"].as_u64() {
        Some(_) => format!("{at}: answered {answer} after {millis} ms"),
        None => format!("{at}: {answer}"),
    }
}

/// The headers of the newest sending, line by line.
fn headers(it: &Value) -> String {
    let newest = list(&it["tries"]).last().and_then(|it| it["headers"].as_object());
    let line = |(name, value): (&String, &Value)| format!("{name}: {}", text(value));
    newest.into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

/// The entries of a list.
pub fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text; empty if it is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An instant as RFC 3339 has it.
pub fn instant(value: &Value) -> Option<Timestamp> {
    let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}
