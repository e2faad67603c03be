//! Whether the database takes writes: readiness, the log and the metrics tell it from here.

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// Whether writes work, as the newest of them went; clones share it.
#[derive(Clone, Debug)]
pub struct WriteHealth {
    failing: Arc<Mutex<Option<Failing>>>,
    failures: Counter,
    works: Gauge,
}

#[derive(Debug)]
struct Failing {
    why: String,
    since: Instant,
}

impl WriteHealth {
    /// Why writes fail, in words for operators; none while they work.
    pub fn failing(&self) -> Option<String> {
        self.lock().as_ref().map(|failing| failing.why.clone())
    }

    /// A write failed as a whole: nothing of it is acknowledged. Answers whether the one before had worked.
    pub(super) fn failed(&self, why: &str) -> bool {
        self.failures.inc();
        let mut failing = self.lock();
        self.works.set(0);
        let is_new = failing.is_none();
        if is_new {
            tracing::error!(why, "database writes fail; nothing is acknowledged or placed until they work");
        }
        let since = failing.as_ref().map_or_else(Instant::now, |failing| failing.since);
        *failing = Some(Failing { why: why.to_owned(), since });
        is_new
    }

    /// A write that was made to find out was committed. (Others may have had nothing to write.)
    pub(super) fn worked(&self) {
        let mut failing = self.lock();
        if let Some(failing) = failing.take() {
            self.works.set(1);
            let failed_for_ms = failing.since.elapsed().as_millis();
            tracing::info!(failed_for_ms, "database writes work again");
        }
    }

    /// Names what is counted for whoever watches.
    pub fn register(&self, registry: &mut Registry) {
        let help = "1 while the database takes writes, 0 while they fail and nothing is acknowledged";
        registry.register("db_writable", help, self.works.clone());
        let help = "Transactions that failed as a whole: the disk, the file or the connection gave way";
        registry.register("db_write_failures", help, self.failures.clone());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for WriteHealth {
    fn default() -> Self {
        let works = Gauge::default();
        works.set(1);
        Self { failing: Arc::default(), failures: Counter::default(), works }
    }
}
