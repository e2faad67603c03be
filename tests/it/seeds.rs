//! Older clients: each of their requests as they send it, and what they find in the answer.

mod calling;
mod reporting;
mod scheduling;
mod sending;

use crate::support::{
    Backend, OnDatabase,
    app::{App, read},
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

const SECRET: &str = "a-secret-of-older-clients";

/// A Switchboard that lets older clients report too.
struct Open(App);

impl OnDatabase for Open {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--seed-webhook-secret", SECRET]).await)
    }
}

/// The request exactly as it stands there, with its body's text.
fn verbatim(app: &App, request: &str) -> RequestBuilder {
    let (line, body) = request.split_once('\n').unwrap_or((request, ""));
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let request = app.request(method.parse::<Method>().expect("a method"), path);
    if body.is_empty() {
        return request;
    }
    request.header("content-type", "application/json").body(body.trim().to_owned())
}

async fn send(app: &App, request: &str) -> (StatusCode, Value) {
    read(verbatim(app, request).send().await.expect("an answer")).await
}

/// Sends it, and holds that the answer says that such requests are deprecated.
async fn send_deprecated(app: &App, request: &str) -> (StatusCode, Value) {
    let answer = verbatim(app, request).send().await.expect("an answer");
    assert_eq!(answer.headers()["deprecation"], "@1795219200", "{request}");
    let links = answer.headers().get_all("link").iter().filter_map(|link| link.to_str().ok());
    let successors = links.filter(|link| link.ends_with("rel=\"successor-version\"")).count();
    assert_eq!(successors, 1, "{request}");
    read(answer).await
}
