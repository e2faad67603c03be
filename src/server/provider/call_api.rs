//! Speaks the Call API: `POST /api/call` dials a number, `GET /api/call/:id` tells where that call stands. It
//! sends no reports, so it is asked all the time; it knows no key by which a placing could be repeated or found
//! again, so each placing is sent at most once, and one without a clear answer stays unclear; and it can't hang up.

mod wire;

use super::{
    Asked, HangUpAnswer, Placing, PlacingAnswer, Provider, StatusAnswer,
    answer::{self, in_words, read_body, retry_after, unsent},
};
use crate::server::clock::Clock;
use async_trait::async_trait;
use reqwest::{Client, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;

/// How soon it is asked again about a call that has been open for less than so long, both in seconds.
const ASK_EVERY: [(i64, i64); 2] = [(30, 1), (120, 2)];
/// How soon it is asked again about a call that has been open for longer.
const ASK_LATER_EVERY: i64 = 5;

/// A service that speaks the Call API.
pub struct CallApi {
    client: Client,
    url: Url,
    token: Option<SecretString>,
    clock: Clock,
}

impl CallApi {
    /// The service under `url`, which gets `timeout` to answer. Without a token it is shown none.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made.
    pub fn new(
        url: Url,
        token: Option<SecretString>,
        timeout: Duration,
        clock: Clock,
    ) -> reqwest::Result<Self> {
        // Each request gets a connection of its own: an idle one that is just being closed would make a placing
        // unclear.
        let client = answer::client(&url, timeout).pool_max_idle_per_host(0).build()?;
        Ok(Self { client, url, token, clock })
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }
}

#[async_trait]
impl Provider for CallApi {
    fn name(&self) -> &'static str {
        "call_api"
    }

    fn ask_every_secs(&self, open_secs: i64) -> Option<i64> {
        let step = ASK_EVERY.iter().find(|(under, _)| open_secs < *under);
        Some(step.map_or(ASK_LATER_EVERY, |(_, every)| *every))
    }

    async fn place(&self, placing: &Placing) -> PlacingAnswer {
        let Some(url) = answer::under(&self.url, &["api", "call"]) else { return no_address() };
        let request = self.with_token(self.client.post(url).header("traceparent", placing.trace.to_string()));
        let request = request.json(&json!({"phone_number": placing.to}));
        // The service can't refuse what reaches it too late, as after this process stood still: by then somebody
        // may have decided to place the call anew.
        if self.clock.now() > placing.place_by {
            let detail = "It was not sent to the provider in time.".to_owned();
            return PlacingAnswer::NotAsked { detail };
        }
        match request.send().await {
            Ok(mut response) => {
                let (status, retry_after_secs) = (response.status(), retry_after(&response));
                match read_body(&mut response).await {
                    Ok(body) => wire::placed(status, retry_after_secs, &body),
                    Err(detail) => PlacingAnswer::Ambiguous { detail },
                }
            }
            Err(error) => unsent(&error),
        }
    }

    async fn status_of(&self, asked: &Asked) -> StatusAnswer {
        let Some(id) = &asked.provider_call_id else {
            let detail = "The provider can only be asked by its own id for a call, which it never told.";
            return StatusAnswer::Unknowable { detail: detail.to_owned() };
        };
        let Some(url) = answer::under(&self.url, &["api", "call", id]) else { return unheard() };
        match self.with_token(self.client.get(url)).send().await {
            Ok(response) => self.read_standing(response, id).await,
            Err(error) => StatusAnswer::NoAnswer { detail: in_words(&error) },
        }
    }

    async fn hang_up(&self, _provider_call_id: &str) -> HangUpAnswer {
        let detail = "This provider has no way of hanging up, so the call goes on to its end.";
        HangUpAnswer::Impossible { detail: detail.to_owned() }
    }
}

impl CallApi {
    async fn read_standing(&self, mut response: Response, id: &str) -> StatusAnswer {
        let status = response.status();
        match read_body(&mut response).await {
            Ok(body) => wire::standing(status, &body, id, self.clock.now()),
            Err(detail) => StatusAnswer::NoAnswer { detail },
        }
    }
}

/// Nothing was sent.
fn no_address() -> PlacingAnswer {
    PlacingAnswer::Unreachable { detail: "PROVIDER_URL leads nowhere.".to_owned() }
}

fn unheard() -> StatusAnswer {
    StatusAnswer::NoAnswer { detail: "PROVIDER_URL leads nowhere.".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn it_is_asked_often_at_first_and_every_five_seconds_later() {
        let url = "http://127.0.0.1:1".parse().expect("a URL");
        let clock = Clock::manual(Timestamp::from_millis(0));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let api = CallApi::new(url, None, Duration::from_secs(1), clock).expect("a client");
        let asks = [0, 29, 30, 119, 120, 100_000].map(|open| api.ask_every_secs(open));
        assert_eq!(asks, [1, 1, 2, 2, 5, 5].map(Some));
    }
}
