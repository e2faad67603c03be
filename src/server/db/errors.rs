//! What the database says, in the user's words: the insides go to the log, once, here.

use crate::error::AppError;
use sea_orm::{
    DbErr, RuntimeErr, SqlErr,
    sqlx::{self, error::DatabaseError},
};
use std::fmt::Display;
use tokio::time::error::Elapsed;

/// PostgreSQL's words for: shut down by its administrator, crashed, still starting, too many connections, and that we
/// stood still within a transaction for too long.
const AWAY: [&str; 5] = ["57P01", "57P02", "57P03", "53300", "25P03"];
/// SQLite's words for: another process has been writing for too long.
const BUSY: [&str; 4] = ["5", "261", "517", "773"];
/// PostgreSQL gave way to another transaction: serialization failure, deadlock.
const OVERTAKEN: [&str; 2] = ["40001", "40P01"];

/// Whether the database refused a row because there is one with the same key.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        if is_out_of_reach(&error) {
            tracing::warn!(%error, "the database is out of reach");
            return Self::Unavailable;
        }
        // Nothing was written, and the caller may try again. It is not tried again here, since a closure runs
        // once; it is also rare, as every verb locks one call, and the claim locks `dispatch_state` first.
        if has_code(&error, &OVERTAKEN) {
            tracing::debug!(%error, "a transaction was overtaken");
            return Self::Changed;
        }
        tracing::error!(%error, "the database refused");
        Self::Internal
    }
}

/// What a failed commit means. Whoever lost the connection to a server does not know whether it came so far.
pub(super) fn commit_failed(error: DbErr) -> AppError {
    if is_out_of_reach(&error) && !has_code(&error, &BUSY) {
        return unconfirmed(error);
    }
    error.into()
}

/// The commit was asked for, and nobody said how it went.
pub(super) fn unconfirmed(error: impl Display) -> AppError {
    tracing::warn!(%error, "the database went away during a commit");
    AppError::Unconfirmed
}

/// The database did not answer in time, and nothing was committed.
pub(super) fn took_too_long(_: Elapsed) -> AppError {
    tracing::warn!("the database took too long to answer");
    AppError::Unavailable
}

fn is_out_of_reach(error: &DbErr) -> bool {
    use sqlx::Error;
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    match driver_error(error) {
        Some(Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed) => true,
        _ => has_code(error, &AWAY) || has_code(error, &BUSY),
    }
}

fn has_code(error: &DbErr, codes: &[&str]) -> bool {
    let code = driver_error(error).and_then(sqlx::Error::as_database_error).and_then(DatabaseError::code);
    code.is_some_and(|code| codes.contains(&&*code))
}

fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}
