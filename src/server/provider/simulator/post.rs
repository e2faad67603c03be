//! Posting one callback, signed, to where it may go and nowhere else.

use super::{
    Simulator,
    claim::{Claimed, Signing},
    send,
    table::callback,
};
use crate::server::signing::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, hub};
use reqwest::{Client, Response, Url, header, redirect::Policy};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Of how many sendings of one callback it is known how they went.
const KEPT: usize = 20;

/// One sending of a callback, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// When, by the simulator's clock, in milliseconds since the epoch.
    pub at: i64,
    /// Its `webhook-timestamp`: when, by the machine's clock, in seconds since the epoch.
    pub timestamp: i64,
    /// Its `webhook-signature`; empty if it could not be sent at all.
    pub signature: String,
    /// Its `x-hub-signature-256`, for those who know that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub_signature: Option<String>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// The answer in words, or why there was none.
    pub answer: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl Posted {
    /// Whether the receiver has taken it.
    pub fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Those that are known of a callback, oldest first.
    pub fn of(callback: &callback::Model) -> Vec<Self> {
        callback.posts.as_deref().and_then(|posts| serde_json::from_str(posts).ok()).unwrap_or_default()
    }

    /// The newest of those that were known and of those that followed, as they are kept.
    pub fn kept(callback: &callback::Model, newer: Vec<Self>) -> Option<String> {
        let mut all = Self::of(callback);
        all.extend(newer);
        let old = all.len().saturating_sub(KEPT);
        serde_json::to_string(&all[old..]).ok()
    }
}

/// The client for callbacks, and for nothing else. It follows no redirect, which could lead to where callbacks
/// must not go, and takes no proxy, since it only talks to addresses that were named to it.
pub fn client() -> reqwest::Result<Client> {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .user_agent("switchboard-simulator")
        .build()
}

/// Sends a callback once.
pub async fn post(sim: &Simulator, claimed: &Claimed) -> Posted {
    // Signed by the machine's time: receivers believe nothing that was signed long ago, or in the future.
    let timestamp = sim.clock.machine_now().div_euclid(1_000);
    let mut posted = Posted {
        at: sim.now(),
        timestamp,
        signature: String::new(),
        hub_signature: None,
        status: None,
        answer: String::new(),
        duration_ms: 0,
    };
    let begun = Instant::now();
    match send_it(sim, claimed, &mut posted).await {
        Ok(response) => {
            posted.status = Some(response.status().as_u16());
            posted.answer = response.status().to_string();
        }
        Err(why) => posted.answer = why,
    }
    posted.duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    posted
}

async fn send_it(sim: &Simulator, claimed: &Claimed, posted: &mut Posted) -> Result<Response, String> {
    let callback = &claimed.callback;
    let url = Url::parse(&claimed.url).map_err(|_| "the address is no URL".to_owned())?;
    // Addresses that were allowed at the placing may no longer be after a restart with other settings.
    if !sim.may_call(&url) {
        return Err("the address is not allowed".to_owned());
    }
    let body = body_of(callback, claimed.callers_id.as_deref());
    // A wrong signature is the right one of another message: whole in its form, and it does not fit.
    let signed = match claimed.signing {
        Signing::Right => body.clone(),
        Signing::Wrong => format!("{body} "),
    };
    posted.signature = sim.config.secrets.sign(&callback.webhook_id, posted.timestamp, signed.as_bytes());
    let mut request = sim.http.post(url);
    if let (Some(secret), Some(_)) = (&sim.config.seed_secret, &claimed.callers_id) {
        let signature = hub::sign(secret, signed.as_bytes());
        posted.hub_signature = Some(signature.clone());
        request = request.header(hub::HEADER, signature);
    }
    let sent = request
        .header(header::CONTENT_TYPE, "application/json")
        .header(ID_HEADER, &callback.webhook_id)
        .header(TIMESTAMP_HEADER, posted.timestamp)
        .header(SIGNATURE_HEADER, &posted.signature)
        .body(body)
        .send();
    sent.await.map_err(|error| no_answer(&error).to_owned())
}

/// The body of a callback, exactly as it is signed and sent.
pub fn body_of(callback: &callback::Model, callers_id: Option<&str>) -> String {
    match callers_id {
        Some(callers_id) => send::told(callers_id, &callback.status),
        None => callback.payload.clone(),
    }
}

/// Why there is no answer, without the address, which belongs to the caller.
fn no_answer(error: &reqwest::Error) -> &'static str {
    match error {
        _ if error.is_timeout() => "no answer in time",
        _ if error.is_connect() => "no connection",
        _ => "the connection broke",
    }
}
