//! Insights: whatever happens to calls, what is counted of them is what a patient reader of all calls would count.

mod asking;
mod following;
mod keeping;
mod page;
mod racing;
mod random;
mod zones;

use crate::support::{app::App, stream::settle};
use jiff::civil::{Date, Weekday};
use sea_orm::EntityTrait;
use std::collections::BTreeMap;
use switchboard::{
    domain::{
        actor::Actor,
        insights::Outcome,
        status::{CallStatus, EndedReason},
        timestamp::Timestamp,
    },
    server::{
        calls::entity::{attempts, calls},
        db::Db,
        insights::{
            follow,
            numbers::{Numbers, OUTCOMES, numbers, wall_of},
            range::{Asked, Range, Unit, instant},
            spread::Measure,
        },
    },
};

/// The numbers of some days, in a form that two ways of counting can be compared in.
#[derive(Debug, PartialEq, Default)]
struct Sums {
    /// By local day, or by the first day of a week; only those with calls.
    days: BTreeMap<String, [i64; OUTCOMES]>,
    /// By local hour of the day: attempts, and those that were answered; only those with attempts.
    hours: BTreeMap<i8, (i64, i64)>,
    workflows: BTreeMap<String, (i64, i64)>,
    spreads: [Vec<i64>; 3],
}

/// The range that a query names.
fn range(query: &str, now: Timestamp) -> Range {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let asked = Asked::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    asked.expect("known names").read("UTC", now).expect("a range")
}

/// Counts by reading every call and every attempt.
async fn naive(db: &Db, range: &Range) -> Sums {
    let slots = |measure: &Measure| vec![0; measure.bounds().len() + 1];
    let mut sums = Sums { spreads: Measure::ALL.map(|measure| slots(&measure)), ..Sums::default() };
    let (from, to) = (range.start(), range.end());
    let is_asked = |workflow: &str| range.workflow.is_none_or(|asked| asked.as_str() == workflow);
    let calls = calls::Entity::find().all(db.read()).await.expect("the calls");
    let workflows: BTreeMap<_, _> = calls.iter().map(|call| (call.id, call.workflow.clone())).collect();
    for call in calls.iter().filter(|call| is_asked(&call.workflow)) {
        let Some(ended_at) = call.ended_at.filter(|at| (from..to).contains(at)) else { continue };
        let status: CallStatus = call.status.parse().expect("a status");
        let reason: Option<EndedReason> =
            call.ended_reason.as_ref().map(|reason| reason.parse().expect("a reason"));
        let outcome = Outcome::of(status, reason).expect("it has ended");
        let day = instant(ended_at).to_zoned(range.zone.clone()).date();
        let day = if range.unit() == Unit::Week { monday_of(day).max(range.from) } else { day };
        sums.days.entry(day.to_string()).or_default()[outcome.index()] += 1;
    }
    for attempt in attempts::Entity::find().all(db.read()).await.expect("the attempts") {
        let workflow = &workflows[&attempt.call_id];
        if attempt.ended_at.is_none() || !(from..to).contains(&attempt.claimed_at) || !is_asked(workflow) {
            continue;
        }
        let hour = instant(attempt.claimed_at).to_zoned(range.zone.clone()).hour();
        let placed = i64::from(attempt.accepted_at.is_some());
        let answered = i64::from(attempt.answered_at.is_some() || attempt.status == "completed");
        for rate in [sums.hours.entry(hour).or_default(), sums.workflows.entry(workflow.clone()).or_default()]
        {
            *rate = (rate.0 + placed, rate.1 + answered);
        }
        let rang = attempt.ringing_at.or(attempt.accepted_at);
        let times = [
            attempt.answered_at.zip(rang).map(|(answered, rang)| answered - rang),
            attempt.answered_at.and(attempt.duration_secs).map(|secs| i64::from(secs) * 1_000),
            Some(attempt.claimed_at - attempt.due_at),
        ];
        for ((measure, time), slots) in Measure::ALL.iter().zip(times).zip(&mut sums.spreads) {
            let Some(time) = time else { continue };
            let slot = measure.bounds().iter().position(|bound| time <= *bound);
            slots[slot.unwrap_or(measure.bounds().len())] += 1;
        }
    }
    sums.hours.retain(|_, rate| *rate != (0, 0));
    sums.workflows.retain(|_, rate| *rate != (0, 0));
    sums
}

fn monday_of(day: Date) -> Date {
    let mut monday = day;
    while monday.weekday() != Weekday::Monday {
        monday = monday.yesterday().expect("a day");
    }
    monday
}

/// What the insights say, in the same form.
fn summed(numbers: &Numbers, range: &Range) -> Sums {
    let mut sums = Sums::default();
    for column in numbers.columns.iter().filter(|column| column.total() > 0) {
        let day = sums.days.entry(wall_of(column, range).date().to_string()).or_default();
        day.iter_mut().zip(column.counts).for_each(|(sum, count)| *sum += count);
    }
    let rates = numbers.hours.iter().zip(0_i8..).filter(|(rate, _)| (rate.placed, rate.answered) != (0, 0));
    sums.hours = rates.map(|(rate, hour)| (hour, (rate.placed, rate.answered))).collect();
    let rates = numbers.workflows.iter().filter(|(_, rate)| (rate.placed, rate.answered) != (0, 0));
    sums.workflows =
        rates.map(|(workflow, rate)| (workflow.to_string(), (rate.placed, rate.answered))).collect();
    sums.spreads = Measure::ALL.map(|measure| numbers.spread(measure).counts);
    sums
}

/// The two ways of counting come to the same.
async fn expect_same(db: &Db, query: &str, now: Timestamp) {
    let range = range(query, now);
    let counted = numbers(db, &Actor::system(), &range, now).await.expect("the numbers");
    assert_eq!(counted.filled_to, None, "everything was counted");
    assert_eq!(summed(&counted, &range), naive(db, &range).await, "{query} at {}", now.to_rfc3339());
}

/// Brings the ledger level with the log.
async fn catch_up(app: &App) {
    settle(app.state()).await;
    follow::catch_up(&app.state().db, app.now()).await.expect("it is counted");
}
