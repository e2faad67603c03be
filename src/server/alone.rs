//! `switchboard simulator`: only the simulated provider, for other installations and for other people's tests.

use super::{
    StartError,
    assemble::{kept, parse_secrets, random_secret, simulator_config},
    clock::Clock,
    config::{Config, DATABASE},
    db::Db,
    provider::simulator::{Reach, Simulator, Timekeeping, alone, deliver, forget_old},
    signing,
    start::listen,
    stdout::say,
};
use secrecy::{ExposeSecret, SecretString};
use std::{future::Future, net::SocketAddr};
use tokio_util::sync::CancellationToken;

/// Where its data is unless it is said: beside Switchboard's own, so that both can be started from one folder.
const OWN_DATABASE: &str = "sqlite://data/simulator.db?mode=rwc";

/// Serves only the simulator until `shutdown`. What was not set of its token and its secret is made, kept with its
/// data, and told on the standard output, where whoever has started it finds it.
///
/// # Errors
/// A [`StartError`].
pub async fn run_simulator(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    config.callback_allow().map_err(|why| StartError(format!("SIMULATOR_CALLBACK_ALLOW: {why}.")))?;
    if let Some(secret) = &config.webhook_secret {
        parse_secrets(secret)?;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = if config.database_url == DATABASE { OWN_DATABASE } else { config.database_url.as_str() };
    let db = Db::connect(url).await?;
    let _lock = db.lock_for_serving()?;
    db.migrate()
        .await
        .map_err(|why| StartError(format!("The database can't be brought up to date: {why}.")))?;
    let clock = Clock::system();
    let token = kept(&db, "provider_token", config.provider_token.as_ref(), random_secret, &clock).await?;
    let secret =
        kept(&db, "webhook_secret", config.webhook_secret.as_ref(), signing::new_secret, &clock).await?;
    let listener = listen(config.site_addr).await?;
    let address = listener.local_addr().map_err(|why| StartError(why.to_string()))?;
    let mut settings = simulator_config(
        &config,
        token.clone(),
        parse_secrets(&secret)?,
        &config.public_url_at(address).map_err(StartError)?,
    )?;
    settings.timekeeping = Timekeeping::Own;
    // Whoever starts it for this machine alone has receivers on any port of it.
    if address.ip().is_loopback() {
        settings.callback_reach = Reach::ThisMachine;
    }
    let simulator = Simulator::new(settings, db.clone(), clock).map_err(|why| StartError(why.to_string()))?;
    let simulator = simulator.resumed().await?;
    say_hello(address, &token, &secret);
    let stop = CancellationToken::new();
    let sender = tokio::spawn(deliver::run(simulator.clone(), stop.clone()));
    tokio::spawn(forget_old(simulator.clone(), config.keep_simulated, stop.clone()));
    let router = alone(simulator).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        shutdown.await;
        stop.cancel();
    });
    served.await.map_err(|why| StartError(why.to_string()))?;
    let sent = sender.await.map_err(|why| StartError(why.to_string()));
    db.empty_log().await;
    db.close().await;
    sent
}

/// Where it is, and what the other side must know.
fn say_hello(address: SocketAddr, token: &SecretString, secret: &SecretString) {
    say(format!("The simulator serves http://{address}/provider (and the Call API under /api/call)"));
    say(format!("Control API:    http://{address}/provider/control"));
    say(format!("PROVIDER_TOKEN: {}", token.expose_secret()));
    say(format!("WEBHOOK_SECRET: {}", secret.expose_secret()));
}
