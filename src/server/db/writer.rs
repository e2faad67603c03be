//! SQLite's one connection that writes, and what happens to it when a transaction fails.
//!
//! A connection on which anything went wrong is closed, and the next transaction begins on a new one. SQLite ends a
//! transaction by itself when its disk fails, while the driver counts on how deep transactions are nested: once the two
//! disagree, a "begin" is a savepoint, and a "commit" commits nothing.

use super::{
    WriteHealth,
    errors::{in_words, meaning_at_commit, meaning_of},
    files::OpenFiles,
    write::{PATIENCE, PROBE, immediate},
};
use crate::error::AppError;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait, sqlx};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// How long the connection may take to come back from whoever has it, and to close.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// The connection that writes.
pub(super) struct Writer {
    /// A pool of one.
    pool: DatabaseConnection,
    files: Arc<OpenFiles>,
    health: WriteHealth,
    /// Something went wrong on the connection, and it is still open.
    is_suspect: AtomicBool,
}

/// Why a transaction failed as a whole.
#[derive(Debug)]
pub(super) struct Failure {
    /// What whoever asked is answered.
    pub answer: AppError,
    /// In words for operators.
    pub why: String,
}

impl Writer {
    pub fn new(pool: DatabaseConnection, files: Arc<OpenFiles>, health: WriteHealth) -> Self {
        Self { pool, files, health, is_suspect: AtomicBool::new(false) }
    }

    /// Begins a transaction that takes SQLite's one place for writers at once.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Failure> {
        if self.is_suspect.load(Ordering::Relaxed) {
            self.close_connection().await?;
        }
        self.files.check().map_err(Failure::not_writable)?;
        let begun = timeout(PATIENCE, self.pool.begin_with_options(immediate())).await;
        begun.map_err(|_| Failure::unavailable("the disk does not answer".to_owned()))?.map_err(Failure::from)
    }

    /// Commits. Only now anything of the transaction may be answered.
    pub async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), Failure> {
        let committed = transaction.commit().await;
        committed.map_err(|error| Failure { answer: meaning_at_commit(&error), why: in_words(&error) })?;
        // It is committed, but perhaps into a file that nobody will find again.
        self.files.check().map_err(|why| Failure { answer: AppError::Unconfirmed, why })
    }

    /// Closes the connection; the next transaction begins on a new one.
    pub async fn discard(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
        // What can't be closed yet is closed before the next transaction begins.
        let _ = self.close_connection().await;
    }

    /// Whether writes work, found out by a write.
    pub async fn probe(&self) -> bool {
        let probed = async {
            let transaction = self.begin().await?;
            transaction.execute_unprepared(PROBE).await?;
            self.commit(transaction).await
        };
        match probed.await {
            Ok(()) => self.health.worked(),
            Err(Failure { why, .. }) => {
                self.health.failed(&why);
                self.discard().await;
                return false;
            }
        }
        true
    }

    async fn close_connection(&self) -> Result<(), Failure> {
        let pool = self.pool.get_sqlite_connection_pool();
        let closed = timeout(CLOSES_WITHIN, async {
            if pool.size() == 0 {
                return Ok(());
            }
            let connection = pool.acquire().await?;
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing the connection that writes failed; it is used no more");
            }
            Ok::<_, sqlx::Error>(())
        });
        match closed.await {
            Ok(Ok(())) => {
                self.is_suspect.store(false, Ordering::Relaxed);
                Ok(())
            }
            Ok(Err(error)) => Err(Failure::unavailable(error.to_string())),
            Err(_) => Err(Failure::unavailable("the connection that writes is not given back".to_owned())),
        }
    }
}

impl Failure {
    pub fn unavailable(why: String) -> Self {
        Self { answer: AppError::Unavailable, why }
    }

    pub fn not_writable(why: String) -> Self {
        Self { answer: AppError::NotWritable, why }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self { answer: meaning_of(&error), why: in_words(&error) }
    }
}
