//! How things stand when somebody looks: read from the database then, from its indexes alone, and at most every few
//! seconds, however many look.

use super::Labels;
use crate::{
    domain::{status::CallStatus, timestamp::Timestamp},
    error::AppError,
    server::{
        calls::{counts, dispatch_state, queries},
        config::Role,
        hooks::deliveries,
        state::AppState,
    },
};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use std::sync::{Arc, atomic::AtomicU64};
use tokio::sync::Mutex;

/// For so long an answer of the database counts as new, in milliseconds.
const FRESH_MILLIS: i64 = 5_000;

type Seconds = Gauge<f64, AtomicU64>;

/// The gauges; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    calls: Family<Labels<1>, Gauge>,
    oldest_due: Seconds,
    stopped: Gauge,
    heartbeat: Seconds,
    live_readers: Gauge,
    deliveries: Gauge,
    wal: Gauge,
    read_at: Arc<Mutex<Option<Timestamp>>>,
}

impl Standing {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("calls", "Open calls of the installation, by status", self.calls.clone());
        let help = "For how long the call that is due longest has waited, 0 if none is due";
        registry.register_with_unit("oldest_due_call", help, Unit::Seconds, self.oldest_due.clone());
        let help = "1 while nothing is placed: paused, locked out, or the provider fails";
        registry.register("placing_stopped", help, self.stopped.clone());
        let help = "When this process's dispatcher last gave a sign of life, 0 if it runs none";
        registry.register_with_unit(
            "dispatcher_heartbeat_timestamp",
            help,
            Unit::Seconds,
            self.heartbeat.clone(),
        );
        let help = "Who follows this process's stream of events";
        registry.register("live_readers", help, self.live_readers.clone());
        let help = "Webhooks that are still to be sent, those of disabled endpoints included";
        registry.register("webhook_deliveries_waiting", help, self.deliveries.clone());
        let help =
            "Size of SQLite's write-ahead log; it grows while another program holds a reading transaction";
        registry.register_with_unit("db_wal", help, Unit::Bytes, self.wal.clone());
    }

    /// Brings the gauges up to date. What the database does not tell stays as it was.
    pub async fn look(&self, state: &AppState) {
        if state.config.runs(Role::Dispatcher) {
            self.heartbeat.set(secs(state.heartbeat.last().as_millis()));
        }
        self.live_readers.set(i64::try_from(state.live.readers()).unwrap_or(i64::MAX));
        self.wal.set(i64::try_from(state.db.wal_bytes().unwrap_or(0)).unwrap_or(i64::MAX));
        let now = state.clock.now();
        let mut read_at = self.read_at.lock().await;
        if read_at.is_some_and(|at| now.millis_since(at).abs() < FRESH_MILLIS) {
            return;
        }
        match self.read(state, now).await {
            Ok(()) => *read_at = Some(now),
            Err(error) => {
                tracing::warn!(%error, "how things stand could not be read; the old numbers are told");
            }
        }
    }

    async fn read(&self, state: &AppState, now: Timestamp) -> Result<(), AppError> {
        let open = counts::open_by_status(&state.db).await?;
        let next_due = queries::next_due(&state.db).await?;
        let dispatch = dispatch_state::read(state.db.read(), state.config.limits()).await?;
        let deliveries = deliveries::waiting(&state.db).await?;
        for status in CallStatus::ALL.iter().filter(|status| status.is_open()) {
            let count = open.get(status).copied().unwrap_or(0);
            self.calls.get_or_create(&[("status", status.as_str().into())]).set(count);
        }
        self.oldest_due.set(secs(next_due.map_or(0, |due| now.millis_since(due).max(0))));
        self.deliveries.set(i64::try_from(deliveries).unwrap_or(i64::MAX));
        self.stopped.set(i64::from(!dispatch.stops(now).is_empty()));
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "instants of the next 280,000 years fit into 52 bits")]
fn secs(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}
