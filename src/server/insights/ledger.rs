//! The ledger: what was counted, and how far. Both change in one transaction, and only if nobody was faster: two
//! nodes that count the same quarters count them once.

use super::{
    bucket::{self, Stretch},
    count::{Counted, columns},
};
use crate::{
    domain::{event_cursor::EventCursor, timestamp::Timestamp},
    error::AppError,
    server::db::{Db, Tx},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// How many rows one statement inserts: a row of attempts has some forty values, and SQLite takes 32,766.
const AT_ONCE: usize = 200;

/// How far it was counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Rises with each change.
    pub version: i64,
    /// The place in the event log up to which calls were looked at; none before anything was counted.
    pub place: Option<EventCursor>,
    /// Where the first count of everything goes on, in epoch milliseconds; none when it is done.
    pub fill_from: Option<i64>,
    /// Quarters that begin before this instant stay as they are: calls of them have been pruned.
    pub frozen_until: i64,
    /// When something was counted last.
    pub counted_at: Option<Timestamp>,
}

/// Reads how far it was counted.
///
/// # Errors
/// What the database says.
pub async fn read(db: &Db) -> Result<Progress, AppError> {
    let sql = "SELECT version, place, fill_from, frozen_until, counted_at FROM insight_state WHERE id = 1";
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await?;
    let row = row.ok_or(AppError::Internal)?;
    let place: Option<String> = row.try_get("", "place")?;
    let counted_at: Option<i64> = row.try_get("", "counted_at")?;
    Ok(Progress {
        version: row.try_get("", "version")?,
        place: place.and_then(|place| place.parse().ok()),
        fill_from: row.try_get("", "fill_from")?,
        frozen_until: row.try_get("", "frozen_until")?,
        counted_at: counted_at.map(Timestamp::from_millis),
    })
}

/// Writes how far it was counted, if it still stands as `seen`. False if somebody else was faster: then what was
/// counted is worth nothing.
///
/// # Errors
/// What the database says.
pub async fn advance(tx: &Tx, seen: &Progress, next: &Progress) -> Result<bool, AppError> {
    let sql = "UPDATE insight_state SET version = version + 1, place = $1, fill_from = $2, counted_at = $3 \
               WHERE id = 1 AND version = $4";
    let values: [Value; 4] = [
        next.place.map(|place| place.to_string()).into(),
        next.fill_from.into(),
        next.counted_at.map(Timestamp::as_millis).into(),
        seen.version.into(),
    ];
    let backend = tx.conn().get_database_backend();
    let done = tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts `counted` in the place of whatever was counted for these stretches.
///
/// # Errors
/// What the database says.
pub async fn replace(tx: &Tx, stretches: &[Stretch], counted: &Counted) -> Result<(), AppError> {
    let backend = tx.conn().get_database_backend();
    for (table, names, rows) in [
        ("insight_calls", columns::of_calls(), &counted.calls),
        ("insight_attempts", columns::of_attempts(), &counted.attempts),
    ] {
        for stretch in stretches {
            // The index begins with the team.
            let sql = format!(
                "DELETE FROM {table} WHERE team_id IN (SELECT id FROM teams) AND bucket >= $1 AND bucket < $2"
            );
            let values: [Value; 2] = [stretch.from.into(), stretch.to.into()];
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        }
        for some in rows.chunks(AT_ONCE) {
            let width = names.len() + 3;
            // SQLite takes "$1" for a name, and looks among all names before it binds one.
            let place = |at: usize| match backend {
                DbBackend::Postgres => format!("${at}"),
                _ => "?".to_owned(),
            };
            let places = (0..some.len()).map(|row| {
                let places = (1..=width).map(|at| place(row * width + at));
                format!("({})", places.collect::<Vec<_>>().join(", "))
            });
            let places = places.collect::<Vec<_>>().join(", ");
            let names = names.join(", ");
            let sql = format!("INSERT INTO {table} (team_id, bucket, workflow, {names}) VALUES {places}");
            let values = some.iter().flat_map(|row| {
                let key: [Value; 3] = [row.team.into(), row.bucket.into(), row.workflow.clone().into()];
                key.into_iter().chain(row.counts.iter().map(|count| narrow(*count).into()))
            });
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        }
    }
    Ok(())
}

/// Leaves the numbers of everything before `before` as they are from now on, since calls of that time are about to be
/// deleted. Belongs into the same transaction.
///
/// # Errors
/// What the database says.
pub async fn freeze(tx: &Tx, before: Timestamp) -> Result<(), AppError> {
    let sql = "UPDATE insight_state SET version = version + 1, frozen_until = $1 WHERE id = 1 AND frozen_until < $1";
    let value: Value = bucket::first_whole(before).into();
    let backend = tx.conn().get_database_backend();
    tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, [value])).await?;
    Ok(())
}

/// Has everything counted anew that is not frozen.
///
/// # Errors
/// What the database says.
pub async fn forget_place(tx: &Tx) -> Result<(), AppError> {
    let sql = "UPDATE insight_state SET version = version + 1, place = NULL, fill_from = NULL WHERE id = 1";
    tx.conn().execute_unprepared(sql).await?;
    Ok(())
}

/// A quarter of an hour has fewer calls than this can hold.
fn narrow(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
