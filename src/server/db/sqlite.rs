//! A SQLite file: one connection that writes, and a pool that only reads.

use super::{
    ConnectError, Db, Inner, Timings, WriteHealth,
    connect::{PATIENCE, innermost},
    files::OpenFiles,
    group::Group,
    writer::Writer,
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
/// What the write-ahead log keeps of its size when all of it is in the file, in bytes.
const LOG_KEPT: u32 = 64 << 20;

pub(super) async fn connect(url: &str) -> Result<Db, ConnectError> {
    let file = file_of(url)?;
    let failed = |why: DbErr| {
        let what = format!("The SQLite file {} can't be opened: {}", file.display(), innermost(&why));
        ConnectError(format!("{what}. Check the path and who may write there, or set DATABASE_URL."))
    };
    make_folder(&file)?;
    let mut writer = Database::connect(options(url, 1, Use::Writes)).await.map_err(failed)?;
    check_version(&writer).await.map_err(failed)??;
    let mut reader = Database::connect(options(url, READERS, Use::Reads)).await.map_err(failed)?;
    // From here on a file that is gone must not be made anew, without tables, by a connection that is opened later.
    [&writer, &reader].into_iter().for_each(must_be_there);
    let (feed, timings, health) = (Feed::new(), Timings::default(), WriteHealth::default());
    timings.time_reads(&mut reader);
    timings.count_writes(&mut writer);
    let open_files = Arc::new(OpenFiles::of(&file));
    let own = Writer::new(writer.clone(), Arc::clone(&open_files), health.clone());
    let group = Some(Group::begin(own, feed.clone(), timings.clone(), health.clone()));
    let (file, open_files) = (Some(file), Some(open_files));
    let inner = Inner { group, writer, reader, file, open_files, server: None, feed, timings, health };
    Ok(Db { inner: Arc::new(inner) })
}

fn must_be_there(connections: &DatabaseConnection) {
    let pool = connections.get_sqlite_connection_pool();
    let options = pool.connect_options();
    pool.set_connect_options((*options).clone().create_if_missing(false));
}

/// A file that is only looked at: it must be there, and stays as it is.
pub(super) async fn look_at(url: &str) -> Result<Db, ConnectError> {
    let file = file_of(url)?;
    let reader = Database::connect(options(url, 1, Use::Looks)).await.map_err(|why| {
        let what = format!("The SQLite file {} can't be read: {}", file.display(), innermost(&why));
        ConnectError(format!("{what}. Check the path and who may read there, or set DATABASE_URL."))
    })?;
    let (writer, open_files) = (reader.clone(), Some(Arc::new(OpenFiles::of(&file))));
    let inner = Inner {
        group: None,
        writer,
        reader,
        file: Some(file),
        open_files,
        server: None,
        feed: Feed::new(),
        timings: Timings::default(),
        health: WriteHealth::default(),
    };
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
                // What a large transaction has left of the log is given back when it begins anew.
                Use::Writes => {
                    sqlite.pragma("journal_mode", "WAL").pragma("journal_size_limit", LOG_KEPT.to_string())
                }
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
