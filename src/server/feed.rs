//! What woke and what changed: every commit is announced here, to the loops and to live readers.

use super::db::{Changes, Ended};
use std::sync::{Arc, OnceLock};
use tokio::sync::{broadcast, watch};

/// How many announcements a slow reader may lag behind before it must read anew.
const BACKLOG: usize = 1_024;

/// Where commits are announced; clones share it.
#[derive(Clone)]
pub struct Feed {
    due: watch::Sender<u64>,
    committed: watch::Sender<()>,
    changes: broadcast::Sender<Changes>,
    ended: Arc<OnceLock<CountEnded>>,
}

/// What is done for each call that ends.
type CountEnded = Box<dyn Fn(&Ended) + Send + Sync>;

impl Feed {
    /// A feed with no readers yet.
    pub fn new() -> Self {
        Self {
            due: watch::channel(0).0,
            committed: watch::channel(()).0,
            changes: broadcast::channel(BACKLOG).0,
            ended: Arc::default(),
        }
    }

    /// Tells everybody what a commit brought.
    pub fn announce(&self, changes: Changes) {
        if let Some(count) = self.ended.get() {
            changes.ended.iter().for_each(count);
        }
        if changes.wake_at.is_some() || !changes.calls.is_empty() {
            self.heard();
            self.committed.send_replace(());
            // Nobody listening is no error.
            let _ = self.changes.send(changes);
        }
    }

    /// Has `count` called for each call that ends by a commit of this process. Only the first one who asks is called.
    pub fn when_calls_end(&self, count: impl Fn(&Ended) + Send + Sync + 'static) {
        let _ = self.ended.set(Box::new(count));
    }

    /// Wakes the loops: something was committed, here or by another node.
    pub fn heard(&self) {
        self.due.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Changes with each announcement of this process, for whoever tells the other nodes.
    pub fn committed(&self) -> watch::Receiver<()> {
        self.committed.subscribe()
    }

    /// Changes with each announcement, also with one that comes while the reader is busy: a loop waits for
    /// it and then looks whether something is due or has room.
    pub fn due(&self) -> watch::Receiver<u64> {
        self.due.subscribe()
    }

    /// Every announcement from now on.
    pub fn changes(&self) -> broadcast::Receiver<Changes> {
        self.changes.subscribe()
    }
}

impl Default for Feed {
    fn default() -> Self {
        Self::new()
    }
}
