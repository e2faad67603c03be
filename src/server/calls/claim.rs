//! Claim: take due calls so that no one else does, and give each the attempt that is about to be placed.

use super::{
    change::{event_row, lost_among},
    dispatch_state,
    entity::{attempts, calls, events, status_is},
};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::Call,
        event::{EventKind, NewEvent},
        id::CallId,
        status::{AttemptStatus, CallStatus},
        timestamp::Timestamp,
        waiting::Limits,
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{Db, Tx, Written},
    },
};
use sea_orm::{
    ConnectionTrait, DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, Statement, Value,
    entity::prelude::*, sea_query::Expr,
};
use std::collections::HashMap;

/// How a node claims.
#[derive(Clone, Debug)]
pub struct ClaimTerms {
    /// The node's name.
    pub owner: String,
    /// The provider's name.
    pub provider: String,
    /// The most calls that it wants now.
    pub most: i64,
    /// How long the claim holds, in seconds.
    pub lease_secs: i64,
    /// How long the provider may take to see a placing, in seconds.
    pub place_within_secs: i64,
    /// The installation's limits.
    pub limits: Limits,
}

/// A call under a lease with the attempt that is to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The call, with the lease's owner and epoch.
    pub call: Call,
    /// The attempt.
    pub attempt: Attempt,
    /// Earlier attempts whose end is only our guess: the provider is asked about each before this one is placed.
    pub lost: Vec<Attempt>,
}

/// Claims what is due at the clock's now, within the installation's limits, in the order (`due_at`, id).
///
/// # Errors
/// What the database says.
pub async fn claim(tx: &Tx, terms: &ClaimTerms, clock: &Clock) -> Result<Written<Vec<Claimed>>, AppError> {
    let now = clock.now();
    let state = dispatch_state::lock(tx, terms.limits).await?;
    let most = state.capacity(now, terms.most);
    if most == 0 {
        return Ok(Written::new(Vec::new()));
    }
    let calls = take(tx, terms, most, now).await?;
    if calls.is_empty() {
        return Ok(Written::new(Vec::new()));
    }
    dispatch_state::take_tokens(tx, &state, calls.len(), now).await?;
    dispatch_state::tries(tx, &state, now.plus_secs(terms.place_within_secs + 1)).await?;
    let claimed = give_attempts(tx, terms, calls, clock).await?;
    append_events(tx, terms, &claimed, now).await?;
    let ids: Vec<CallId> = claimed.iter().map(|claimed| claimed.call.id).collect();
    Ok(ids.into_iter().fold(Written::new(claimed), Written::changed))
}

const TAKE: &str = "status = 'dispatching', lease_owner = $1, lease_epoch = lease_epoch + 1, \
    lease_until = $2, version = version + 1, updated_at = $3";
const DUE: &str = "SELECT id FROM calls WHERE status = 'pending' AND due_at <= $3 AND wanted_at > $4 \
    ORDER BY due_at, id LIMIT $5";

/// One conditional UPDATE over a sub-select. On PostgreSQL the sub-select is a materialised CTE: otherwise
/// the planner may run it once per row, and SKIP LOCKED then takes more than the limit.
async fn take(tx: &Tx, terms: &ClaimTerms, most: i64, now: Timestamp) -> Result<Vec<Call>, AppError> {
    let backend = tx.conn().get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!(
            "WITH due AS MATERIALIZED ({DUE} FOR UPDATE SKIP LOCKED) \
             UPDATE calls SET {TAKE} FROM due WHERE calls.id = due.id RETURNING calls.*"
        ),
        _ => format!("UPDATE calls SET {TAKE} WHERE id IN ({DUE}) RETURNING *"),
    };
    let latest_miss = match terms.limits.max_lateness_secs {
        0 => i64::MIN,
        secs => now.plus_secs(-secs).as_millis(),
    };
    let values: [Value; 5] = [
        terms.owner.clone().into(),
        now.plus_secs(terms.lease_secs).as_millis().into(),
        now.as_millis().into(),
        latest_miss.into(),
        most.into(),
    ];
    let rows = tx.conn().query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    let mut calls = Vec::with_capacity(rows.len());
    for row in rows {
        calls.push(Call::try_from(calls::Model::from_query_result(&row, "")?)?);
    }
    // RETURNING promises no order.
    calls.sort_by_key(|call| (call.due_at, call.id));
    Ok(calls)
}

/// Each call's attempt: the one that a refusal left waiting, under the same id, or a new one.
async fn give_attempts(
    tx: &Tx,
    terms: &ClaimTerms,
    calls: Vec<Call>,
    clock: &Clock,
) -> Result<Vec<Claimed>, AppError> {
    let mut known = attempts_of(tx, &calls).await?;
    let mut claimed = Vec::with_capacity(calls.len());
    let mut new = Vec::new();
    for call in calls {
        let mut earlier = known.remove(&call.id).unwrap_or_default();
        let lost = lost_among(&earlier);
        let attempt = match earlier.pop() {
            Some(waiting) if !waiting.status.is_ended() => {
                let attempt = asked(waiting, terms, clock.now());
                let row = attempts::Model::from(&attempt).into_active_model().reset_all();
                attempts::Entity::update(row).exec(tx.conn()).await?;
                attempt
            }
            ended => {
                let number = ended.map_or(1, |attempt| attempt.number + 1);
                let attempt = asked(first(&call, terms, number, clock), terms, clock.now());
                new.push(attempts::Model::from(&attempt).into_active_model());
                attempt
            }
        };
        claimed.push(Claimed { call, attempt, lost });
    }
    if !new.is_empty() {
        attempts::Entity::insert_many(new).exec_without_returning(tx.conn()).await?;
    }
    Ok(claimed)
}

/// The attempts that these calls have, in order.
async fn attempts_of(tx: &Tx, calls: &[Call]) -> Result<HashMap<CallId, Vec<Attempt>>, AppError> {
    let ids = calls.iter().map(|call| call.id.0);
    let rows = attempts::Entity::find()
        .filter(attempts::Column::CallId.is_in(ids))
        .order_by_asc(attempts::Column::Number)
        .all(tx.conn())
        .await?;
    let mut known: HashMap<CallId, Vec<Attempt>> = HashMap::new();
    for row in rows {
        let attempt = Attempt::try_from(row)?;
        known.entry(attempt.call_id).or_default().push(attempt);
    }
    Ok(known)
}

fn first(call: &Call, terms: &ClaimTerms, number: i32, clock: &Clock) -> Attempt {
    Attempt {
        id: clock.new_attempt_id(),
        call_id: call.id,
        number,
        status: AttemptStatus::Dispatching,
        provider: terms.provider.clone(),
        provider_call_id: None,
        place_by: None,
        due_at: call.due_at,
        claimed_at: clock.now(),
        accepted_at: None,
        ringing_at: None,
        answered_at: None,
        ended_at: None,
        ended_reason: None,
        provisional: false,
        hangup_requested_at: None,
        hangup_next_at: None,
        last_heard_at: None,
        check_at: None,
        checks: 0,
        refusals: 0,
        last_sequence: None,
        duration_secs: None,
        answered_by: None,
        recording_url: None,
    }
}

/// The attempt as the provider is about to be asked for it. If this node dies now, somebody asks the provider
/// about it when the lease has run out, before anything is placed again.
pub(super) fn asked(attempt: Attempt, terms: &ClaimTerms, now: Timestamp) -> Attempt {
    Attempt {
        provider: terms.provider.clone(),
        claimed_at: now,
        place_by: Some(now.plus_secs(terms.place_within_secs)),
        check_at: Some(now.plus_secs(terms.lease_secs)),
        checks: 0,
        ..attempt
    }
}

async fn append_events(
    tx: &Tx,
    terms: &ClaimTerms,
    claimed: &[Claimed],
    now: Timestamp,
) -> Result<(), AppError> {
    let rows = claimed.iter().map(|Claimed { call, attempt, .. }| {
        let payload = serde_json::json!({
            "node": terms.owner,
            "attempt": attempt.number,
            "late_ms": now.millis_since(call.due_at),
        });
        let event = NewEvent::new(EventKind::Claimed, now).about(attempt.id).with(payload);
        event_row(
            &Actor { team_id: call.team_id, ..Actor::system() },
            Some((call.id, call.version)),
            event,
            now,
        )
    });
    events::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Holds the claim for another term, while the provider takes its time. False when its epoch is gone: another
/// node has taken the call over, and whoever asked must drop what it was doing.
///
/// # Errors
/// What the database says.
pub async fn renew(
    tx: &Tx,
    claimed: &Claimed,
    lease_secs: i64,
    now: Timestamp,
) -> Result<Written<bool>, AppError> {
    let until = now.plus_secs(lease_secs).as_millis();
    let row = calls::Entity::find_by_id(claimed.call.id.0).lock_exclusive().one(tx.conn()).await?;
    let Some(row) = row.filter(|row| row.lease_epoch == claimed.call.lease_epoch) else {
        return Ok(Written::new(false));
    };
    // A report that came first has given the lease back; the placing's answer may still fill something.
    if row.lease_owner.as_deref() == claimed.call.lease_owner.as_deref() {
        calls::Entity::update_many()
            .col_expr(calls::Column::LeaseUntil, Expr::value(until))
            .filter(calls::Column::Id.eq(row.id))
            .exec(tx.conn())
            .await?;
        attempts::Entity::update_many()
            .col_expr(attempts::Column::CheckAt, Expr::value(until))
            .filter(attempts::Column::Id.eq(claimed.attempt.id.0))
            // What has been answered meanwhile is asked about sooner.
            .filter(attempts::Column::CheckAt.eq(row.lease_until))
            .filter(attempts::Column::EndedAt.is_null())
            .exec(tx.conn())
            .await?;
    }
    Ok(Written::new(true))
}

/// Voids every lease at once: whoever held them is gone, as the lock on a SQLite file proves at start. The
/// provider is asked about each of these attempts before anything is placed again. Answers how many calls.
///
/// # Errors
/// What the database says.
pub async fn void_leases(db: &Db, now: Timestamp) -> Result<u64, AppError> {
    let at = now.as_millis();
    db.write(async move |tx| {
        let calls = calls::Entity::update_many()
            .col_expr(calls::Column::LeaseUntil, Expr::value(at))
            .filter(status_is(CallStatus::Dispatching))
            .filter(calls::Column::LeaseOwner.is_not_null())
            .exec(tx.conn())
            .await?;
        attempts::Entity::update_many()
            .col_expr(attempts::Column::CheckAt, Expr::value(at))
            .filter(attempts::Column::Status.eq(AttemptStatus::Dispatching.as_str()))
            .filter(attempts::Column::EndedAt.is_null())
            .filter(attempts::Column::PlaceBy.is_not_null())
            .exec(tx.conn())
            .await?;
        Ok(Written::new(calls.rows_affected))
    })
    .await
}
