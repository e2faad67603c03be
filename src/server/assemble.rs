//! Puts together what handlers and loops are given: secrets, the provider, the simulator if it is the one.

use super::{
    StartError,
    api::events::hub::Hub,
    auth::rate::Rate,
    clock::Clock,
    config::{Config, ProviderKind},
    db::{Db, settings},
    hooks::send::Sender,
    lab::Lab,
    metrics::Metrics,
    provider::{
        Provider,
        call_api::CallApi,
        http::HttpProvider,
        simulator::{Reach, Simulator, SimulatorConfig, Timekeeping},
        timed::Timed,
    },
    signing::{self, Secrets},
    site_files::leptos_options,
    state::{AppState, Heartbeat},
};
use crate::error::AppError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// What handlers and loops are given, and the simulator, if it is the provider.
///
/// # Errors
/// A [`StartError`].
pub async fn assemble(
    config: Config,
    db: Db,
    clock: Clock,
    address: SocketAddr,
) -> Result<(AppState, Option<Simulator>), StartError> {
    let public_url = config.public_url_at(address).map_err(StartError)?;
    let token = kept(&db, "provider_token", config.provider_token.as_ref(), random_secret, &clock).await?;
    let secret =
        kept(&db, "webhook_secret", config.webhook_secret.as_ref(), signing::new_secret, &clock).await?;
    let session_key = kept(&db, "session_key", None, random_secret, &clock).await?;
    let secrets = parse_secrets(&secret)?;
    let metrics = Metrics::of(&db);
    let provider = provider(&config, &clock, address, token.clone(), &public_url)?;
    let provider = Arc::new(Timed::new(provider, metrics.clone()));
    let own = config.has_simulator().then(|| {
        let settings = simulator_config(&config, token.clone(), secrets.clone(), &public_url)?;
        Simulator::new(settings, db.clone(), clock.clone()).map_err(|why| StartError(why.to_string()))
    });
    let simulator = own.transpose()?;
    let lab = lab(&config, address, token)?;
    let hooks = Sender::new(config.webhook_allow_private).map_err(no_client)?;
    let rate = Rate::of(config.rate_limit_per_minute, &clock).map(Arc::new);
    let state = AppState {
        node: config.node_name().into(),
        leptos: leptos_options(),
        config: Arc::new(config),
        provider,
        live: Hub::new(),
        hooks,
        lab,
        rate,
        heartbeat: Heartbeat::default(),
        metrics,
        db,
        clock,
        secrets,
        session_key,
        public_url,
    };
    Ok((state, simulator))
}

/// The provider that the settings name. What speaks the Call API is shown a token only if one was set: ours is
/// nobody else's business.
///
/// # Errors
/// A [`StartError`].
pub fn provider(
    config: &Config,
    clock: &Clock,
    address: SocketAddr,
    token: SecretString,
    public_url: &reqwest::Url,
) -> Result<Arc<dyn Provider>, StartError> {
    let url = config.provider_url_at(address).map_err(StartError)?;
    let timeout = Duration::from_secs(config.place_within_secs().cast_unsigned());
    let made: reqwest::Result<Arc<dyn Provider>> = match config.provider_kind {
        ProviderKind::Http => HttpProvider::new(url, token, public_url.clone(), timeout)
            .map(|provider| Arc::new(provider) as Arc<dyn Provider>),
        ProviderKind::CallApi => CallApi::new(url, config.provider_token.clone(), timeout, clock.clone())
            .map(|provider| Arc::new(provider) as Arc<dyn Provider>),
    };
    made.map_err(no_client)
}

fn no_client(why: reqwest::Error) -> StartError {
    StartError(format!("The HTTP client can't be set up: {why}."))
}

/// How the page reaches the simulator's control API, if the simulator is the provider.
fn lab(config: &Config, address: SocketAddr, token: SecretString) -> Result<Option<Lab>, StartError> {
    if !config.has_simulator() {
        return Ok(None);
    }
    let url = config.provider_url_at(address).map_err(StartError)?;
    Lab::new(url, token).map(Some).map_err(no_client)
}

/// How the settings set the simulator up, inside this process.
///
/// # Errors
/// A [`StartError`].
pub fn simulator_config(
    config: &Config,
    token: SecretString,
    secrets: Secrets,
    public_url: &reqwest::Url,
) -> Result<SimulatorConfig, StartError> {
    Ok(SimulatorConfig {
        token,
        secrets,
        seed_secret: config.seed_webhook_secret.clone(),
        public_url: public_url.clone(),
        callback_allow: config.callback_allow().map_err(StartError)?,
        callback_reach: Reach::Named,
        timekeeping: Timekeeping::Shared,
        speed: config.simulator_speed,
        seed: config.simulator_seed,
        fail_rate: config.simulator_fail_rate,
    })
}

/// The secret that was set, or the one in the database, made now if there is none yet.
///
/// # Errors
/// What the database says.
pub async fn kept(
    db: &Db,
    name: &'static str,
    set: Option<&SecretString>,
    make: impl Fn() -> String,
    clock: &Clock,
) -> Result<SecretString, AppError> {
    match set.filter(|set| !set.expose_secret().is_empty()) {
        Some(set) => Ok(set.clone()),
        None => Ok(settings::get_or_create(db, name, make(), clock.now().as_millis()).await?.into()),
    }
}

/// Reads what callbacks are signed with.
///
/// # Errors
/// A [`StartError`].
pub fn parse_secrets(text: &SecretString) -> Result<Secrets, StartError> {
    Secrets::parse(text.expose_secret()).map_err(|why| StartError(format!("WEBHOOK_SECRET: {why}.")))
}

/// A token that nobody can guess.
pub fn random_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
