//! How many calls there are: in each phase for the tabs, and open ones by status for whoever watches. History is never
//! counted anew: the database keeps `call_counts` with every change of a call, by triggers.

use super::entity::{calls, status_is};
use crate::{
    domain::{
        actor::Actor,
        call::Counts,
        status::{CallStatus, Phase},
    },
    error::AppError,
    server::db::{Db, Written},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement, entity::prelude::*};
use std::collections::HashMap;

/// On PostgreSQL every statement that changes the counts adds a row; so many may lie there before they are summed up.
const ROWS_KEPT: i64 = 100;

/// How many calls there are in each phase, and when the next one is due.
///
/// # Errors
/// What the database says.
pub async fn counts(db: &Db, actor: &Actor) -> Result<Counts, AppError> {
    let columns = Phase::ALL.iter().map(|phase| phase.as_str()).chain(["needs_attention"]);
    let sums = columns.map(|column| format!("CAST(COALESCE(SUM({column}), 0) AS bigint) AS {column}"));
    let sql = format!("SELECT {} FROM call_counts WHERE team_id = $1", sums.collect::<Vec<_>>().join(", "));
    let team: Value = actor.team_id.0.into();
    let row = db.read().query_one_raw(Statement::from_sql_and_values(db.backend(), sql, [team])).await?;
    let row = row.ok_or(AppError::Internal)?;
    let count = |column: &str| row.try_get("", column);
    Ok(Counts {
        pending: count("pending")?,
        active: count("active")?,
        completed: count("completed")?,
        failed: count("failed")?,
        canceled: count("canceled")?,
        needs_attention: count("needs_attention")?,
        dispatching: dispatching(db, actor).await?,
        next_due_at: super::queries::next_due_of(db, actor).await?,
    })
}

/// Calls of which the provider is being asked right now: no more than may be in flight.
async fn dispatching(db: &Db, actor: &Actor) -> Result<i64, AppError> {
    let count = calls::Entity::find()
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(status_is(CallStatus::Dispatching))
        .count(db.read())
        .await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many open calls there are in each status, of whatever team.
///
/// # Errors
/// What the database says.
pub async fn open_by_status(db: &Db) -> Result<HashMap<CallStatus, i64>, AppError> {
    let open: Vec<CallStatus> = CallStatus::ALL.iter().copied().filter(|status| status.is_open()).collect();
    // Each status has its stretch in an index, which begins with the team.
    let counts = open.iter().map(|status| {
        format!(
            "(SELECT COUNT(*) FROM calls WHERE team_id IN (SELECT id FROM teams) AND status = '{status}') AS {status}"
        )
    });
    let sql = format!("SELECT {}", counts.collect::<Vec<_>>().join(", "));
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await?;
    let row = row.ok_or(AppError::Internal)?;
    open.into_iter().map(|status| Ok((status, row.try_get("", status.as_str())?))).collect()
}

/// Sums up what PostgreSQL's triggers have added to `call_counts` since the last time. Several nodes may do it at
/// once: each row is taken by one of them.
///
/// # Errors
/// What the database says.
pub async fn sum_up(db: &Db) -> Result<(), AppError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(());
    }
    let rows = Statement::from_string(db.backend(), "SELECT count(*) AS rows FROM call_counts");
    let rows: i64 = db.read().query_one_raw(rows).await?.ok_or(AppError::Internal)?.try_get("", "rows")?;
    if rows <= ROWS_KEPT {
        return Ok(());
    }
    let columns: Vec<_> = Phase::ALL.iter().map(|phase| phase.as_str()).chain(["needs_attention"]).collect();
    let sums: Vec<_> = columns.iter().map(|column| format!("SUM({column})")).collect();
    let sql = format!(
        "WITH taken AS (DELETE FROM call_counts RETURNING *) INSERT INTO call_counts (team_id, {}) \
         SELECT team_id, {} FROM taken GROUP BY team_id",
        columns.join(", "),
        sums.join(", ")
    );
    db.write(async move |tx| {
        tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(()))
    })
    .await
}
