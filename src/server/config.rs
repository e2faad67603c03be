//! Every setting: an environment variable (a `.env` file is read) or an option of the same name. This struct
//! is their documentation; `switchboard --help` prints it.

use super::{
    auth::{cors::Origins, proxies::Proxies},
    given::Given,
    retention::Keep,
    signing::Secrets,
};
use crate::domain::waiting::Limits;
use clap::{Args, ValueEnum};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use std::{convert::Infallible, net::SocketAddr};

/// Where the data is unless it is said.
pub const DATABASE: &str = "sqlite://data/switchboard.db?mode=rwc";

/// How strictly a phone number is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum NumberCheck {
    /// E.164: + and 7 to 15 digits.
    Shape,
    /// A length that the country's numbers have.
    Possible,
    /// A number that the country's plan has.
    Valid,
}

/// What the provider speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ProviderKind {
    /// The provider protocol: keys, signed callbacks, hanging up.
    #[value(name = "http")]
    Http,
    /// The Call API: POST /api/call and GET /api/call/:id, and nothing else.
    #[value(name = "call_api")]
    CallApi,
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For programs: one JSON object a line.
    Json,
}

/// A part of Switchboard that a process can run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Role {
    /// The page, the API, the provider's callbacks, and the simulator if it is the provider.
    Web,
    /// The loops: placing, asking the provider, hanging up.
    Dispatcher,
}

/// Every setting, its default, and what it does.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// What each of them was given, for a page to list. It stands first: reading a setting takes it away.
    #[command(flatten)]
    pub given: Given,
    /// Where the data is: a SQLite file or a PostgreSQL database (postgres://user:password@host/name).
    #[arg(
        long,
        env,
        default_value = DATABASE,
        hide_env_values = true,
        global = true
    )]
    pub database_url: String,
    /// The address to listen on.
    #[arg(
        long = "site-addr",
        env = "LEPTOS_SITE_ADDR",
        value_name = "LEPTOS_SITE_ADDR",
        default_value = "127.0.0.1:3000",
        global = true
    )]
    pub site_addr: SocketAddr,
    /// What this process runs: web, dispatcher or both. Several processes on one database need PostgreSQL.
    #[arg(long, env, value_enum, value_delimiter = ',', default_value = "web,dispatcher", global = true)]
    pub roles: Vec<Role>,
    /// The URL under which people and the provider reach this installation. Default: from the address.
    #[arg(long, env, value_parser = http_url, global = true)]
    pub public_url: Option<Url>,
    /// States that whoever reaches the port may do everything; needed to listen beyond loopback without a token.
    #[arg(long, env, default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub allow_open: bool,
    /// The bearer token of programs; with it set, the page asks for it once. At least 16 characters.
    #[arg(long, env, value_parser = secret, hide_env_values = true, global = true)]
    pub api_token: Option<SecretString>,
    /// The proxies whose X-Forwarded-For is believed: addresses or networks (10.0.0.0/8), separated by spaces.
    #[arg(long, env, default_value = "", global = true)]
    pub trusted_proxies: Proxies,
    /// Other sites whose pages may use the API with a token: origins (`https://app.example.com`), separated by spaces.
    #[arg(long, env, default_value = "", global = true)]
    pub cors_origins: Origins,
    /// Requests that one caller (a token, else an address) may make in a minute. 0 = no limit.
    #[arg(long, env, default_value_t = 600, global = true)]
    pub rate_limit_per_minute: u32,

    /// The bearer token of whoever reads `/metrics`, at least 16 characters. Default: API_TOKEN, if that is set.
    #[arg(long, env, value_parser = secret, hide_env_values = true, global = true)]
    pub metrics_token: Option<SecretString>,

    /// What the provider speaks. The Call API can be asked, but neither reports nor hangs up, and a placing that it
    /// did not clearly answer ends as unknown.
    #[arg(long, env, value_enum, default_value = "http", global = true)]
    pub provider_kind: ProviderKind,
    /// Where the provider answers. Default: the simulator in this process.
    #[arg(long, env, value_parser = http_url, global = true)]
    pub provider_url: Option<Url>,
    /// The bearer token that the provider wants. Default: made once and kept in the database; none for the Call API.
    #[arg(long, env, value_parser = secret, hide_env_values = true, global = true)]
    pub provider_token: Option<SecretString>,
    /// What the provider signs its callbacks with (whsec_…); several, separated by spaces, while one is replaced
    /// by another. Default: made once and kept in the database.
    #[arg(long, env, value_parser = secret, hide_env_values = true, global = true)]
    pub webhook_secret: Option<SecretString>,
    /// What older clients sign with: it opens `POST /api/webhook/` and the simulator's `POST /provider/send`. Their
    /// scheme knows no time of signing, so what was signed once may be sent again; unset, both doors are shut.
    #[arg(long, env, value_parser = secret, hide_env_values = true, global = true)]
    pub seed_webhook_secret: Option<SecretString>,
    /// How long the provider may take to answer, in seconds.
    #[arg(long, env, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=300), global = true)]
    pub provider_timeout_secs: i64,

    /// Calls under way at once, for the whole installation. 0 = no limit.
    #[arg(long, env, default_value_t = 100, value_parser = clap::value_parser!(i64).range(0..), global = true)]
    pub max_calls_in_flight: i64,
    /// Calls placed per second, for the whole installation. 0 = no limit.
    #[arg(long, env, default_value_t = 50, value_parser = clap::value_parser!(i64).range(0..), global = true)]
    pub calls_per_second: i64,
    /// How long a node may hold a call without a sign of life, in seconds; under 15, the provider's time shrinks to fit.
    #[arg(long, env, default_value_t = 15, value_parser = clap::value_parser!(i64).range(3..=3600), global = true)]
    pub lease_secs: i64,
    /// After how long without a report the provider is asked about a call, in seconds.
    #[arg(long, env, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..), global = true)]
    pub report_overdue_secs: i64,
    /// After how long without an answer a call counts as lost, in seconds.
    #[arg(long, env, default_value_t = 3600, value_parser = clap::value_parser!(i64).range(1..), global = true)]
    pub lost_contact_secs: i64,
    /// How long a call may wait past its wish before it counts as missed, in seconds. 0 = for ever.
    #[arg(long, env, default_value_t = 3600, value_parser = clap::value_parser!(i64).range(0..), global = true)]
    pub max_lateness_secs: i64,

    /// How strictly phone numbers are checked. Default: shape with the simulator, possible with any other provider.
    #[arg(long, env, value_enum, global = true)]
    pub number_check: Option<NumberCheck>,
    /// The country of numbers typed without one, two letters. Default: from the browser's language.
    #[arg(long, env, global = true)]
    pub default_country: Option<String>,
    /// The time zone of times typed without one.
    #[arg(long, env, default_value = "UTC", global = true)]
    pub default_time_zone: String,
    /// This node's name in leases and logs. Default: the host's name.
    #[arg(long, env, global = true)]
    pub node_name: Option<String>,

    /// How many times faster than life the simulator is.
    #[arg(long, env, default_value_t = 1.0, value_parser = speed, global = true)]
    pub simulator_speed: f64,
    /// What the simulator's luck is drawn from.
    #[arg(long, env, default_value_t = 1, global = true)]
    pub simulator_seed: u64,
    /// The share of simulated calls that don't complete, 0 to 1.
    #[arg(long, env, default_value_t = 0.15, value_parser = share, global = true)]
    pub simulator_fail_rate: f64,
    /// Lets webhooks go to private addresses and by http://. Whoever may make an endpoint can then have this server
    /// post to any machine that it can reach.
    #[arg(long, env, default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub webhook_allow_private: bool,

    /// Further URLs, separated by spaces, under which the simulator may call back.
    #[arg(long, env, default_value = "", global = true)]
    pub simulator_callback_allow: String,

    /// Live readers (open streams of events, as each page in a browser has one) at once, in this process. 0 = no limit.
    #[arg(long, env, default_value_t = 1_000, global = true)]
    pub max_live_readers: usize,
    /// Live readers at once of one caller, in this process. Everybody who shows the same token is one caller. 0 = no
    /// limit.
    #[arg(long, env, default_value_t = 200, global = true)]
    pub max_live_readers_per_caller: usize,

    /// How long ended calls are kept, with their attempts and events: an age as 90d, 12w or 36h, or forever.
    #[arg(long, env, default_value = "forever", global = true)]
    pub keep_calls: Keep,
    /// How long webhook deliveries are kept once they are settled.
    #[arg(long, env, default_value = "forever", global = true)]
    pub keep_deliveries: Keep,
    /// How long events of no call are kept: reports of attempts that nobody knows, and what is left of deleted calls.
    #[arg(long, env, default_value = "forever", global = true)]
    pub keep_stray_events: Keep,
    /// How long the simulator remembers what it has told; after that it also gives up what nobody takes.
    #[arg(long, env, default_value = "7d", global = true)]
    pub keep_simulated: Keep,

    /// How log lines are written.
    #[arg(long, env, value_enum, default_value = "pretty", global = true)]
    pub log_format: LogFormat,
}

impl Config {
    /// The same with what was set to nothing left unset, as `API_TOKEN=` in a `.env` file means it.
    #[must_use]
    pub fn without_blanks(mut self) -> Self {
        let secrets = [
            &mut self.api_token,
            &mut self.metrics_token,
            &mut self.provider_token,
            &mut self.webhook_secret,
            &mut self.seed_webhook_secret,
        ];
        for secret in secrets {
            secret.take_if(|secret| secret.expose_secret().trim().is_empty());
        }
        for text in [&mut self.default_country, &mut self.node_name] {
            text.take_if(|text| text.trim().is_empty());
        }
        self
    }

    /// The installation's limits.
    pub fn limits(&self) -> Limits {
        Limits {
            max_calls_in_flight: self.max_calls_in_flight,
            calls_per_second: self.calls_per_second,
            max_lateness_secs: self.max_lateness_secs,
        }
    }

    /// How long a placing may take, in seconds: always well inside the lease.
    pub fn place_within_secs(&self) -> i64 {
        self.provider_timeout_secs.min(self.lease_secs * 2 / 3)
    }

    /// Whether this process runs that part.
    pub fn runs(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the simulator in this process is the provider.
    pub fn has_simulator(&self) -> bool {
        self.provider_url.is_none()
    }

    /// How strictly phone numbers are checked.
    pub fn number_check(&self) -> NumberCheck {
        let usual = if self.has_simulator() { NumberCheck::Shape } else { NumberCheck::Possible };
        self.number_check.unwrap_or(usual)
    }

    /// This node's name.
    pub fn node_name(&self) -> String {
        self.node_name.clone().unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned())
    }

    /// The URL under which this installation is reached, given the address that was really bound.
    pub fn public_url_at(&self, bound: SocketAddr) -> Result<Url, String> {
        self.public_url.clone().map_or_else(|| local_url(bound, ""), Ok)
    }

    /// Where the provider answers, given the address that was really bound.
    pub fn provider_url_at(&self, bound: SocketAddr) -> Result<Url, String> {
        self.provider_url.clone().map_or_else(|| local_url(bound, "/provider"), Ok)
    }

    /// Further prefixes under which the simulator may call back.
    pub fn callback_allow(&self) -> Result<Vec<Url>, String> {
        self.simulator_callback_allow.split_whitespace().map(http_url).collect()
    }

    /// What no single setting shows to be wrong.
    ///
    /// # Errors
    /// One sentence that says what is wrong and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        for (name, secret) in [
            ("API_TOKEN", &self.api_token),
            ("METRICS_TOKEN", &self.metrics_token),
            ("SEED_WEBHOOK_SECRET", &self.seed_webhook_secret),
        ] {
            if secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < 16) {
                return Err(format!(
                    "{name} is too short: use at least 16 characters, as from `openssl rand -hex 24`."
                ));
            }
        }
        if !self.runs(Role::Web) && (self.provider_url.is_none() || self.public_url.is_none()) {
            return Err("A dispatcher without the web wants PROVIDER_URL, where the provider answers (the simulator \
                 of a web process is at its address with /provider), and PUBLIC_URL, under which the provider \
                 calls back."
                .to_owned());
        }
        if self.runs(Role::Web)
            && self.api_token.is_none()
            && !self.site_addr.ip().is_loopback()
            && !self.allow_open
        {
            return Err(format!(
                "Refusing to listen on {} without a token, where anybody could place calls: set API_TOKEN, \
                 or ALLOW_OPEN=true if whoever reaches the port may do everything.",
                self.site_addr
            ));
        }
        if self.provider_kind == ProviderKind::CallApi && self.has_simulator() {
            return Err(
                "PROVIDER_KIND=call_api needs PROVIDER_URL: the address under which its /api/call answers."
                    .to_owned(),
            );
        }
        self.callback_allow().map_err(|why| format!("SIMULATOR_CALLBACK_ALLOW: {why}."))?;
        if let Some(secrets) = self.webhook_secret.as_ref().filter(|set| !set.expose_secret().is_empty()) {
            Secrets::parse(secrets.expose_secret()).map_err(|why| format!("WEBHOOK_SECRET: {why}."))?;
        }
        if let Some(country) = &self.default_country
            && !(country.len() == 2 && country.chars().all(|c| c.is_ascii_alphabetic()))
        {
            return Err("DEFAULT_COUNTRY is two letters, as in US or DE.".to_owned());
        }
        jiff::tz::TimeZone::get(&self.default_time_zone).map_err(|_| {
            format!(
                "DEFAULT_TIME_ZONE: there is no zone \"{}\"; use a name as Europe/Berlin.",
                self.default_time_zone
            )
        })?;
        Ok(())
    }
}

/// The URL of something on this machine; a wildcard address becomes 127.0.0.1.
fn local_url(bound: SocketAddr, path: &str) -> Result<Url, String> {
    let mut at = bound;
    if at.ip().is_unspecified() {
        at.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{at}{path}").parse().map_err(|why| format!("{at} makes no URL: {why}"))
}

fn http_url(text: &str) -> Result<Url, String> {
    let url: Url = text.trim_end_matches('/').parse().map_err(|why| format!("{why}"))?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        _ => Err("this is not an http or https URL".to_owned()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap's value parsers can fail")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

fn speed(text: &str) -> Result<f64, String> {
    number_in(text, 0.01..=1_000.0)
}

fn share(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=1.0)
}

fn number_in(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("say a number from {} to {}", range.start(), range.end()))
}
