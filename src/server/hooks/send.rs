//! Send: one signed POST to an endpoint, and what it answered.

use super::{
    claim::Claimed,
    guard::{Guard, NotPublic, System, check_literal},
};
use crate::{
    domain::{
        form::FieldError,
        timestamp::Timestamp,
        webhook::{form, schedule::Said},
    },
    server::signing::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
};
use reqwest::{
    Client, Response, StatusCode, Url,
    dns::Resolve,
    header::{self, HeaderValue},
    redirect::Policy,
};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long an endpoint gets to answer, from connecting to the end of what it says.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The most of an answer that is read and kept, in bytes.
const MAX_ANSWER: usize = 4 * 1024;

/// Posts to endpoints; clones share its connections.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    allow_private: bool,
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What the endpoint said, for deciding.
    pub said: Said,
    /// The beginning of its answer's body.
    pub answer: Option<String>,
    /// Why there was no answer, in words.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
}

impl Reply {
    /// The HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        match self.said {
            Said::Status(status, _) => Some(status),
            Said::Nothing => None,
        }
    }
}

impl Sender {
    /// One that resolves names as the machine does. Without `allow_private` it goes to public addresses by https only.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made.
    pub fn new(allow_private: bool) -> reqwest::Result<Self> {
        Self::with(Arc::new(System), TIMEOUT, allow_private)
    }

    /// One that resolves names in another way, and gives endpoints another time to answer.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made.
    pub fn with(resolver: Arc<dyn Resolve>, timeout: Duration, allow_private: bool) -> reqwest::Result<Self> {
        let client = Client::builder()
            .dns_resolver(Arc::new(Guard::new(resolver, allow_private)))
            // A redirect or a proxy would lead to where nobody looked.
            .redirect(Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, allow_private })
    }

    /// Whether http:// is allowed too.
    pub fn allows_plain_http(&self) -> bool {
        self.allow_private
    }

    /// Reads an address as far as it can be judged before it is connected to.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn address(&self, typed: &str) -> Result<String, FieldError> {
        let url = form::url(typed, self.allow_private)?;
        self.judge(&url).map_err(|(code, why)| FieldError::new("url", code, why))?;
        Ok(url)
    }

    /// Posts a claimed delivery, signed at `now`.
    pub async fn send(&self, claimed: &Claimed, now: Timestamp) -> Reply {
        let begun = Instant::now();
        let sent = self.post(claimed, now).await;
        let (said, answer, error) = match sent {
            Ok(mut response) => {
                let said = Said::Status(response.status().as_u16(), retry_after(&response));
                (said, Some(beginning_of(&mut response).await), None)
            }
            Err(why) => (Said::Nothing, None, Some(why)),
        };
        let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        Reply { said, answer, error, duration_ms }
    }

    async fn post(&self, claimed: &Claimed, now: Timestamp) -> Result<Response, String> {
        // What was allowed when the endpoint was made may no longer be, after a restart with other settings.
        let url = self.judge(&claimed.url).map_err(|(_, why)| why)?;
        let (id, seconds) = (claimed.id.to_string(), now.as_millis().div_euclid(1_000));
        let signatures = claimed.secrets.sign(&id, seconds, claimed.body.as_bytes());
        self.client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(ID_HEADER, id)
            .header(TIMESTAMP_HEADER, seconds)
            .header(SIGNATURE_HEADER, signatures)
            .body(claimed.body.clone())
            .send()
            .await
            .map_err(|error| in_words(&error))
    }

    fn judge(&self, url: &str) -> Result<Url, (&'static str, String)> {
        let malformed = |why: &dyn std::fmt::Display| ("malformed", format!("This is no address: {why}."));
        let url = Url::parse(url).map_err(|why| malformed(&why))?;
        if self.allow_private {
            return Ok(url);
        }
        if url.scheme() != "https" {
            let why =
                "The address does not begin with https://; WEBHOOK_ALLOW_PRIVATE=true allows http:// too.";
            return Err(("not_https", why.to_owned()));
        }
        check_literal(&url).map_err(|why| ("not_public", why.to_string()))?;
        Ok(url)
    }
}

/// The beginning of what was answered, as far as it can be shown. An answer without an end, or one that breaks off, has
/// a status all the same.
async fn beginning_of(response: &mut Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ANSWER {
            body.truncate(MAX_ANSWER);
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// When the endpoint wants to be asked again, in seconds. Its other form, a date, is taken as so long after the
/// answer's own date, since the endpoint's clock is not ours.
fn retry_after(response: &Response) -> Option<i64> {
    if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let wanted = text(header::RETRY_AFTER)?.trim();
    let dates = || {
        let until = jiff::fmt::rfc2822::parse(wanted).ok()?.timestamp();
        let said = jiff::fmt::rfc2822::parse(text(header::DATE)?).ok()?.timestamp();
        Some(until.as_second() - said.as_second())
    };
    wanted.parse().ok().or_else(dates)
}

/// Why there is no answer.
fn in_words(error: &reqwest::Error) -> String {
    let mut deepest = error.source();
    while let Some(why) = deepest {
        if let Some(private) = why.downcast_ref::<NotPublic>() {
            return private.to_string();
        }
        let Some(deeper) = why.source() else { break };
        deepest = Some(deeper);
    }
    let cause = deepest.map_or_else(String::new, |why| format!(" ({why})"));
    match error {
        error if error.is_timeout() => "The endpoint did not answer in time.".to_owned(),
        error if error.is_connect() => format!("The endpoint could not be reached{cause}."),
        _ => format!("The connection to the endpoint broke{cause}."),
    }
}
