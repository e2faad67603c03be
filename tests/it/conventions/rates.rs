//! How much one caller may ask for. No database matters.

use crate::support::{
    Backend,
    app::{App, COMPLETES, read},
};
use leptos::server_fn::error::FromServerFnError;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::json;
use switchboard::error::AppError;

const TOKEN: &str = "a-token-of-24-characters";

async fn at_most_three(settings: &[&str]) -> App {
    let all: Vec<&str> = ["--rate-limit-per-minute", "3"].iter().chain(settings).copied().collect();
    App::with(Backend::Sqlite, &all).await
}

async fn send(request: RequestBuilder) -> (StatusCode, HeaderMap) {
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.headers().clone())
}

fn from(app: &App, forwarded: &str) -> RequestBuilder {
    app.request(Method::GET, "/api/calls").header("x-forwarded-for", forwarded)
}

#[tokio::test]
async fn whoever_asks_too_much_is_told_when_to_come_back() {
    let app = at_most_three(&[]).await;
    for told in ["\"default\";r=2;t=20", "\"default\";r=1;t=40", "\"default\";r=0;t=60"] {
        let (status, headers) = send(app.request(Method::GET, "/api/calls")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["ratelimit"], told);
        assert_eq!(headers["ratelimit-policy"], "\"default\";q=3;w=60");
    }
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "sales"});
    let answer = app.request(Method::POST, "/api/calls").json(&body).send().await.expect("an answer");
    let headers = answer.headers().clone();
    let (status, problem) = read(answer).await;
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests")));
    assert_eq!(headers["retry-after"], "20");
    assert_eq!(headers["ratelimit"], "\"default\";r=0;t=60");

    app.pass_secs(20);
    assert_eq!(send(app.request(Method::GET, "/api/nothing")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(app.request(Method::GET, "/api/nothing")).await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn health_the_provider_and_the_reading_page_are_outside() {
    let app = at_most_three(&[]).await;
    for _ in 0..5 {
        for path in [
            "/livez",
            "/readyz",
            "/openapi.json",
            "/",
            "/fn/list_calls?query=",
            "/provider/calls?attempt_id=x",
        ] {
            let (status, headers) = send(app.request(Method::GET, path)).await;
            assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{path}");
            assert!(!headers.contains_key("ratelimit"), "{path}");
        }
        let report = app.request(Method::POST, "/api/webhooks/provider-status").body("{}");
        assert_eq!(send(report).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn nobody_tries_tokens_without_end() {
    let app = at_most_three(&["--api-token", TOKEN]).await;
    let sign_in = || {
        let form = app.request(Method::POST, "/fn/sign_in").body("token=wrong&next=/");
        form.header("content-type", "application/x-www-form-urlencoded")
    };
    for _ in 0..3 {
        assert_ne!(send(sign_in()).await.0, StatusCode::TOO_MANY_REQUESTS);
    }
    let answer = sign_in().send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let error = AppError::de(answer.bytes().await.expect("a body"));
    assert_eq!(
        error,
        AppError::TooManyRequests { per_minute: 3, retry_after_secs: 20 },
        "as the page reads it"
    );

    let page = format!("{}/login?next=%2F", app.base);
    let plain = sign_in().header("accept", "text/html,*/*").header("referer", &page).send().await;
    let plain = plain.expect("an answer");
    assert_eq!(plain.status(), StatusCode::FOUND);
    let back = plain.headers()["location"].to_str().expect("an address");
    assert!(back.starts_with(&page), "{back}");
    let told = app.html(back.strip_prefix(&app.base).expect("an address of ours")).await;
    assert!(told.contains("20 s"), "the page tells it: {told}");
    let wrong = app.request(Method::GET, "/api/calls").bearer_auth("wrong-token-of-24-chars");
    assert_eq!(send(wrong).await.0, StatusCode::TOO_MANY_REQUESTS);
    let right = app.request(Method::GET, "/api/calls").bearer_auth(TOKEN);
    assert_eq!(send(right).await.0, StatusCode::OK, "whoever has the token is somebody else");
}

#[tokio::test]
async fn forwarded_addresses_count_where_a_proxy_of_ours_says_them() {
    let app = at_most_three(&["--trusted-proxies", "127.0.0.1 10.0.0.0/8"]).await;
    for _ in 0..3 {
        assert_eq!(send(from(&app, "198.51.100.7, 10.1.2.3")).await.0, StatusCode::OK);
    }
    assert_eq!(send(from(&app, "1.1.1.1, 198.51.100.7")).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send(from(&app, "198.51.100.8")).await.0, StatusCode::OK);

    let direct = at_most_three(&[]).await;
    for forwarded in ["198.51.100.1", "198.51.100.2", "198.51.100.3"] {
        assert_eq!(send(from(&direct, forwarded)).await.0, StatusCode::OK);
    }
    assert_eq!(
        send(from(&direct, "198.51.100.4")).await.0,
        StatusCode::TOO_MANY_REQUESTS,
        "nobody is believed"
    );
}

#[tokio::test]
async fn nought_is_no_limit() {
    let app = App::with(Backend::Sqlite, &["--rate-limit-per-minute", "0"]).await;
    let (status, headers) = send(app.request(Method::GET, "/api/calls")).await;
    assert_eq!((status, headers.contains_key("ratelimit")), (StatusCode::OK, false));
}
