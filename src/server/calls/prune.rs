//! Prune: calls that ended long ago go with all that is known of them. An operator's deed, whatever the team.

use super::entity::{attempts, calls, events};
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::{
        db::{Db, Tx, Written},
        insights::ledger,
    },
};
use sea_orm::{
    Condition, QueryOrder, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, LockBehavior, LockType},
};

/// Nothing may be on its way any more: neither a phone nor a report.
const AT_REST: &str =
    "NOT EXISTS (SELECT 1 FROM call_attempts a WHERE a.call_id = calls.id AND a.ended_at IS NULL)";
/// Reports of attempts that nobody knows, and what is left of calls that were deleted.
const STRAY: &str = "NOT EXISTS (SELECT 1 FROM calls c WHERE c.id = call_events.call_id)";

/// How much went, or would go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pruned {
    /// Calls.
    pub calls: u64,
    /// Their attempts.
    pub attempts: u64,
    /// Their events, and those of no call.
    pub events: u64,
}

impl Pruned {
    /// Adds what another round came to.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.events += other.events;
    }
}

/// How much would go: calls that ended before `before` and of which nothing is on its way.
///
/// # Errors
/// What the database says.
pub async fn count(db: &Db, before: Timestamp) -> Result<Pruned, AppError> {
    let ids = || old(before).select_only().column(calls::Column::Id).into_query();
    let of_them = events::Entity::find().filter(events::Column::CallId.in_subquery(ids()));
    let strays = events::Entity::find().filter(stray(before));
    Ok(Pruned {
        calls: old(before).count(db.read()).await?,
        attempts: attempts::Entity::find()
            .filter(attempts::Column::CallId.in_subquery(ids()))
            .count(db.read())
            .await?,
        events: of_them.count(db.read()).await? + strays.count(db.read()).await?,
    })
}

/// Deletes up to `most` of them. Nobody is told: whoever looks at a list sees them no more. What they were counted at
/// in the insights stays, so these must have been brought up to date before.
///
/// # Errors
/// What the database says.
pub async fn prune(tx: &Tx, before: Timestamp, most: u64) -> Result<Written<Pruned>, AppError> {
    // Somebody may just be retrying one: what is held is left for another time.
    let ids: Vec<Uuid> = old(before)
        .select_only()
        .column(calls::Column::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(tx.conn())
        .await?;
    if ids.is_empty() {
        return Ok(Written::new(Pruned::default()));
    }
    ledger::freeze(tx, before).await?;
    let of = |column: &dyn Fn(Vec<Uuid>) -> Expr| column(ids.clone());
    let events = events::Entity::delete_many().filter(of(&|ids| events::Column::CallId.is_in(ids)));
    let events = events.exec(tx.conn()).await?.rows_affected;
    let attempts = attempts::Entity::delete_many().filter(of(&|ids| attempts::Column::CallId.is_in(ids)));
    let attempts = attempts.exec(tx.conn()).await?.rows_affected;
    let calls = calls::Entity::delete_many().filter(of(&|ids| calls::Column::Id.is_in(ids)));
    let calls = calls.exec(tx.conn()).await?.rows_affected;
    Ok(Written::new(Pruned { calls, attempts, events }))
}

/// Deletes up to `most` events of no call that were written before `before` and lie behind position `after`. Answers
/// how many, and the position of the last; none when there are no more.
///
/// # Errors
/// What the database says.
pub async fn prune_strays(
    tx: &Tx,
    before: Timestamp,
    after: i64,
    most: u64,
) -> Result<Written<Option<(u64, i64)>>, AppError> {
    let positions: Vec<i64> = events::Entity::find()
        .select_only()
        .column(events::Column::Position)
        .filter(stray(before))
        .filter(events::Column::Position.gt(after))
        .order_by_asc(events::Column::Position)
        .limit(most)
        .into_tuple()
        .all(tx.conn())
        .await?;
    let Some(last) = positions.last().copied() else { return Ok(Written::new(None)) };
    let gone = events::Entity::delete_many().filter(events::Column::Position.is_in(positions));
    Ok(Written::new(Some((gone.exec(tx.conn()).await?.rows_affected, last))))
}

fn old(before: Timestamp) -> Select<calls::Entity> {
    calls::Entity::find()
        // The index begins with the team.
        .filter(Expr::cust("team_id IN (SELECT id FROM teams)"))
        .filter(calls::Column::EndedAt.lt(before.as_millis()))
        .filter(Expr::cust(AT_REST))
}

fn stray(before: Timestamp) -> Condition {
    Condition::all().add(events::Column::CreatedAt.lt(before.as_millis())).add(Expr::cust(STRAY))
}
