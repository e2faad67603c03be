//! Origins: only under our own names, and nothing that changes something from another site. No database matters.

use super::{TOKEN, guarded};
use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A POST with these headers; its status and code.
async fn post(app: &App, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "support"});
    let mut request = app.request(Method::POST, "/api/calls").json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (status, body) = read(request.send().await.expect("an answer")).await;
    (status, body["code"].clone())
}

#[tokio::test]
async fn only_our_own_names_are_answered() {
    let app = App::with(Backend::Sqlite, &["--public-url", "https://calls.example/"]).await;
    let port = app.running.address.port();
    for (host, expected) in [
        ("calls.example".to_owned(), StatusCode::OK),
        ("Calls.Example:443".to_owned(), StatusCode::OK),
        (format!("localhost:{port}"), StatusCode::OK),
        (format!("[::1]:{port}"), StatusCode::OK),
        ("127.0.0.1".to_owned(), StatusCode::OK),
        ("evil.example".to_owned(), StatusCode::MISDIRECTED_REQUEST),
        ("calls.example.evil.example".to_owned(), StatusCode::MISDIRECTED_REQUEST),
        ("evilcalls.example".to_owned(), StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1.evil.example".to_owned(), StatusCode::MISDIRECTED_REQUEST),
        ("10.0.0.1".to_owned(), StatusCode::MISDIRECTED_REQUEST),
        ("calls.example@evil.example".to_owned(), StatusCode::MISDIRECTED_REQUEST),
    ] {
        for path in ["/api/calls", "/livez"] {
            let request = app.request(Method::GET, path).header("host", &host);
            let (status, body) = read(request.send().await.expect("an answer")).await;
            assert_eq!(status, expected, "{host}: {body}");
            if status != StatusCode::OK {
                assert_eq!(body["code"], "misdirected", "{host}");
            }
        }
    }
}

#[tokio::test]
async fn what_another_site_makes_a_browser_send_is_refused() {
    let app = App::on(Backend::Sqlite).await;
    let (ours, created) = (app.base.clone(), StatusCode::CREATED);
    let port = app.running.address.port();
    let other_port = format!("http://127.0.0.1:{}", port.wrapping_add(1).max(1));
    let forbidden = StatusCode::FORBIDDEN;
    for (headers, expected) in [
        (vec![], created),
        (vec![("sec-fetch-site", "same-origin")], created),
        (vec![("sec-fetch-site", "none")], created),
        (vec![("sec-fetch-site", "cross-site")], forbidden),
        (vec![("sec-fetch-site", "same-site")], forbidden),
        (vec![("sec-fetch-site", "cross-site"), ("origin", &ours)], forbidden),
        (vec![("origin", &ours)], created),
        (vec![("origin", "https://evil.example")], forbidden),
        (vec![("origin", &other_port)], forbidden),
        (vec![("origin", "http://127.0.0.1")], forbidden),
        (vec![("origin", "null")], forbidden),
    ] {
        let (status, code) = post(&app, &headers).await;
        assert_eq!(status, expected, "{headers:?}");
        if status == forbidden {
            assert_eq!(code, "cross_site", "{headers:?}");
        }
    }
    let read_only = app.request(Method::GET, "/api/calls").header("sec-fetch-site", "cross-site");
    assert_eq!(read_only.send().await.expect("an answer").status(), StatusCode::OK, "a link may lead here");
}

#[tokio::test]
async fn behind_a_proxy_the_public_url_is_our_origin() {
    let app = App::with(Backend::Sqlite, &["--public-url", "https://calls.example"]).await;
    for (host, origin, expected) in [
        ("127.0.0.1", "https://calls.example", StatusCode::CREATED),
        ("calls.example", "https://calls.example", StatusCode::CREATED),
        ("127.0.0.1", "http://calls.example", StatusCode::FORBIDDEN),
        ("calls.example", "https://calls.example:8443", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(post(&app, &[("host", host), ("origin", origin)]).await.0, expected, "{host} {origin}");
    }
}

#[tokio::test]
async fn programs_with_a_token_come_from_anywhere() {
    let app = guarded(Backend::Sqlite).await;
    let bearer = format!("Bearer {TOKEN}");
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let with_token = [foreign[0], foreign[1], ("authorization", bearer.as_str())];
    assert_eq!(post(&app, &with_token).await.0, StatusCode::CREATED);
    assert_eq!(post(&app, &foreign).await.0, StatusCode::FORBIDDEN);
}
