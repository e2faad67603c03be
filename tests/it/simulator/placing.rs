//! Who may place what, and that one key is one dial.

use super::{PATIENCE, TOKEN, World, read};
use crate::support::{Backend, OnDatabase, both_databases};
use reqwest::{StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};

both_databases!(
    the_same_key_again_is_the_same_call_and_no_second_dial,
    many_placings_of_one_key_at_once_dial_once,
    what_is_first_seen_after_place_by_is_refused_and_not_dialed,
    what_comes_at_the_last_moment_is_taken,
    a_number_that_is_refused_leaves_no_trace,
    a_key_belongs_to_its_number,
    the_key_must_be_there_and_be_the_attempts_id,
    an_answer_may_time_out_after_the_call_was_dialed,
    who_waits_for_a_lost_answer_is_told_that_it_timed_out,
    a_call_may_be_dialed_after_the_caller_gave_up,
    who_waits_for_a_late_answer_gets_it,
);

const COMPLETED: &str = "+14155550101";

async fn refusal(response: reqwest::Response) -> (u16, String) {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let (status, problem) = read(response).await;
    assert_eq!(problem["status"], status.as_u16());
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.') || detail.contains(':')));
    (status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned())
}

async fn the_same_key_again_is_the_same_call_and_no_second_dial(world: World) {
    let first = world.place("a1", COMPLETED).await;
    assert!(first.starts_with("sim_"));

    assert_eq!(world.place("a1", COMPLETED).await, first);
    world.clock.advance_ms(PATIENCE + 60_000);
    assert_eq!(world.place("a1", COMPLETED).await, first, "also long after its first place_by");

    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "ringing", "in_progress", "completed"]);
}

async fn many_placings_of_one_key_at_once_dial_once(world: World) {
    let body = world.body("a1", "+15551234567");
    let placings: Vec<_> = (0..16).map(|_| tokio::spawn(world.placing(&body).send())).collect();
    let mut ids = vec![];
    for placing in placings {
        let (status, placed) = read(placing.await.expect("no panic").expect("an answer")).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        ids.push(placed["provider_call_id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);

    world.send_at(0).await;
    assert_eq!(world.receiver.statuses(), ["initiated"]);
}

async fn what_is_first_seen_after_place_by_is_refused_and_not_dialed(world: World) {
    let body = world.body("a1", COMPLETED);
    world.clock.advance_ms(PATIENCE + 1);
    let response = world.placing(&body).send().await.expect("an answer");
    assert_eq!(refusal(response).await, (410, "too_late".to_owned()));
    assert!(world.ask("a1").await.is_empty());

    world.place("a1", COMPLETED).await;
    assert_eq!(world.ask("a1").await.len(), 1, "a refusal is not remembered");
}

async fn what_comes_at_the_last_moment_is_taken(world: World) {
    let body = world.body("a1", COMPLETED);
    world.clock.advance_ms(PATIENCE);
    assert_eq!(world.placing(&body).send().await.expect("an answer").status(), StatusCode::ACCEPTED);
}

async fn a_number_that_is_refused_leaves_no_trace(world: World) {
    let response = world.placing(&world.body("a1", "+14155550106")).send().await.expect("an answer");
    assert_eq!(refusal(response).await, (422, "provider_refused".to_owned()));
    assert!(world.ask("a1").await.is_empty());

    world.place("a1", COMPLETED).await;
}

async fn a_key_belongs_to_its_number(world: World) {
    world.place("a1", COMPLETED).await;
    let response = world.placing(&world.body("a1", "+14155550102")).send().await.expect("an answer");
    assert_eq!(refusal(response).await, (422, "idempotency_key_reused".to_owned()));
}

#[rstest]
#[case::nothing(None)]
#[case::a_wrong_token(Some("Bearer a-token-for-test"))]
#[case::a_longer_token(Some("Bearer a-token-for-tests2"))]
#[case::no_token(Some("Bearer "))]
#[case::another_scheme(Some("Basic a-token-for-tests"))]
#[case::no_scheme(Some(TOKEN))]
#[tokio::test]
async fn without_the_token_nothing_is_answered(
    #[case] authorization: Option<&str>,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let id = world.place("a1", COMPLETED).await;
    let requests = [
        ("POST", "/calls".to_owned()),
        ("GET", "/calls?attempt_id=a1".to_owned()),
        ("GET", format!("/calls/{id}")),
        ("POST", format!("/calls/{id}/hangup")),
        ("GET", "/no-such-address".to_owned()),
        ("DELETE", "/calls".to_owned()),
    ];
    for (method, path) in requests {
        let url = format!("{}{path}", world.base);
        let mut request = world.http.request(method.parse().expect("a method"), url);
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(refusal(response).await, (401, "unauthorized".to_owned()), "{method} {path}");
    }
}

#[rstest]
#[case::another_machine("http://169.254.169.254/latest/meta-data", "callback_url_not_allowed")]
#[case::begins_alike("RECEIVER@evil.example/hook", "callback_url_not_allowed")]
#[case::another_port("http://127.0.0.1:9/hook", "callback_url_not_allowed")]
#[case::no_url("/hook", "invalid_callback_url")]
#[tokio::test]
async fn callbacks_go_only_to_allowed_addresses(
    #[case] url: &str,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let mut body = world.body("a1", COMPLETED);
    body["callback_url"] = json!(url.replace("RECEIVER", &world.receiver.url));
    let response = world.placing(&body).send().await.expect("an answer");
    assert_eq!(refusal(response).await, (422, code.to_owned()));
}

#[rstest]
#[tokio::test]
async fn further_addresses_can_be_allowed(#[values(Backend::Sqlite, Backend::Postgres)] on: Backend) {
    let elsewhere = "https://hooks.example.org/calls/";
    let world =
        World::with(on, |config| config.callback_allow = vec![elsewhere.parse().expect("a URL")]).await;
    let mut body = world.body("a1", COMPLETED);
    body["callback_url"] = json!("https://hooks.example.org/calls/a1");
    assert_eq!(world.placing(&body).send().await.expect("an answer").status(), StatusCode::ACCEPTED);
}

async fn the_key_must_be_there_and_be_the_attempts_id(world: World) {
    let request = || world.http.post(format!("{}/calls", world.base)).bearer_auth(TOKEN);
    let body = world.body("a1", COMPLETED);

    let without = request().json(&body).send().await.expect("an answer");
    assert_eq!(refusal(without).await, (400, "idempotency_key_missing".to_owned()));
    let another = request().header("idempotency-key", "a2").json(&body).send().await.expect("an answer");
    assert_eq!(refusal(another).await, (422, "idempotency_key_differs".to_owned()));
}

#[rstest]
#[case::no_json("to=1".to_owned(), 400, "malformed_json")]
#[case::a_list("[]".to_owned(), 422, "invalid_body")]
#[case::too_long(format!("\"{}\"", "x".repeat(65_536)), 413, "too_large")]
#[tokio::test]
async fn a_body_that_is_no_placing_is_refused(
    #[case] body: String,
    #[case] status: u16,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let placing = world.placing(&json!({ "attempt_id": "a1" })).body(body);
    assert_eq!(refusal(placing.send().await.expect("an answer")).await, (status, code.to_owned()));
}

#[rstest]
#[case::unknown_address("GET", "/no-such-address", 404, "not_found")]
#[case::unknown_method("DELETE", "/calls", 405, "method_not_allowed")]
#[case::unknown_call("GET", "/calls/sim_1", 404, "unknown_call")]
#[case::unknown_call_to_hang_up("POST", "/calls/sim_1/hangup", 404, "unknown_call")]
#[case::unreadable_id("GET", "/calls/%ff", 404, "unknown_call")]
#[case::no_key("GET", "/calls", 400, "attempt_id_missing")]
#[tokio::test]
async fn what_is_not_there_is_said(
    #[case] method: &str,
    #[case] path: &str,
    #[case] status: u16,
    #[case] code: &str,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let request = world.http.request(method.parse().expect("a method"), format!("{}{path}", world.base));
    let response = request.bearer_auth(TOKEN).send().await.expect("an answer");
    assert_eq!(refusal(response).await, (status, code.to_owned()));
}

async fn an_answer_may_time_out_after_the_call_was_dialed(world: World) {
    let placing = tokio::spawn(world.placing(&world.body("a1", "+14155550110")).send());
    until_known(&world, "a1").await;
    world.clock.advance_ms(PATIENCE);
    assert!(!placing.is_finished());
    placing.abort();

    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "ringing", "in_progress", "completed"]);
    let known = world.ask("a1").await;
    assert_eq!(world.place("a1", "+14155550110").await, known[0]["provider_call_id"], "and found again");
}

async fn who_waits_for_a_lost_answer_is_told_that_it_timed_out(world: World) {
    let placing = tokio::spawn(world.placing(&world.body("a1", "+14155550110")).send());
    until_known(&world, "a1").await;
    world.clock.advance_ms(PATIENCE + 1_000);
    let response = placing.await.expect("no panic").expect("an answer");
    assert_eq!(refusal(response).await, (504, "timed_out".to_owned()));
}

async fn a_call_may_be_dialed_after_the_caller_gave_up(world: World) {
    let placing = tokio::spawn(world.placing(&world.body("a1", "+14155550111")).send());
    until_known(&world, "a1").await;
    world.clock.advance_ms(PATIENCE);
    assert!(!placing.is_finished());
    placing.abort();

    world.send_at(PATIENCE).await;
    assert!(world.receiver.statuses().is_empty(), "not dialed while the caller may still wait");
    let taken = &world.ask("a1").await[0];
    assert_eq!(
        (&taken["status"], &taken["sequence"]),
        (&json!("initiated"), &json!(0)),
        "but known as taken"
    );

    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "ringing", "in_progress", "completed"]);
    let first: &Value = &world.receiver.callbacks()[0].body;
    assert_eq!(first["occurred_at"], "2026-11-21T09:00:11.000Z");
}

async fn who_waits_for_a_late_answer_gets_it(world: World) {
    let placing = tokio::spawn(world.placing(&world.body("a1", "+14155550111")).send());
    let id = until_known(&world, "a1").await;
    world.clock.advance_ms(PATIENCE + 1_000);
    let (status, placed) = read(placing.await.expect("no panic").expect("an answer")).await;
    assert_eq!((status, &placed["provider_call_id"]), (StatusCode::ACCEPTED, &id));
}

/// Asks until the call is known, and returns its id.
async fn until_known(world: &World, attempt_id: &str) -> Value {
    loop {
        if let Some(call) = world.ask(attempt_id).await.first() {
            return call["provider_call_id"].clone();
        }
    }
}
