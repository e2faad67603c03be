//! Admitting: who is let in, from where, and what every answer says to browsers.

mod crowd;
mod health;
mod origins;
mod sessions;

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read, text},
};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Long enough for a token.
pub const TOKEN: &str = "a-token-of-24-characters";

/// A world that asks for its token.
pub async fn guarded(backend: Backend) -> App {
    App::with(backend, &["--api-token", TOKEN]).await
}

#[tokio::test]
async fn an_open_installation_lets_everybody_in() {
    let app = App::on(Backend::Sqlite).await;
    assert_eq!(app.create(COMPLETES).await["created_by"], "anonymous");
    let answer = app.request(Method::GET, "/").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn programs_show_the_token() {
    let app = guarded(Backend::Sqlite).await;
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "support"});
    for shown in [
        None,
        Some("Bearer wrong-token-of-24-chars-".to_owned()),
        Some(format!("Bearer {TOKEN}x")),
        Some(format!("Bearer {}", &TOKEN[1..])),
        Some("Bearer ".to_owned()),
        Some(format!("Basic {TOKEN}")),
        Some(TOKEN.to_owned()),
    ] {
        for (method, path) in [
            (Method::GET, "/api/calls"),
            (Method::POST, "/api/calls"),
            (Method::GET, "/api/calls/01890000-0000-7000-8000-000000000000"),
            (Method::POST, "/api/calls/01890000-0000-7000-8000-000000000000/cancel"),
        ] {
            let mut request = app.request(method.clone(), path).json(&body);
            if let Some(shown) = &shown {
                request = request.header("authorization", shown);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{shown:?} {method} {path}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let (status, problem) = read(answer).await;
            assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")));
        }
    }
    for shown in [format!("Bearer {TOKEN}"), format!("bearer {TOKEN} ")] {
        let request = app.request(Method::POST, "/api/calls").header("authorization", shown);
        let (status, call) = read(request.json(&body).send().await.expect("an answer")).await;
        assert_eq!((status, &call["created_by"]), (StatusCode::CREATED, &json!("token")));
    }
}

#[tokio::test]
async fn the_simulator_wants_the_providers_token() {
    let app = App::with(Backend::Sqlite, &["--provider-token", "the provider's token"]).await;
    let status_of = async |token: &str| {
        let request = app.request(Method::GET, "/provider/calls?attempt_id=x").bearer_auth(token);
        request.send().await.expect("an answer").status()
    };
    assert_eq!(status_of("the provider's token").await, StatusCode::OK);
    assert_eq!(status_of("another token").await, StatusCode::UNAUTHORIZED);
    for (method, path) in [
        (Method::GET, "/provider/calls"),
        (Method::POST, "/provider/calls"),
        (Method::POST, "/provider/calls/x/hangup"),
    ] {
        let answer = app.request(method.clone(), path).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
    }

    app.create(COMPLETES).await;
    app.live(12).await;
    assert_eq!(app.ids("phase=completed").await.len(), 1, "the dispatcher knows it");
}

#[tokio::test]
async fn a_request_has_one_name_everywhere() {
    let app = App::on(Backend::Sqlite).await;
    let answer = app
        .request(Method::GET, "/api/calls/no-id")
        .header("x-request-id", "my-own-name")
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["x-request-id"], "my-own-name");
    assert_eq!(read(answer).await.1["request_id"], "my-own-name");

    let answer = app.request(Method::GET, "/api/calls/no-id").send().await.expect("an answer");
    let given = answer.headers()["x-request-id"].to_str().expect("a text").to_owned();
    assert_eq!(text(&read(answer).await.1["request_id"]), given);
    let answer = app.request(Method::GET, "/livez").send().await.expect("an answer");
    assert_ne!(answer.headers()["x-request-id"], given.as_str(), "each has its own");
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let app = App::on(Backend::Sqlite).await;
    for path in ["/", "/login", "/nowhere", "/api/calls", "/api/nowhere", "/livez", "/provider/calls"] {
        let answer = app.request(Method::GET, path).send().await.expect("an answer");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.headers()[name], value, "{path}");
        }
    }
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let answer = app.request(Method::GET, "/").send().await.expect("an answer");
        let policy = answer.headers()["content-security-policy"].to_str().expect("a text").to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        let nonce = nonce.expect("a nonce").to_owned();
        assert!(answer.text().await.expect("a page").contains(&nonce), "the page's scripts carry it");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}
