//! What keeps calls that are due from going out: limits, a pause, a provider that lets nothing through.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES},
    both_databases,
};
use sea_orm::ActiveValue::Set;
use switchboard::server::calls::dispatch_state::row;

both_databases!(
    the_hundred_and_first_call_waits_for_a_free_slot,
    a_call_ended_by_hand_keeps_its_slot_until_the_provider_confirms,
    so_many_go_out_per_second_and_no_more,
    zero_means_no_limit,
    a_pause_stops_all_placing_and_nothing_else,
    while_the_provider_accepts_no_credentials_nothing_goes_out,
    a_provider_that_fails_is_left_alone_until_the_breaker_closes,
);

/// A hundred calls at once, and any number per second.
struct Hundred(App);

impl OnDatabase for Hundred {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--calls-per-second", "0"]).await)
    }
}

/// One call at a time.
struct OneByOne(App);

impl OnDatabase for OneByOne {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--max-calls-in-flight", "1"]).await)
    }
}

/// Ten calls per second, and any number at once.
struct Ten(App);

impl OnDatabase for Ten {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--calls-per-second", "10", "--max-calls-in-flight", "0"]).await)
    }
}

/// No limits.
struct Unlimited(App);

impl OnDatabase for Unlimited {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--calls-per-second", "0", "--max-calls-in-flight", "0"]).await)
    }
}

async fn the_hundred_and_first_call_waits_for_a_free_slot(Hundred(app): Hundred) {
    for _ in 0..100 {
        app.create(COMPLETES).await;
    }
    let last = app.create(COMPLETES).await;
    while app.dispatch().await > 0 {}

    let waits = app.call(&last["id"]).await;
    assert_eq!(waits["status"], "pending");
    assert_eq!(waits["waiting"]["reasons"][0]["code"], "in_flight_limit");
    assert_eq!(waits["waiting"]["reasons"][0]["detail"], "100 of 100 calls are in flight");

    app.pass_secs(10);
    for _ in 0..10 {
        app.report().await;
    }
    assert_eq!(app.reasons(&last["id"]).await, [""; 0]);
    assert_eq!(app.dispatch().await, 1);
    assert_eq!(app.call(&last["id"]).await["status"], "initiated");
}

async fn a_call_ended_by_hand_keeps_its_slot_until_the_provider_confirms(OneByOne(app): OneByOne) {
    let first = app.create(COMPLETES).await;
    app.dispatch().await;
    let second = app.create(COMPLETES).await;
    let path = format!("/api/calls/{}", first["id"].as_str().expect("an id"));
    let by_hand = app.request(reqwest::Method::PATCH, &path).json(&serde_json::json!({"status": "failed"}));
    assert_eq!(by_hand.send().await.expect("an answer").status(), 200);
    assert_eq!(app.dispatch().await, 0);
    assert_eq!(app.reasons(&second["id"]).await, ["in_flight_limit"]);

    app.hang_up().await;
    app.report().await;
    assert_eq!(app.dispatch().await, 1);
}

async fn so_many_go_out_per_second_and_no_more(Ten(app): Ten) {
    let mut calls = Vec::new();
    for _ in 0..25 {
        calls.push(app.create(COMPLETES).await);
    }
    assert_eq!(app.dispatch().await, 10);
    assert_eq!(app.dispatch().await, 0);
    assert_eq!(app.reasons(&calls[10]["id"]).await, ["rate_limit"]);

    app.clock.advance_ms(500);
    assert_eq!(app.dispatch().await, 5);
    app.pass_secs(60);
    assert_eq!(app.dispatch().await, 10, "nothing is saved up beyond one second");
}

async fn zero_means_no_limit(Unlimited(app): Unlimited) {
    for _ in 0..120 {
        app.create(COMPLETES).await;
    }
    assert_eq!(app.dispatch().await, 64, "what one node has in hand at once");
    assert_eq!(app.dispatch().await, 56);
}

async fn a_pause_stops_all_placing_and_nothing_else(app: App) {
    let under_way = app.create(COMPLETES).await;
    app.dispatch().await;
    let waits = app.create(COMPLETES).await;
    app.pause().await;
    assert_eq!(app.dispatch().await, 0);
    let shown = app.call(&waits["id"]).await;
    assert_eq!(shown["waiting"]["reasons"][0]["detail"], "Paused by Ada since 21 Nov 2026, 09:00 UTC");

    app.live(11).await;
    assert_eq!(app.call(&under_way["id"]).await["status"], "completed");
    assert_eq!(app.call(&waits["id"]).await["status"], "pending");

    app.resume().await;
    assert_eq!(app.dispatch().await, 1);
}

async fn while_the_provider_accepts_no_credentials_nothing_goes_out(app: App) {
    let call = app.create(COMPLETES).await;
    let why = "The provider does not accept our credentials.".to_owned();
    app.hold(row::ActiveModel { blocked_reason: Set(Some(why)), ..Default::default() }).await;
    assert_eq!(app.dispatch().await, 0);
    let shown = app.call(&call["id"]).await;
    assert_eq!(shown["waiting"]["reasons"][0]["code"], "blocked");
    assert_eq!(shown["waiting"]["reasons"][0]["detail"], "The provider does not accept our credentials.");
}

async fn a_provider_that_fails_is_left_alone_until_the_breaker_closes(app: App) {
    let call = app.create(COMPLETES).await;
    let breaker = row::ActiveModel {
        failing_since: Set(Some(app.now().as_millis())),
        breaker_until: Set(Some(app.now().plus_secs(30).as_millis())),
        ..Default::default()
    };
    app.hold(breaker).await;
    app.pass_secs(29);
    assert_eq!(app.dispatch().await, 0);
    let shown = app.call(&call["id"]).await;
    assert_eq!(shown["waiting"]["reasons"][0]["code"], "provider_failing");
    assert_eq!(shown["waiting"]["not_before"], "2026-11-21T09:00:30.000Z");

    app.pass_secs(1);
    assert_eq!(app.dispatch().await, 1);
}
