//! Speaks the provider protocol: JSON over HTTP with a bearer token. Every answer is sorted into what it
//! surely means; whatever is not sure is ambiguous, never guessed.

use super::{
    Asked, HangUpAnswer, Placing, PlacingAnswer, Provider, StatusAnswer,
    answer::{self, ambiguous, in_words, in_words_of, read_body, retry_after, unsent},
};
use crate::{
    domain::{id::AttemptId, status::EndedReason},
    server::wire::{WireReport, provider_call_id},
};
use async_trait::async_trait;
use reqwest::{Client, Response, StatusCode, Url, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// A provider that speaks the protocol.
pub struct HttpProvider {
    client: Client,
    url: Url,
    token: SecretString,
    callback_base: Url,
}

#[derive(Deserialize)]
struct Accepted {
    #[serde(deserialize_with = "provider_call_id")]
    provider_call_id: String,
}

#[derive(Deserialize)]
struct Found {
    calls: Vec<WireReport>,
}

/// RFC 9457.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    code: String,
}

impl HttpProvider {
    /// A provider at `url` that reports back under `callback_base`. It gets `timeout` to answer.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made.
    pub fn new(
        url: Url,
        token: SecretString,
        callback_base: Url,
        timeout: Duration,
    ) -> reqwest::Result<Self> {
        let client = answer::client(&url, timeout).build()?;
        Ok(Self { client, url, token, callback_base })
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.url.as_str().trim_end_matches('/'))
    }

    fn callback_url(&self, attempt: AttemptId) -> String {
        format!(
            "{}/api/webhooks/provider-status/{attempt}",
            self.callback_base.as_str().trim_end_matches('/')
        )
    }
}

#[async_trait]
impl Provider for HttpProvider {
    fn name(&self) -> &'static str {
        "http"
    }

    fn ask_every_secs(&self, _open_secs: i64) -> Option<i64> {
        None
    }

    async fn place(&self, placing: &Placing) -> PlacingAnswer {
        let body = json!({
            "attempt_id": placing.attempt_id,
            "to": placing.to,
            "customer_name": placing.customer_name,
            "workflow": placing.workflow,
            "callback_url": self.callback_url(placing.attempt_id),
            "place_by": placing.place_by.to_rfc3339(),
        });
        let request = self
            .client
            .post(self.at("calls"))
            .bearer_auth(self.token.expose_secret())
            .header("idempotency-key", placing.attempt_id.to_string())
            .header("traceparent", placing.trace.to_string())
            .json(&body);
        match request.send().await {
            Ok(response) => read_placing(response).await,
            Err(error) => unsent(&error),
        }
    }

    async fn status_of(&self, asked: &Asked) -> StatusAnswer {
        let url = self.at(&format!("calls?attempt_id={}", asked.attempt_id));
        match self.client.get(url).bearer_auth(self.token.expose_secret()).send().await {
            Ok(response) => read_status(response, asked.attempt_id).await,
            Err(error) => StatusAnswer::NoAnswer { detail: in_words(&error) },
        }
    }

    async fn hang_up(&self, provider_call_id: &str) -> HangUpAnswer {
        let Some(url) = answer::under(&self.url, &["calls", provider_call_id, "hangup"]) else {
            return HangUpAnswer::NotHeard;
        };
        match self.client.post(url).bearer_auth(self.token.expose_secret()).send().await {
            Ok(response) if response.status().is_success() => HangUpAnswer::Heard,
            _ => HangUpAnswer::NotHeard,
        }
    }
}

async fn read_placing(mut response: Response) -> PlacingAnswer {
    let status = response.status();
    let retry_after_secs = retry_after(&response);
    let is_problem = has_type(&response, "application/problem+json");
    let body = match read_body(&mut response).await {
        Ok(body) => body,
        Err(detail) => return PlacingAnswer::Ambiguous { detail },
    };
    if status.is_success() {
        return match serde_json::from_slice::<Accepted>(&body) {
            Ok(Accepted { provider_call_id }) => PlacingAnswer::Accepted { provider_call_id },
            Err(_) => ambiguous(status, "and an answer that can't be read"),
        };
    }
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    let detail = said(status, &problem);
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PlacingAnswer::LockedOut { detail },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if retry_after_secs.is_some() => {
            PlacingAnswer::NotNow { retry_after_secs, detail }
        }
        // It came too late to be dialed; under a later place_by it may go out.
        StatusCode::GONE if is_problem => PlacingAnswer::NotNow { retry_after_secs: None, detail },
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            ambiguous(status, "without saying when to ask again")
        }
        refused if refused.is_client_error() && is_problem => {
            let invalid = problem.code == EndedReason::InvalidNumber.as_str();
            let reason = if invalid { EndedReason::InvalidNumber } else { EndedReason::ProviderRefused };
            PlacingAnswer::Refused { reason, detail }
        }
        other => ambiguous(other, "which leaves open whether it dials"),
    }
}

async fn read_status(mut response: Response, attempt: AttemptId) -> StatusAnswer {
    let status = response.status();
    let no_answer = |detail: String| StatusAnswer::NoAnswer { detail };
    let body = match read_body(&mut response).await {
        Ok(body) => body,
        Err(detail) => return no_answer(detail),
    };
    if status != StatusCode::OK {
        return no_answer(format!("The provider answered {status}."));
    }
    let Ok(found) = serde_json::from_slice::<Found>(&body) else {
        return no_answer("The provider's answer can't be read.".to_owned());
    };
    let is_empty = found.calls.is_empty();
    match found.calls.into_iter().find(|report| report.attempt_id == Some(attempt)) {
        Some(report) => StatusAnswer::Known(report.into_report()),
        None if is_empty => StatusAnswer::Unknown,
        None => no_answer("The provider answered about another attempt.".to_owned()),
    }
}

fn said(status: StatusCode, problem: &Problem) -> String {
    in_words_of(status, if problem.detail.is_empty() { &problem.title } else { &problem.detail })
}

fn has_type(response: &Response, wanted: &str) -> bool {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted))
}
