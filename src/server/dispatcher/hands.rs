//! Hands: how much of one kind of work a node does at once, and waiting for all of it to end.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

/// So many hands; clones share them.
#[derive(Clone, Debug)]
pub struct Hands {
    free: Arc<Semaphore>,
    work: TaskTracker,
}

impl Hands {
    /// `count` of them, all free.
    pub fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), work: TaskTracker::new() }
    }

    /// How many are free.
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }

    /// One of them, as soon as one is free. (None where the semaphore is closed, which nobody does.)
    pub async fn one(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Leaves `work` to a task of its own, with this hand: what takes its time holds up nothing else.
    pub fn give(&self, hand: OwnedSemaphorePermit, work: impl Future<Output = ()> + Send + 'static) {
        self.work.spawn(async move {
            work.await;
            drop(hand);
        });
    }

    /// Waits until everything that was given has ended.
    pub async fn finish(&self) {
        self.work.close();
        self.work.wait().await;
    }
}
