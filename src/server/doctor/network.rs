//! Who listens at our port, whether the provider lets us in, and whether it finds the way back.

use super::{Data, Findings, provider_in_words};
use crate::{
    domain::id::AttemptId,
    server::{
        assemble::provider as made,
        clock::Clock,
        config::{Config, Role},
        provider::{Asked, StatusAnswer},
    },
};
use reqwest::{Client, Url};
use secrecy::SecretString;
use serde_json::Value;
use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::net::TcpListener;

/// How long somebody may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a Switchboard serves at our address right now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Serving {
    Yes,
    No,
}

/// Looks at the port: free, or served by a Switchboard that is ready.
pub async fn port(config: &Config, findings: &mut Findings) -> Serving {
    let address = config.site_addr;
    if address.port() == 0 {
        findings.add("port", Ok("is any free one, chosen at each start".to_owned()));
        return Serving::No;
    }
    let Err(taken) = TcpListener::bind(address).await else {
        findings.add("port", Ok(format!("{address} is free: no server runs there")));
        return Serving::No;
    };
    if taken.kind() != ErrorKind::AddrInUse {
        let how = "Set LEPTOS_SITE_ADDR to an address of this machine.";
        findings.add("port", Err(format!("{address} can't be listened on: {taken}. {how}")));
        return Serving::No;
    }
    if !is_switchboard(&here(address, "/livez")).await {
        let how = "Stop it, or set LEPTOS_SITE_ADDR to another address.";
        findings.add("port", Err(format!("another program listens on {address}. {how}")));
        return Serving::No;
    }
    findings.add("port", readiness(address).await);
    Serving::Yes
}

async fn readiness(address: SocketAddr) -> Result<String, String> {
    let body = json_at(&here(address, "/readyz")).await.unwrap_or_default();
    if body["status"] == "ready" {
        return Ok(format!("{address} is served by a Switchboard that is ready"));
    }
    let checks = body["checks"].as_object().into_iter().flatten();
    let failing: Vec<_> = checks.filter(|(_, found)| *found != "ok").map(|(name, _)| name.as_str()).collect();
    Err(format!(
        "the Switchboard at {address} is not ready: {}. Its log says more.",
        if failing.is_empty() { "it does not say why".to_owned() } else { failing.join(", ") }
    ))
}

/// Looks whether the provider's callbacks find the way back.
pub async fn callbacks(config: &Config, serving: Serving, findings: &mut Findings) {
    let Ok(url) = config.public_url_at(config.site_addr) else { return };
    let shown = url.as_str().trim_end_matches('/');
    if let Some(provider) =
        config.provider_url.as_ref().filter(|provider| is_here(&url) && !is_here(provider))
    {
        let who = provider.host_str().unwrap_or_default();
        let how = "Set PUBLIC_URL to the address under which it reaches this server.";
        return findings.add("callbacks", Err(format!("{who} can't call back at {shown}. {how}")));
    }
    // The web may be another process, which is reached at PUBLIC_URL whether this one runs or not.
    if serving == Serving::No && config.runs(Role::Web) {
        return findings
            .add("callbacks", Ok(format!("come to {shown}, which is tried while the server runs")));
    }
    let found = if is_switchboard(&format!("{shown}/livez")).await {
        Ok(format!("come to {shown}, where a Switchboard answers"))
    } else {
        Err(format!("no Switchboard answers at {shown}. Set PUBLIC_URL, or look at the proxy before it."))
    };
    findings.add("callbacks", found);
}

/// Asks the provider about an attempt that nobody has made: whoever knows us says that there is no such thing.
pub async fn provider(config: &Config, data: &Data, serving: Serving, findings: &mut Findings) {
    let words = provider_in_words(config);
    if config.has_simulator() && serving == Serving::No {
        return findings.add("provider", Ok(words));
    }
    let answer = ask(config, data.provider_token.clone()).await;
    let found = match answer {
        Ok(StatusAnswer::Unknown | StatusAnswer::Known(_)) => Ok(format!("{words}, and answers us")),
        Ok(StatusAnswer::NoAnswer { detail } | StatusAnswer::Unknowable { detail }) => {
            Err(format!("{words}: {detail} Check PROVIDER_URL and PROVIDER_TOKEN."))
        }
        Err(why) => Err(why),
    };
    findings.add("provider", found);
}

async fn ask(config: &Config, token: Option<SecretString>) -> Result<StatusAnswer, String> {
    let clock = Clock::system();
    let public_url = config.public_url_at(config.site_addr)?;
    let provider = made(config, &clock, config.site_addr, token.unwrap_or_default(), &public_url)
        .map_err(|error| error.to_string())?;
    let nobody = AttemptId(clock.new_id());
    let asked = Asked { attempt_id: nobody, provider_call_id: Some(format!("switchboard-doctor-{nobody}")) };
    Ok(provider.status_of(&asked).await)
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Something of ours; a wildcard address is reached at 127.0.0.1.
fn here(mut address: SocketAddr, path: &str) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    format!("http://{address}{path}")
}

async fn is_switchboard(livez: &str) -> bool {
    json_at(livez).await.is_some_and(|body| body["status"] == "alive")
}

async fn json_at(url: &str) -> Option<Value> {
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().ok()?;
    client.get(url).send().await.ok()?.json().await.ok()
}
