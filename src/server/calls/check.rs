//! Check: what the provider's word on an ambiguous or overdue attempt means for the call.

use super::{
    change::{Change, Decision, Snapshot, change},
    claim::{ClaimTerms, Claimed, asked},
    dispatch_state,
    entity::attempts,
    placing::given_up,
    record_report::{Heard, absorb, is_of_another},
};
use crate::{
    domain::{
        actor::Actor,
        attempt::{Attempt, Report},
        event::{EventKind, NewEvent, Verdict},
        id::{CallId, TeamId},
        retry::{UNKNOWN_COUNTS_AFTER_SECS, ask_again_secs},
        status::{AttemptStatus, CallStatus, EndedReason},
        timestamp::Timestamp,
        transition::{Cause, Step, transition},
        waiting::missed_at,
    },
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

/// The attempts that are to be asked about, the longest waiting first, at most `most`: those in flight, and those
/// that were heard of again after they had been given up.
///
/// # Errors
/// What the database says.
pub async fn due(db: &Db, now: Timestamp, most: u64) -> Result<Vec<Attempt>, AppError> {
    let rows = attempts::Entity::find()
        .filter(attempts::Column::CheckAt.lte(now.as_millis()))
        .order_by_asc(attempts::Column::CheckAt)
        .limit(most)
        .all(db.read())
        .await?;
    rows.into_iter().map(Attempt::try_from).collect()
}

/// When the next attempt is to be asked about.
///
/// # Errors
/// What the database says.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, AppError> {
    let earliest: Option<Option<i64>> = attempts::Entity::find()
        .select_only()
        .column_as(attempts::Column::CheckAt.min(), "earliest")
        .filter(attempts::Column::CheckAt.is_not_null())
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(earliest.flatten().map(Timestamp::from_millis))
}

/// Wins the asking about `attempt` for one node by a conditional UPDATE of `check_at`; false if another node
/// was faster or it ended meanwhile.
///
/// # Errors
/// What the database says.
pub async fn win(
    tx: &Tx,
    attempt: &Attempt,
    now: Timestamp,
    overdue_secs: i64,
) -> Result<Written<bool>, AppError> {
    let checks = usize::try_from(attempt.checks).unwrap_or(usize::MAX).saturating_add(1);
    let next = now.plus_secs(ask_again_secs(checks, overdue_secs));
    let won = attempts::Entity::update_many()
        .col_expr(attempts::Column::CheckAt, Expr::value(next.as_millis()))
        .col_expr(attempts::Column::Checks, Expr::col(attempts::Column::Checks).add(1))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::CheckAt.eq(attempt.check_at.map(Timestamp::as_millis)))
        .exec(tx.conn())
        .await?;
    Ok(Written::new(won.rows_affected > 0))
}

/// The provider knows the attempt, which is open or was given up as lost, and says where it stands. An ending
/// corrects what was our guess; an answer with nothing new is not worth a line. False for an answer that contradicts
/// what is known: then nothing was heard of the attempt.
///
/// # Errors
/// What the database says.
pub async fn known(
    tx: &Tx,
    attempt: &Attempt,
    report: &Report,
    now: Timestamp,
    overdue_secs: i64,
) -> Result<Written<bool>, AppError> {
    let payload = json!({"status": report.status, "provider_call_id": report.provider_call_id});
    let event = NewEvent::new(EventKind::Reconciled, now).with(payload);
    let is_foreign = is_of_another(tx, report, attempt.id, &attempt.provider).await?;
    let written = decide(tx, attempt, now, |before, current| {
        let heard = Heard { report, is_foreign, event: event.clone(), now, overdue_secs };
        let (change, verdict) = absorb(before, current, heard);
        let is_news = matches!(verdict, Verdict::Applied | Verdict::Invalid) || !current.is_accepted();
        is_news.then_some((change, Some(verdict != Verdict::Invalid)))
    });
    let written = written.await?.map(|believed| believed.unwrap_or(true));
    if *written.value() {
        heard_again(tx, attempt, now, overdue_secs).await?;
    }
    Ok(written)
}

/// The provider does not know the attempt, asked at `asked_at`. If it had taken it, contact is lost. If not,
/// and it can't be on its way any more, the same attempt may be placed again under the same id: the answer is
/// what to place. Where nothing may be placed now, the call waits for that like any other.
///
/// # Errors
/// What the database says.
pub async fn unknown(
    tx: &Tx,
    attempt: &Attempt,
    asked_at: Timestamp,
    terms: &ClaimTerms,
    now: Timestamp,
) -> Result<Written<Option<Claimed>>, AppError> {
    if attempt.is_accepted() {
        return Ok(lost(tx, attempt, "The provider does not know this attempt any more.", now)
            .await?
            .map(|()| None));
    }
    let counts_from = counts_from(attempt, now);
    if asked_at <= counts_from {
        ask_by(tx, attempt, counts_from.plus_millis(1)).await?;
        return Ok(Written::new(None));
    }
    let state = dispatch_state::lock(tx, terms.limits).await?;
    let written = decide(tx, attempt, now, |before, current| {
        // Meanwhile it was given up, taken, or placed once more: then this answer is about an older placing of it.
        if current.provisional || current.is_accepted() || current.place_by != attempt.place_by {
            return None;
        }
        let wanted =
            before.call.status == CallStatus::Dispatching && before.call.cancel_requested_at.is_none();
        if !wanted {
            return Some((given_up(before, current, now), None));
        }
        let late = missed_at(&before.call, terms.limits.max_lateness_secs).is_some_and(|at| at <= now);
        if late || !state.lets_through(now) {
            return Some((waits_again(before, current, now), None));
        }
        let (change, claimed) = placed_again(before, current, terms, now);
        Some((change, Some(claimed)))
    })
    .await?;
    if written.value().is_some() {
        dispatch_state::take_tokens(tx, &state, 1, now).await?;
        dispatch_state::tries(tx, &state, now.plus_secs(terms.place_within_secs + 1)).await?;
    }
    // The claim carries the version and epoch as they were written.
    Ok(written)
}

/// The provider gave no answer about the attempt. After long enough it ends provisionally.
///
/// # Errors
/// What the database says.
pub async fn unanswered(
    tx: &Tx,
    attempt: &Attempt,
    lost_after_secs: i64,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    let since = attempt.last_heard_at.unwrap_or(attempt.claimed_at);
    let is_on_its_way = !attempt.is_accepted() && now <= counts_from(attempt, now);
    if is_on_its_way || now < since.plus_secs(lost_after_secs) {
        return Ok(Written::new(()));
    }
    lost(tx, attempt, "The provider has not answered for too long.", now).await
}

/// Whether the provider has taken the attempt can't be found out: it ends, and the call with it. Only a person
/// may decide to place it anew.
///
/// # Errors
/// What the database says.
pub async fn unknowable(
    tx: &Tx,
    attempt: &Attempt,
    detail: &str,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    guess(tx, attempt, (EventKind::Unknown, EndedReason::Unknown), detail, now).await
}

async fn lost(tx: &Tx, attempt: &Attempt, detail: &str, now: Timestamp) -> Result<Written<()>, AppError> {
    guess(tx, attempt, (EventKind::LostContact, EndedReason::LostContact), detail, now).await
}

/// Ends the attempt provisionally: a late authentic ending may correct it. One that has ended so before is not asked
/// about any more.
async fn guess(
    tx: &Tx,
    attempt: &Attempt,
    (kind, reason): (EventKind, EndedReason),
    detail: &str,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    if attempt.provisional {
        return stop_asking(tx, attempt).await;
    }
    let written = decide(tx, attempt, now, |before, current| {
        let is_same = current.last_heard_at == attempt.last_heard_at && current.place_by == attempt.place_by;
        if !is_same || current.provisional {
            return None;
        }
        let ended = current.ended(AttemptStatus::Failed, reason, now);
        let event = NewEvent::new(kind, now).about(current.id).with(json!({"detail": detail}));
        let mut call = before.call.clone();
        let is_newest = before.newest().is_some_and(|newest| newest.id == current.id);
        if is_newest && call.status.is_open() {
            call.end(CallStatus::Failed, Some(reason), now);
        }
        Some((Change::of(call, event).and(Some(ended)), None::<()>))
    });
    Ok(written.await?.map(|_| ()))
}

/// The same attempt under a new lease, about to be placed again.
fn placed_again(
    before: &Snapshot,
    attempt: &Attempt,
    terms: &ClaimTerms,
    now: Timestamp,
) -> (Change, Claimed) {
    let lease_until = now.plus_secs(terms.lease_secs);
    let mut call = before.call.clone();
    call.lease_owner = Some(terms.owner.clone());
    call.lease_epoch += 1;
    call.lease_until = Some(lease_until);
    let attempt = asked(attempt.clone(), terms, now);
    let payload = json!({"node": terms.owner, "attempt": attempt.number, "again": true});
    let event = NewEvent::new(EventKind::Claimed, now).about(attempt.id).with(payload);
    let lost = before.lost_attempts();
    let claimed = Claimed { call: call.clone(), attempt: attempt.clone(), lost };
    (Change::of(call, event).and(Some(attempt)), claimed)
}

/// Nothing is being asked any more, and nothing may be placed now: the attempt waits under the same id and takes no
/// slot.
fn waits_again(before: &Snapshot, attempt: &Attempt, now: Timestamp) -> Change {
    let mut call = before.call.clone();
    if let Ok(Step::To(status)) = transition(call.status, Cause::NotNow) {
        call.status = status;
        call.release();
    }
    let event =
        NewEvent::new(EventKind::Reconciled, now).about(attempt.id).with(json!({"status": "unknown"}));
    let waiting = Attempt { place_by: None, check_at: None, checks: 0, ..attempt.clone() };
    Change::of(call, event).and(Some(waiting))
}

/// Until then a placing may be on its way to the provider.
fn counts_from(attempt: &Attempt, now: Timestamp) -> Timestamp {
    attempt.place_by.unwrap_or(now).plus_secs(UNKNOWN_COUNTS_AFTER_SECS)
}

async fn heard_again(tx: &Tx, attempt: &Attempt, now: Timestamp, overdue_secs: i64) -> Result<(), AppError> {
    attempts::Entity::update_many()
        .col_expr(attempts::Column::LastHeardAt, Expr::value(now.as_millis()))
        .col_expr(attempts::Column::CheckAt, Expr::value(now.plus_secs(overdue_secs).as_millis()))
        .col_expr(attempts::Column::Checks, Expr::value(0))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::CheckAt.is_not_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Contact that came back is lost once more, unless something was heard meanwhile.
async fn stop_asking(tx: &Tx, attempt: &Attempt) -> Result<Written<()>, AppError> {
    attempts::Entity::update_many()
        .col_expr(attempts::Column::CheckAt, Expr::value(None::<i64>))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::LastHeardAt.eq(attempt.last_heard_at.map(Timestamp::as_millis)))
        .exec(tx.conn())
        .await?;
    Ok(Written::new(()))
}

/// Asks about it at `at`, if it would otherwise be asked about later.
pub(super) async fn ask_by(tx: &Tx, attempt: &Attempt, at: Timestamp) -> Result<(), AppError> {
    attempts::Entity::update_many()
        .col_expr(attempts::Column::CheckAt, Expr::value(at.as_millis()))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::CheckAt.gt(at.as_millis()))
        .filter(attempts::Column::EndedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Decides over an attempt that is still open, or whose end is our guess, as it stands now.
async fn decide<T: Clone>(
    tx: &Tx,
    attempt: &Attempt,
    now: Timestamp,
    decide: impl Fn(&Snapshot, &Attempt) -> Option<(Change, Option<T>)>,
) -> Result<Written<Option<T>>, AppError> {
    let actor = Actor { team_id: team_of(tx, attempt.call_id).await?, ..Actor::system() };
    let written = change(tx, &actor, attempt.call_id, now, |before| {
        let current =
            before.attempt(attempt.id).filter(|current| !current.status.is_ended() || current.provisional);
        match current.and_then(|current| decide(before, current)) {
            None => Ok(Decision::Leave(None)),
            Some((change, value)) => Ok(Decision::write(change, value)),
        }
    });
    Ok(written.await?.map(|(_, value)| value))
}

/// Loops act for every team; a change is made in the call's own.
pub(super) async fn team_of(tx: &Tx, call: CallId) -> Result<TeamId, AppError> {
    let row = super::entity::calls::Entity::find_by_id(call.0).one(tx.conn()).await?;
    row.map(|row| TeamId(row.team_id)).ok_or_else(|| AppError::NotFound("call".to_owned()))
}
