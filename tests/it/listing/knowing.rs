//! Who has read a call need not read it again while nothing of it changes (`If-None-Match`).

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    a_call_that_is_known_is_not_sent_again,
    another_reason_to_wait_is_news,
    a_call_that_is_gone_is_not_known
);

/// GET a call that the caller knows by its tag: status, tag, body.
async fn ask(app: &App, id: &Value, known: &str) -> (StatusCode, String, String) {
    let path = format!("/api/calls/{}", text(id));
    let request = app.request(Method::GET, &path).header("if-none-match", known);
    let answer = request.send().await.expect("an answer");
    let tag = answer.headers().get("etag").map(|tag| tag.to_str().expect("a text").to_owned());
    (answer.status(), tag.unwrap_or_default(), answer.text().await.expect("a body"))
}

async fn a_call_that_is_known_is_not_sent_again(app: App) {
    let call = app.create(COMPLETES).await;
    for known in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
        let expected = (StatusCode::NOT_MODIFIED, "\"1\"".to_owned(), String::new());
        assert_eq!(ask(&app, &call["id"], known).await, expected, "{known}");
    }
    for unknown in ["\"2\"", "1", "nonsense"] {
        let (status, tag, body) = ask(&app, &call["id"], unknown).await;
        assert_eq!((status, tag.as_str()), (StatusCode::OK, "\"1\""), "{unknown}");
        assert!(body.contains("Ada Lovelace"));
    }
    app.patch(&call["id"], &json!({"customer_name": "Grace Hopper"})).await;
    let (status, tag, body) = ask(&app, &call["id"], "\"1\"").await;
    assert_eq!((status, tag.as_str()), (StatusCode::OK, "\"2\""));
    assert!(body.contains("Grace Hopper"));
}

async fn another_reason_to_wait_is_news(app: App) {
    let call = app.create(COMPLETES).await;
    let pause = async |paused: bool| {
        let body = json!({"paused": paused});
        app.request(Method::PUT, "/api/dispatch").json(&body).send().await.expect("an answer");
    };
    pause(true).await;
    let (status, paused, body) = ask(&app, &call["id"], "\"1\"").await;
    assert_eq!(status, StatusCode::OK);
    assert!(paused.starts_with("\"1-") && body.contains("paused"), "{paused} {body}");
    assert_eq!(ask(&app, &call["id"], &paused).await.0, StatusCode::NOT_MODIFIED);

    // Whoever changes the call is not kept from it: the call itself is as they know it.
    let named = json!({"customer_name": "Grace Hopper"});
    assert_eq!(app.if_match(Method::PATCH, &call["id"], &paused, &named).await, StatusCode::OK);
    pause(false).await;
    assert_eq!(ask(&app, &call["id"], &paused).await.1, "\"2\"");
}

async fn a_call_that_is_gone_is_not_known(app: App) {
    let call = app.create(COMPLETES).await;
    app.delete(&call["id"]).await;
    for known in ["\"1\"", "*"] {
        assert_eq!(ask(&app, &call["id"], known).await.0, StatusCode::NOT_FOUND);
    }
}
