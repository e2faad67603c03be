//! What the kinds of provider have in common: how they are connected to, and how an answer is read without
//! believing more of it than is sure.

use super::PlacingAnswer;
use reqwest::{
    Client, ClientBuilder, Response, StatusCode, Url,
    header::{self, HeaderValue},
};
use std::{net::IpAddr, time::Duration};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The most of a provider's own words that is kept, in characters.
const MAX_WORDS: usize = 300;

/// A client for the provider at `url`, which gets `timeout` to answer. It follows no redirect and sends nothing
/// twice by itself.
pub fn client(url: &Url, timeout: Duration) -> ClientBuilder {
    let client = Client::builder()
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")));
    // A proxy stands between machines: the simulator in this process is not behind it.
    if is_loopback(url) { client.no_proxy() } else { client }
}

/// The address of `path` under `url`, with whatever is in its parts kept from meaning something in an address.
pub fn under(url: &Url, path: &[&str]) -> Option<Url> {
    let mut url = url.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

/// The body, as far as it is no longer than anything the protocol has.
pub async fn read_body(response: &mut Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| in_words(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err("The provider's answer has no end.".to_owned());
        }
    }
    Ok(body)
}

/// What a placing that got no answer means: whether it was sent at all.
pub fn unsent(error: &reqwest::Error) -> PlacingAnswer {
    let detail = in_words(error);
    if error.is_connect() && !error.is_timeout() {
        PlacingAnswer::Unreachable { detail }
    } else {
        PlacingAnswer::Ambiguous { detail }
    }
}

/// An answer that leaves open whether a phone rings.
pub fn ambiguous(status: StatusCode, rest: &str) -> PlacingAnswer {
    PlacingAnswer::Ambiguous { detail: format!("The provider answered {status} {rest}.") }
}

/// What the provider says in `words` of its own, as far as they can be seen; else its status.
pub fn in_words_of(status: StatusCode, words: &str) -> String {
    let words: String = words.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect();
    if words.trim().is_empty() { format!("The provider answered {status}.") } else { words }
}

/// Retry-After in seconds. Its other form, a date, is taken as so long after the answer's own date, since the
/// provider's clock is not ours; what can't be read counts as half a minute.
pub fn retry_after(response: &Response) -> Option<i64> {
    let text = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let wanted = text(header::RETRY_AFTER)?.trim();
    let dates = || {
        let (until, said) =
            (jiff::fmt::rfc2822::parse(wanted), jiff::fmt::rfc2822::parse(text(header::DATE)?));
        Some(until.ok()?.timestamp().as_second() - said.ok()?.timestamp().as_second())
    };
    Some(wanted.parse().ok().or_else(dates).unwrap_or(30).clamp(0, 86_400))
}

/// What happened, without the URL: it may hold what is nobody's business.
pub fn in_words(error: &reqwest::Error) -> String {
    let what = match error {
        error if error.is_timeout() => "The provider did not answer in time.",
        error if error.is_connect() => "The provider could not be reached.",
        error if error.is_body() || error.is_decode() => "The provider's answer broke off.",
        _ => "The connection to the provider broke.",
    };
    what.to_owned()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
