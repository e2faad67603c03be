//! What stops all placing: the switch, and the breaker that leaves a failing provider alone.

use crate::support::{
    app::{App, COMPLETES},
    both_databases,
    company::{World, problem},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard::{
    domain::actor::Actor,
    server::{calls::dispatch_state::set_paused, dispatcher::dispatch},
};
use wiremock::ResponseTemplate;

both_databases!(
    the_switch_says_who_and_since_when,
    whoever_stopped_it_first_is_named,
    the_switch_wants_true_or_false,
    the_page_has_the_switch_without_a_script,
    resuming_tries_again_after_wrong_credentials,
    five_failures_in_a_row_open_the_breaker,
    one_placing_tries_whether_the_provider_is_back,
    an_answer_between_failures_keeps_it_closed,
    whoever_refuses_in_words_is_there,
    a_provider_that_hangs_holds_up_nobody,
);

async fn switch(app: &App, body: Value) -> (StatusCode, Value) {
    let request = app.request(Method::PUT, "/api/dispatch").json(&body);
    crate::support::app::read(request.send().await.expect("an answer")).await
}

async fn the_switch_says_who_and_since_when(app: App) {
    let (_, free) = app.get("/api/dispatch").await;
    assert_eq!(
        (&free["paused"], &free["reasons"], &free["in_flight"]),
        (&json!(false), &json!([]), &json!(0))
    );
    assert_eq!(free["limits"]["max_calls_in_flight"], 100);

    let (status, paused) = switch(&app, json!({"paused": true})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&paused["paused"], &paused["paused_by"]), (&json!(true), &json!("anonymous")));
    assert_eq!(paused["paused_at"], "2026-11-21T09:00:00.000Z");
    let call = app.create(COMPLETES).await;
    assert_eq!(app.dispatch().await, 0);
    assert_eq!(app.reasons(&call["id"]).await, ["paused"]);
    let detail = &app.call(&call["id"]).await["waiting"]["reasons"][0]["detail"];
    assert_eq!(detail, "Paused by Somebody since 21 Nov 2026, 09:00 UTC");

    let (_, free) = switch(&app, json!({"paused": false})).await;
    assert_eq!(
        (&free["paused"], &free["paused_by"], &free["paused_at"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    assert_eq!(app.dispatch().await, 1);
}

async fn whoever_stopped_it_first_is_named(app: App) {
    for actor in [Actor::operator(), Actor::token()] {
        let now = app.now();
        let work = async move |tx| set_paused(&tx, &actor, true, now).await;
        app.state().db.write(work).await.expect("it is written");
        app.pass_secs(60);
    }
    let (_, paused) = app.get("/api/dispatch").await;
    assert_eq!(paused["paused_by"], "operator");
    assert_eq!(paused["paused_at"], "2026-11-21T09:00:00.000Z");
}

async fn the_switch_wants_true_or_false(app: App) {
    for (body, code) in [
        (json!({}), "required"),
        (json!({"paused": null}), "required"),
        (json!({"paused": "yes"}), "wrong_type"),
        (json!({"paused": true, "until": "noon"}), "unknown_field"),
    ] {
        let (status, problem) = switch(&app, body.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(problem["errors"][0]["code"], code, "{body}");
    }
    assert_eq!(app.get("/api/dispatch").await.1["paused"], false);
}

async fn the_page_has_the_switch_without_a_script(app: App) {
    app.create(COMPLETES).await;
    for (paused, offered) in [("true", "Resume"), ("false", "Pause")] {
        let request = app
            .request(Method::POST, "/fn/set_paused")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("referer", format!("{}/", app.base));
        let answer = request.body(format!("paused={paused}")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::FOUND);
        let html = app.html("/").await;
        assert!(html.contains(&format!(">{offered}</button>")), "{offered}");
        assert_eq!(html.contains("Paused by Somebody since"), paused == "true");
    }
}

async fn resuming_tries_again_after_wrong_credentials(world: World) {
    world.company.answers_placings(problem(401, "no", "Who are you?"));
    let call = world.placed().await;
    world.app.pass_secs(600);
    assert_eq!(world.app.dispatch().await, 0);
    let (_, stopped) = world.app.get("/api/dispatch").await;
    assert_eq!((&stopped["paused"], &stopped["reasons"][0]["code"]), (&json!(false), &json!("blocked")));

    world.company.takes_calls();
    switch(&world.app, json!({"paused": false})).await;
    assert_eq!(world.app.dispatch().await, 1);
    assert_eq!(world.app.call(&call["id"]).await["status"], "initiated");
}

/// The provider fails `times` times in a row, each time with another call.
async fn fail(world: &World, times: usize) {
    world.company.answers_placings(ResponseTemplate::new(500));
    for _ in 0..times {
        world.placed().await;
    }
}

async fn five_failures_in_a_row_open_the_breaker(world: World) {
    fail(&world, 4).await;
    assert_eq!(world.app.get("/api/dispatch").await.1["breaker"]["open_until"], Value::Null);
    fail(&world, 1).await;
    let (_, open) = world.app.get("/api/dispatch").await;
    assert_eq!(
        (&open["breaker"]["failures"], &open["reasons"][0]["code"]),
        (&json!(5), &json!("provider_failing"))
    );
    assert_eq!(open["breaker"]["open_until"], "2026-11-21T09:00:05.000Z");

    let waits = world.app.create(COMPLETES).await;
    assert_eq!(world.app.dispatch().await, 0);
    let waits = world.app.call(&waits["id"]).await;
    assert_eq!(waits["waiting"]["not_before"], "2026-11-21T09:00:05.000Z");
    assert_eq!(
        waits["waiting"]["reasons"][0]["detail"],
        "The provider has not answered since 21 Nov 2026, 09:00 UTC"
    );
}

async fn one_placing_tries_whether_the_provider_is_back(world: World) {
    fail(&world, 5).await;
    for _ in 0..3 {
        world.app.create(COMPLETES).await;
    }
    world.app.pass_secs(5);
    assert_eq!(world.app.dispatch().await, 1, "one of the three tries it");
    let (_, open) = world.app.get("/api/dispatch").await;
    assert_eq!(open["breaker"]["open_until"], "2026-11-21T09:00:10.000Z", "it failed");
    assert_eq!(world.app.dispatch().await, 0);

    world.company.takes_calls();
    world.app.pass_secs(5);
    assert_eq!(world.app.dispatch().await, 1);
    let (_, closed) = world.app.get("/api/dispatch").await;
    assert_eq!((&closed["breaker"]["failures"], &closed["reasons"]), (&json!(0), &json!([])));
    assert_eq!(world.app.dispatch().await, 1, "the rest goes out");
}

async fn an_answer_between_failures_keeps_it_closed(world: World) {
    for _ in 0..3 {
        fail(&world, 4).await;
        world.company.takes_calls();
        world.placed().await;
    }
    assert_eq!(world.app.get("/api/dispatch").await.1["breaker"]["failures"], 0);
}

async fn whoever_refuses_in_words_is_there(world: World) {
    world.company.answers_placings(problem(503, "busy", "Later.").insert_header("retry-after", "60"));
    for _ in 0..8 {
        world.placed().await;
    }
    world.company.answers_placings(problem(400, "no", "Never."));
    for _ in 0..8 {
        world.placed().await;
    }
    assert_eq!(world.app.get("/api/dispatch").await.1["breaker"]["failures"], 0);
}

async fn a_provider_that_hangs_holds_up_nobody(world: World) {
    world.company.answers_placings(ResponseTemplate::new(202).set_delay(Duration::from_mins(10)));
    let hangs = world.app.create(COMPLETES).await;
    let (state, now) = (world.app.state().clone(), world.app.now());
    let round = tokio::spawn(async move { dispatch::run_once(&state, now).await });
    while world.company.placings().await.is_empty() {
        tokio::task::yield_now().await;
    }
    // No transaction is open while the provider is asked: others read and write.
    let other = world.app.create_with(COMPLETES, json!({"delay_secs": 3_600})).await;
    assert_eq!(world.app.command(&other["id"], "cancel").await.0, StatusCode::OK);
    assert_eq!(world.app.command(&hangs["id"], "cancel").await.0, StatusCode::ACCEPTED);
    assert_eq!(world.app.get("/api/calls").await.0, StatusCode::OK);
    assert_eq!(world.app.get("/readyz").await.0, StatusCode::OK);
    assert!(!round.is_finished(), "all of this while it hangs");
    round.abort();
}
