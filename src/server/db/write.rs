//! Write: the one place that begins and commits.

use super::{
    Db,
    errors::{commit_failed, took_too_long, unconfirmed},
};
use crate::{
    domain::{
        id::CallId,
        status::{CallStatus, EndedReason},
        timestamp::Timestamp,
    },
    error::AppError,
};
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

/// How long a transaction may take, its wait for a connection included. A connection that has fallen silent would
/// otherwise be waited for until the system gives it up, which takes a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open transaction. Verbs write through it and never begin or commit.
#[derive(Clone)]
pub struct Tx {
    inner: Arc<DatabaseTransaction>,
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The transaction, to be ended; none if somebody else still has it.
    pub(super) fn into_inner(self) -> Option<DatabaseTransaction> {
        Arc::into_inner(self.inner)
    }

    /// The connection to write with.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Runs `work` in a savepoint of its own. What it wrote is taken back if it ends with an error, and the
    /// transaction around it goes on.
    ///
    /// # Errors
    /// What the database says. What `work` says is the answer.
    pub async fn attempt<T, F, Fut>(&self, work: F) -> Result<Result<T, AppError>, AppError>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, AppError>>,
    {
        let part = Self::new(self.inner.begin().await?);
        let done = work(part.clone()).await;
        let Some(savepoint) = part.into_inner() else {
            tracing::error!("a savepoint was kept beyond its end");
            return Err(AppError::Internal);
        };
        match &done {
            Ok(_) => savepoint.commit().await?,
            Err(_) => savepoint.rollback().await?,
        }
        Ok(done)
    }
}

/// What must follow a commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// From this instant something may be due.
    pub wake_at: Option<Timestamp>,
    /// The calls that changed.
    pub calls: Vec<CallId>,
    /// Those that came to their end.
    pub ended: Vec<Ended>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Its status.
    pub status: CallStatus,
    /// Why.
    pub reason: Option<EndedReason>,
    /// With whom it was placed last; none if it never was.
    pub provider: Option<String>,
}

/// What a verb answers, with what must follow the commit.
#[derive(Debug)]
pub struct Written<T> {
    pub(super) value: T,
    pub(super) changes: Changes,
}

impl<T> Written<T> {
    /// An answer that nothing must follow.
    pub fn new(value: T) -> Self {
        Self { value, changes: Changes::default() }
    }

    /// The answer.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The same; something may be due from `at` on.
    #[must_use]
    pub fn wake(mut self, at: Timestamp) -> Self {
        self.changes.wake_at = Some(self.changes.wake_at.map_or(at, |earlier| earlier.min(at)));
        self
    }

    /// The same; this call changed.
    #[must_use]
    pub fn changed(mut self, call: CallId) -> Self {
        self.changes.calls.push(call);
        self
    }

    /// The same; a call ended.
    #[must_use]
    pub fn ended(mut self, how: Ended) -> Self {
        self.changes.ended.push(how);
        self
    }

    /// The same with another answer.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Written<U> {
        Written { value: map(self.value), changes: self.changes }
    }
}

impl Db {
    /// Runs `work` in a transaction, commits, announces what changed, and answers. On an error nothing is
    /// written. It runs in a task of its own: a caller that goes away can't cut a commit in half.
    ///
    /// On SQLite it is a part of the next commit, together with whatever else waits to be written (`group.rs`). The
    /// transaction is immediate, since one that reads first and writes later would fail where another process
    /// writes in between. On PostgreSQL it is READ COMMITTED: verbs check the version of what they change and
    /// decide again.
    ///
    /// # Errors
    /// What `work` says, and what the database says: [`AppError::Unavailable`] when nothing was written, and
    /// [`AppError::Unconfirmed`] when the database went away during the commit, so that nobody knows.
    pub async fn write<T, F, Fut>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<T>, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        if let Some(group) = &self.inner.group {
            return group.write(work).await;
        }
        let db = self.clone();
        // What is logged in there still belongs to the request.
        let task = tokio::spawn(async move { db.transact(work).await }.in_current_span());
        task.await.unwrap_or_else(|why| {
            tracing::error!(%why, "a write broke off");
            Err(AppError::Internal)
        })
    }

    async fn transact<T, F, Fut>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut,
        Fut: Future<Output = Result<Written<T>, AppError>>,
    {
        let begun_at = Instant::now();
        let until = begun_at + PATIENCE;
        let begun = timeout_at(until, self.inner.writer.begin());
        let tx = Tx::new(begun.await.map_err(took_too_long)??);
        // Dropped half done, the transaction is rolled back, as soon as the database hears of it.
        let written = timeout_at(until, work(tx.clone())).await.map_err(took_too_long)?;
        let Some(inner) = tx.into_inner() else {
            // A verb kept the transaction for later: it is rolled back when that is dropped.
            tracing::error!("a transaction was kept beyond its end");
            return Err(AppError::Internal);
        };
        match written {
            Ok(Written { value, changes }) => {
                let committed = timeout_at(until, inner.commit()).await;
                committed.map_err(unconfirmed)?.map_err(commit_failed)?;
                self.inner.timings.wrote(1, begun_at.elapsed());
                self.inner.feed.announce(changes);
                Ok(value)
            }
            Err(error) => {
                timeout_at(until, inner.rollback()).await.map_err(took_too_long)??;
                Err(error)
            }
        }
    }
}

/// Takes SQLite's one place for writers at the beginning, not at the first write; PostgreSQL knows no such mode.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
