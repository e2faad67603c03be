//! What was answered is so: a call that was made is there, once; one that was canceled does not ring.

use super::{Evidence, Index, Rule, Violation};
use crate::{
    history::{Ask, Request},
    provider::Dial,
};
use std::collections::{HashMap, HashSet};

pub fn check(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let made = [made_and_there(evidence, index), made_once(evidence, index), not_made(evidence, index)];
    [made.concat(), silent_after_cancel(evidence, index)].concat()
}

/// Where every create of a wish was refused, or answered with "nothing was changed", there is no call.
fn not_made(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let mut may_be: HashMap<usize, bool> = HashMap::new();
    for request in &evidence.requests {
        if matches!(request.ask, Ask::Create | Ask::CreateWithKey) {
            *may_be.entry(request.wish).or_default() |= !request.answer.says_nothing_was_changed();
        }
    }
    let lied = index.wish_of_call.iter().filter(|(_, wish)| may_be.get(*wish) == Some(&false));
    lied.map(|(call, _)| Violation::of(Rule::SaidOtherwise, Some(call), "nothing was changed, it was said"))
        .collect()
}

/// Every create that was answered 2xx exists.
fn made_and_there(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let known = evidence.wishes.iter().filter_map(|wish| wish.call.as_ref());
    let gone = known.filter(|id| !index.call_of_id.contains_key(*id));
    let mut found: Vec<_> = gone
        .map(|id| Violation::of(Rule::Lost, Some(id), "its create was answered, and it is not there"))
        .collect();
    if usize::try_from(evidence.facts.calls) != Ok(evidence.calls.len()) {
        let words =
            format!("the table has {} calls, the list shows {}", evidence.facts.calls, evidence.calls.len());
        found.push(Violation::of(Rule::Lost, None, words));
    }
    found
}

/// One wish makes one call, however often it was sent; and every call comes from a wish.
fn made_once(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let mut calls: HashMap<usize, Vec<&str>> = HashMap::new();
    let mut found = Vec::new();
    for seen in &evidence.calls {
        match index.wish_of_call.get(&seen.id) {
            Some(wish) => calls.entry(*wish).or_default().push(&seen.id),
            None => found.push(Violation::of(Rule::MadeTwice, Some(&seen.id), "nobody wished for it")),
        }
    }
    for (wish, calls) in calls.into_iter().filter(|(_, calls)| calls.len() > 1) {
        let keyed = if evidence.wishes[wish].keyed { "sent with a key" } else { "sent once" };
        let words = format!("wish {wish}, {keyed}, made {} calls: {}", calls.len(), calls.join(", "));
        found.push(Violation::of(Rule::MadeTwice, Some(calls[0]), words));
    }
    let mut named: HashMap<usize, HashSet<&str>> = HashMap::new();
    for request in evidence.requests.iter().filter(|request| request.ask == Ask::CreateWithKey) {
        if let (true, crate::history::Answer::Status(_, body)) = (request.answer.is_done(), &request.answer) {
            named.entry(request.wish).or_default().insert(body.as_str().unwrap_or_default());
        }
    }
    for (wish, ids) in named.into_iter().filter(|(_, ids)| ids.len() > 1) {
        found.push(Violation::of(Rule::MadeTwice, None, format!("wish {wish} was answered with {ids:?}")));
    }
    found
}

/// No phone rings for a call whose cancel was answered 200, unless it was retried since.
fn silent_after_cancel(evidence: &Evidence, index: &Index) -> Vec<Violation> {
    let mut dials: HashMap<usize, Vec<&Dial>> = HashMap::new();
    // What the Call API dials late, of a placing that was given up as unknown, nobody could have called back.
    let is_known = |dial: &Dial| dial.attempt_id.is_some() || index.ring_ids.contains(&dial.provider_call_id);
    for dial in evidence.dials.iter().filter(|dial| is_known(dial)) {
        if let Some(wish) = index.wish_of_number.get(&dial.to) {
            dials.entry(*wish).or_default().push(dial);
        }
    }
    let mut retries: HashMap<usize, Vec<&Request>> = HashMap::new();
    for request in &evidence.requests {
        if request.ask == Ask::Retry && !request.answer.is_refused() {
            retries.entry(request.wish).or_default().push(request);
        }
    }
    let is_canceled = |request: &&Request| {
        request.ask == Ask::Cancel
            && request.answer.status() == Some(200)
            && request.answer.field("status") == "canceled"
    };
    let mut found = Vec::new();
    for cancel in evidence.requests.iter().filter(is_canceled) {
        let is_again = |dial: &Dial| {
            let since = retries.get(&cancel.wish).into_iter().flatten();
            since.into_iter().any(|retry| retry.end >= cancel.begin && retry.begin <= dial.dialed_at)
        };
        for dial in dials.get(&cancel.wish).into_iter().flatten() {
            if dial.dialed_at > cancel.end && !is_again(dial) {
                let words = format!(
                    "canceled at {}, and {} rang {} ms later",
                    cancel.end,
                    dial.provider_call_id,
                    dial.dialed_at - cancel.end
                );
                found.push(Violation::of(
                    Rule::RangAfterCancel,
                    evidence.wishes[cancel.wish].call.as_deref(),
                    words,
                ));
            }
        }
    }
    found
}
