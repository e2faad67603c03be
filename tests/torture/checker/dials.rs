//! The provider's log against what is known here: never twice, never two at once, never more than the limit.

use super::{Evidence, Index, Rule, Violation};
use crate::{options::Face, provider::Dial};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

pub fn check(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let mut found = Vec::new();
    let by_call = by_call(evidence, index, &mut found);
    for (call, dials) in &by_call {
        found.extend(once_each(evidence, *call, dials));
        found.extend(one_at_a_time(evidence, *call, dials));
        found.extend(ended_alike(evidence, *call, dials));
    }
    found.extend(nothing_made_up(evidence));
    found.extend(within_the_limit(evidence));
    found
}

/// The dials of each call. One that belongs to no attempt of any call is wrong.
fn by_call<'a>(
    evidence: &'a Evidence,
    index: &Index,
    found: &mut Vec<Violation>,
) -> BTreeMap<usize, Vec<&'a Dial>> {
    let call_of_wish: HashMap<usize, usize> = index
        .wish_of_call
        .iter()
        .filter_map(|(id, wish)| Some((*wish, *index.call_of_id.get(id)?)))
        .collect();
    let mut by_call: BTreeMap<usize, Vec<&Dial>> = BTreeMap::new();
    for dial in &evidence.dials {
        let call = match &dial.attempt_id {
            Some(attempt) => index.call_of_attempt.get(attempt),
            None => index.wish_of_number.get(&dial.to).and_then(|wish| call_of_wish.get(wish)),
        };
        match call {
            Some(call) => by_call.entry(*call).or_default().push(dial),
            None => {
                found.push(Violation::of(Rule::DialedTwice, None, format!("nobody here knows of {dial:?}")));
            }
        }
    }
    by_call
}

/// At most one dial for each attempt.
fn once_each(evidence: &Evidence, call: usize, dials: &[&Dial]) -> Option<Violation> {
    let seen = &evidence.calls[call];
    let named: HashSet<&String> = dials.iter().filter_map(|dial| dial.attempt_id.as_ref()).collect();
    let most = if evidence.rules.face == Face::Protocol { named.len() } else { seen.attempts().len() };
    let words = || format!("{} dials for {most} attempts: {dials:?}", dials.len());
    (dials.len() > most).then(|| Violation::of(Rule::DialedTwice, Some(&seen.id), words()))
}

/// Never two phones at once.
fn one_at_a_time(evidence: &Evidence, call: usize, dials: &[&Dial]) -> Vec<Violation> {
    let seen = &evidence.calls[call];
    // What became of a dial that nobody can ask about is for a person to decide, who may let it ring again.
    let given_up = |dial: &Dial| {
        evidence.rules.face == Face::CallApi
            && !seen
                .attempts()
                .iter()
                .any(|attempt| attempt["provider_call_id"] == dial.provider_call_id.as_str())
    };
    let mut sorted: Vec<&&Dial> = dials.iter().filter(|dial| !given_up(dial)).collect();
    sorted.sort_by_key(|dial| dial.dialed_at);
    let overlapping = sorted.windows(2).filter(|pair| pair[1].dialed_at < pair[0].ends_at);
    overlapping
        .map(|pair| {
            let words = format!("two phones at once: {:?} and {:?}", pair[0], pair[1]);
            Violation::of(Rule::TwoPhones, Some(&seen.id), words)
        })
        .collect()
}

/// Each attempt that rang has ended as its phone has.
fn ended_alike(evidence: &Evidence, call: usize, dials: &[&Dial]) -> Vec<Violation> {
    let seen = &evidence.calls[call];
    let mut found = Vec::new();
    for dial in dials {
        let its = |attempt: &&Value| match &dial.attempt_id {
            Some(id) => attempt["id"] == id.as_str(),
            None => attempt["provider_call_id"] == dial.provider_call_id.as_str(),
        };
        let Some(attempt) = seen.attempts().iter().find(its) else { continue };
        if attempt["status"] != dial.ends_as.as_str() {
            let words = format!("the attempt says {}, the provider {dial:?}", attempt["status"]);
            found.push(Violation::of(Rule::Disagreement, Some(&seen.id), words));
        }
    }
    found
}

/// Whatever the provider is said to have taken, it has taken.
fn nothing_made_up(evidence: &Evidence) -> Vec<Violation> {
    let rang: HashSet<&str> = evidence.dials.iter().map(|dial| dial.provider_call_id.as_str()).collect();
    let mut found = Vec::new();
    for seen in &evidence.calls {
        for attempt in seen.attempts() {
            let named = attempt["provider_call_id"].as_str();
            if named.is_some_and(|id| !rang.contains(id))
                || (attempt["status"] == "completed" && named.is_none())
            {
                let words = format!("no phone rang for attempt {attempt}");
                found.push(Violation::of(Rule::Disagreement, Some(&seen.id), words));
            }
        }
    }
    if evidence.facts.reports_of_nothing > 0 {
        let words =
            format!("{} reports are of attempts that nobody here knows", evidence.facts.reports_of_nothing);
        found.push(Violation::of(Rule::Lost, None, words));
    }
    found
}

/// Never more phones at once than the installation's limit.
fn within_the_limit(evidence: &Evidence) -> Option<Violation> {
    let most = most_at_once(&evidence.dials);
    let limit = evidence.rules.max_in_flight;
    // What the Call API has dialed without anybody knowing can't be counted by anybody.
    let is_held = evidence.rules.face == Face::CallApi || most <= limit;
    (!is_held).then(|| {
        Violation::of(Rule::OverLimit, None, format!("{most} phones at once, and the limit is {limit}"))
    })
}

/// The most phones that rang at once.
pub fn most_at_once(dials: &[Dial]) -> usize {
    let mut turns: Vec<(i64, i32)> =
        dials.iter().flat_map(|dial| [(dial.dialed_at, 1), (dial.ends_at, -1)]).collect();
    turns.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, turn) in turns {
        now += turn;
        most = most.max(now);
    }
    usize::try_from(most).unwrap_or(0)
}
