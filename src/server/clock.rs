//! The clock is injected: tests move it and never sleep.

use crate::domain::{
    id::{AttemptId, CallId},
    timestamp::Timestamp,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uuid::{ContextV7, Uuid};

/// Tells the time; clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// A fixed instant that tests move; none = the machine's clock.
    manual: Option<AtomicI64>,
    /// When the process made it.
    begun: Instant,
    /// How far the database's clock is ahead of ours, in milliseconds.
    offset: AtomicI64,
    /// Keeps ids of one millisecond in order.
    ids: std::sync::Mutex<ContextV7>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::of(None)
    }

    /// A clock that stands at `start` until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        Self::of(Some(AtomicI64::new(start.as_millis())))
    }

    /// The instant that it is now.
    pub fn now(&self) -> Timestamp {
        let own = match &self.inner.manual {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => machine_millis(),
        };
        Timestamp::from_millis(own + self.inner.offset.load(Ordering::SeqCst))
    }

    /// How long the clock has run, for measuring spans: it is never set back. A manual one tells its instant.
    pub fn since_start(&self) -> Duration {
        match &self.inner.manual {
            Some(fixed) => Duration::from_millis(fixed.load(Ordering::SeqCst).max(0).cast_unsigned()),
            None => self.inner.begun.elapsed(),
        }
    }

    /// Moves a manual clock; the machine's goes its own way.
    pub fn advance_ms(&self, millis: i64) {
        if let Some(fixed) = &self.inner.manual {
            fixed.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Follows another clock that is ahead by `millis`: with several nodes, the database's.
    pub fn set_offset_millis(&self, millis: i64) {
        self.inner.offset.store(millis, Ordering::SeqCst);
    }

    /// A new call's id; later ones sort behind.
    pub fn new_call_id(&self) -> CallId {
        CallId(self.new_id())
    }

    /// A new attempt's id.
    pub fn new_attempt_id(&self) -> AttemptId {
        AttemptId(self.new_id())
    }

    /// A new UUIDv7 of this instant.
    pub fn new_id(&self) -> Uuid {
        let millis = self.now().as_millis().max(0).cast_unsigned();
        let (secs, nanos) = (millis / 1_000, (millis % 1_000) * 1_000_000);
        let Ok(context) = self.inner.ids.lock() else { return Uuid::now_v7() };
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, secs, u32::try_from(nanos).unwrap_or(0)))
    }

    fn of(manual: Option<AtomicI64>) -> Self {
        let ids = std::sync::Mutex::new(ContextV7::new());
        Self { inner: Arc::new(Inner { manual, begun: Instant::now(), offset: AtomicI64::new(0), ids }) }
    }
}

fn machine_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
