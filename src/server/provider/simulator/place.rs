//! Taking a call: once for each key, however often and however simultaneously it is placed.

use super::{
    Simulator,
    fault::{self, Fault, Kind, Luck},
    happening::{overtaken_by, plan, store},
    internal, look_up,
    orders::{self, Ordered},
    problem::Problem,
    scenario::{self, Scenario, Script, Status},
    send, settings,
    table::{call, placing},
    wire::{Placed, Placing},
};
use crate::{error::AppError, server::db::Written};
use reqwest::Url;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use std::cmp::min;
use uuid::Uuid;

/// How long after `place_by` a caller has surely given up waiting, in milliseconds.
const SURELY_GONE_AFTER: i64 = 1_000;
/// No answer is held longer than this, whatever `place_by` says, in milliseconds.
const LONGEST_HOLD: i64 = 60_000;

/// A placing that was taken, now or before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// What to answer.
    pub placed: Placed,
    /// How to answer it.
    pub answer: Answer,
}

/// How a placing that was taken is answered. Instants are in milliseconds since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// At once, as it should be.
    AtOnce,
    /// Not in time: whoever still waits at this instant is told that it timed out.
    TimesOut(i64),
    /// At this instant, when the caller has given up.
    Late(i64),
}

/// Takes a call, unless it must be refused. A key that was taken before is answered as it was then, and
/// nothing is dialed; a refusal leaves no trace, so the same key may be tried again.
pub async fn place(sim: &Simulator, placing: Placing) -> Result<Taken, Problem> {
    if let Some(call) = look_up::placed_with(sim.db.read(), &placing.attempt_id).await? {
        return taken_before(&call, &placing);
    }
    orders::dawdle(sim, &placing.to).await?;
    if sim.clock.machine_now() > placing.place_by {
        return Err(Placing::too_late());
    }
    if placing.callback_url.as_ref().is_some_and(|url| !sim.may_call(url)) {
        let detail = "callback_url lies neither under PUBLIC_URL nor under SIMULATOR_CALLBACK_ALLOW.";
        return Err(Problem::refused("callback_url_not_allowed", detail));
    }

    let (wanted, inside) = (placing.clone(), sim.clone());
    let outcome = sim
        .write_and_wake(move |tx| async move { Ok(Written::new(take(&inside, tx.conn(), &wanted).await?)) });
    match outcome.await? {
        Outcome::First(taken) => Ok(taken),
        Outcome::Again(call) => taken_before(&call, &placing),
        Outcome::Refused(problem) => Err(problem),
    }
}

enum Outcome {
    First(Taken),
    /// Another placing with the same key came first in the same moment.
    Again(call::Model),
    Refused(Problem),
}

/// Inserts the key first, so that of two simultaneous placings one waits for the other and then finds it.
async fn take(sim: &Simulator, db: &impl ConnectionTrait, placing: &Placing) -> Result<Outcome, AppError> {
    let (now, speed) = (sim.now(), settings::speed(sim, db).await?);
    let mut call = new_call(placing, speed, now);
    if !insert(db, &call).await? {
        let first = look_up::placed_with(db, &placing.attempt_id).await?;
        return first.map(Outcome::Again).ok_or(AppError::Internal);
    }
    let ordered = orders::obey(db, &call.to_number).await?;
    if let Some(problem) = refusal(&ordered, &call.to_number) {
        call::Entity::delete_by_id(&call.provider_call_id).exec(db).await?;
        return Ok(Outcome::Refused(problem));
    }

    call.nth = count_placing(db, &call.to_number).await?;
    let mut script = scripted(sim, &call, ordered);
    if placing.callback_url.is_none() {
        script.report_only(|_| false);
    }
    if placing.callers_id.is_some() {
        script.report_only(send::is_told);
    }
    call.script = serde_json::to_string(&script).map_err(internal)?;
    decide(db, &call).await?;

    let (wait, answer) = answer_to(sim, placing, &script);
    let mut happenings = plan(&script, now.saturating_add(wait), speed);
    let luck = Luck { seed: sim.config.seed, number: &call.to_number, nth: call.nth };
    fault::spoil(&script.faults, &mut happenings, luck, overtaken_by(speed));
    store(db, &call, &happenings).await?;
    tracing::info!(
        provider_call_id = call.provider_call_id, attempt_id = call.attempt_id, scenario = ?script.scenario,
        "the simulator has taken a call"
    );
    Ok(Outcome::First(Taken { placed: placed(&call), answer }))
}

/// Why a placing is refused, if it is.
fn refusal(ordered: &Ordered, number: &str) -> Option<Problem> {
    if let Some(problem) = ordered.faults.iter().find_map(Fault::refusal) {
        return Some(problem);
    }
    let refuses = match &ordered.outcome {
        Some(outcome) => outcome.script().scenario == Scenario::Refused,
        None => scenario::refuses(number),
    };
    let detail = "Calls to this number are refused here.";
    refuses.then(|| Problem::refused("provider_refused", detail))
}

/// What becomes of the call: what was ordered, or what its number does by itself.
fn scripted(sim: &Simulator, call: &call::Model, ordered: Ordered) -> Script {
    let (seed, fail_rate) = (sim.config.seed, sim.config.fail_rate);
    let own = || scenario::script(&call.to_number, seed, call.nth, fail_rate);
    let script = ordered.outcome.map_or_else(own, |outcome| outcome.script());
    Script { faults: ordered.faults, ..script }
}

/// How long the dialing waits, in milliseconds, and how the placing is answered. How long a caller waits is measured
/// by the machine's clock, which is the caller's too.
fn answer_to(sim: &Simulator, placing: &Placing, script: &Script) -> (i64, Answer) {
    let now = sim.clock.machine_now();
    let given_up = min(placing.place_by, now.saturating_add(LONGEST_HOLD)).saturating_add(SURELY_GONE_AFTER);
    let is = |scenario, kind| script.scenario == scenario || fault::has(&script.faults, kind);
    if is(Scenario::DialsTooLate, Kind::PlacingDialedLate) {
        (given_up - now, Answer::Late(given_up))
    } else if is(Scenario::AnswersTooLate, Kind::PlacingAmbiguous) {
        (0, Answer::TimesOut(given_up))
    } else {
        (0, Answer::AtOnce)
    }
}

/// The later of two placings gets the first one's answer at once, even if the first is still being held.
fn taken_before(call: &call::Model, placing: &Placing) -> Result<Taken, Problem> {
    if call.to_number != placing.to {
        let detail = "This Idempotency-Key was used before, for another number.";
        return Err(Problem::refused("idempotency_key_reused", detail));
    }
    Ok(Taken { placed: placed(call), answer: Answer::AtOnce })
}

fn placed(call: &call::Model) -> Placed {
    Placed { provider_call_id: call.provider_call_id.clone(), status: Status::Initiated }
}

fn new_call(placing: &Placing, speed: f64, now: i64) -> call::Model {
    call::Model {
        provider_call_id: format!("sim_{}", Uuid::now_v7()),
        attempt_id: placing.attempt_id.clone(),
        to_number: placing.to.clone(),
        customer_name: placing.customer_name.clone(),
        workflow: placing.workflow.clone(),
        callback_url: placing.callback_url.as_ref().map(Url::to_string).unwrap_or_default(),
        nth: 0,
        script: String::new(),
        speed,
        placed_at: now,
        hangup_requested_at: None,
        callers_id: placing.callers_id.clone(),
    }
}

/// Whether the key was free.
async fn insert(db: &impl ConnectionTrait, call: &call::Model) -> Result<bool, AppError> {
    let row = call::ActiveModel {
        provider_call_id: Set(call.provider_call_id.clone()),
        attempt_id: Set(call.attempt_id.clone()),
        to_number: Set(call.to_number.clone()),
        customer_name: Set(call.customer_name.clone()),
        workflow: Set(call.workflow.clone()),
        callback_url: Set(call.callback_url.clone()),
        nth: Set(call.nth),
        script: Set(call.script.clone()),
        speed: Set(call.speed),
        placed_at: Set(call.placed_at),
        hangup_requested_at: Set(call.hangup_requested_at),
        callers_id: Set(call.callers_id.clone()),
    };
    let key_is_taken = OnConflict::column(call::Column::AttemptId).do_nothing().to_owned();
    let inserted = call::Entity::insert(row).on_conflict(key_is_taken).exec_without_returning(db).await?;
    Ok(inserted > 0)
}

/// Counts one more placing of `number` and returns the how-manieth it is.
async fn count_placing(db: &impl ConnectionTrait, number: &str) -> Result<i64, AppError> {
    let row = placing::ActiveModel { to_number: Set(number.to_owned()), placings: Set(1) };
    let one_more = OnConflict::column(placing::Column::ToNumber)
        .value(placing::Column::Placings, Expr::col((placing::Entity, placing::Column::Placings)).add(1))
        .to_owned();
    let counted = placing::Entity::insert(row).on_conflict(one_more).exec_with_returning(db).await?;
    Ok(counted.placings)
}

/// Writes down what was decided for a call once it was clear that it is taken.
async fn decide(db: &impl ConnectionTrait, call: &call::Model) -> Result<(), AppError> {
    call::Entity::update_many()
        .col_expr(call::Column::Nth, Expr::value(call.nth))
        .col_expr(call::Column::Script, Expr::value(call.script.clone()))
        .filter(call::Column::ProviderCallId.eq(&call.provider_call_id))
        .exec(db)
        .await?;
    Ok(())
}
