//! The way to the simulator's control API.

use crate::error::AppError;
use reqwest::{Client, Method, RequestBuilder, Url, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// How long the simulator may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The control API of the simulator that is the provider.
#[derive(Clone)]
pub struct Lab {
    client: Client,
    url: Url,
    token: SecretString,
}

impl Lab {
    /// The one under `url`, where the provider protocol is spoken.
    ///
    /// # Errors
    /// What keeps an HTTP client from being made.
    pub fn new(url: Url, token: SecretString) -> reqwest::Result<Self> {
        let client = Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().build()?;
        Ok(Self { client, url, token })
    }

    /// Asks for what lies under a path of the control API.
    ///
    /// # Errors
    /// The simulator's refusal in its own words, or that it does not answer.
    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, AppError> {
        let mut url = self.at(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.answer(self.client.get(url)).await
    }

    /// Tells it something.
    ///
    /// # Errors
    /// The simulator's refusal in its own words, or that it does not answer.
    pub async fn tell(&self, method: Method, path: &[&str], body: Option<&Value>) -> Result<Value, AppError> {
        let request = self.client.request(method, self.at(path)?);
        self.answer(body.into_iter().fold(request, RequestBuilder::json)).await
    }

    fn at(&self, path: &[&str]) -> Result<Url, AppError> {
        let mut url = self.url.clone();
        let segments = url.path_segments_mut().map(|mut segments| {
            segments.pop_if_empty().push("control").extend(path);
        });
        segments.map_err(|()| silent("its address leads nowhere")).map(|()| url)
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Value, AppError> {
        let answer = request.bearer_auth(self.token.expose_secret()).send().await;
        let answer = answer.map_err(|error| silent(in_words(&error)))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| silent(in_words(&error)))?;
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status.is_success() {
            return Ok(said);
        }
        match (said["code"].as_str(), said["detail"].as_str()) {
            (Some(code), Some(detail)) if status.is_client_error() => {
                Err(AppError::Refused { code: code.to_owned(), why: detail.to_owned() })
            }
            _ => Err(silent(&format!("it answered {status}"))),
        }
    }
}

/// The simulator's own word is missing.
fn silent(why: &str) -> AppError {
    let why = format!("The simulator does not answer: {why}. Nothing is known of it now.");
    AppError::Refused { code: "simulator_silent".to_owned(), why }
}

/// What happened, without the address, which is nobody's business.
fn in_words(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "it took too long",
        error if error.is_connect() => "it could not be reached",
        _ => "the connection broke",
    }
}
