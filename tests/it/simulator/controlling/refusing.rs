//! Only with the token, and what makes no sense is refused in words.

use super::{TOKEN, World};
use crate::support::{Backend, OnDatabase};
use reqwest::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::json;

const ADDRESSES: [(&str, &str); 17] = [
    ("GET", ""),
    ("GET", "/openapi.json"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/ord_1"),
    ("GET", "/outcomes"),
    ("POST", "/outcomes"),
    ("DELETE", "/outcomes"),
    ("PUT", "/speed"),
    ("GET", "/clock"),
    ("PUT", "/clock"),
    ("POST", "/clock/advance"),
    ("GET", "/calls"),
    ("DELETE", "/calls"),
    ("GET", "/callbacks"),
    ("POST", "/reset"),
];

#[rstest]
#[case::nothing(None)]
#[case::a_wrong_token(Some("Bearer a-token-for-test"))]
#[case::another_scheme(Some("Basic a-token-for-tests"))]
#[tokio::test]
async fn nobody_controls_it_without_the_token(
    #[case] authorization: Option<&str>,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    world.place("a1", "+14155550101").await;
    for (method, path) in ADDRESSES {
        let url = format!("{}/control{path}", world.base);
        let mut request = world.http.request(method.parse().expect("a method"), url);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    assert_eq!(world.ask("a1").await.len(), 1, "nothing was reset");
}

#[rstest]
#[case::no_json("/faults", "kind=callbacks_late", 400, "malformed_json")]
#[case::nothing("/faults", "", 422, "invalid_body")]
#[case::no_fault("/faults", r#"{"kind": "earthquake"}"#, 422, "invalid_body")]
#[case::a_word_too_many("/faults", r#"{"kind": "callbacks_twice", "by": 3}"#, 422, "invalid_body")]
#[case::a_wrong_type("/faults", r#"{"kind": "callbacks_late", "by_ms": "2 s"}"#, 422, "invalid_body")]
#[case::no_delay("/faults", r#"{"kind": "callbacks_late"}"#, 422, "invalid_fault")]
#[case::another_status("/faults", r#"{"kind": "placing_refused", "status": 500}"#, 422, "invalid_fault")]
#[case::no_number("/faults", r#"{"kind": "callbacks_twice", "to": "12"}"#, 422, "invalid_number")]
#[case::for_none("/faults", r#"{"kind": "callbacks_twice", "next": 0}"#, 422, "invalid_next")]
#[case::for_too_many("/faults", r#"{"kind": "callbacks_twice", "next": 1000001}"#, 422, "invalid_next")]
#[case::nothing_to_do("/outcomes", "{}", 422, "invalid_outcome")]
#[case::both("/outcomes", r#"{"scenario": "busy", "story": {}}"#, 422, "invalid_outcome")]
#[case::no_scenario("/outcomes", r#"{"scenario": "on_fire"}"#, 422, "invalid_body")]
#[case::a_story_without_itself("/outcomes", r#"{"scenario": "own_story"}"#, 422, "invalid_outcome")]
#[case::no_story("/outcomes", r#"{"story": {"ends": "completed"}}"#, 422, "invalid_story")]
#[case::a_word_too_many_in_a_story("/outcomes", r#"{"story": {"sings": true}}"#, 422, "invalid_body")]
#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words(
    #[case] path: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let url = format!("{}/control{path}", world.base);
    let response =
        world.http.post(url).bearer_auth(TOKEN).body(body.to_owned()).send().await.expect("an answer");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let (answered, problem) = crate::simulator::read(response).await;
    assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{problem}");
    assert_eq!(world.look("/faults").await, json!({"faults": []}));
    assert_eq!(world.look("/outcomes").await, json!({"outcomes": []}));
}

#[rstest]
#[case::no_such_address("GET", "/volume", 404, "not_found")]
#[case::no_such_method("PATCH", "/faults", 405, "method_not_allowed")]
#[case::no_such_method_there("POST", "/clock", 405, "method_not_allowed")]
#[tokio::test]
async fn what_is_not_there_is_said(
    #[case] method: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let method: Method = method.parse().expect("a method");
    let (answered, problem) = world.control(method, path, None).await;
    assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)));
}
