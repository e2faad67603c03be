//! By what a request is followed: its own id, and the trace that it is a part of, all the way to the provider.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES},
    both_databases,
    company::{World, problem},
};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use switchboard::{
    domain::{actor::Actor, form::CallForm, trace::Trace},
    server::page,
};

both_databases!(
    the_provider_is_a_part_of_the_trace,
    every_call_is_traced,
    a_trace_that_can_not_be_read_is_begun_anew,
    a_retry_is_a_part_of_the_same_trace,
);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn wish(app: &App) -> RequestBuilder {
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "sales"});
    app.request(Method::POST, "/api/calls").json(&body)
}

/// The traces that the provider was shown, in order.
async fn shown(world: &World) -> Vec<Trace> {
    world.app.dispatch().await;
    let shown = world.company.traces().await;
    shown.iter().map(|trace| trace.parse().expect("a trace")).collect()
}

async fn the_provider_is_a_part_of_the_trace(world: World) {
    let mine = format!("00-{TRACE}-00f067aa0ba902b7-01");
    wish(&world.app).header("traceparent", &mine).send().await.expect("an answer");
    let shown = shown(&world).await;
    assert_eq!(shown.iter().map(|trace| trace.id()).collect::<Vec<_>>(), [TRACE]);
    let step = shown[0].to_string();
    assert!(step.ends_with("-01"), "what the caller decided stays: {step}");
    assert!(!step.contains("00f067aa0ba902b7"), "each step has an id of its own: {step}");
}

async fn every_call_is_traced(world: World) {
    wish(&world.app).send().await.expect("an answer");
    let form = CallForm {
        customer_name: "Ada".to_owned(),
        phone_number: COMPLETES.to_owned(),
        workflow: "sales".to_owned(),
        ..CallForm::default()
    };
    page::create(world.app.state(), Actor::anonymous(), &form).await.expect("a call");
    let shown = shown(&world).await;
    assert_eq!(shown.len(), 2);
    assert_ne!(shown[0].id(), shown[1].id());
}

async fn a_trace_that_can_not_be_read_is_begun_anew(world: World) {
    for bad in
        ["nonsense", &format!("00-{TRACE}-0000000000000000-01"), &format!("ff-{TRACE}-00f067aa0ba902b7-01")]
    {
        wish(&world.app).header("traceparent", bad).send().await.expect("an answer");
    }
    let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let twice = wish(&world.app).header("traceparent", &good).header("traceparent", &good);
    twice.send().await.expect("an answer");
    let shown = shown(&world).await;
    assert_eq!(shown.len(), 4);
    assert!(shown.iter().all(|trace| trace.id() != TRACE));
}

async fn a_retry_is_a_part_of_the_same_trace(world: World) {
    let good = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let body =
        json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "sales", "delay_secs": 600});
    let wish = world.app.request(Method::POST, "/api/calls").json(&body).header("traceparent", &good);
    wish.send().await.expect("an answer");
    let not_now = problem(503, "busy", "Not now.").insert_header("retry-after", "5");
    world.company.answers_placings(not_now);
    world.app.pass_secs(600);
    assert_eq!(shown(&world).await.len(), 1);
    world.app.pass_secs(10);
    let shown = shown(&world).await;
    assert_eq!(shown.len(), 2);
    assert!(shown.iter().all(|trace| trace.id() == TRACE));
    assert_ne!(shown[0], shown[1], "each placing is a step of its own");
}

#[tokio::test]
async fn a_request_keeps_its_id_if_it_can_stand_in_a_log() {
    let app = App::on(Backend::Sqlite).await;
    for (mine, kept) in [
        ("order-7/try.1", true),
        ("0193501d-5a09-7d52-b1f0-6a5c1e8d2f43", true),
        (&"x".repeat(64), true),
        (&"x".repeat(65), false),
        ("", false),
        ("two words", false),
        ("quote\"", false),
        ("new{line}", false),
    ] {
        let answer = app.request(Method::GET, "/livez").header("x-request-id", mine).send().await;
        let given = answer.expect("an answer").headers()["x-request-id"].to_str().expect("a text").to_owned();
        assert_eq!(given == mine, kept, "{mine}: {given}");
        assert!(!given.is_empty());
    }
    let twice =
        app.request(Method::GET, "/livez").header("x-request-id", "one").header("x-request-id", "other");
    let given = twice.send().await.expect("an answer").headers()["x-request-id"].clone();
    assert!(given != "one" && given != "other");
}
