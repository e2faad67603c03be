//! Each call's timeline: gapless, forward only, and with an end or a reason.

use super::{
    Evidence, Rule, Violation,
    gather::{Seen, says_why},
};
use serde_json::Value;
use std::collections::HashMap;

pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let mut found = Vec::new();
    for seen in &evidence.calls {
        found.extend(gapless(seen));
        found.extend(forward_only(seen));
        found.extend(ended_or_waiting(seen));
    }
    if evidence.facts.open_attempts > 0 {
        let words = format!("{} attempts are still open", evidence.facts.open_attempts);
        found.push(Violation::of(Rule::Stuck, None, words));
    }
    if !evidence.rules.settled {
        found.push(Violation::of(Rule::Stuck, None, "it did not come to rest in time"));
    }
    found
}

/// Events are numbered from 1 to the call's version.
fn gapless(seen: &Seen) -> Option<Violation> {
    let numbers: Vec<i64> = seen.events.iter().filter_map(|event| event["seq"].as_i64()).collect();
    let expected: Vec<i64> = (1..=seen.view["version"].as_i64().unwrap_or(0)).collect();
    let words = || format!("version {}, and the events are {numbers:?}", seen.view["version"]);
    (numbers != expected).then(|| Violation::of(Rule::BrokenTimeline, Some(&seen.id), words()))
}

/// Within an attempt, what was applied only ever led forward; an end that was a guess may be corrected.
fn forward_only(seen: &Seen) -> Vec<Violation> {
    let mut stands: HashMap<&str, u8> = HashMap::new();
    let mut found = Vec::new();
    for event in &seen.events {
        let Some(attempt) = event["attempt_id"].as_str() else { continue };
        let before = stands.get(attempt).copied().unwrap_or(10);
        let after = match event["kind"].as_str() {
            Some("lost_contact") => {
                stands.insert(attempt, 99);
                continue;
            }
            Some("placed") => rank(Some("initiated")),
            Some("report" | "reconciled") => rank(event["payload"]["status"].as_str()),
            _ => continue,
        };
        if event["verdict"] != "applied" {
            continue;
        }
        if after <= before {
            let words =
                format!("attempt {attempt} stood at {before} when {} led it to {after}", event["seq"]);
            found.push(Violation::of(Rule::BrokenTimeline, Some(&seen.id), words));
        }
        stands.insert(attempt, after);
    }
    found
}

fn rank(status: Option<&str>) -> u8 {
    match status {
        Some("initiated") => 20,
        Some("ringing") => 30,
        Some("in_progress" | "connected") => 40,
        Some(_) => 100,
        None => 10,
    }
}

/// Ended, with a reason, or waiting, with a reason.
fn ended_or_waiting(seen: &Seen) -> Option<Violation> {
    let words = if !seen.has_ended() {
        let waits = seen.text("status") == "pending" && says_why(&seen.view);
        (!waits).then(|| format!("it is {} and does not say why", seen.text("status")))
    } else if seen.view["ended_reason"] == Value::Null {
        Some("it has ended and does not say why".to_owned())
    } else {
        None
    };
    words.map(|words| Violation::of(Rule::Stuck, Some(&seen.id), words))
}
