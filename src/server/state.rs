//! What every handler and loop is given.

use super::{
    api::events::hub::Hub, auth::rate::Rate, calls::claim::ClaimTerms, clock::Clock, config::Config, db::Db,
    hooks::send::Sender, lab::Lab, metrics::Metrics, provider::Provider, signing::Secrets,
};
use crate::domain::timestamp::Timestamp;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use reqwest::Url;
use secrecy::SecretString;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// What every handler and loop is given; clones share it.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// The company that dials.
    pub provider: Arc<dyn Provider>,
    /// What posts webhooks to those who want to be told.
    pub hooks: Sender,
    /// How the page reaches the simulator's control API; none if another company is the provider.
    pub lab: Option<Lab>,
    /// What status callbacks are signed with.
    pub secrets: Secrets,
    /// What session cookies are sealed with.
    pub session_key: SecretString,
    /// Under which this installation is reached.
    pub public_url: Url,
    /// This node's name.
    pub node: Arc<str>,
    /// Where the page's files are.
    pub leptos: LeptosOptions,
    /// Where live readers are told what happens.
    pub live: Hub,
    /// What each caller has left; none without a limit.
    pub rate: Option<Arc<Rate>>,
    /// When the dispatcher last gave a sign of life.
    pub heartbeat: Heartbeat,
    /// What operators watch.
    pub metrics: Metrics,
}

impl AppState {
    /// How this node claims, at most `most` calls.
    pub fn claim_terms(&self, most: i64) -> ClaimTerms {
        ClaimTerms {
            owner: self.node.to_string(),
            provider: self.provider.name().to_owned(),
            most,
            lease_secs: self.config.lease_secs,
            place_within_secs: self.config.place_within_secs(),
            limits: self.config.limits(),
        }
    }

    /// After how many seconds without news the provider is asked about an attempt that was claimed at `claimed_at`.
    pub fn overdue_secs(&self, claimed_at: Timestamp, now: Timestamp) -> i64 {
        let open_secs = now.millis_since(claimed_at) / 1_000;
        self.provider.ask_every_secs(open_secs).unwrap_or(self.config.report_overdue_secs)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// When a loop last gave a sign of life; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Heartbeat(Arc<AtomicI64>);

impl Heartbeat {
    /// Gives a sign of life.
    pub fn beat(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::Relaxed);
    }

    /// When the last sign was given; the epoch if none ever was.
    pub fn last(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}
