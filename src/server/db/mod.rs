//! The database: connect by URL, bring it up to date, read from a pool, write in one place.

mod about;
mod clock_offset;
mod connect;
mod copy;
mod errors;
mod group;
mod lock_file;
mod look;
mod migrate;
mod notify;
mod postgres;
pub mod settings;
mod sqlite;
mod timings;
mod write;

pub use about::About;
pub use connect::ConnectError;
pub use copy::check_copy;
pub use errors::is_duplicate;
pub use lock_file::LockFile;
pub use timings::Timings;
pub use write::{Changes, Ended, Tx, Written};

use self::group::Group;
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
    /// How the PostgreSQL server is reached, for connections outside the pool.
    server: Option<PgConnectOptions>,
    feed: Feed,
    timings: Timings,
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

    /// What changed and what woke: every commit is announced here.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }
}
