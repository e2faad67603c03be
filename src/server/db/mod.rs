//! The database: connect by URL, bring it up to date, read from a pool, write in one place.

mod about;
mod clock_offset;
mod close;
mod connect;
mod copy;
mod errors;
mod files;
mod group;
mod health;
mod lock_file;
mod look;
mod migrate;
mod notify;
mod postgres;
pub mod settings;
mod sqlite;
mod timings;
mod write;
mod writer;

pub use about::About;
pub use connect::ConnectError;
pub use copy::check_copy;
pub use errors::is_duplicate;
pub use health::WriteHealth;
pub use lock_file::LockFile;
pub use timings::Timings;
pub use write::{Changes, Ended, Tx, Written};

use self::{files::OpenFiles, group::Group};
use super::feed::Feed;
use sea_orm::{DatabaseConnection, DbBackend, sqlx::postgres::PgConnectOptions};
use std::{path::PathBuf, sync::Arc};

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    /// On SQLite the way to the one writer; on PostgreSQL every write has a connection of its own.
    group: Option<Group>,
    /// On SQLite the one connection that writes; on PostgreSQL the pool.
    writer: DatabaseConnection,
    /// On SQLite a pool that only reads; on PostgreSQL the same pool.
    reader: DatabaseConnection,
    /// The SQLite file.
    file: Option<PathBuf>,
    /// That file and its log, as they were opened.
    open_files: Option<Arc<OpenFiles>>,
    /// How the PostgreSQL server is reached, for connections outside the pool.
    server: Option<PgConnectOptions>,
    feed: Feed,
    timings: Timings,
    health: WriteHealth,
}

impl Db {
    /// The pool of readers.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.inner.reader.get_database_backend()
    }

    /// How long it takes.
    pub fn timings(&self) -> &Timings {
        &self.inner.timings
    }

    /// Whether it takes writes, as the newest of them went.
    pub fn health(&self) -> &WriteHealth {
        &self.inner.health
    }

    /// Why nothing can be written at the moment, in words for operators; none while writes work.
    pub fn write_failure(&self) -> Option<String> {
        let files = self.inner.open_files.as_ref();
        files.and_then(|files| files.check().err()).or_else(|| self.inner.health.failing())
    }

    /// How large SQLite's write-ahead log is, in bytes; none on PostgreSQL.
    pub fn wal_bytes(&self) -> Option<u64> {
        self.inner.open_files.as_ref().map(|files| files.log_bytes())
    }

    /// What changed and what woke: every commit is announced here.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }
}
