//! The simulator: a company that dials, though no phone ever rings.
//!
//! It is the other side of the provider protocol and could be replaced by a stranger over HTTP, so it knows
//! nothing of ours: it has its own tables (`sim_…`), its own words, and is reached through [`router()`] (the provider
//! protocol) and [`call_api()`] (an older interface, without callbacks) alone.
//! What a number does is written in [`scenario`]. A placing plans everything that will happen to the call and
//! stores it; from then on the truth is what stands in the table with a time that has come. Status queries
//! read that truth, and [`deliver`] reports it by signed callbacks, late, twice or never where the scenario
//! says so. Nothing is held in memory, so a restart, or another process on the same database, carries on.
//!
//! What else may happen is ordered through the control API ([`control`]): faults, outcomes, speed, and, where it stands
//! alone, the clock. Orders are rows too.
//!
//! In reading order: `scenario`, `story`, `fault`, `wire`, `orders`, `place`, `hang_up`, `look_up`, `claim`, `deliver`,
//! `router`, `call_api`, `send`, `control`, `prune`.

mod address;
mod call_api;
mod claim;
pub mod control;
pub mod deliver;
mod fault;
mod hang_up;
mod happening;
mod look_up;
mod orders;
mod place;
mod post;
mod problem;
mod prune;
mod router;
pub mod scenario;
mod send;
mod settings;
mod story;
mod table;
mod time;
mod wire;

pub use call_api::{alone, call_api};
pub use prune::{prune, run as forget_old};
pub use router::router;
pub use time::Timekeeping;

use self::time::SimClock;
use crate::{
    error::AppError,
    server::{
        clock::Clock,
        db::{Db, Tx, Written},
        signing::Secrets,
    },
};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Notify},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// How often a held answer looks at the clock, which tests move by hand.
const LOOKS_AT_CLOCK_EVERY: Duration = Duration::from_millis(20);

/// How the simulator is set up.
#[derive(Debug)]
pub struct SimulatorConfig {
    /// The bearer token that every request must carry.
    pub token: SecretString,
    /// What callbacks are signed with.
    pub secrets: Secrets,
    /// What the callbacks of calls that came through `/send` are signed with too; none = that door is shut.
    pub seed_secret: Option<SecretString>,
    /// Where Switchboard itself is reached: callbacks may go to addresses under it.
    pub public_url: Url,
    /// Further addresses under which callbacks may go.
    pub callback_allow: Vec<Url>,
    /// Where else callbacks may go.
    pub callback_reach: Reach,
    /// Whether its clock may be held and moved.
    pub timekeeping: Timekeeping,
    /// What divides the normal times: 1 is life-like, 10 is ten times as fast.
    pub speed: f64,
    /// What numbers without a scenario draw their outcome from, with their placing.
    pub seed: u64,
    /// Which part of those, from 0 to 1, is not completed.
    pub fail_rate: f64,
}

/// Where callbacks may go besides the addresses that are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Nowhere.
    Named,
    /// To every port of this machine: for somebody's tests, whose receivers listen wherever there is room.
    ThisMachine,
}

/// Why a simulator can't be set up, for the start-up line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetupError {
    /// Without a token anybody could make this server sign and send requests.
    #[error("PROVIDER_TOKEN is empty: the simulator always wants one")]
    Token,
    /// The speed is no number to divide by.
    #[error("SIMULATOR_SPEED is {0}; it must be a number from 0.001 to 1000000")]
    Speed(String),
    /// The fail rate is no part of a whole.
    #[error("SIMULATOR_FAIL_RATE is {0}; it must be a number from 0 to 1")]
    FailRate(String),
    /// The HTTP client for the callbacks can't be made.
    #[error("The simulator's HTTP client can't be set up: {0}")]
    Client(String),
}

/// The company. Cheap to clone; all clones are the same company.
#[derive(Clone)]
pub struct Simulator {
    config: Arc<SimulatorConfig>,
    db: Db,
    clock: SimClock,
    http: reqwest::Client,
    /// Held while callbacks are being sent, so that who moves the clock on can wait for those that became due.
    sending: Arc<Mutex<()>>,
    /// Rung when something is to be sent earlier than the sender knows.
    woken: Arc<Notify>,
    /// Cancelled when the process stops, so that held answers don't hold it up.
    closing: CancellationToken,
}

impl Simulator {
    /// A simulator on this database. A TLS provider must have been installed before.
    pub fn new(config: SimulatorConfig, db: Db, clock: Clock) -> Result<Self, SetupError> {
        config.check()?;
        let http = post::client().map_err(|error| SetupError::Client(error.to_string()))?;
        let (woken, closing, clock) =
            (Arc::new(Notify::new()), CancellationToken::new(), SimClock::new(clock));
        let sending = Arc::new(Mutex::new(()));
        Ok(Self { config: Arc::new(config), db, clock, http, sending, woken, closing })
    }

    /// The same, with its clock as the last process left it, where it has one of its own.
    ///
    /// # Errors
    /// What the database says.
    pub async fn resumed(self) -> Result<Self, AppError> {
        if self.config.timekeeping == Timekeeping::Own {
            settings::resume_clock(&self).await?;
        }
        Ok(self)
    }

    /// The instant of what happens to calls, in milliseconds.
    fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Whether a callback may go to `url`.
    fn may_call(&self, url: &Url) -> bool {
        let named = std::iter::once(&self.config.public_url).chain(&self.config.callback_allow);
        address::is_allowed(url, named)
            || (self.config.callback_reach == Reach::ThisMachine && address::is_this_machine(url))
    }

    /// Writes, then wakes the sender. In a task of its own, so that a caller who hangs up in between (and
    /// some scenarios wait for that) can't keep the sender asleep.
    async fn write_and_wake<T, F, Fut>(&self, write: F) -> Result<T, AppError>
    where
        F: FnOnce(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Written<T>, AppError>> + Send + 'static,
        T: Send + 'static,
    {
        let sim = self.clone();
        let task = tokio::spawn(async move {
            let written = sim.db.write(write).await;
            sim.woken.notify_one();
            written
        });
        task.await.unwrap_or(Err(AppError::Internal))
    }

    /// Waits until the machine's clock shows `instant` (milliseconds), or the process stops.
    async fn hold_until(&self, instant: i64) {
        while self.clock.machine_now() < instant {
            tokio::select! {
                () = sleep(LOOKS_AT_CLOCK_EVERY) => {}
                () = self.closing.cancelled() => return,
            }
        }
    }
}

impl SimulatorConfig {
    fn check(&self) -> Result<(), SetupError> {
        if self.token.expose_secret().is_empty() {
            return Err(SetupError::Token);
        }
        if !(0.001..=1_000_000.0).contains(&self.speed) {
            return Err(SetupError::Speed(self.speed.to_string()));
        }
        if !(0.0..=1.0).contains(&self.fail_rate) {
            return Err(SetupError::FailRate(self.fail_rate.to_string()));
        }
        Ok(())
    }
}

/// Our own fault; the log has the details.
fn internal(error: impl std::fmt::Display) -> AppError {
    tracing::error!(%error, "the simulator can't read what it wrote itself");
    AppError::Internal
}
