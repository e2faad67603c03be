//! `switchboard doctor`: is everything as it should be? One line a check, and how to mend what is not. It looks, also
//! while the server runs, and changes nothing.

mod data;
mod disk;
mod network;

use super::{
    config::{Config, ProviderKind, Role},
    stdout::say,
};
use data::Data;

/// Looks at everything. Answers whether all is well.
pub async fn examine(config: &Config) -> bool {
    // Only the first of several in one process can install it; the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut findings = Findings::default();
    findings.add("settings", config.check().map(|()| "make sense".to_owned()));
    findings.add("access", Ok(who_is_let_in(config)));
    let data = data::look(config, &mut findings).await;
    disk::look(config, &mut findings);
    let serving = network::port(config, &mut findings).await;
    network::callbacks(config, serving, &mut findings).await;
    match &data {
        Some(data) => network::provider(config, data, serving, &mut findings).await,
        None => findings.add("provider", Ok(provider_in_words(config))),
    }
    findings.all_well
}

/// What was found so far.
struct Findings {
    all_well: bool,
}

impl Default for Findings {
    fn default() -> Self {
        Self { all_well: true }
    }
}

impl Findings {
    fn add(&mut self, what: &str, found: Result<String, String>) {
        match found {
            Ok(detail) => say(format!("ok    {what} {detail}")),
            Err(detail) => {
                self.all_well = false;
                say(format!("WRONG {what}: {detail}"));
            }
        }
    }
}

fn who_is_let_in(config: &Config) -> String {
    let who = match (&config.api_token, config.site_addr.ip().is_loopback()) {
        _ if !config.runs(Role::Web) => "is not given here: this process only dispatches",
        (Some(_), _) => "is for whoever shows API_TOKEN",
        (None, true) => "is open to everybody on this machine; set API_TOKEN to close it",
        (None, false) => "is open to whoever reaches the port; set API_TOKEN to close it",
    };
    who.to_owned()
}

fn provider_in_words(config: &Config) -> String {
    let Some(url) = &config.provider_url else { return "is the built-in simulator".to_owned() };
    let speaks = match config.provider_kind {
        ProviderKind::Http => "",
        ProviderKind::CallApi => ", which speaks the Call API",
    };
    format!("is the one at {}{speaks}", url.host_str().unwrap_or_default())
}
