//! How long the database takes, and what it is asked.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use sea_orm::{DatabaseConnection, Statement};
use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// From a lookup in a file to what should wake somebody.
const TIMES: [f64; 13] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// Up to the most parts of one commit.
const PARTS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// What is measured; clones share it.
#[derive(Clone, Debug)]
pub struct Timings {
    read: Histogram,
    write: Histogram,
    parts: Histogram,
    statements: Family<[(&'static str, &'static str); 1], Counter>,
    watcher: Arc<OnceLock<Watcher>>,
}

/// What is done with each statement that is run.
struct Watcher(Box<dyn Fn(&Statement) + Send + Sync>);

impl Timings {
    /// Names them for whoever watches.
    pub fn register(&self, registry: &mut Registry) {
        let (read, write) =
            ("How long a read took", "How long a transaction that wrote took, with its commit");
        registry.register_with_unit("db_read", read, Unit::Seconds, self.read.clone());
        registry.register_with_unit("db_write", write, Unit::Seconds, self.write.clone());
        let parts = "How many writes went into one commit; on PostgreSQL always one";
        registry.register("db_write_parts", parts, self.parts.clone());
        let statements = "SQL statements, by what they belong to; begin and commit are not among them";
        registry.register("db_statements", statements, self.statements.clone());
    }

    /// Has `watch` called with each statement that is run from now on. Only the first one who asks is called.
    pub fn watch_statements(&self, watch: impl Fn(&Statement) + Send + Sync + 'static) {
        let _ = self.watcher.set(Watcher(Box::new(watch)));
    }

    /// From now on, what is read through this handle is timed.
    pub(super) fn time_reads(&self, reader: &mut DatabaseConnection) {
        let timings = self.clone();
        reader.set_metric_callback(move |done| {
            timings.read.observe(done.elapsed.as_secs_f64());
            timings.ran("read", done.statement);
        });
    }

    /// From now on, what is run in transactions of this handle is counted.
    pub(super) fn count_writes(&self, writer: &mut DatabaseConnection) {
        let timings = self.clone();
        writer.set_metric_callback(move |done| timings.ran_in_write(done.statement));
    }

    /// A statement was run within a transaction that writes.
    pub(super) fn ran_in_write(&self, statement: &Statement) {
        self.ran("write", statement);
    }

    fn ran(&self, within: &'static str, statement: &Statement) {
        self.statements.get_or_create(&[("within", within)]).inc();
        if let Some(Watcher(watch)) = self.watcher.get() {
            watch(statement);
        }
    }

    /// A transaction with so many parts was committed.
    pub(super) fn wrote(&self, parts: usize, took: Duration) {
        self.write.observe(took.as_secs_f64());
        self.parts.observe(u32::try_from(parts).unwrap_or(u32::MAX).into());
    }
}

impl Default for Timings {
    fn default() -> Self {
        let times = || Histogram::new(TIMES);
        Self {
            read: times(),
            write: times(),
            parts: Histogram::new(PARTS),
            statements: Family::default(),
            watcher: Arc::default(),
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
