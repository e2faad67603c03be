//! What becomes of a call, decided when it is placed. Pure: the same number, seed and placing always end alike.

use super::fault::Fault;
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Normal times, in milliseconds; the simulator's speed divides them.
const RINGS_AFTER: i64 = 2_000;
const ANSWERED_AFTER: i64 = RINGS_AFTER + 3_000;
const TALK: i64 = 5_000;
const ENDS_AFTER: i64 = ANSWERED_AFTER + TALK;
const SLOW_RINGING: i64 = 60_000;
/// By how much a report comes too late when reports overtake each other, in milliseconds.
pub const OVERTAKEN_BY: i64 = 1_000;

/// What the simulator will do with a number. Numbers of the fictional range `+1 NPA 555 01NN` choose one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// NN 01: answered, talked, over.
    Completed,
    /// NN 02: the line is busy.
    Busy,
    /// NN 03: it rings, and nobody answers.
    NoAnswer,
    /// NN 04: taken, and then the network fails.
    Failed,
    /// NN 05: a minute of ringing, then answered.
    Slow,
    /// NN 06: refused at once; nothing is dialed or remembered.
    Refused,
    /// NN 07: completed, but every callback after the first is lost: only a status query tells.
    LosesCallbacks,
    /// NN 08: completed, each callback sent twice.
    SendsTwice,
    /// NN 09: completed, each pair of callbacks in the wrong order.
    OutOfOrder,
    /// NN 10: dials at once, but the placing's answer comes after the caller has given up.
    AnswersTooLate,
    /// NN 11: taken in time, but dialed (and answered) only after the caller has given up.
    DialsTooLate,
    /// No number's own: what the control API was told that a number will do.
    OwnStory,
}

/// A status of the provider protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallStatus)]
pub enum Status {
    /// Taken.
    Initiated,
    /// The phone rings.
    Ringing,
    /// Answered.
    InProgress,
    /// Ended after it was answered.
    Completed,
    /// Ended: the line was busy.
    Busy,
    /// Ended: nobody answered.
    NoAnswer,
    /// Ended: it could not be put through.
    Failed,
    /// Ended: hung up before it was answered.
    Canceled,
}

/// Why a call ended, in the words of the provider protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedReason {
    /// Somebody answered, and the conversation came to its end.
    Answered,
    /// The line was busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// The network failed.
    ProviderFailed,
    /// Hung up because the caller asked for it.
    HungUp,
}

/// What happens to a call, from the dialing on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Script {
    /// What was chosen or drawn.
    pub scenario: Scenario,
    /// In the order in which they happen; the last one ends the call, but for a story that never does. Empty if the
    /// call is refused.
    pub steps: Vec<Step>,
    /// What goes wrong with this call by order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// One thing that happens, and how it is reported.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// When it happens: milliseconds after the dialing, before the speed divides them.
    pub after_ms: i64,
    /// When it is first reported, counted likewise.
    pub report_after_ms: i64,
    /// What the call's status is from then on.
    pub status: Status,
    /// Why the call ended, if this ends it.
    pub ended_reason: Option<EndedReason>,
    /// How long they talked, in seconds, if this ends an answered call.
    pub duration_secs: Option<i64>,
    /// How often it is reported: 0 if the report is lost.
    pub copies: i16,
}

impl Script {
    /// What the numbers of a scenario do.
    pub fn of(scenario: Scenario) -> Self {
        let mut steps = scenario.story();
        for (index, step) in steps.iter_mut().enumerate() {
            // The first report always comes through, so that the caller believes all to be well.
            step.copies = if index == 0 { scenario.copies().max(1) } else { scenario.copies() };
        }
        if scenario == Scenario::OutOfOrder {
            steps.chunks_exact_mut(2).for_each(swap_reports);
        }
        Self { scenario, steps, faults: vec![] }
    }

    /// The same things happen, and only some of them are told.
    pub fn report_only(&mut self, is_told: impl Fn(Status) -> bool) {
        for step in self.steps.iter_mut().filter(|step| !is_told(step.status)) {
            step.copies = 0;
        }
    }
}

/// Whether a number's own scenario is to be refused at once.
pub fn refuses(number: &str) -> bool {
    chosen(number) == Some(Scenario::Refused)
}

/// What becomes of the `nth` placing (from 1) of `number`.
///
/// Numbers of the fictional range choose; all others draw from number, seed and `nth`: of all calls the part
/// `fail_rate` (0 to 1) ends busy, unanswered or failed in equal shares, the rest is completed.
pub fn script(number: &str, seed: u64, nth: i64, fail_rate: f64) -> Script {
    Script::of(chosen(number).unwrap_or_else(|| drawn(number, seed, nth, fail_rate)))
}

impl Scenario {
    /// Every one that numbers choose, with the last two digits of those numbers and what their calls do, for people.
    pub const CHOSEN: [(Self, &'static str, &'static str); 11] = [
        (Self::Completed, "01", "is answered and completes"),
        (Self::Busy, "02", "is busy"),
        (Self::NoAnswer, "03", "is not answered"),
        (Self::Failed, "04", "fails"),
        (Self::Slow, "05", "rings for a minute, then is answered"),
        (Self::Refused, "06", "is refused at once"),
        (Self::LosesCallbacks, "07", "loses every callback after the first"),
        (Self::SendsTwice, "08", "sends each callback twice"),
        (Self::OutOfOrder, "09", "sends callbacks out of order"),
        (Self::AnswersTooLate, "10", "is dialed, but the answer to the placing is lost"),
        (Self::DialsTooLate, "11", "is dialed after the caller has given up"),
    ];

    /// How often each report of this scenario is sent once the call is under way: 0 if they are lost.
    pub fn copies(self) -> i16 {
        match self {
            Self::LosesCallbacks => 0,
            Self::SendsTwice => 2,
            _ => 1,
        }
    }

    fn story(self) -> Vec<Step> {
        match self {
            Self::Refused | Self::OwnStory => vec![],
            Self::Busy => vec![begin(), end(RINGS_AFTER, Status::Busy, EndedReason::Busy)],
            Self::Failed => vec![begin(), end(RINGS_AFTER, Status::Failed, EndedReason::ProviderFailed)],
            Self::NoAnswer => {
                vec![begin(), ring(), end(ENDS_AFTER, Status::NoAnswer, EndedReason::NoAnswer)]
            }
            Self::Slow => conversation(RINGS_AFTER + SLOW_RINGING),
            _ => conversation(ANSWERED_AFTER),
        }
    }
}

impl Status {
    /// Whether nothing can follow.
    pub fn is_ended(self) -> bool {
        !matches!(self, Self::Initiated | Self::Ringing | Self::InProgress)
    }

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// What a number of the fictional range `+1 NPA 555 01NN` chooses; nothing for any other.
fn chosen(number: &str) -> Option<Scenario> {
    let (area, rest) = number.strip_prefix("+1")?.split_at_checked(3)?;
    let is_area = area.bytes().all(|digit| digit.is_ascii_digit()) && area >= "200";
    if !is_area {
        return None;
    }
    let last = rest.strip_prefix("55501")?;
    Scenario::CHOSEN.iter().find(|(_, digits, _)| *digits == last).map(|(scenario, ..)| *scenario)
}

fn drawn(number: &str, seed: u64, nth: i64, fail_rate: f64) -> Scenario {
    let mut generator = generator(seed, nth, number);
    if fraction(&mut generator) >= fail_rate {
        return Scenario::Completed;
    }
    match generator.next_u64() % 3 {
        0 => Scenario::Busy,
        1 => Scenario::NoAnswer,
        _ => Scenario::Failed,
    }
}

/// What chance decides about one thing named `what`, evenly from 0 up to but without 1. The same seed, placing and name
/// always draw the same.
pub fn drawn_fraction(seed: u64, nth: i64, what: &str) -> f64 {
    fraction(&mut generator(seed, nth, what))
}

/// The generator is one of rand's named portable ones, seeded with a hash of our own and read as plain
/// words: `StdRng` and rand's ranges may change between versions, and then a user's recorded test run
/// would end differently after an update.
fn generator(seed: u64, nth: i64, what: &str) -> Xoshiro256PlusPlus {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(nth.to_be_bytes());
    hash.update(what.as_bytes());
    Xoshiro256PlusPlus::from_seed(hash.finalize().into())
}

/// Evenly from 0 up to but without 1.
fn fraction(generator: &mut Xoshiro256PlusPlus) -> f64 {
    f64::from(generator.next_u32()) / (f64::from(u32::MAX) + 1.0)
}

fn conversation(answered_after: i64) -> Vec<Step> {
    let answered = Step { status: Status::InProgress, ..happens(answered_after) };
    let mut over = end(answered_after + TALK, Status::Completed, EndedReason::Answered);
    over.duration_secs = Some(TALK / 1_000);
    vec![begin(), ring(), answered, over]
}

fn begin() -> Step {
    happens(0)
}

fn ring() -> Step {
    Step { status: Status::Ringing, ..happens(RINGS_AFTER) }
}

fn end(after_ms: i64, status: Status, reason: EndedReason) -> Step {
    Step { status, ended_reason: Some(reason), ..happens(after_ms) }
}

fn happens(after_ms: i64) -> Step {
    Step {
        after_ms,
        report_after_ms: after_ms,
        status: Status::Initiated,
        ended_reason: None,
        duration_secs: None,
        copies: 1,
    }
}

/// The first of two is reported after the second.
fn swap_reports(pair: &mut [Step]) {
    if let [first, second] = pair {
        first.report_after_ms = second.report_after_ms + OVERTAKEN_BY;
    }
}

#[cfg(test)]
mod tests;
