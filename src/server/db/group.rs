//! Group commit, for SQLite's one writer: what waits to be written goes into one commit, each part in a savepoint of
//! its own, so that the disk is waited for once for all of them and not once for each. (DeWitt et al.,
//! Implementation Techniques for Main Memory Database Systems, 1984.)

use super::{
    Timings,
    errors::commit_failed,
    write::{Changes, Tx, Written, immediate},
};
use crate::{error::AppError, server::feed::Feed};
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, Span};

/// The most parts of one commit.
const MOST: usize = 64;
/// After this long a commit takes in no more parts: the first one waits for its answer.
const AT_MOST: Duration = Duration::from_millis(10);

/// A part that waits for the writer. It is given its transaction, or why there is none.
type Job = Box<dyn FnOnce(Result<Tx, AppError>) -> Pin<Box<dyn Future<Output = Part> + Send>> + Send>;

/// A part that was written, and waits for the commit.
struct Part {
    /// What to announce; none if nothing is to be kept.
    changes: Option<Changes>,
    /// Answers whoever asked for it.
    settle: Box<dyn FnOnce(Result<(), AppError>) + Send>,
}

/// The way to the writer; clones share it. The writer ends with the last of them.
#[derive(Clone)]
pub(super) struct Group {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Group {
    /// Begins to write on `writer`.
    pub fn begin(writer: DatabaseConnection, feed: Feed, timings: Timings) -> Self {
        let (jobs, mut waiting) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(first) = waiting.recv().await {
                commit_together(&writer, &feed, &timings, first, &mut waiting).await;
            }
        });
        Self { jobs }
    }

    /// Runs `work` as a part of the next commit, and answers after it.
    pub async fn write<T, F, Fut>(&self, work: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<T>, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // What is logged in there still belongs to the request.
        let span = Span::current();
        let job: Job = Box::new(move |tx| {
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
        if self.jobs.send(job).is_err() {
            return Err(AppError::Internal);
        }
        answered.await.unwrap_or_else(|_| {
            tracing::error!("a write broke off");
            Err(AppError::Internal)
        })
    }
}

async fn commit_together(
    writer: &DatabaseConnection,
    feed: &Feed,
    timings: &Timings,
    first: Job,
    waiting: &mut mpsc::UnboundedReceiver<Job>,
) {
    let asked = Instant::now();
    let whole = match writer.begin_with_options(immediate()).await {
        Ok(whole) => whole,
        Err(error) => return settle(first(Err(error.into())).await, Ok(())),
    };
    let (begun, mut parts, mut next) = (Instant::now(), Vec::new(), Some(first));
    while let Some(job) = next {
        match take_part(&whole, job).await {
            Ok(part) => parts.extend(part),
            Err(Kept(part)) => {
                // It would be rolled back under what comes behind it: nothing of this commit can be trusted.
                tracing::error!("a transaction was kept beyond its end");
                if let Err(error) = whole.rollback().await {
                    tracing::error!(%error, "a commit could not be undone");
                }
                for part in parts.into_iter().chain(part) {
                    settle(part, Err(AppError::Internal));
                }
                return;
            }
        }
        let is_full = parts.len() >= MOST || begun.elapsed() >= AT_MOST;
        next = if is_full { None } else { waiting.try_recv().ok() };
    }
    let done = whole.commit().await.map_err(commit_failed);
    if done.is_ok() {
        timings.wrote(parts.len(), asked.elapsed());
    }
    for mut part in parts {
        if let (Ok(()), Some(changes)) = (&done, part.changes.take()) {
            feed.announce(changes);
        }
        settle(part, done.clone());
    }
}

/// A part's transaction was kept beyond its end. The part itself, if it came to one.
struct Kept(Option<Part>);

/// Writes one part in a savepoint of its own; none if nothing of it is to be kept.
async fn take_part(whole: &DatabaseTransaction, job: Job) -> Result<Option<Part>, Kept> {
    let tx = match whole.begin().await {
        Ok(savepoint) => Tx::new(savepoint),
        Err(error) => {
            settle(job(Err(error.into())).await, Ok(()));
            return Ok(None);
        }
    };
    // In a task of its own, so that a panic is the end of this part alone.
    let part = tokio::spawn(job(Ok(tx.clone()))).await;
    let Some(savepoint) = tx.into_inner() else {
        return Err(Kept(part.ok()));
    };
    match part {
        Ok(part) if part.changes.is_some() => match savepoint.commit().await {
            Ok(()) => return Ok(Some(part)),
            Err(error) => settle(part, Err(error.into())),
        },
        Ok(part) => {
            let undone = savepoint.rollback().await;
            settle(part, undone.map_err(AppError::from));
        }
        Err(why) => {
            tracing::error!(%why, "a write broke off");
            if let Err(error) = savepoint.rollback().await {
                tracing::error!(%error, "what broke off could not be undone");
            }
        }
    }
    Ok(None)
}

fn settle(part: Part, done: Result<(), AppError>) {
    (part.settle)(done);
}
