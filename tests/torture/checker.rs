//! The checker: what must hold, whatever went wrong. Each rule reads the evidence and says in words what breaks it.

mod dials;
pub mod gather;
mod proof;
mod timelines;
mod wishes;

pub use proof::sees_everything;

use crate::{
    history::{Request, Wish},
    options::Face,
    provider::Dial,
};
use gather::{Facts, Seen};
use std::collections::{HashMap, HashSet};

/// All that is known after a run.
pub struct Evidence {
    /// Every call, as the API shows it.
    pub calls: Vec<Seen>,
    /// What only the database shows.
    pub facts: Facts,
    /// The provider's log.
    pub dials: Vec<Dial>,
    /// What the driver wished for.
    pub wishes: Vec<Wish>,
    /// What it asked and was answered.
    pub requests: Vec<Request>,
    /// What holds for this run.
    pub rules: Rules,
}

/// What holds for one run.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How the provider speaks.
    pub face: Face,
    /// Whether everything came to rest in time.
    pub settled: bool,
    /// The limit of calls under way at once.
    pub max_in_flight: usize,
}

/// One broken rule.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The call, if it is about one.
    pub call: Option<String>,
    /// What is wrong, in words.
    pub words: String,
}

/// The rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A call whose create was answered is there.
    Lost,
    /// One wish makes one call.
    MadeTwice,
    /// What was answered with "nothing was changed" has changed nothing.
    SaidOtherwise,
    /// At most one dial for each attempt, and none without one.
    DialedTwice,
    /// A call never rings two phones at once.
    TwoPhones,
    /// No phone rings for a call that was canceled before.
    RangAfterCancel,
    /// No more phones at once than the limit allows.
    OverLimit,
    /// Everything has ended, or says why it waits.
    Stuck,
    /// Events are gapless and statuses go forward.
    BrokenTimeline,
    /// How it ended here is how it ended there.
    Disagreement,
}

impl Violation {
    fn of(rule: Rule, call: Option<&str>, words: impl Into<String>) -> Self {
        Self { rule, call: call.map(str::to_owned), words: words.into() }
    }
}

/// Everything that is wrong.
pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let index = Index::of(evidence);
    [wishes::check(evidence, &index), dials::check(evidence, &index), timelines::check(evidence)].concat()
}

/// Whose number and whose attempt is whose.
pub struct Index {
    wish_of_number: HashMap<String, usize>,
    wish_of_call: HashMap<String, usize>,
    call_of_attempt: HashMap<String, usize>,
    call_of_id: HashMap<String, usize>,
    /// The provider's ids that attempts know.
    ring_ids: HashSet<String>,
}

impl Index {
    fn of(evidence: &Evidence) -> Self {
        let numbers = evidence.wishes.iter().enumerate();
        let wish_of_number: HashMap<String, usize> = numbers
            .flat_map(|(place, wish)| wish.numbers.iter().map(move |number| (number.clone(), place)))
            .collect();
        let calls = || evidence.calls.iter().enumerate();
        let attempts =
            calls().flat_map(|(place, seen)| seen.attempts().iter().map(move |attempt| (place, attempt)));
        Self {
            call_of_attempt: attempts
                .filter_map(|(place, attempt)| Some((attempt["id"].as_str()?.to_owned(), place)))
                .collect(),
            call_of_id: calls().map(|(place, seen)| (seen.id.clone(), place)).collect(),
            wish_of_call: calls()
                .filter_map(|(_, seen)| {
                    Some((seen.id.clone(), *wish_of_number.get(seen.text("phone_number"))?))
                })
                .collect(),
            ring_ids: calls()
                .flat_map(|(_, seen)| seen.attempts())
                .filter_map(|attempt| attempt["provider_call_id"].as_str().map(str::to_owned))
                .collect(),
            wish_of_number,
        }
    }
}

/// All that is known of one call, line by line, for whoever looks for the cause.
pub fn story(evidence: &Evidence, id: &str) -> String {
    let Some(seen) = evidence.calls.iter().find(|seen| seen.id == id) else {
        return format!("  call {id}: not there\n");
    };
    let mut lines = vec![format!(
        "  call {id}: {} ({}), version {}, {} of {} attempts, waiting {}",
        seen.text("status"),
        seen.view["ended_reason"],
        seen.view["version"],
        seen.view["attempts_made"],
        seen.view["max_attempts"],
        seen.view["waiting"],
    )];
    for event in &seen.events {
        lines.push(format!(
            "    {} #{} {} {} {} {}",
            event["created_at"],
            event["seq"],
            event["kind"],
            event["verdict"],
            event["attempt_id"],
            event["payload"],
        ));
    }
    for attempt in seen.attempts() {
        lines.push(format!("    attempt {attempt}"));
    }
    let index = Index::of(evidence);
    let wish = index.wish_of_call.get(id);
    let is_its = |dial: &&Dial| {
        let by_number = index.wish_of_number.get(&dial.to);
        by_number.is_some() && by_number == wish
    };
    lines.extend(evidence.dials.iter().filter(is_its).map(|dial| format!("    dial {dial:?}")));
    let asked = evidence.requests.iter().filter(|request| Some(&request.wish) == wish);
    lines.extend(asked.map(|request| {
        format!(
            "    asked {:?} of {} from {} to {}: {:?}",
            request.ask, request.node, request.begin, request.end, request.answer
        )
    }));
    lines.join("\n") + "\n"
}
