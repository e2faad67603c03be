//! Repeating: whoever gets no answer asks again under the same `Idempotency-Key`, and it is done once.

mod crashing;
mod hooks;
mod keeping;
mod waiting;

use crate::support::{
    app::{App, BUSY, COMPLETES, read, text},
    both_databases,
};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName},
};
use serde_json::{Value, json};
use switchboard::server::idempotency::{Key, fingerprint};

both_databases!(
    the_same_key_and_body_are_answered_as_the_first_time,
    every_command_is_done_once,
    a_refusal_of_the_rules_is_the_same_again,
    what_was_not_understood_leaves_the_key_free,
    another_body_under_the_same_key_is_refused,
    a_key_belongs_to_its_address,
    a_malformed_key_is_refused,
    without_a_key_each_request_is_another_wish,
);

/// What a program hears: status, headers, body.
type Heard = (StatusCode, HeaderMap, Value);

/// POST under a key.
async fn post(app: &App, path: &str, key: &str, body: &Value) -> Heard {
    let request = app.request(Method::POST, path).header("idempotency-key", key).json(body);
    let answer = request.send().await.expect("an answer");
    let headers = answer.headers().clone();
    let (status, body) = read(answer).await;
    (status, headers, body)
}

/// The headers that belong to an answer, and whether it was given before.
fn told(heard: &Heard) -> [Option<&str>; 4] {
    ["location", "etag", "content-type", "idempotency-replayed"]
        .map(|name| heard.1.get(HeaderName::from_static(name)).map(|value| value.to_str().expect("a text")))
}

/// Under what the server knows a request for a call that `who` sent.
fn key_of(who: &str, key: &str, body: &Value) -> Key {
    let fingerprint = fingerprint(body.to_string().as_bytes());
    Key { scope: format!("{who} POST /api/calls"), key: key.to_owned(), fingerprint }
}

/// A call to be created; `more` are the fields that matter to the story.
fn wish(more: &Value) -> Value {
    let mut wish = json!({"customer_name": "Ada Lovelace", "phone_number": COMPLETES, "workflow": "support"});
    for (name, value) in more.as_object().expect("an object") {
        wish[name] = value.clone();
    }
    wish
}

async fn the_same_key_and_body_are_answered_as_the_first_time(app: App) {
    let wish = wish(&json!({"scheduled_at": "2026-11-21T09:05:00Z"}));
    let first = post(&app, "/api/calls", "8e03978e", &wish).await;
    assert_eq!(first.0, StatusCode::CREATED, "{}", first.2);
    let [location, etag, kind, replayed] = told(&first);
    assert_eq!(location, Some(format!("/api/calls/{}", text(&first.2["id"])).as_str()));
    assert_eq!((kind, replayed), (Some("application/json"), None));

    // By now the instant is past, and the call has changed: the answer is still the first one.
    app.pass_secs(3_600);
    app.command(&first.2["id"], "cancel").await;
    for key in ["8e03978e", "\"8e03978e\""] {
        let again = post(&app, "/api/calls/", key, &wish).await;
        assert_eq!((again.0, &again.2), (StatusCode::CREATED, &first.2));
        assert_eq!(told(&again), [location, etag, kind, Some("true")]);
    }
    assert_eq!(app.ids("").await, [text(&first.2["id"])]);
    assert_eq!(app.timeline(&first.2["id"]).await, ["created", "canceled"]);
}

async fn every_command_is_done_once(app: App) {
    let call = app.create(BUSY).await;
    app.live(12).await;
    let path = |command: &str| format!("/api/calls/{}/{command}", text(&call["id"]));
    // Each would be refused, or done again, if it were carried out a second time.
    let commands = [
        ("notes", json!({"note": "Ask for Ada."}), StatusCode::OK),
        ("retry", json!({}), StatusCode::OK),
        ("cancel", json!({}), StatusCode::OK),
    ];
    for (command, body, expected) in commands {
        let first = post(&app, &path(command), command, &body).await;
        assert_eq!(first.0, expected, "{command}: {}", first.2);
        let before = app.timeline(&call["id"]).await;
        let again = post(&app, &path(command), command, &body).await;
        assert_eq!((again.0, &again.2), (first.0, &first.2), "{command}");
        assert_eq!((told(&first)[3], told(&again)[3]), (None, Some("true")), "{command}");
        assert_eq!(app.timeline(&call["id"]).await, before, "{command}");
    }

    let asked = app.create(COMPLETES).await;
    app.dispatch().await;
    let path = format!("/api/calls/{}/reconcile", text(&asked["id"]));
    let first = post(&app, &path, "ask", &json!({})).await;
    assert_eq!(first.0, StatusCode::ACCEPTED, "{}", first.2);
    let again = post(&app, &path, "ask", &json!({})).await;
    assert_eq!((again.0, &again.2, told(&again)[3]), (first.0, &first.2, Some("true")));
}

async fn a_refusal_of_the_rules_is_the_same_again(app: App) {
    let taken = app.create_with(COMPLETES, json!({"external_id": "A-1"})).await;
    let wish = wish(&json!({"external_id": "A-1"}));
    let first = post(&app, "/api/calls", "a", &wish).await;
    assert_eq!((first.0, &first.2["code"]), (StatusCode::CONFLICT, &json!("external_id_taken")));
    assert_eq!(first.2["call_id"], taken["id"]);

    // The id is free by now, and yet the answer is the first one.
    app.delete(&taken["id"]).await;
    let again = post(&app, "/api/calls", "a", &wish).await;
    assert_eq!(told(&again), [None, None, Some("application/problem+json"), Some("true")]);
    let mut same = again.2.clone();
    same["request_id"] = first.2["request_id"].clone();
    assert_eq!((again.0, &same), (first.0, &first.2));
    assert_ne!(again.2["request_id"], first.2["request_id"], "it is another request");
    assert_eq!(app.ids("").await, Vec::<String>::new(), "what the refused one had written is taken back");

    assert_eq!(post(&app, "/api/calls", "b", &wish).await.0, StatusCode::CREATED);
}

async fn what_was_not_understood_leaves_the_key_free(app: App) {
    let nothing = wish(&json!({"workflow": "spam"}));
    let (status, _, problem) = post(&app, "/api/calls", "a", &nothing).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let (status, headers, _) = post(&app, "/api/calls", "a", &wish(&json!({}))).await;
    assert_eq!((status, headers.get("idempotency-replayed")), (StatusCode::CREATED, None));

    let nobody = "/api/calls/00000000-0000-7000-8000-000000000000/cancel";
    for _ in 0..2 {
        let (status, headers, _) = post(&app, nobody, "a", &json!({})).await;
        assert_eq!((status, headers.get("idempotency-replayed")), (StatusCode::NOT_FOUND, None));
    }
}

async fn another_body_under_the_same_key_is_refused(app: App) {
    let first = post(&app, "/api/calls", "a", &wish(&json!({}))).await;
    let (status, headers, problem) = post(&app, "/api/calls", "a", &wish(&json!({"max_attempts": 2}))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused")));
    assert_eq!(headers.get("idempotency-replayed"), None);
    assert_eq!(app.ids("").await, [text(&first.2["id"])]);

    let cancel = format!("/api/calls/{}/cancel", text(&first.2["id"]));
    assert_eq!(post(&app, &cancel, "a", &json!({})).await.0, StatusCode::OK);
    let (status, _, problem) = post(&app, &cancel, "a", &json!({"why": "a mistake"})).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused")));
}

async fn a_key_belongs_to_its_address(app: App) {
    let one = app.create(COMPLETES).await;
    let other = app.create(COMPLETES).await;
    for call in [&one, &other] {
        for command in ["cancel", "retry"] {
            let path = format!("/api/calls/{}/{command}", text(&call["id"]));
            let (_, headers, _) = post(&app, &path, "a", &json!({})).await;
            assert_eq!(headers.get("idempotency-replayed"), None, "{path}");
        }
    }
}

async fn a_malformed_key_is_refused(app: App) {
    for key in ["", "\"\"", "two words", &"x".repeat(256)] {
        let (status, _, problem) = post(&app, "/api/calls", key, &wish(&json!({}))).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{key}");
        assert!(text(&problem["detail"]).starts_with("Idempotency-Key: "), "{key}: {problem}");
    }
    assert_eq!(app.ids("").await, Vec::<String>::new());
    let longest = post(&app, "/api/calls", &"x".repeat(255), &wish(&json!({}))).await;
    assert_eq!(longest.0, StatusCode::CREATED);
}

async fn without_a_key_each_request_is_another_wish(app: App) {
    app.create(COMPLETES).await;
    app.create(COMPLETES).await;
    assert_eq!(app.ids("").await.len(), 2);
}
