//! A SQLite file: one connection that writes, and a pool that only reads.

use super::{
    ConnectError, Db, Inner, Timings,
    connect::{PATIENCE, innermost},
    group::Group,
};
use crate::server::feed::Feed;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement,
    sqlx::sqlite::SqliteConnectOptions,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Below this version a crash while the write-ahead log is reset can damage a file.
const OLDEST: [u32; 3] = [3, 51, 3];
const READERS: u32 = 4;

pub(super) async fn connect(url: &str) -> Result<Db, ConnectError> {
    let file = file_of(url)?;
    let failed = |why: DbErr| {
        let what = format!("The SQLite file {} can't be opened: {}", file.display(), innermost(&why));
        ConnectError(format!("{what}. Check the path and who may write there, or set DATABASE_URL."))
    };
    make_folder(&file)?;
    let writer = Database::connect(options(url, 1, Use::Writes)).await.map_err(failed)?;
    check_version(&writer).await.map_err(failed)??;
    let mut reader = Database::connect(options(url, READERS, Use::Reads)).await.map_err(failed)?;
    let (feed, timings) = (Feed::new(), Timings::default());
    timings.time_reads(&mut reader);
    let group = Some(Group::begin(writer.clone(), feed.clone(), timings.clone()));
    Ok(Db { inner: Arc::new(Inner { group, writer, reader, file: Some(file), server: None, feed, timings }) })
}

/// A file that is only looked at: it must be there, and stays as it is.
pub(super) async fn look_at(url: &str) -> Result<Db, ConnectError> {
    let file = file_of(url)?;
    let reader = Database::connect(options(url, 1, Use::Looks)).await.map_err(|why| {
        let what = format!("The SQLite file {} can't be read: {}", file.display(), innermost(&why));
        ConnectError(format!("{what}. Check the path and who may read there, or set DATABASE_URL."))
    })?;
    let (writer, feed, timings) = (reader.clone(), Feed::new(), Timings::default());
    let inner = Inner { group: None, writer, reader, file: Some(file), server: None, feed, timings };
    Ok(Db { inner: Arc::new(inner) })
}

/// What connections are for.
#[derive(Clone, Copy)]
enum Use {
    Writes,
    Reads,
    /// Not even the journal's mode is set.
    Looks,
}

/// Every commit is on the disk before it is answered: that is what "never loses a call" rests on.
fn options(url: &str, connections: u32, usage: Use) -> ConnectOptions {
    let makes_file = !url.contains("mode=");
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(connections).min_connections(1);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).map_sqlx_sqlite_opts(
        move |sqlite| {
            let sqlite = if makes_file { sqlite.create_if_missing(true) } else { sqlite };
            let sqlite = sqlite.busy_timeout(PATIENCE).foreign_keys(true).pragma("synchronous", "FULL");
            match usage {
                Use::Writes => sqlite.pragma("journal_mode", "WAL"),
                Use::Reads => sqlite.pragma("query_only", "ON"),
                Use::Looks => sqlite.read_only(true),
            }
        },
    );
    options
}

pub(super) fn file_of(url: &str) -> Result<PathBuf, ConnectError> {
    let options: SqliteConnectOptions = url.parse().map_err(|why| {
        ConnectError(format!(
            "DATABASE_URL can't be read: {}. Write it as sqlite://data/switchboard.db?mode=rwc.",
            innermost(&DbErr::Custom(format!("{why}")))
        ))
    })?;
    let file = options.get_filename().to_path_buf();
    if file.as_os_str().is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
        return Err(ConnectError(
            "DATABASE_URL names no file: a database in memory would lose every call. \
             Use sqlite://data/switchboard.db?mode=rwc."
                .to_owned(),
        ));
    }
    Ok(file)
}

fn make_folder(file: &Path) -> Result<(), ConnectError> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|why| {
        ConnectError(format!(
            "The folder {} can't be made: {why}. Make it, or set DATABASE_URL.",
            folder.display()
        ))
    })
}

async fn check_version(db: &DatabaseConnection) -> Result<Result<(), ConnectError>, DbErr> {
    let query = Statement::from_string(db.get_database_backend(), "SELECT sqlite_version() AS version");
    let row = db.query_one_raw(query).await?;
    let version: String = row.and_then(|row| row.try_get("", "version").ok()).unwrap_or_default();
    Ok(is_new_enough(&version).then_some(()).ok_or_else(|| {
        ConnectError(format!(
            "SQLite {version} has a fault that can damage the file in a crash. Build with SQLite 3.51.3 or newer."
        ))
    }))
}

fn is_new_enough(version: &str) -> bool {
    let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
    numbers.as_slice() >= OLDEST.as_slice()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("3.51.3", true)]
    #[case("3.52.0", true)]
    #[case("4.0.0", true)]
    #[case("3.51.2", false)]
    #[case("3.9.9", false)]
    #[case("", false)]
    fn a_version_with_the_fault_is_refused(#[case] version: &str, #[case] is_fine: bool) {
        assert_eq!(is_new_enough(version), is_fine);
    }
}
