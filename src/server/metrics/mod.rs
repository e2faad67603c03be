//! What operators watch, counted by this process alone and told at `/metrics` in OpenMetrics' text. Whoever observes
//! something calls a method here; only this folder and [`db::Timings`](super::db::Timings) know the library.
//! `docs/OPERATIONS.md` has the table of all metrics, and a test compares the two.

pub mod door;
pub mod requests;
mod standing;

use super::db::{Db, Ended};
use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};
use standing::Standing;
use std::{borrow::Cow, sync::Arc, time::Duration};

/// From a tenth of a second, which is as good as at once, to an hour, after which a call is missed.
const LATENESS: [f64; 12] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0];
/// How long answers take over a network, up to the longest patience.
const REQUESTS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

type Word = Cow<'static, str>;
/// One value for each label, in the order in which they are written.
type Labels<const N: usize> = [(&'static str, Word); N];
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Everything that is counted; clones share it.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Arc<Registry>,
    ended: Family<Labels<3>, Counter>,
    reports: Family<Labels<1>, Counter>,
    lateness: Histogram,
    provider: Histograms<2>,
    requests: Histograms<3>,
    deliveries: Histograms<1>,
    standing: Standing,
}

impl Metrics {
    /// Counts from nothing, and from now on every call that ends by a commit of `db`.
    pub fn of(db: &Db) -> Self {
        let mut registry = Registry::with_prefix("switchboard");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What runs here", version);
        let mut metrics = Self {
            registry: Arc::default(),
            ended: Family::default(),
            reports: Family::default(),
            lateness: Histogram::new(LATENESS),
            provider: Family::new_with_constructor(|| Histogram::new(REQUESTS)),
            requests: Family::new_with_constructor(|| Histogram::new(REQUESTS)),
            deliveries: Family::new_with_constructor(|| Histogram::new(REQUESTS)),
            standing: Standing::default(),
        };
        metrics.register(&mut registry);
        db.timings().register(&mut registry);
        db.health().register(&mut registry);
        metrics.registry = Arc::new(registry);
        let ended = metrics.ended.clone();
        db.feed().when_calls_end(move |call| count_ended(&ended, call));
        metrics
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "calls_ended",
            "Calls that ended, by how and with which provider",
            self.ended.clone(),
        );
        registry.register(
            "reports",
            "Status callbacks that came in, by what became of them",
            self.reports.clone(),
        );
        let help = "From the instant a call was due to the instant it was claimed";
        registry.register_with_unit("dispatch_lateness", help, Unit::Seconds, self.lateness.clone());
        let help = "How long the provider took to answer, by what was asked and what it meant";
        registry.register_with_unit("provider_request", help, Unit::Seconds, self.provider.clone());
        let help = "HTTP requests, up to the beginning of the answer's body";
        registry.register_with_unit("http_request", help, Unit::Seconds, self.requests.clone());
        let help = "How long webhook endpoints took to answer, by what became of the delivery";
        registry.register_with_unit("webhook_delivery", help, Unit::Seconds, self.deliveries.clone());
        self.standing.register(registry);
    }

    /// A call was claimed so many milliseconds after it was due.
    #[expect(clippy::cast_precision_loss, reason = "no lateness needs more than 52 bits")]
    pub fn claimed(&self, late_millis: i64) {
        self.lateness.observe(late_millis.max(0) as f64 / 1_000.0);
    }

    /// A status callback came in, and this became of it.
    pub fn reported(&self, verdict: &'static str) {
        self.reports.get_or_create(&[("verdict", verdict.into())]).inc();
    }

    /// A webhook was sent, and this became of it.
    pub fn delivered(&self, outcome: &'static str, took: Duration) {
        self.deliveries.get_or_create(&[("outcome", outcome.into())]).observe(took.as_secs_f64());
    }

    /// The provider answered so after so long.
    pub fn provider_answered(&self, operation: &'static str, result: &'static str, took: Duration) {
        let labels = [("operation", operation.into()), ("result", result.into())];
        self.provider.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

fn count_ended(counter: &Family<Labels<3>, Counter>, call: &Ended) {
    let reason = call.reason.map_or("none", |reason| reason.as_str());
    let provider = call.provider.clone().map_or(Cow::Borrowed("none"), Cow::Owned);
    let labels =
        [("outcome", call.status.as_str().into()), ("reason", reason.into()), ("provider", provider)];
    counter.get_or_create(&labels).inc();
}
