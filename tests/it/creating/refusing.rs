//! What can't be a call is refused, each field with its own words. No database matters: nothing reaches it.

use crate::support::{
    Backend, OnDatabase,
    app::{App, read, text},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn each_field_has_its_own_errors() {
    let app = App::on(Backend::Sqlite).await;
    let long = |length: usize| "x".repeat(length);
    let cases = [
        ("customer_name", json!(""), "required"),
        ("customer_name", json!("  \t "), "required"),
        ("customer_name", json!(null), "required"),
        ("customer_name", json!(long(201)), "too_long"),
        ("customer_name", json!("Ada\nLovelace"), "control_characters"),
        ("customer_name", json!("Ada\u{0}"), "control_characters"),
        ("customer_name", json!(7), "wrong_type"),
        ("customer_name", json!(["Ada"]), "wrong_type"),
        ("phone_number", json!(""), "required"),
        ("phone_number", json!(null), "required"),
        ("phone_number", json!("4155550101"), "no_country"),
        ("phone_number", json!("+0155550101"), "no_country"),
        ("phone_number", json!("+1 415 CALL NOW"), "not_a_number"),
        ("phone_number", json!("+123456"), "too_short"),
        ("phone_number", json!("+1234567890123456"), "too_long"),
        ("phone_number", json!(14_155_550_101_i64), "wrong_type"),
        ("country", json!("Atlantis"), "unknown"),
        ("country", json!(49), "wrong_type"),
        ("workflow", json!(""), "required"),
        ("workflow", json!(null), "required"),
        ("workflow", json!("spam"), "unknown"),
        ("workflow", json!(true), "wrong_type"),
        ("max_attempts", json!(0), "out_of_range"),
        ("max_attempts", json!(11), "out_of_range"),
        ("max_attempts", json!(-1), "out_of_range"),
        ("max_attempts", json!(i64::MAX), "out_of_range"),
        ("max_attempts", json!(2.5), "wrong_type"),
        ("max_attempts", json!("3"), "wrong_type"),
        ("metadata", json!([1]), "not_an_object"),
        ("metadata", json!("text"), "not_an_object"),
        ("metadata", json!({"note": long(4_096)}), "too_long"),
        ("metadata", json!({"deep": [{"text": "a\u{0}b"}]}), "control_characters"),
        ("metadata", json!({"a\u{0}b": 1}), "control_characters"),
        ("external_id", json!(" "), "malformed"),
        ("external_id", json!(long(201)), "malformed"),
        ("external_id", json!("A\u{0}1"), "malformed"),
        ("external_id", json!(7), "wrong_type"),
        ("colour", json!("red"), "unknown_field"),
        ("status", json!("completed"), "unknown_field"),
    ];
    for (field, value, code) in cases {
        let body = with(&json!({field: value}));
        assert_eq!(found(&app, &body).await, [(format!("/{field}"), code.to_owned())], "{body}");
    }
    assert!(app.ids("").await.is_empty(), "nothing was made");
}

#[tokio::test]
async fn what_is_just_within_its_limits_is_taken() {
    let app = App::on(Backend::Sqlite).await;
    for more in [
        json!({"customer_name": "é".repeat(200)}),
        json!({"phone_number": "+1234567"}),
        json!({"phone_number": "+123456789012345"}),
        json!({"max_attempts": 1}),
        json!({"max_attempts": 10}),
        json!({"metadata": {"note": "x".repeat(4_096 - r#"{"note":""}"#.len())}}),
        json!({"external_id": "x".repeat(200)}),
        json!({"country": null, "max_attempts": null, "metadata": null, "external_id": null}),
    ] {
        let (status, call) = app.post("/api/calls", &with(&more)).await;
        assert_eq!(status, StatusCode::CREATED, "{more}: {call}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once() {
    let app = App::on(Backend::Sqlite).await;
    let body = json!({"phoneNumber": "12", "workflow": "spam", "max_attempts": 0, "colour": "red"});
    let pairs = [
        ("/customer_name", "required"),
        ("/phoneNumber", "no_country"),
        ("/workflow", "unknown"),
        ("/max_attempts", "out_of_range"),
        ("/colour", "unknown_field"),
    ];
    assert_eq!(found(&app, &body).await, pairs.map(|(at, code)| (at.to_owned(), code.to_owned())));

    let twice = with(&json!({"customerName": "Bob"}));
    let found = found(&app, &twice).await;
    assert_eq!(found.first().map(|(_, code)| code.as_str()), Some("twice"), "{found:?}");
}

#[tokio::test]
async fn a_refusal_is_a_problem_in_words() {
    let app = App::on(Backend::Sqlite).await;
    let answer = app
        .request(Method::POST, "/api/calls")
        .header("x-request-id", "mine")
        .json(&with(&json!({"max_attempts": 11})))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let (_, problem) = read(answer).await;
    let expected = json!({
        "type": "/problems/invalid", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
        "detail": "Say a number of attempts from 1 to 10.", "request_id": "mine",
        "errors": [{
            "pointer": "/max_attempts", "code": "out_of_range",
            "detail": "Say a number of attempts from 1 to 10.",
        }],
    });
    assert_eq!(problem, expected);
}

#[tokio::test]
async fn what_is_no_json_object_is_told_apart() {
    let app = App::on(Backend::Sqlite).await;
    for body in ["", "{", "{\"customer_name\": }", "customer_name=Ada", "{} {}", "\u{feff}{}"] {
        let (status, problem) = send(&app, "application/json", body.to_owned()).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{body}");
    }
    let (status, _) = send(&app, "application/json", vec![b'{', b'"', 0xff, b'"', b'}']).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "not even text");
    let (status, _) = send(&app, "application/json", "[".repeat(10_000)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "too deep");

    for body in ["[]", "null", "7", "\"text\""] {
        let (status, problem) = send(&app, "application/json; charset=utf-8", body.to_owned()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(""), &json!("not_an_object")), "{body}");
    }
}

#[tokio::test]
async fn sixty_four_kilobytes_are_the_most() {
    let app = App::on(Backend::Sqlite).await;
    let call = with(&json!({})).to_string();
    let padded = |length: usize| format!("{call}{}", " ".repeat(length - call.len()));
    let (status, _) = send(&app, "application/json", padded(64 * 1024)).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, problem) = send(&app, "application/json", padded(64 * 1024 + 1)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
}

#[tokio::test]
async fn json_must_say_that_it_is_json() {
    let app = App::on(Backend::Sqlite).await;
    let call = with(&json!({})).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let (status, problem) = send(&app, kind, call.clone()).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("not_json")),
            "{kind}"
        );
    }
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.mine+json"] {
        assert_eq!(send(&app, kind, call.clone()).await.0, StatusCode::CREATED, "{kind}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_done_are_problems_too() {
    let app = App::on(Backend::Sqlite).await;
    for (method, path, expected, code) in [
        (Method::GET, "/api/nothing", StatusCode::NOT_FOUND, "not_found"),
        (Method::GET, "/api/calls/no-id", StatusCode::NOT_FOUND, "not_found"),
        (Method::GET, "/api/calls/01890000-0000-7000-8000-000000000000", StatusCode::NOT_FOUND, "not_found"),
        (Method::DELETE, "/api/calls", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (Method::PUT, "/api/calls/no-id", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
    ] {
        let answer = app.request(method.clone(), path).send().await.expect("an answer");
        let allow = answer.headers().contains_key("allow");
        let (status, problem) = read(answer).await;
        assert_eq!((status, &problem["code"]), (expected, &json!(code)), "{method} {path}");
        assert_eq!(allow, status == StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(problem["request_id"].is_string(), "{problem}");
    }
}

/// A good call, with more or other fields.
pub fn with(more: &Value) -> Value {
    let mut body = json!({"customer_name": "Ada", "phone_number": "+14155550101", "workflow": "support"});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// What is found wrong with a body: pointers and codes. Each comes with a sentence.
pub async fn found(app: &App, body: &Value) -> Vec<(String, String)> {
    let (status, problem) = app.post("/api/calls", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {problem}");
    let errors = problem["errors"].as_array().expect("a list");
    assert!(errors.iter().all(|error| text(&error["detail"]).ends_with('.')), "{problem}");
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

async fn send(app: &App, kind: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let request = app.request(Method::POST, "/api/calls").header("content-type", kind).body(body);
    read(request.send().await.expect("an answer")).await
}
