//! What the database says, in the user's words: the insides go to the log, once, here.

use super::connect::innermost;
use crate::error::AppError;
use sea_orm::{
    DbErr, RuntimeErr, SqlErr,
    sqlx::{self, error::DatabaseError, sqlite::SqliteError},
};
use std::fmt::Display;
use tokio::time::error::Elapsed;

/// PostgreSQL's words for: shut down by its administrator, crashed, still starting, too many connections, and that we
/// stood still within a transaction for too long.
const AWAY: [&str; 5] = ["57P01", "57P02", "57P03", "53300", "25P03"];
/// SQLite's words for: another process has been writing for too long.
const BUSY: [&str; 4] = ["5", "261", "517", "773"];
/// SQLite's primary codes for: no memory, read-only, I/O error, full, can't be opened.
const SQLITE_GAVE_WAY: [u32; 5] = [7, 8, 10, 13, 14];
/// SQLite's codes for: an I/O error while it read, and a file that ended too early.
const SQLITE_UNREADABLE: [u32; 2] = [266, 522];
/// With these SQLite's COMMIT has surely not taken place: another process writes, the file is read-only, its end could
/// not be written, the disk is full, a constraint is broken. With any other it may be found committed after a crash: its
/// pages may all have come into the write-ahead log before something failed, as fsync does last.
const SQLITE_NOT_COMMITTED: [u32; 4] = [5, 8, 13, 19];
const SQLITE_IOERR_WRITE: u32 = 778;
/// PostgreSQL's words for: disk full, out of memory, I/O error, and that it only lets itself be read.
const POSTGRES_GAVE_WAY: [&str; 4] = ["53100", "53200", "58030", "25006"];
/// PostgreSQL gave way to another transaction: serialization failure, deadlock.
const OVERTAKEN: [&str; 2] = ["40001", "40P01"];

/// Whether the database refused a row because there is one with the same key.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        let meaning = meaning_of(&error);
        match meaning {
            Self::Unavailable => tracing::warn!(%error, "the database is out of reach"),
            Self::Changed => tracing::debug!(%error, "a transaction was overtaken"),
            _ => tracing::error!(%error, "the database refused"),
        }
        meaning
    }
}

/// What an error means to whoever asked.
pub(super) fn meaning_of(error: &DbErr) -> AppError {
    if is_out_of_reach(error) {
        return AppError::Unavailable;
    }
    // Nothing was written, and the caller may try again. It is not tried again here, since a closure runs
    // once; it is also rare, as every verb locks one call, and the claim locks `dispatch_state` first.
    if has_code(error, &OVERTAKEN) {
        return AppError::Changed;
    }
    if gave_way(error) { AppError::NotWritable } else { AppError::Internal }
}

/// The same of an error of a commit. Whoever lost the connection to a server does not know whether it came so far, and
/// whoever's disk failed does not know what is on it.
pub(super) fn meaning_at_commit(error: &DbErr) -> AppError {
    let may_be_done = match sqlite_code(error) {
        Some(code) => !(SQLITE_NOT_COMMITTED.contains(&primary(code)) || code == SQLITE_IOERR_WRITE),
        // What is not the database's own word is the end of the connection.
        None => is_out_of_reach(error) || !is_said_by_the_database(error),
    };
    if may_be_done { AppError::Unconfirmed } else { meaning_of(error) }
}

/// A commit failed.
pub(super) fn commit_failed(error: DbErr) -> AppError {
    match meaning_at_commit(&error) {
        AppError::Unconfirmed => unconfirmed(error),
        _ => error.into(),
    }
}

/// What the database says, in one line for operators.
pub(super) fn in_words(error: &DbErr) -> String {
    let words = innermost(error);
    sqlite_code(error).map_or_else(|| words.clone(), |code| format!("{words} (SQLite's code {code})"))
}

/// The commit was asked for, and nobody said how it went.
pub(super) fn unconfirmed(error: impl Display) -> AppError {
    tracing::warn!(%error, "the database failed during a commit");
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
    if sqlite_code(error).is_some_and(|code| SQLITE_UNREADABLE.contains(&code)) {
        return true;
    }
    match driver_error(error) {
        Some(Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::WorkerCrashed) => true,
        _ => has_code(error, &AWAY) || has_code(error, &BUSY),
    }
}

/// Whether what the database keeps its data on gave way, and not what it was asked.
fn gave_way(error: &DbErr) -> bool {
    match sqlite_code(error) {
        Some(code) => SQLITE_GAVE_WAY.contains(&primary(code)),
        None => has_code(error, &POSTGRES_GAVE_WAY),
    }
}

/// SQLite's extended result code, if it is SQLite that says it.
fn sqlite_code(error: &DbErr) -> Option<u32> {
    let error = driver_error(error).and_then(sqlx::Error::as_database_error)?;
    error.try_downcast_ref::<SqliteError>()?.code()?.parse().ok()
}

/// The kind of error that an extended result code is one of.
fn primary(code: u32) -> u32 {
    code & 0xff
}

fn is_said_by_the_database(error: &DbErr) -> bool {
    driver_error(error).and_then(sqlx::Error::as_database_error).is_some()
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
