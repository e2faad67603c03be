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
    Condition, ConnectionTrait, QueryOrder, QuerySelect, QueryTrait, Select, Statement,
    entity::prelude::*,
    sea_query::{Expr, LockBehavior, LockType},
};

/// Nothing may be on its way any more: neither a phone nor a report.
const AT_REST: &str =
    "NOT EXISTS (SELECT 1 FROM call_attempts a WHERE a.call_id = calls.id AND a.ended_at IS NULL)";
/// Reports of attempts that nobody knows, and what is left of calls that were deleted.
/// (Written so that PostgreSQL looks each call up: of a NOT EXISTS it would make a table of all calls.)
const STRAY: &str = "(SELECT c.id FROM calls c WHERE c.id = call_events.call_id) IS NULL";

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
    let mut ids = Vec::new();
    for team in teams(tx).await? {
        ids = oldest(tx, team, before, most).await?;
        if !ids.is_empty() {
            break;
        }
    }
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

/// What is to go of the events that were looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strays {
    /// The positions of those of no call.
    pub positions: Vec<i64>,
    /// The position of the last event that was looked at.
    pub looked_to: i64,
}

/// Looks at the next `most` events behind position `after` for those of no call, as long as they were written before
/// `before`. None when there are no more.
///
/// # Errors
/// What the database says.
pub async fn find_strays(
    db: &Db,
    before: Timestamp,
    after: i64,
    most: u64,
) -> Result<Option<Strays>, AppError> {
    let next: Vec<(i64, i64, bool)> = events::Entity::find()
        .select_only()
        .columns([events::Column::Position, events::Column::CreatedAt])
        .expr_as(Expr::cust(STRAY), "is_stray")
        .filter(events::Column::Position.gt(after))
        .order_by_asc(events::Column::Position)
        .limit(most)
        .into_tuple()
        .all(db.read())
        .await?;
    // Events are written one after another: behind many young ones there is none that is much older.
    let is_young = |created_at: i64| created_at >= before.as_millis();
    let Some(looked_to) = next.iter().map(|(position, ..)| *position).max() else { return Ok(None) };
    if next.iter().all(|(_, created_at, _)| is_young(*created_at)) {
        return Ok(None);
    }
    let strays = next.into_iter().filter(|(_, created_at, is_stray)| *is_stray && !is_young(*created_at));
    Ok(Some(Strays { positions: strays.map(|(position, ..)| position).collect(), looked_to }))
}

/// Deletes events of no call; how many there still were.
///
/// # Errors
/// What the database says.
pub async fn remove_strays(tx: &Tx, positions: Vec<i64>) -> Result<Written<u64>, AppError> {
    let these = events::Entity::delete_many().filter(events::Column::Position.is_in(positions));
    Ok(Written::new(these.exec(tx.conn()).await?.rows_affected))
}

async fn teams(tx: &Tx) -> Result<Vec<Uuid>, AppError> {
    let all = Statement::from_string(tx.conn().get_database_backend(), "SELECT id FROM teams ORDER BY id");
    let rows = tx.conn().query_all_raw(all).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// Up to `most` of a team's calls that ended first. Somebody may just be retrying one: what is held is left for another
/// time.
async fn oldest(tx: &Tx, team: Uuid, before: Timestamp, most: u64) -> Result<Vec<Uuid>, AppError> {
    let ids = calls::Entity::find()
        .select_only()
        .column(calls::Column::Id)
        .filter(calls::Column::TeamId.eq(team))
        .filter(calls::Column::EndedAt.lt(before.as_millis()))
        .filter(Expr::cust(AT_REST))
        .order_by_asc(calls::Column::EndedAt)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(tx.conn())
        .await?;
    Ok(ids)
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
