//! What happens is counted, and by what.

use super::told;
use crate::support::{
    app::{App, BUSY, COMPLETES},
    both_databases,
    company::World,
    receiver::Told as Hooked,
    stream::Live,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use wiremock::ResponseTemplate;

both_databases!(
    calls_that_end_are_counted_by_how,
    a_call_that_goes_on_has_not_ended,
    lateness_is_from_due_to_claimed,
    reports_are_counted_by_what_became_of_them,
    the_provider_is_timed_by_what_it_means,
    requests_are_counted_by_route_not_by_path,
    the_database_is_timed,
    webhooks_are_counted_by_what_became_of_them,
    live_readers_are_counted,
);

async fn calls_that_end_are_counted_by_how(app: App) {
    for number in [COMPLETES, COMPLETES, BUSY] {
        app.create(number).await;
    }
    let unwanted = app.create_with(COMPLETES, json!({"delay_secs": 3_600})).await;
    app.command(&unwanted["id"], "cancel").await;
    app.live(12).await;
    let told = told(&app).await;
    let ended = |outcome: &str, reason: &str, provider: &str| {
        told.of(&format!(
            "switchboard_calls_ended_total{{outcome=\"{outcome}\",reason=\"{reason}\",provider=\"{provider}\"}}"
        ))
    };
    assert_eq!(ended("completed", "answered", "http"), 2.0);
    assert_eq!(ended("busy", "busy", "http"), 1.0);
    assert_eq!(ended("canceled", "canceled", "none"), 1.0);
    let samples = told.0.keys().filter(|name| name.starts_with("switchboard_calls_ended_total"));
    assert_eq!(samples.count(), 3);
}

async fn a_call_that_goes_on_has_not_ended(app: App) {
    app.create_with(BUSY, json!({"max_attempts": 2})).await;
    app.live(8).await;
    let ended = "switchboard_calls_ended_total{outcome=\"busy\",reason=\"busy\",provider=\"http\"}";
    assert_eq!(told(&app).await.of(ended), 0.0, "another attempt is planned");
    app.pass_secs(900);
    app.live(8).await;
    assert_eq!(told(&app).await.of(ended), 1.0);
}

async fn lateness_is_from_due_to_claimed(app: App) {
    app.create(COMPLETES).await;
    app.dispatch().await;
    app.create(COMPLETES).await;
    app.pass_secs(20);
    app.dispatch().await;
    let told = told(&app).await;
    let name = "switchboard_dispatch_lateness_seconds";
    assert_eq!((told.of(&format!("{name}_count")), told.of(&format!("{name}_sum"))), (2.0, 20.0));
    let up_to = |bound: &str| told.of(&format!("{name}_bucket{{le=\"{bound}\"}}"));
    assert_eq!((up_to("0.1"), up_to("10.0"), up_to("30.0"), up_to("+Inf")), (1.0, 1.0, 2.0, 2.0));
}

async fn reports_are_counted_by_what_became_of_them(world: World) {
    let call = world.placed().await;
    let attempt = &call["attempts"][0];
    let report = |status: &str| {
        json!({"attempt_id": attempt["id"], "provider_call_id": attempt["provider_call_id"], "status": status,
               "sequence": 1, "occurred_at": "2026-11-21T09:00:00Z"})
    };
    world.app.hear("w1", &report("ringing")).await;
    world.app.hear("w1", &report("ringing")).await;
    world.app.hear("w2", &report("initiated")).await;
    world.app.hear("w3", &report("completed")).await;
    world.app.hear("w4", &report("failed")).await;
    let mut unknown = report("ringing");
    unknown["attempt_id"] = json!("00000000-0000-7000-8000-000000000099");
    world.app.hear("w5", &unknown).await;
    world.app.hear("w6", &json!({})).await;
    world.app.post("/api/webhooks/provider-status", &report("ringing")).await;
    let forged = world.app.callback(&world.app.state().secrets, "w7", b"{}").body("{\"a\": 1}");
    forged.send().await.expect("an answer");

    let told = told(&world.app).await;
    for verdict in [
        "applied:2",
        "repeat:1",
        "stale:1",
        "already_ended:1",
        "unknown_attempt:1",
        "error:1",
        "unsigned:1",
        "bad_signature:1",
    ] {
        let (verdict, count) = verdict.split_once(':').expect("a count");
        let sample = format!("switchboard_reports_total{{verdict=\"{verdict}\"}}");
        assert_eq!(told.of(&sample).to_string(), count, "{verdict}");
    }
}

async fn the_provider_is_timed_by_what_it_means(world: World) {
    world.placed().await;
    world.company.answers_placings(ResponseTemplate::new(500));
    world.placed().await;
    world.app.pass_secs(30);
    world.app.reconcile().await;
    let told = told(&world.app).await;
    let count = |operation: &str, result: &str| {
        told.of(&format!(
            "switchboard_provider_request_seconds_count{{operation=\"{operation}\",result=\"{result}\"}}"
        ))
    };
    assert_eq!((count("place", "accepted"), count("place", "ambiguous")), (1.0, 2.0), "it was placed again");
    assert_eq!(count("status", "unknown"), 1.0);
}

async fn requests_are_counted_by_route_not_by_path(app: App) {
    let call = app.create(COMPLETES).await;
    app.call(&call["id"]).await;
    app.get("/api/calls/nobody").await;
    app.get("/nowhere/at/all").await;
    app.html("/").await;
    app.get("/health/").await;
    app.request(Method::from_bytes(b"BREW").expect("a method"), "/api/calls")
        .send()
        .await
        .expect("an answer");
    let foreign = app.request(Method::GET, "/api/calls").header("host", "evil.example");
    assert_eq!(foreign.send().await.expect("an answer").status(), StatusCode::MISDIRECTED_REQUEST);

    let told = told(&app).await;
    let count = |method: &str, route: &str, status: u16| {
        told.of(&format!(
            "switchboard_http_request_seconds_count{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
        ))
    };
    assert_eq!(count("POST", "/api/calls", 201), 1.0);
    assert_eq!((count("GET", "/api/calls/{id}", 200), count("GET", "/api/calls/{id}", 404)), (1.0, 1.0));
    assert_eq!((count("GET", "/", 200), count("GET", "/health", 503)), (1.0, 1.0));
    assert_eq!((count("GET", "other", 404), count("GET", "other", 421)), (1.0, 1.0));
    assert_eq!(count("other", "/api/calls", 405), 1.0);
    assert!(!told.0.keys().any(|name| name.contains("nobody") || name.contains("nowhere")));
}

async fn webhooks_are_counted_by_what_became_of_them(world: Hooked) {
    world.endpoint(&["call.created"]).await;
    world.app.create(COMPLETES).await;
    assert_eq!(world.app.deliver().await, 1);
    world.receiver.answers(ResponseTemplate::new(500));
    world.app.create(COMPLETES).await;
    assert_eq!(world.app.deliver().await, 1);
    let told = told(&world.app).await;
    let count = |outcome: &str| {
        told.of(&format!("switchboard_webhook_delivery_seconds_count{{outcome=\"{outcome}\"}}"))
    };
    assert_eq!((count("delivered"), count("again"), count("failed")), (1.0, 1.0, 0.0));
    assert_eq!(told.of("switchboard_webhook_deliveries_waiting"), 1.0);
}

async fn live_readers_are_counted(live: Live) {
    let readers = async || told(&live.app).await.of("switchboard_live_readers");
    assert_eq!(readers().await, 0.0);
    let _first = live.stream("").await;
    let _second = live.stream("").await;
    assert_eq!(readers().await, 2.0);
}

async fn the_database_is_timed(app: App) {
    let of = |told: &super::Told, name: &str| told.of(&format!("switchboard_db_{name}_count"));
    let before = told(&app).await;
    app.create(COMPLETES).await;
    app.get("/api/calls").await;
    let after = told(&app).await;
    assert_eq!(of(&after, "write_seconds") - of(&before, "write_seconds"), 1.0);
    let parts = |told: &super::Told| told.of("switchboard_db_write_parts_sum");
    assert_eq!(
        (of(&after, "write_parts") - of(&before, "write_parts"), parts(&after) - parts(&before)),
        (1.0, 1.0)
    );
    assert!(of(&after, "read_seconds") > of(&before, "read_seconds"));
}
