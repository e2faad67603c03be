//! What the binary can be told, and what it does besides serving: one command, one answer, done.

pub mod backup;
pub mod insights;
pub mod prune;

use super::{
    StartError,
    calls::dispatch_state,
    clock::Clock,
    config::Config,
    db::Db,
    doctor, openapi, retention, run, run_simulator,
    signals::{shutdown_signal, survive_file_size_limit},
    stdout::say,
};
use crate::{domain::actor::Actor, error::AppError};
use clap::Subcommand;
use jiff::SignedDuration;
use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
    process::ExitCode,
};

/// What the binary can be told.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve the page, the API and the loops (this is what happens without a command).
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Serve only the simulated provider, with its control API, for other installations and for tests: docs/SIMULATOR.md.
    /// Its data is in data/simulator.db unless DATABASE_URL says otherwise.
    Simulator,
    /// Stop all placing, for every node; calls under way go on.
    Pause,
    /// Let placing go on.
    Resume,
    /// Say whether everything is as it should be, and how to mend what is not. Changes nothing.
    Doctor,
    /// Print what the API says of itself: the OpenAPI document.
    Openapi,
    /// Copy all data into one file, also while the server runs. The file holds secrets.
    Backup {
        /// Where the copy goes: a SQLite database, or an archive for `pg_restore`.
        file: PathBuf,
        /// Replace the file if there is one.
        #[arg(long)]
        force: bool,
    },
    /// Delete calls that ended long ago, with their attempts and events, also while the server runs.
    Prune {
        /// How long ago, at least a day: 90d, 12w, 36h.
        #[arg(long, value_name = "AGE", value_parser = retention::age)]
        older_than: SignedDuration,
        /// Only say how much would go.
        #[arg(long)]
        dry_run: bool,
    },
    /// Look after what the insights count.
    Insights {
        /// What to do.
        #[command(subcommand)]
        deed: insights::Deed,
    },
}

/// Does what was asked for, and answers how the process ends.
///
/// # Errors
/// A [`StartError`].
pub async fn obey(command: Command, config: Config) -> Result<ExitCode, StartError> {
    survive_file_size_limit();
    match command {
        Command::Serve => run(config, shutdown_signal()).await?,
        Command::Simulator => run_simulator(config, shutdown_signal()).await?,
        Command::Migrate => migrate(&config).await?,
        Command::Pause => set_paused(&config, true).await?,
        Command::Resume => set_paused(&config, false).await?,
        Command::Doctor if !doctor::examine(&config).await => return Ok(ExitCode::FAILURE),
        Command::Doctor => {}
        Command::Openapi => print_document()?,
        Command::Backup { file, force } => {
            let place = if force { backup::Place::Taken } else { backup::Place::Free };
            backup::back_up(&config, &file, place).await?;
        }
        Command::Prune { older_than, dry_run } => {
            let now = if dry_run { prune::Deed::Count } else { prune::Deed::Delete };
            prune::prune(&config, older_than, now).await?;
        }
        Command::Insights { deed: insights::Deed::Rebuild } => insights::rebuild(&config).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Unlike a line for people, a document that did not come out whole is an error, unless its reader has seen enough.
fn print_document() -> Result<(), StartError> {
    let mut out = std::io::stdout();
    match out.write_all(openapi::json().as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(StartError(format!("The document can't be written: {why}.")))
        }
        _ => Ok(()),
    }
}

/// Brings the database up to date.
async fn migrate(config: &Config) -> Result<(), StartError> {
    up_to_date(config).await?.close().await;
    say("The database is up to date.");
    Ok(())
}

/// Stops all placing of the installation, or lets it go on. The processes that serve it need not be told: they
/// find it in the database.
async fn set_paused(config: &Config, paused: bool) -> Result<(), StartError> {
    let db = up_to_date(config).await?;
    let now = clock_of(&db).await?.now();
    let work = async move |tx| dispatch_state::set_paused(&tx, &Actor::operator(), paused, now).await;
    db.write(work).await?;
    if let Err(error) = db.tell_once().await {
        tracing::warn!(%error, "the nodes could not be told; they find it out within a second");
    }
    db.close().await;
    if paused {
        say("Placing is paused: calls wait, those under way go on. `switchboard resume` ends it.");
    } else {
        say("Placing goes on.");
    }
    Ok(())
}

/// The clock that the nodes go by.
async fn clock_of(db: &Db) -> Result<Clock, StartError> {
    let clock = Clock::system();
    clock.set_offset_millis(db.clock_offset_millis().await.map_err(AppError::from)?);
    Ok(clock)
}

async fn up_to_date(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect(&config.database_url).await?;
    db.migrate()
        .await
        .map_err(|why| StartError(format!("The database can't be brought up to date: {why}.")))?;
    Ok(db)
}

/// The database as it is: it is neither made nor brought up to date.
async fn as_it_is(config: &Config) -> Result<Db, StartError> {
    if let Some(file) = Db::missing_file(&config.database_url)? {
        let what = format!("There is no database at {}. Check DATABASE_URL.", file.display());
        return Err(StartError(what));
    }
    Ok(Db::connect(&config.database_url).await?)
}
