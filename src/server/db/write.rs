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
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// How long a transaction may take, and how long its wait for a connection. A connection that has fallen silent would
/// otherwise be waited for until the system gives it up, which takes a quarter of an hour. It is less than a request
/// may take, so that whoever waits is told what became of it.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// While writes fail, between two tries whether they work again.
pub(super) const PROBE_EVERY: Duration = Duration::from_millis(500);
/// A change that changes nothing, and yet is written.
pub(super) const PROBE: &str = "UPDATE dispatch_state SET id = id";

/// An open transaction. Verbs write through it and never begin or commit.
#[derive(Clone)]
pub struct Tx {
    inner: Arc<DatabaseTransaction>,
    /// A savepoint within it could not be begun or ended: nobody knows what its connection stands in.
    broken: Arc<AtomicBool>,
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self { inner: Arc::new(inner), broken: Arc::default() }
    }

    /// Whether nothing written through it may be kept, whatever the verb answers.
    pub(super) fn broken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.broken)
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
    /// What the database says; nothing of the whole transaction is kept then. What `work` says is the answer.
    pub async fn attempt<T, F, Fut>(&self, work: F) -> Result<Result<T, AppError>, AppError>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, AppError>>,
    {
        let savepoint = self.inner.begin().await.inspect_err(|_| self.breaks())?;
        let part = Self { inner: Arc::new(savepoint), broken: self.broken() };
        let done = work(part.clone()).await;
        let Some(savepoint) = part.into_inner() else {
            tracing::error!("a savepoint's handle outlived its closure");
            self.breaks();
            return Err(AppError::Internal);
        };
        match done {
            Ok(done) => {
                savepoint.commit().await.inspect_err(|_| self.breaks())?;
                Ok(Ok(done))
            }
            Err(error) => match savepoint.rollback().await {
                Ok(()) => Ok(Err(error)),
                Err(why) => {
                    tracing::error!(%why, "a savepoint could not be undone");
                    self.breaks();
                    // What came first says more than what followed from it.
                    Err(error)
                }
            },
        }
    }

    fn breaks(&self) {
        self.broken.store(true, Ordering::Relaxed);
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
    /// written. It runs in a task of its own: a caller that goes away can't cut a commit in half. For one that goes away
    /// before its turn has come nothing is written.
    ///
    /// On SQLite it is a part of the next commit, together with whatever else waits to be written (`group.rs`). The
    /// transaction is immediate, since one that reads first and writes later would fail where another process
    /// writes in between. On PostgreSQL it is READ COMMITTED: verbs check the version of what they change and
    /// decide again.
    ///
    /// # Errors
    /// What `work` says, and what the database says: [`AppError::Unavailable`] and [`AppError::NotWritable`] when
    /// nothing was written, and [`AppError::Unconfirmed`] when the database failed during the commit, so that nobody
    /// knows.
    pub async fn write<T, F, Fut>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<T>, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        if let Some(group) = &self.inner.group {
            return group.write(work).await;
        }
        let (db, caller_gone) = (self.clone(), CancellationToken::new());
        let _goes = caller_gone.clone().drop_guard();
        // What is logged in there still belongs to the request.
        let task = tokio::spawn(async move { db.transact(work, &caller_gone).await }.in_current_span());
        task.await.unwrap_or_else(|why| {
            tracing::error!(%why, "a write task panicked");
            Err(AppError::Internal)
        })
    }

    async fn transact<T, F, Fut>(&self, work: F, caller_gone: &CancellationToken) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut,
        Fut: Future<Output = Result<Written<T>, AppError>>,
    {
        let begun_at = Instant::now();
        let until = begun_at + PATIENCE;
        let (mut writer, any_failed) = (self.inner.writer.clone(), Arc::new(AtomicBool::new(false)));
        let (is_failed, timings) = (Arc::clone(&any_failed), self.inner.timings.clone());
        writer.set_metric_callback(move |done| {
            is_failed.fetch_or(done.failed, Ordering::Relaxed);
            timings.ran_in_write(done.statement);
        });
        let begun = tokio::select! {
            begun = timeout_at(until, writer.begin()) => begun,
            () = caller_gone.cancelled() => return Err(AppError::Unavailable),
        };
        let begun = begun.map_err(took_too_long).and_then(|begun| begun.map_err(AppError::from));
        let tx = Tx::new(begun.inspect_err(|error| self.writes_fail(error))?);
        let is_broken = tx.broken();
        // Dropped half done, the transaction is rolled back, as soon as the database hears of it.
        let written = timeout_at(until, work(tx.clone())).await.map_err(took_too_long)?;
        let Some(inner) = tx.into_inner() else {
            // A verb kept the transaction for later: it is rolled back when that is dropped.
            tracing::error!("a transaction handle outlived its closure");
            return Err(AppError::Internal);
        };
        match written {
            // A failed savepoint is answered as an error; a verb that went on all the same is not believed.
            Ok(_) if is_broken.load(Ordering::Relaxed) => Err(AppError::Internal),
            Ok(Written { value, changes }) => {
                if any_failed.load(Ordering::Relaxed) {
                    timeout_at(until, would_commit(&inner)).await.map_err(took_too_long)??;
                }
                let committed = timeout_at(until, inner.commit()).await;
                let committed =
                    committed.map_err(unconfirmed).and_then(|committed| committed.map_err(commit_failed));
                committed.inspect_err(|error| self.writes_fail(error))?;
                self.inner.timings.wrote(1, begun_at.elapsed());
                self.inner.feed.announce(changes);
                Ok(value)
            }
            Err(error) => {
                if error == AppError::NotWritable {
                    self.writes_fail(&error);
                }
                timeout_at(until, inner.rollback()).await.map_err(took_too_long)??;
                Err(error)
            }
        }
    }

    /// A transaction on PostgreSQL failed as a whole. From now on it is tried now and then whether they work again, so
    /// that a node that nobody asks to write anything finds it out.
    fn writes_fail(&self, error: &AppError) {
        // What a constraint refuses at the commit, or another transaction overtakes, says nothing about the next one.
        let is_down = matches!(error, AppError::Unavailable | AppError::NotWritable | AppError::Unconfirmed);
        let why = match error {
            AppError::NotWritable => "the server takes no writes",
            AppError::Unconfirmed => "the server failed during a commit",
            _ => "the server does not answer",
        };
        if !is_down || !self.inner.health.failed(why) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            loop {
                sleep(PROBE_EVERY).await;
                let Some(inner) = inner.upgrade() else { return };
                let db = Self { inner };
                if db.write(probe).await.is_ok() {
                    return db.inner.health.worked();
                }
            }
        });
    }
}

/// Writes, to find out whether that works.
async fn probe(tx: Tx) -> Result<Written<()>, AppError> {
    tx.conn().execute_unprepared(PROBE).await?;
    Ok(Written::new(()))
}

/// Whether PostgreSQL would commit. It answers the COMMIT of a transaction in which a statement failed with a rollback,
/// and with no error: a verb that went on after such a statement would be believed. (Asked for where a statement failed
/// that the library measures; one that is run unprepared is not.)
///
/// # Errors
/// [`AppError::Internal`] when it would not.
async fn would_commit(transaction: &DatabaseTransaction) -> Result<(), AppError> {
    transaction.execute_unprepared("SELECT 1").await.map(drop).map_err(|error| {
        tracing::error!(%error, "a write went on after a statement that failed; it is undone");
        AppError::Internal
    })
}

/// Takes SQLite's one place for writers at the beginning, not at the first write; PostgreSQL knows no such mode.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
