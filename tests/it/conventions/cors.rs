//! Pages of other sites: none may use the API unless it is named, and then as programs do. No database matters.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

const TOKEN: &str = "a-token-of-24-characters";
const FRIEND: &str = "https://app.example.com";

async fn with_a_friend() -> App {
    App::with(Backend::Sqlite, &["--api-token", TOKEN, "--cors-origins", FRIEND]).await
}

async fn preflight(app: &App, origin: &str, path: &str) -> Response {
    let request = app.request(Method::OPTIONS, path).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request =
        request.header("access-control-request-headers", "authorization,content-type,idempotency-key");
    request.send().await.expect("an answer")
}

fn says(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name).map(|value| value.to_str().expect("a text").to_owned())
}

#[tokio::test]
async fn a_named_origin_may_ask_with_a_token() {
    let app = with_a_friend().await;
    let asked = preflight(&app, FRIEND, "/api/calls").await;
    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(says(&asked, "access-control-allow-origin").as_deref(), Some(FRIEND));
    assert_eq!(says(&asked, "access-control-allow-credentials"), None);
    assert!(says(&asked, "access-control-allow-methods").is_some_and(|methods| methods.contains("PATCH")));
    let fields = says(&asked, "access-control-allow-headers").expect("headers");
    assert!(
        ["authorization", "idempotency-key", "if-match"].iter().all(|name| fields.contains(name)),
        "{fields}"
    );

    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "sales"});
    let request = app.request(Method::POST, "/api/calls").header("origin", FRIEND).json(&body);
    let request = request.header("sec-fetch-site", "cross-site");
    let answer = request.try_clone().expect("a request").bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(says(&answer, "access-control-allow-origin").as_deref(), Some(FRIEND));
    let readable = says(&answer, "access-control-expose-headers").expect("headers");
    assert!(
        ["etag", "location", "ratelimit", "x-request-id"].iter().all(|name| readable.contains(name)),
        "{readable}"
    );

    let refused = read(request.send().await.expect("an answer")).await;
    assert_eq!(
        (refused.0, &refused.1["code"]),
        (StatusCode::FORBIDDEN, &json!("cross_site")),
        "without a token"
    );
}

#[tokio::test]
async fn strangers_are_told_nothing() {
    let app = with_a_friend().await;
    for (origin, path) in [
        ("https://evil.example", "/api/calls"),
        ("https://app.example.com.evil.example", "/api/calls"),
        ("http://app.example.com", "/api/calls"),
        ("null", "/api/calls"),
        (FRIEND, "/fn/create_call"),
        (FRIEND, "/livez"),
    ] {
        let answer = preflight(&app, origin, path).await;
        assert_eq!(says(&answer, "access-control-allow-origin"), None, "{origin} {path}");
    }
    let usual = App::on(Backend::Sqlite).await;
    let answer = preflight(&usual, FRIEND, "/api/calls").await;
    assert_eq!(says(&answer, "access-control-allow-origin"), None, "nobody is named");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_refusal_can_be_read_by_the_page_that_asked() {
    let settings = ["--api-token", TOKEN, "--cors-origins", FRIEND, "--rate-limit-per-minute", "1"];
    let app = App::with(Backend::Sqlite, &settings).await;
    for _ in 0..3 {
        assert_eq!(
            preflight(&app, FRIEND, "/api/calls").await.status(),
            StatusCode::OK,
            "asking counts for nothing"
        );
    }
    for expected in [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS] {
        let answer = app.request(Method::GET, "/api/calls").header("origin", FRIEND).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), expected);
        assert_eq!(says(&answer, "access-control-allow-origin").as_deref(), Some(FRIEND));
    }
}
