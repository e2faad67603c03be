//! How long the database takes.

use prometheus_client::{
    metrics::histogram::Histogram,
    registry::{Registry, Unit},
};
use sea_orm::DatabaseConnection;
use std::time::Duration;

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
}

impl Timings {
    /// Names them for whoever watches.
    pub fn register(&self, registry: &mut Registry) {
        let (read, write) =
            ("How long a read took", "How long a transaction that wrote took, with its commit");
        registry.register_with_unit("db_read", read, Unit::Seconds, self.read.clone());
        registry.register_with_unit("db_write", write, Unit::Seconds, self.write.clone());
        let parts = "How many writes went into one commit; on PostgreSQL always one";
        registry.register("db_write_parts", parts, self.parts.clone());
    }

    /// From now on, what is read through this handle is timed.
    pub(super) fn time_reads(&self, reader: &mut DatabaseConnection) {
        let read = self.read.clone();
        reader.set_metric_callback(move |done| read.observe(done.elapsed.as_secs_f64()));
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
        Self { read: times(), write: times(), parts: Histogram::new(PARTS) }
    }
}
