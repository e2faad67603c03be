//! Record a report: what the provider says of an attempt is kept, judged, and moves the call.

use super::{
    change::{Change, Decision, Snapshot, change, event_row},
    entity::{attempts, calls, events},
    placing::hung_up_if_unwanted,
};
use crate::{
    domain::{
        actor::Actor,
        attempt::{Attempt, Report},
        call::Call,
        event::{EventKind, NewEvent, Verdict},
        id::{AttemptId, CallId, TeamId},
        retry,
        status::{CallStatus, EndedReason},
        timestamp::Timestamp,
        transition::{Cause, Step, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};
use sea_orm::{
    QuerySelect, TryInsertResult,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;

/// A report as it came in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Who reports: the provider's name.
    pub provider: String,
    /// The attempt that it names, if it names one.
    pub attempt_id: Option<AttemptId>,
    /// The `webhook-id`, by which a repeat is known again.
    pub webhook_id: String,
    /// What it says.
    pub report: Report,
    /// As it was sent.
    pub payload: serde_json::Value,
}

/// What became of an incoming report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was kept, with this verdict.
    New(Verdict),
    /// It had come before; nothing changed but the count of its repeats.
    Repeat,
}

/// One report with the event that keeps it.
pub(super) struct Heard<'a> {
    pub report: &'a Report,
    /// Whether the provider's id in it is known as another attempt's.
    pub is_foreign: bool,
    pub event: NewEvent,
    pub now: Timestamp,
    pub overdue_secs: i64,
}

/// Keeps an authentic report of `actor`, the provider, as an event with a verdict, and lets it move its attempt and the call.
///
/// # Errors
/// What the database says.
pub async fn record_report(
    tx: &Tx,
    actor: &Actor,
    incoming: &Incoming,
    now: Timestamp,
    overdue_secs: i64,
) -> Result<Written<Recorded>, AppError> {
    let dedupe_key = format!("{}:{}", incoming.provider, incoming.webhook_id);
    if repeated(tx, &dedupe_key).await? {
        return Ok(Written::new(Recorded::Repeat));
    }
    let event = NewEvent {
        dedupe_key: Some(dedupe_key.clone()),
        ..NewEvent::new(EventKind::Report, incoming.report.occurred_at.min(now))
            .with(incoming.payload.clone())
    };
    let Some(found) = find_attempt(tx, incoming).await? else {
        return keep_unknown(tx, actor, event, &dedupe_key, now).await;
    };
    let (call_id, attempt_id) = (CallId(found.call_id), AttemptId(found.id));
    let team_id = hold(tx, call_id).await?;
    if repeated(tx, &dedupe_key).await? {
        return Ok(Written::new(Recorded::Repeat));
    }
    let is_foreign = is_of_another(tx, &incoming.report, attempt_id, &found.provider).await?;
    let actor = Actor { team_id, ..actor.clone() };
    let written = change(tx, &actor, call_id, now, |before| {
        let attempt = before.attempt(attempt_id).ok_or(AppError::Internal)?;
        let heard = Heard { report: &incoming.report, is_foreign, event: event.clone(), now, overdue_secs };
        let (change, verdict) = absorb(before, attempt, heard);
        Ok(Decision::write(change, Recorded::New(verdict)))
    });
    Ok(written.await?.map(|(_, recorded)| recorded))
}

/// Lets an attempt take in what was heard of it, and the call follow its newest attempt.
pub(super) fn absorb(before: &Snapshot, attempt: &Attempt, heard: Heard) -> (Change, Verdict) {
    let Heard { report, is_foreign, event, now, overdue_secs } = heard;
    let (after, verdict) = match attempt.after(report, now, now.plus_secs(overdue_secs)) {
        _ if is_foreign => (attempt.clone(), Verdict::Invalid),
        judged => judged,
    };
    let event = NewEvent { verdict: Some(verdict), ..event }.about(attempt.id);
    if verdict == Verdict::Invalid {
        return (Change::of(before.call.clone(), event), verdict);
    }
    let mut call = before.call.clone();
    let is_newest = before.newest().is_some_and(|newest| newest.id == attempt.id);
    if !attempt.is_accepted() {
        call.attempts_made += 1;
        let was_retried = attempt.status.is_ended() && call.status == CallStatus::Pending;
        if is_newest && !was_retried {
            call.release();
        } else {
            // Somebody has asked for another attempt since: this one takes nothing from it.
            call.max_attempts += 1;
        }
    }
    let mut planned = None;
    if is_newest && verdict == Verdict::Applied {
        planned = follow(&mut call, attempt, &after, now);
    }
    let (after, hangup) = hung_up_if_unwanted(&call, after, now);
    let mut change = Change::of(call, event).and(Some(after));
    change.events.extend(planned);
    change.events.extend(hangup);
    (change, verdict)
}

/// The call goes where its attempt went, or back to pending when another attempt is planned. Answers the
/// event that tells of the plan.
fn follow(call: &mut Call, before: &Attempt, after: &Attempt, now: Timestamp) -> Option<NewEvent> {
    let ended_at = after.ended_at.unwrap_or(now);
    let plan = retry::plan(call, after.status, ended_at);
    let corrects = before.provisional && call.ended_reason.is_some_and(EndedReason::is_guess);
    // The attempt was lost, and the call has since been opened for another one or ended by hand.
    if before.status.is_ended() && !corrects {
        return None;
    }
    let cause = Cause::Followed { status: after.status, again: plan.is_some(), corrects };
    let Ok(Step::To(status)) = transition(call.status, cause) else { return None };
    if let Some((due_at, delayed_by)) = plan.filter(|_| after.status.is_ended()) {
        call.reopen(due_at, Some(delayed_by));
        let payload = json!({"due_at": due_at.to_rfc3339(), "after": delayed_by});
        return Some(NewEvent::new(EventKind::RetryPlanned, now).about(after.id).with(payload));
    }
    if status.is_ended() {
        call.end(status, after.ended_reason, ended_at);
    } else {
        call.status = status;
    }
    None
}

async fn find_attempt(tx: &Tx, incoming: &Incoming) -> Result<Option<attempts::Model>, AppError> {
    let query = match incoming.attempt_id {
        Some(id) => attempts::Entity::find_by_id(id.0),
        None => attempts::Entity::find()
            .filter(attempts::Column::Provider.eq(&incoming.provider))
            .filter(attempts::Column::ProviderCallId.eq(&incoming.report.provider_call_id)),
    };
    Ok(query.one(tx.conn()).await?)
}

/// Holds the call's row, so that a simultaneous repeat waits here. Answers its team.
async fn hold(tx: &Tx, call: CallId) -> Result<TeamId, AppError> {
    let row = calls::Entity::find_by_id(call.0).lock_exclusive().one(tx.conn()).await?;
    row.map(|row| TeamId(row.team_id)).ok_or(AppError::Internal)
}

/// Whether the same report has come before; if so, its repeats are counted.
async fn repeated(tx: &Tx, dedupe_key: &str) -> Result<bool, AppError> {
    let counted = events::Entity::update_many()
        .col_expr(events::Column::Repeats, Expr::col(events::Column::Repeats).add(1))
        .filter(events::Column::DedupeKey.eq(dedupe_key))
        .exec(tx.conn())
        .await?;
    Ok(counted.rows_affected > 0)
}

/// Whether another attempt than `attempt` is known under the provider's id in `report`.
pub(super) async fn is_of_another(
    tx: &Tx,
    report: &Report,
    attempt: AttemptId,
    provider: &str,
) -> Result<bool, AppError> {
    let others = attempts::Entity::find()
        .filter(attempts::Column::Provider.eq(provider))
        .filter(attempts::Column::ProviderCallId.eq(&report.provider_call_id))
        .filter(attempts::Column::Id.ne(attempt.0));
    Ok(others.count(tx.conn()).await? > 0)
}

/// Keeps a report of an attempt that nobody here knows.
async fn keep_unknown(
    tx: &Tx,
    actor: &Actor,
    event: NewEvent,
    dedupe_key: &str,
    now: Timestamp,
) -> Result<Written<Recorded>, AppError> {
    let event = NewEvent { verdict: Some(Verdict::UnknownAttempt), ..event };
    let kept = events::Entity::insert(event_row(actor, None, event, now))
        .on_conflict(OnConflict::column(events::Column::DedupeKey).do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(tx.conn())
        .await?;
    if matches!(kept, TryInsertResult::Inserted(rows) if rows > 0) {
        // No call has changed, but live readers are told.
        return Ok(Written::new(Recorded::New(Verdict::UnknownAttempt)).wake(now));
    }
    // The same report came in the same moment, and was first.
    repeated(tx, dedupe_key).await?;
    Ok(Written::new(Recorded::Repeat))
}
