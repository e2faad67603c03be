//! `switchboard insights rebuild`: everything is counted anew, also while the server runs.

use super::{as_it_is, clock_of};
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::{
        StartError,
        config::Config,
        db::Db,
        insights::{count::columns, follow, ledger, words},
        stdout::say,
    },
};
use clap::Subcommand;
use sea_orm::{ConnectionTrait, Statement};

/// What can be done about what the insights count.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Deed {
    /// Count all calls and attempts anew, also while the server runs. Numbers of pruned days stay as they are.
    Rebuild,
}

/// Counts everything anew.
///
/// # Errors
/// A [`StartError`].
pub async fn rebuild(config: &Config) -> Result<(), StartError> {
    let db = as_it_is(config).await?;
    if db.pending_migrations().await.map_err(AppError::from)? > 0 {
        return Err(StartError("The database is behind: run `switchboard migrate` first.".to_owned()));
    }
    follow::rebuild(&db, clock_of(&db).await?.now()).await?;
    let (calls, frozen_until) = (ended_calls(&db).await?, ledger::read(&db).await?.frozen_until);
    db.close().await;
    say(format!("Counted {}.", words::counted(calls, "call")));
    if frozen_until > 0 {
        let day = Timestamp::from_millis(frozen_until).to_utc_words();
        say(format!("What ended before {day} was pruned; its numbers stay as they were."));
    }
    Ok(())
}

/// How many calls the ledger knows, those of pruned days included.
async fn ended_calls(db: &Db) -> Result<i64, AppError> {
    let all = columns::of_calls().join(" + ");
    let sql = format!("SELECT CAST(COALESCE(SUM({all}), 0) AS bigint) AS calls FROM insight_calls");
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await?;
    Ok(row.ok_or(AppError::Internal)?.try_get("", "calls")?)
}
