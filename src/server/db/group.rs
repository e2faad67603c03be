//! Group commit, for SQLite's one writer: what waits to be written goes into one commit, each part in a savepoint of
//! its own, so that the disk is waited for once for all of them and not once for each. (DeWitt et al.,
//! Implementation Techniques for Main Memory Database Systems, 1984.)
//!
//! A part is answered only when a commit that contains it has succeeded. Whatever fails beside the parts themselves, a
//! begin, a savepoint, a release or the commit, fails all parts of that commit and ends the connection (`writer.rs`).
//! While writes fail, or the disk does not answer, nothing is taken in: whoever asks is told so at once, and a small write
//! of our own finds out when they work again.

use super::{
    Timings, WriteHealth,
    errors::in_words,
    write::{Changes, PATIENCE, PROBE_EVERY, Tx, Written},
    writer::{Failure, Writer},
};
use crate::{error::AppError, server::feed::Feed};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

/// The most parts of one commit.
const MOST: usize = 64;
/// After this long a commit takes in no more parts: the first one waits for its answer.
const AT_MOST: Duration = Duration::from_millis(10);
/// A connection that failed may take so long to be closed, and a new one to be tried, before anybody is refused for it.
const GRACE: Duration = Duration::from_secs(1);
/// The most parts that may wait: some seconds of work for the slowest disk.
const WAITING: usize = 2_048;

/// A part that waits for the writer.
struct Job {
    asked_at: Instant,
    /// Cancelled when whoever asked has gone away.
    caller_gone: CancellationToken,
    /// It is given its transaction, or why there is none.
    run: Run,
}

type Run = Box<dyn FnOnce(Result<Tx, AppError>) -> Pin<Box<dyn Future<Output = Part> + Send>> + Send>;

/// A part that was written, and waits for the commit.
struct Part {
    /// What to announce; none if nothing is to be kept.
    changes: Option<Changes>,
    /// Answers whoever asked for it.
    settle: Box<dyn FnOnce(Result<(), AppError>) + Send>,
}

/// The way to the writer.
pub(super) struct Group {
    jobs: mpsc::Sender<Job>,
    closing: CancellationToken,
    health: WriteHealth,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Group {
    /// Begins to write with `writer`.
    pub fn begin(writer: Writer, feed: Feed, timings: Timings, health: WriteHealth) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let closing = CancellationToken::new();
        let queue = Queue { waiting, closing: closing.clone() };
        let committer = Committer { writer, feed, timings, health: health.clone(), queue };
        let task = tokio::spawn(committer.run());
        Self { jobs, closing, health, task: Mutex::new(Some(task)) }
    }

    /// Runs `work` as a part of the next commit, and answers after it. Nothing is written for a caller that goes away
    /// before its turn has come.
    pub async fn write<T, F, Fut>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<T>, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // What is logged in there still belongs to the request.
        let span = Span::current();
        let run: Run = Box::new(move |tx| {
            let part = async move {
                let written = match tx {
                    Ok(tx) => work(tx).await,
                    Err(error) => Err(error),
                };
                // Whoever asked may have gone away.
                match written {
                    Ok(Written { value, changes }) => Part {
                        changes: Some(changes),
                        settle: Box::new(move |done| drop(answer.send(done.map(|()| value)))),
                    },
                    Err(error) => {
                        Part { changes: None, settle: Box::new(move |_| drop(answer.send(Err(error)))) }
                    }
                }
            };
            Box::pin(part.instrument(span))
        });
        let caller_gone = CancellationToken::new();
        let _goes = caller_gone.clone().drop_guard();
        match self.jobs.try_send(Job { asked_at: Instant::now(), caller_gone, run }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::warn!(waiting = WAITING, "the queue of writes is full; one more is refused");
                return Err(AppError::Unavailable);
            }
            Err(TrySendError::Closed(_)) => {
                if !self.closing.is_cancelled() {
                    self.health.failed("the task that commits has ended; restart Switchboard");
                }
                return Err(AppError::Unavailable);
            }
        }
        answered.await.unwrap_or_else(|_| {
            tracing::error!("a write task ended without an answer");
            Err(AppError::Internal)
        })
    }

    /// Writes what waits, and then no more.
    pub async fn close(&self) {
        self.closing.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && timeout(PATIENCE, task).await.is_err()
        {
            tracing::warn!("what waits to be written could not be written in time");
        }
    }
}

impl Job {
    /// Answers, without having written anything.
    async fn refuse(self, error: AppError) {
        settle((self.run)(Err(error)).await, Ok(()));
    }

    fn is_too_old(&self) -> bool {
        self.asked_at.elapsed() >= PATIENCE
    }
}

/// The parts that wait.
struct Queue {
    waiting: mpsc::Receiver<Job>,
    closing: CancellationToken,
}

impl Queue {
    /// The next part, as soon as there is one; none once nobody can ask any more.
    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            job = self.waiting.recv() => return job,
            () = self.closing.cancelled(), if !self.waiting.is_closed() => {}
        }
        // What waits already is still received.
        self.waiting.close();
        self.waiting.recv().await
    }

    /// Waits for `work`. If it takes longer than `grace`, whoever asks for anything meanwhile is answered that nothing can
    /// be written.
    async fn refuse_during<T>(&mut self, grace: Duration, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Ok(done) = timeout(grace, &mut work).await {
            return done;
        }
        loop {
            tokio::select! {
                done = &mut work => return done,
                job = self.next() => match job {
                    Some(job) => job.refuse(AppError::NotWritable).await,
                    None => return work.await,
                }
            }
        }
    }
}

/// What runs the commits, one after the other.
struct Committer {
    writer: Writer,
    feed: Feed,
    timings: Timings,
    health: WriteHealth,
    queue: Queue,
}

impl Committer {
    async fn run(mut self) {
        while let Some(first) = self.queue.next().await {
            self.commit_together(first).await;
            if self.health.failing().is_some() {
                self.wait_for_the_disk().await;
            }
        }
    }

    /// Answers everybody that nothing can be written, until a write of our own was; or until nobody can ask any more.
    async fn wait_for_the_disk(&mut self) {
        while !self.queue.refuse_during(GRACE, self.writer.probe()).await {
            if self.queue.waiting.is_closed() {
                return;
            }
            self.queue.refuse_during(Duration::ZERO, sleep(PROBE_EVERY)).await;
        }
    }

    async fn commit_together(&mut self, first: Job) {
        let asked = Instant::now();
        let whole = match self.writer.begin().await {
            Ok(whole) => whole,
            Err(failure) => {
                self.health.failed(&failure.why);
                first.refuse(failure.answer).await;
                return self.queue.refuse_during(GRACE, self.writer.discard()).await;
            }
        };
        let (begun, mut parts, mut next) = (Instant::now(), Vec::new(), Some(first));
        while let Some(job) = next {
            match take_part(&whole, job).await {
                Ok(part) => parts.extend(part),
                Err(broken) => return self.give_up(whole, parts, broken).await,
            }
            let is_full = parts.len() >= MOST || begun.elapsed() >= AT_MOST;
            next = if is_full { None } else { self.queue.waiting.try_recv().ok() };
        }
        self.commit(whole, parts, asked).await;
    }

    async fn commit(&mut self, whole: DatabaseTransaction, mut parts: Vec<Part>, asked: Instant) {
        let count = parts.len();
        let changes: Vec<Changes> = parts.iter_mut().filter_map(|part| part.changes.take()).collect();
        let mut commit = pin!(self.writer.commit(whole));
        let in_time = timeout(PATIENCE, &mut commit).await;
        let committed = if let Ok(committed) = in_time {
            committed
        } else {
            // It can't be called back, and nobody knows when it ends, or how.
            self.health.failed("the disk does not answer a commit");
            settle_all(mem::take(&mut parts), &Err(AppError::Unconfirmed));
            self.queue.refuse_during(Duration::ZERO, commit).await
        };
        match committed {
            Ok(()) => {
                self.timings.wrote(count, asked.elapsed());
                for changes in changes {
                    self.feed.announce(changes);
                }
                settle_all(parts, &Ok(()));
            }
            Err(failure) => {
                self.health.failed(&failure.why);
                settle_all(parts, &Err(failure.answer));
                self.queue.refuse_during(GRACE, self.writer.discard()).await;
            }
        }
    }

    /// Nothing of this commit can be trusted: no part of it is written, and the next one has another connection.
    async fn give_up(&mut self, whole: DatabaseTransaction, mut parts: Vec<Part>, broken: Broken) {
        // The connection is closed in any case, and with it whatever is left of the transaction.
        let undo = timeout(PATIENCE, whole.rollback());
        match broken {
            Broken::Transaction(part, failure) => {
                self.health.failed(&failure.why);
                parts.extend(part);
                settle_all(parts, &Err(failure.answer));
                let end = async {
                    let _ = undo.await;
                    self.writer.discard().await;
                };
                self.queue.refuse_during(GRACE, end).await;
            }
            Broken::Kept(part) => {
                // Before anybody is answered: whoever has the handle may then drop it, which takes the connection to be free.
                let _ = undo.await;
                parts.extend(part);
                settle_all(parts, &Err(AppError::Internal));
                self.writer.discard().await;
            }
        }
    }
}

/// Why a commit is given up while its parts are written. The part, if it came to one, is to be answered too.
enum Broken {
    /// The transaction itself is gone or can't be relied on.
    Transaction(Option<Part>, Failure),
    /// A part's transaction handle outlived its closure: what comes behind it would be written under it.
    Kept(Option<Part>),
}

/// Writes one part in a savepoint of its own; none if nothing of it is to be kept.
async fn take_part(whole: &DatabaseTransaction, job: Job) -> Result<Option<Part>, Broken> {
    if job.caller_gone.is_cancelled() {
        return Ok(None);
    }
    if job.is_too_old() {
        job.refuse(AppError::Unavailable).await;
        return Ok(None);
    }
    let tx = match whole.begin().await {
        Ok(savepoint) => Tx::new(savepoint),
        Err(error) => {
            job.refuse(AppError::NotWritable).await;
            return Err(Broken::Transaction(None, Failure::not_writable(in_words(&error))));
        }
    };
    let is_broken = tx.broken();
    // In a task of its own, so that a panic is the end of this part alone.
    let mut task = tokio::spawn((job.run)(Ok(tx.clone())));
    let Ok(part) = timeout(PATIENCE, &mut task).await else {
        task.abort();
        let _ = task.await;
        return Err(Broken::Transaction(None, Failure::unavailable("a write took too long".to_owned())));
    };
    let Some(savepoint) = tx.into_inner() else {
        tracing::error!("a transaction handle outlived its closure");
        return Err(Broken::Kept(part.ok()));
    };
    let (part, ended) = match part {
        Ok(part) if part.changes.is_some() => (Some(part), savepoint.commit().await),
        Ok(part) => (Some(part), savepoint.rollback().await),
        Err(why) => {
            tracing::error!(%why, "a write task panicked");
            (None, savepoint.rollback().await)
        }
    };
    match (part, ended) {
        // A savepoint within it could not be ended, so this one may have been ended in its place.
        (part, _) if is_broken.load(Ordering::Relaxed) => {
            Err(Broken::Transaction(part, Failure::not_writable("a savepoint failed".to_owned())))
        }
        (part, Err(error)) => Err(Broken::Transaction(part, Failure::not_writable(in_words(&error)))),
        (Some(part), Ok(())) if part.changes.is_some() => Ok(Some(part)),
        (part, Ok(())) => {
            // It is undone, and says itself why.
            if let Some(part) = part {
                settle(part, Ok(()));
            }
            Ok(None)
        }
    }
}

fn settle_all(parts: Vec<Part>, done: &Result<(), AppError>) {
    for part in parts {
        settle(part, done.clone());
    }
}

fn settle(part: Part, done: Result<(), AppError>) {
    (part.settle)(done);
}
