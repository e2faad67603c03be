//! Start and stop. Start: listen, then loops. Stop: no new claims; finish the placings in hand; end live streams;
//! stop HTTP; close the database.

use super::{
    StartError,
    api::events::hub,
    assemble::assemble,
    calls::{claim::void_leases, dispatch_state, stream},
    clock::Clock,
    config::{Config, Role},
    db::{Db, LockFile, Written},
    dispatcher::{self, dispatch, hang_up, reconcile},
    hooks,
    idempotency::forget,
    insights::follow,
    phone,
    provider::simulator::{self, Simulator, deliver},
    retention,
    router::router,
    state::AppState,
    stdout::say,
};
use crate::error::AppError;
use axum::Router;
use sea_orm::DbBackend;
use std::{future::Future, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long placings in hand may take to finish at a stop.
const FINISH_WITHIN: Duration = Duration::from_secs(10);
/// How long open connections may take to finish at a stop.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Between two looks at the database's clock.
const MEASURE_CLOCK_EVERY: Duration = Duration::from_mins(1);

/// A Switchboard that answers and works.
pub struct Running {
    /// The address that was really bound.
    pub address: SocketAddr,
    /// What its handlers and loops are given.
    pub state: AppState,
    /// The simulator, if it is the provider.
    pub simulator: Option<Simulator>,
    stop_loops: CancellationToken,
    stop_http: CancellationToken,
    placings: TaskTracker,
    tasks: TaskTracker,
    _lock: LockFile,
}

/// Whether the loops run by themselves, or are called by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loops {
    /// They run.
    Running,
    /// Tests call each `run_once`.
    ByHand,
}

/// Serves until `shutdown`, then stops in order.
///
/// # Errors
/// A [`StartError`].
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
    let running = start(config, Clock::system(), Loops::Running).await?;
    running.say_hello();
    shutdown.await;
    tracing::info!("stopping: no new calls are placed, those in hand are finished");
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Starts serving. With a port of 0 any free one is bound.
///
/// # Errors
/// A [`StartError`].
pub async fn start(config: Config, clock: Clock, loops: Loops) -> Result<Running, StartError> {
    config.check().map_err(StartError)?;
    // Only the first of several in one process can install it; the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = Db::connect(&config.database_url).await?;
    let lock = db.lock_for_serving()?;
    db.migrate()
        .await
        .map_err(|why| StartError(format!("The database can't be brought up to date: {why}.")))?;
    // Nodes that share a database share its clock, or they would disagree on what is due and whose lease is over.
    clock.set_offset_millis(db.clock_offset_millis().await.map_err(AppError::from)?);
    let listener = listen(config.site_addr).await?;
    let address = listener.local_addr().map_err(|why| StartError(why.to_string()))?;
    let (state, simulator) = assemble(config, db, clock, address).await?;
    // Who starts it again may have set other credentials; the provider's next answer tells.
    state.db.write(async move |tx| Ok(Written::new(dispatch_state::block(&tx, None).await?))).await?;
    let adopted = stream::adopt(&state.db).await?;
    if adopted > 0 {
        tracing::info!(
            events = adopted,
            "the events came from another database server; live readers start anew"
        );
    }
    if lock.is_held() {
        let own_leases = void_leases(&state.db, state.clock.now()).await?;
        hooks::claim::void_leases(&state.db, state.clock.now()).await?;
        if own_leases > 0 {
            tracing::info!(
                calls = own_leases,
                "calls that were being placed when the last process ended are asked about"
            );
        }
    }
    let running = Running {
        address,
        state: state.clone(),
        simulator: simulator.clone(),
        stop_loops: CancellationToken::new(),
        stop_http: CancellationToken::new(),
        placings: TaskTracker::new(),
        tasks: TaskTracker::new(),
        _lock: lock,
    };
    running.serve(listener, router(&state, simulator));
    if loops == Loops::Running {
        running.run_loops();
    }
    Ok(running)
}

impl Running {
    /// Stops: no new claims; placings in hand are finished (at most 10 s); live streams end; HTTP stops; the database is
    /// closed.
    pub async fn stop(self) {
        self.stop_loops.cancel();
        self.placings.close();
        if tokio::time::timeout(FINISH_WITHIN, self.placings.wait()).await.is_err() {
            tracing::warn!("some placings did not finish; they are asked about at the next start");
        }
        // They would go on for ever, and HTTP stops when every answer has ended.
        self.state.live.close();
        self.stop_http.cancel();
        self.tasks.close();
        if tokio::time::timeout(CLOSE_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not finish");
        }
        self.state.db.empty_log().await;
        self.state.db.close().await;
    }

    fn serve(&self, listener: TcpListener, router: Router) {
        let stop = self.stop_http.clone();
        self.tasks.spawn(async move {
            // Who is on this machine is seen by the peer's address.
            let router = router.into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
            if let Err(why) = served {
                tracing::error!(%why, "HTTP stopped");
            }
        });
    }

    fn run_loops(&self) {
        let (state, stop) = (&self.state, &self.stop_loops);
        if state.config.runs(Role::Dispatcher) {
            self.tasks.spawn(dispatch::run(state.clone(), stop.clone(), self.placings.clone()));
            self.tasks.spawn(reconcile::run(state.clone(), stop.clone()));
            self.tasks.spawn(hang_up::run(state.clone(), stop.clone()));
            self.tasks.spawn(forget::run(state.clone(), stop.clone()));
            self.tasks.spawn(retention::run(state.clone(), stop.clone()));
            if state.db.backend() == DbBackend::Postgres {
                self.tasks.spawn(retention::run_sums(state.db.clone(), stop.clone()));
            }
            self.tasks.spawn(follow::run(state.clone(), stop.clone()));
            self.tasks.spawn(dispatcher::deliver::run(state.clone(), stop.clone(), self.placings.clone()));
        }
        if state.config.runs(Role::Web) {
            self.tasks.spawn(hub::run(state.clone(), self.stop_http.clone()));
        }
        self.tasks.spawn(follow_the_databases_clock(state.clone(), stop.clone()));
        let (db, stop_http) = (state.db.clone(), self.stop_http.clone());
        self.tasks.spawn(async move { db.share_news(stop_http).await });
        if let Some(simulator) = &self.simulator {
            self.tasks.spawn(deliver::run(simulator.clone(), self.stop_http.clone()));
            let keep = state.config.keep_simulated;
            self.tasks.spawn(simulator::forget_old(simulator.clone(), keep, stop.clone()));
        }
        let country = state.config.default_country.clone().unwrap_or_default();
        self.tasks.spawn_blocking(move || phone::warm_up(&country));
    }

    /// The start-up line: address, database, provider, and whether it is open.
    fn say_hello(&self) {
        let config = &self.state.config;
        let database = config.database_url.split(':').next().unwrap_or_default();
        let provider =
            if self.simulator.is_some() { "the built-in simulator" } else { "the one at PROVIDER_URL" };
        let open = match (&config.api_token, config.site_addr.ip().is_loopback()) {
            (Some(_), _) => "asks for its token",
            (None, true) => "open to everybody on this machine",
            (None, false) => "OPEN to whoever reaches the port",
        };
        if !config.runs(Role::Web) {
            let version = env!("CARGO_PKG_VERSION");
            let node = &self.state.node;
            say(format!("Switchboard {version} dispatches as {node} (database: {database}; {provider})"));
            return;
        }
        say(format!(
            "Switchboard {} serves {} (database: {database}; provider: {provider}; {open})",
            env!("CARGO_PKG_VERSION"),
            self.state.public_url.as_str().trim_end_matches('/'),
        ));
    }
}

/// Measures now and then how far the database's clock is from ours, since both may be set anew.
async fn follow_the_databases_clock(state: AppState, stop: CancellationToken) {
    while tokio::time::timeout(MEASURE_CLOCK_EVERY, stop.cancelled()).await.is_err() {
        match state.db.clock_offset_millis().await {
            Ok(millis) => state.clock.set_offset_millis(millis),
            Err(error) => {
                tracing::warn!(%error, "the database's clock can't be read; its old offset is kept");
            }
        }
    }
}

/// Takes the address, or says who has it.
///
/// # Errors
/// A [`StartError`].
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|why| {
        let how = match why.kind() {
            std::io::ErrorKind::AddrInUse => {
                "Another program listens there: stop it, or set LEPTOS_SITE_ADDR to another address."
                    .to_owned()
            }
            _ => format!("{why}. Set LEPTOS_SITE_ADDR to an address of this machine."),
        };
        StartError(format!("Can't listen on {address}. {how}"))
    })
}
