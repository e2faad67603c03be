//! Every error is a problem that says what is wrong. No database matters: nothing reaches it.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read, text},
};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_problems_type_leads_to_what_it_means() {
    let app = App::on(Backend::Sqlite).await;
    for path in ["/api/nothing", "/api/calls?colour=red", "/api/calls/no-id"] {
        let (_, problem) = app.get(path).await;
        let kind = text(&problem["type"]);
        assert_eq!(kind, format!("/problems/{}", text(&problem["code"])));
        let page = app.request(Method::GET, &kind).send().await.expect("an answer");
        assert_eq!(page.status(), StatusCode::OK);
        let words = page.text().await.expect("a text");
        assert!(
            words.starts_with(&text(&problem["code"])) && words.contains(&problem["status"].to_string()),
            "{words}"
        );
    }
    assert_eq!(app.get("/problems/nonsense").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_that_takes_no_query_says_so() {
    let app = App::on(Backend::Sqlite).await;
    let call = app.create(COMPLETES).await;
    let id = text(&call["id"]);
    for (method, path) in [
        (Method::POST, "/api/calls".to_owned()),
        (Method::GET, format!("/api/calls/{id}")),
        (Method::PATCH, format!("/api/calls/{id}")),
        (Method::DELETE, format!("/api/calls/{id}")),
        (Method::GET, format!("/api/calls/{id}/events")),
        (Method::POST, format!("/api/calls/{id}/cancel")),
        (Method::POST, format!("/api/calls/{id}/retry")),
        (Method::POST, format!("/api/calls/{id}/notes")),
        (Method::POST, format!("/api/calls/{id}/reconcile")),
        (Method::GET, "/api/dispatch".to_owned()),
        (Method::PUT, "/api/dispatch".to_owned()),
    ] {
        let request = app.request(method.clone(), &format!("{path}?colour=red")).json(&json!({}));
        let (status, problem) = read(request.send().await.expect("an answer")).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::BAD_REQUEST, &json!("bad_request")),
            "{method} {path}"
        );
        assert!(text(&problem["detail"]).contains("colour"), "{problem}");
    }
    assert_eq!(app.get(&format!("/api/calls/{id}?")).await.0, StatusCode::OK, "an empty one is none");
    assert_eq!(app.timeline(&call["id"]).await, ["created"], "nothing was done");
}

#[tokio::test]
async fn what_the_library_refuses_is_a_problem_too() {
    let app = App::on(Backend::Sqlite).await;
    for (method, path) in [(Method::GET, "/api/calls/%ff"), (Method::POST, "/api/calls/%ff/cancel")] {
        let answer = app.request(method, path).send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let (status, problem) = read(answer).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{path}");
        assert!(problem["request_id"].is_string());
    }
}

#[tokio::test]
async fn a_filter_is_given_once() {
    let app = App::on(Backend::Sqlite).await;
    for (query, named) in [
        ("phase=pending&phase=failed", "phase"),
        ("limit=1&limit=1", "limit"),
        ("colour=", "colour"),
        ("phase=", "phase"),
        ("status=busy&q=", "q"),
        (&*format!("q={}", "x".repeat(201)), "q"),
    ] {
        let (status, problem) = app.get(&format!("/api/calls?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(text(&problem["detail"]).starts_with(named), "{problem}");
    }
    assert_eq!(app.get("/api/calls?status=busy&status=failed").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_patch_says_what_it_takes() {
    let app = App::on(Backend::Sqlite).await;
    let call = app.create(COMPLETES).await;
    let path = format!("/api/calls/{}", text(&call["id"]));
    let send = |kind: &str| {
        let request = app.request(Method::PATCH, &path).header("content-type", kind);
        request.body(json!({"customer_name": "Grace", "metadata": {"a": 1}}).to_string())
    };
    let refused = send("text/plain").send().await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(refused.headers()["accept-patch"], "application/merge-patch+json, application/json");
    let (status, edited) = read(send("application/merge-patch+json").send().await.expect("an answer")).await;
    assert_eq!((status, &edited["metadata"]), (StatusCode::OK, &json!({"a": 1})));
}

#[tokio::test]
async fn nobody_keeps_an_answer_without_asking() {
    let app = App::on(Backend::Sqlite).await;
    for path in ["/api/calls", "/api/dispatch", "/api/calls.csv", "/api/calls/no-id"] {
        let answer = app.request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(answer.headers()["cache-control"], "private, no-cache", "{path}");
    }
}
