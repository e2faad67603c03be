//! What can happen next, and how one of the things that can happen is drawn.

use super::{
    company::{Line, Mood, is_over},
    rules::{Learned, Letter, Model, rank},
};
use proptest::{
    arbitrary::any,
    sample::select,
    strategy::{BoxedStrategy, Strategy, Union},
};
use proptest_state_machine::ReferenceStateMachine;
use std::fmt;
use switchboard::domain::status::AttemptStatus;

/// The how-manieth call, and which of its attempts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nth(pub usize, pub i32);

/// An attempt in a node's hands under a lease's epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hand(pub Nth, pub i64);

/// What somebody edits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edit {
    Name,
    Attempts(i32),
    InSecs(i64),
    AtOnce,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Wait(i64),
    /// In so many seconds (0 = at once), with so many attempts.
    Create(i64, i32),
    Edit(usize, Edit),
    Cancel(usize),
    EndByHand(usize, AttemptStatus),
    Retry(usize),
    Delete(usize),
    Note(usize),
    /// The calls that waited too long end.
    Miss,
    /// A node claims at most so many.
    Claim(u8, i64),
    Renew(Hand),
    /// A placing reaches the company, if the node's question about a lost attempt lets it.
    Arrive(Hand, Mood),
    /// The node writes down what the company answered, or would if its lease still held.
    Tell(Hand),
    /// The node dies. What it has sent is still on its way.
    Crash(u8),
    /// The company's phone call moves on, and a report of it is sent.
    Move(Nth, AttemptStatus),
    Forget(Nth),
    /// A report that was sent arrives, for the first time or once more.
    Deliver(usize),
    /// A report with another id of the company's arrives for a known attempt.
    Strange(Nth),
    /// A node asks the company about an attempt; or it does not answer.
    Ask(Nth, bool),
    /// It writes down what it learned.
    Learn(usize),
    HangUp(Nth),
}

impl fmt::Debug for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}#{}", self.0, self.1)
    }
}

impl fmt::Debug for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}", self.0, self.1)
    }
}

/// Draws steps from the model as it stands.
pub struct Story;

impl ReferenceStateMachine for Story {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        any::<u64>().prop_map(|temper| Model { temper, ..Model::default() }).no_shrink().boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Step> {
        let tempers = (0..).map(|group| [1, 1, 2, 6][(model.temper >> (2 * group) & 3) as usize]);
        let drawn = possible(model).into_iter().zip(tempers);
        let drawn = drawn.map(|((weight, steps), temper)| (weight * temper, steps));
        let drawn = drawn.filter(|(weight, steps)| *weight > 0 && !steps.is_empty());
        Union::new_weighted(drawn.map(|(weight, steps)| (weight, select(steps))).collect()).boxed()
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        model.apply(*step);
        model
    }

    fn preconditions(model: &Model, step: &Step) -> bool {
        // Time may always pass, so that a story can be cut short before it.
        matches!(step, Step::Wait(_)) || possible(model).iter().any(|(_, steps)| steps.contains(step))
    }
}

const MOST_CALLS: usize = 5;
const MOODS: [Mood; 7] = [
    Mood::Dials,
    Mood::Dials,
    Mood::DialsUnheard,
    Mood::DialsUnheard,
    Mood::Deaf,
    Mood::NotNow,
    Mood::Refuses,
];
const ON_THE_WAY: [AttemptStatus; 2] = [AttemptStatus::Ringing, AttemptStatus::InProgress];
const ENDINGS: [AttemptStatus; 4] =
    [AttemptStatus::Completed, AttemptStatus::Busy, AttemptStatus::NoAnswer, AttemptStatus::Failed];

/// All that can happen, in groups with their weights; the simplest first, since failures shrink towards it.
fn possible(model: &Model) -> Vec<(u32, Vec<Step>)> {
    let [going, known, wanted_silent, open] = attempts(model);
    let news = [(0, 1), (0, 2), (0, 3), (701, 2)].map(|(secs, attempts)| Step::Create(secs, attempts));
    let (arrivals, tellings, renewals) = placings(model);
    let asks = open.iter().flat_map(|nth| [true, true, false].map(|answers| Step::Ask(*nth, answers)));
    let remembered = known.iter().copied().filter(|nth| model.company.asked(*nth).is_some());
    let crashes = [0, 1].into_iter().filter(|node| model.hands.values().any(|hand| hand.node == *node));
    let (ends, retries, any) = commands(model);
    let claims = [(0, 3), (1, 3), (1, 1)].map(|(node, most)| Step::Claim(node, most)).to_vec();
    let open_calls = model.calls.iter().filter(|call| call.end.is_none() && !call.is_deleted).count();
    let creates = if model.calls.len() < MOST_CALLS { [40, 12, 6, 3, 1][open_calls] } else { 0 };
    vec![
        (creates, news.to_vec()),
        (if model.may_go().is_empty() { 1 } else { 30 }, claims),
        (24, arrivals),
        (14, tellings),
        (12, moves(model, &going)),
        (12, deliveries(model)),
        (8, waits(model)),
        (3, ends),
        (8, retries),
        (3, any),
        (8, asks.collect()),
        (16, model.questions.keys().copied().map(Step::Learn).collect()),
        (6, wanted_silent.into_iter().map(Step::HangUp).collect()),
        (1, renewals),
        (1, vec![Step::Miss]),
        (2, crashes.map(Step::Crash).collect()),
        (1, known.iter().copied().map(Step::Strange).collect()),
        (2, remembered.map(Step::Forget).collect()),
    ]
}

/// How open calls are ended, how ended ones are tried again, and what anybody may ask for at any time.
fn commands(model: &Model) -> (Vec<Step>, Vec<Step>, Vec<Step>) {
    let edits = [Edit::Name, Edit::Attempts(3), Edit::InSecs(333), Edit::AtOnce];
    let (mut ends, mut retries, mut any) = (Vec::new(), Vec::new(), Vec::new());
    for (at, call) in model.calls.iter().enumerate() {
        let end = Step::EndByHand(at, ENDINGS[at % ENDINGS.len()]);
        match call.end {
            Some(_) => retries.push(Step::Retry(at)),
            None => ends.extend([Step::Cancel(at), Step::Cancel(at), end]),
        }
        any.extend([Step::Note(at), Step::Cancel(at), end, Step::Retry(at), Step::Delete(at)]);
        any.extend(edits.map(|edit| Step::Edit(at, edit)));
    }
    (ends, retries, any)
}

/// Seldom so long that calls miss their time; else short, or until the next call is due, or contact is lost.
fn waits(model: &Model) -> Vec<Step> {
    let pending = model.calls.iter().filter(|call| call.end.is_none() && call.due > model.now);
    let next = pending.map(|call| (call.due - model.now + 999) / 1_000).min();
    let usual = [1, 1, 7, 16, 16, 16, 16, 95, 301, 301, 3_607].into_iter();
    let is_silent = model.questions.values().any(|question| matches!(question.answer, Learned::NoAnswer));
    let patience = std::iter::repeat_n(301, if is_silent { 12 } else { 0 });
    usual.chain(patience).chain(std::iter::repeat_n(next, 6).flatten()).map(Step::Wait).collect()
}

/// What can become of what the nodes have in hand: it arrives, its answer is written down, its lease is renewed.
fn placings(model: &Model) -> (Vec<Step>, Vec<Step>, Vec<Step>) {
    let (mut arrivals, mut tellings, mut renewals) = (Vec::new(), Vec::new(), Vec::new());
    let is_stale = |hand: &Hand| model.calls[hand.0.0].epoch != hand.1;
    for (id, hand) in &model.hands {
        match hand.answer {
            // A dead node asks about no lost attempt.
            None if hand.is_orphan && !hand.lost.is_empty() => {}
            None => arrivals.extend(MOODS.map(|mood| Step::Arrive(*id, mood))),
            // Whoever has lost the call comes back to it.
            Some(_) if is_stale(id) => tellings.extend([Step::Tell(*id); 3]),
            Some(_) => tellings.push(Step::Tell(*id)),
        }
        renewals.extend((!hand.is_orphan).then_some(Step::Renew(*id)));
    }
    (arrivals, tellings, renewals)
}

/// Reports that have come before come again now and then.
fn deliveries(model: &Model) -> Vec<Step> {
    let times = |(at, letter): (usize, &Letter)| {
        std::iter::repeat_n(Step::Deliver(at), if letter.is_read { 1 } else { 4 })
    };
    model.letters.iter().enumerate().flat_map(times).collect()
}

fn moves(model: &Model, going: &[Nth]) -> Vec<Step> {
    let onwards = |nth: &Nth| {
        let (nth, now) = (*nth, model.company.lines[nth].status);
        let onwards = ON_THE_WAY.into_iter().filter(move |to| rank(*to) > rank(now));
        onwards.chain(ENDINGS).map(move |to| Step::Move(nth, to))
    };
    going.iter().flat_map(onwards).collect()
}

/// The attempts whose phones ring; that the company is known to have taken; that are to be hung up; and that
/// are in flight.
fn attempts(model: &Model) -> [Vec<Nth>; 4] {
    let mut sorted: [Vec<Nth>; 4] = Default::default();
    for (nth, attempt) in model.attempts() {
        let is_open = !is_over(attempt.status);
        let rings = model.company.asked(nth).is_some_and(Line::rings);
        let is_silenced = is_open && attempt.accepted && attempt.hangup;
        let belongs = [rings, attempt.accepted, is_silenced, is_open && attempt.place_by.is_some()];
        for (group, belongs) in sorted.iter_mut().zip(belongs) {
            group.extend(belongs.then_some(nth));
        }
    }
    sorted
}
