//! Connect by URL.

use super::{Db, postgres, sqlite};
use sea_orm::{DbErr, RuntimeErr, sqlx};
use std::time::Duration;

/// How long a server may take to answer, and a query to get a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why the database can't be used: one line that says how to mend it. No password is in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConnectError(pub String);

impl Db {
    /// Connects to the database at `url`: `sqlite://` and a path, or `postgres://`.
    ///
    /// # Errors
    /// A [`ConnectError`] that says what to do.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => sqlite::connect(url).await,
            "postgres" | "postgresql" => postgres::connect(url).await,
            _ => Err(ConnectError(
                "DATABASE_URL begins with sqlite:// (as sqlite://data/switchboard.db?mode=rwc) or postgres://."
                    .to_owned(),
            )),
        }
    }
}

/// What the driver says at the bottom of its error, in one line and without the URL.
pub(super) fn innermost(error: &DbErr) -> String {
    if let DbErr::Conn(RuntimeErr::SqlxError(error)) = error
        && matches!(**error, sqlx::Error::PoolTimedOut)
    {
        return format!("no answer within {} seconds", PATIENCE.as_secs());
    }
    let text = error.to_string();
    let last = text.rsplit(": ").next().unwrap_or_default();
    // SQLite's errors end in `(code: 14) unable to open database file`.
    let last = last.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(") ");
    last.lines().next().unwrap_or_default().trim_end_matches('.').to_owned()
}
