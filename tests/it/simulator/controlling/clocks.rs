//! Speed and clock: a test suite need not wait, and whoever shares the clock is refused.

use super::{super::START, World};
use crate::{
    simulator::{config, serve},
    support::{Backend, both_databases},
};
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use switchboard::server::provider::simulator::{Simulator, Timekeeping, deliver};
use tokio_util::sync::CancellationToken;

both_databases!(
    the_speed_is_changed_for_the_calls_to_come_and_outlives_a_restart,
    a_held_clock_stands_still_and_moves_on_when_told,
    an_advance_sends_what_becomes_due_before_it_answers,
    an_advance_repeats_what_is_not_taken,
    an_advance_waits_for_what_the_loop_is_sending,
    a_clock_that_runs_can_be_moved_too,
    a_held_clock_outlives_a_restart,
    placings_are_judged_by_the_callers_clock,
    a_reset_is_as_the_first_start,
);

const COMPLETES: &str = "+14155550101";

impl World {
    async fn put(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.control(Method::PUT, path, Some(body)).await
    }

    async fn hold_clock(&self) {
        let (status, clock) = self.put("/clock", json!({"held": true})).await;
        assert_eq!((status, &clock["held"]), (StatusCode::OK, &json!(true)), "{clock}");
    }

    async fn advance(&self, body: Value) -> Value {
        let (status, advanced) = self.control(Method::POST, "/clock/advance", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{advanced}");
        advanced
    }

    /// The process ends, and another one begins on the same database.
    async fn restarted(self) -> Self {
        let clock = switchboard::server::clock::Clock::manual(self.clock.now());
        let sim = Simulator::new(config(&self.receiver), self.db.clone(), clock.clone());
        let sim = sim.expect("a simulator").resumed().await.expect("the database works");
        Self { base: serve(&sim).await, sim, clock, ..self }
    }
}

async fn the_speed_is_changed_for_the_calls_to_come_and_outlives_a_restart(world: World) {
    assert_eq!(world.look("/speed").await, json!({"speed": 1.0}));
    world.place("a1", COMPLETES).await;
    assert_eq!(world.put("/speed", json!({"speed": 100})).await.0, StatusCode::OK);
    world.place("a2", COMPLETES).await;
    world.send_at(100).await;
    assert_eq!(world.ask("a1").await[0]["status"], "initiated");
    assert_eq!(world.ask("a2").await[0]["status"], "completed");

    let world = world.restarted().await;
    assert_eq!(world.look("/speed").await, json!({"speed": 100.0}));
    for wrong in [json!({"speed": 0}), json!({"speed": 1_001}), json!({"speed": -1})] {
        assert_eq!(world.put("/speed", wrong).await.1["code"], "invalid_speed");
    }
    for wrong in [json!({"speed": "fast"}), json!({}), json!({"speed": 1, "of": "light"})] {
        assert_eq!(world.put("/speed", wrong).await.1["code"], "invalid_body");
    }
}

async fn a_held_clock_stands_still_and_moves_on_when_told(world: World) {
    world.hold_clock().await;
    world.place("a1", COMPLETES).await;
    world.clock.advance_ms(60_000);
    assert_eq!(world.ask("a1").await[0]["status"], "initiated", "nothing happens by itself");
    let advanced = world.advance(json!({"by_ms": 2_000})).await;
    assert_eq!((&advanced["now"], &advanced["held"]), (&json!("2026-11-21T09:00:02.000Z"), &json!(true)));
    assert_eq!(world.ask("a1").await[0]["status"], "ringing");
    world.advance(json!({"to": "2026-11-21T09:00:05Z"})).await;
    assert_eq!(world.ask("a1").await[0]["status"], "in_progress");

    let (_, clock) = world.put("/clock", json!({"held": false})).await;
    assert_eq!((&clock["now"], &clock["held"]), (&json!("2026-11-21T09:00:05.000Z"), &json!(false)));
    world.clock.advance_ms(5_000);
    assert_eq!(world.ask("a1").await[0]["status"], "completed", "it runs from where it stood");
}

async fn an_advance_sends_what_becomes_due_before_it_answers(world: World) {
    world.hold_clock().await;
    world.place("a1", COMPLETES).await;
    world.place("a2", "+14155550108").await;
    let advanced = world.advance(json!({"by_ms": 4_999})).await;
    assert_eq!(
        (&advanced["delivered"], &advanced["failed"], &advanced["still_due"]),
        (&json!(4), &json!(0), &json!(0))
    );
    assert_eq!(advanced["next_at"], "2026-11-21T09:00:05.000Z");
    assert_eq!(world.receiver.callbacks().len(), 2 + 4);
    let advanced = world.advance(json!({"by_ms": 3_600_000})).await;
    assert_eq!((&advanced["delivered"], &advanced["next_at"]), (&json!(4), &Value::Null));
    let told = world.receiver.callbacks();
    assert!(
        told.iter().all(|it| it.timestamp == START / 1_000),
        "signed by the machine's time, or nobody would believe it"
    );
    let ended = told.last().expect("an ending").body["occurred_at"].clone();
    assert_eq!(ended, "2026-11-21T09:00:10.000Z", "what happens goes by the clock that was moved");
}

async fn an_advance_repeats_what_is_not_taken(world: World) {
    world.hold_clock().await;
    world.place("a1", "+14155550102").await;
    world.receiver.answer_next(&[StatusCode::INTERNAL_SERVER_ERROR, StatusCode::INTERNAL_SERVER_ERROR]);
    let advanced = world.advance(json!({"by_ms": 60_000})).await;
    assert_eq!((&advanced["delivered"], &advanced["failed"]), (&json!(2), &json!(2)));
    assert_eq!(world.receiver.callbacks().len(), 4);
}

async fn an_advance_waits_for_what_the_loop_is_sending(world: World) {
    let stop = CancellationToken::new();
    let sender = tokio::spawn(deliver::run(world.sim.clone(), stop.clone()));
    world.hold_clock().await;
    for n in 0..20 {
        world.place(&format!("a{n}"), COMPLETES).await;
    }
    world.advance(json!({"by_ms": 10_000})).await;
    assert_eq!(world.receiver.callbacks().len(), 80, "all, whoever has sent them");
    stop.cancel();
    sender.await.expect("it stops");
}

async fn a_clock_that_runs_can_be_moved_too(world: World) {
    world.place("a1", COMPLETES).await;
    let advanced = world.advance(json!({"by_ms": 5_000})).await;
    assert_eq!((&advanced["held"], &advanced["delivered"]), (&json!(false), &json!(3)));
    world.clock.advance_ms(5_000);
    assert_eq!(world.look("/clock").await["now"], "2026-11-21T09:00:10.000Z");
}

async fn a_held_clock_outlives_a_restart(world: World) {
    world.hold_clock().await;
    world.advance(json!({"by_ms": 3_600_000})).await;
    let world = world.restarted().await;
    world.clock.advance_ms(7_000);
    let clock = json!({"now": "2026-11-21T10:00:00.000Z", "held": true, "can_be_held": true});
    assert_eq!(world.look("/clock").await, clock);
}

async fn placings_are_judged_by_the_callers_clock(world: World) {
    world.hold_clock().await;
    world.advance(json!({"by_ms": 86_400_000})).await;
    let id = world.place("a1", COMPLETES).await;
    assert_eq!(world.look(&format!("/calls/{id}")).await["placed_at"], "2026-11-22T09:00:00.000Z");
    world.fault(json!({"kind": "placing_ambiguous"})).await;
    let placing = tokio::spawn(world.placing(&world.body("a2", COMPLETES)).send());
    while world.ask("a2").await.is_empty() {}
    world.clock.advance_ms(11_000);
    assert_eq!(placing.await.expect("no panic").expect("an answer").status(), StatusCode::GATEWAY_TIMEOUT);
}

async fn a_reset_is_as_the_first_start(world: World) {
    let first = world.look("").await;
    world.hold_clock().await;
    world.fault(json!({"kind": "callbacks_twice"})).await;
    world.outcome(json!({"scenario": "busy"})).await;
    world.put("/speed", json!({"speed": 7})).await;
    let id = world.place("a1", "+15551234567").await;
    world.advance(json!({"by_ms": 1_000})).await;
    assert_ne!(world.look("").await, first);

    assert_eq!(world.control(Method::POST, "/reset", None).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(world.look("").await, first);
    for (path, list) in
        [("/calls", "calls"), ("/callbacks", "callbacks"), ("/faults", "faults"), ("/outcomes", "outcomes")]
    {
        assert_eq!(world.look(path).await[list], json!([]), "{path}");
    }
    assert_eq!(world.get(&format!("/calls/{id}")).await.0, StatusCode::NOT_FOUND);
    world.place("a1", "+15551234567").await;
    assert_eq!(world.look("/calls").await["calls"][0]["nth"], 1, "its luck begins anew");
}

#[rstest]
#[case::hold(Method::PUT, "/clock", json!({"held": true}))]
#[case::advance(Method::POST, "/clock/advance", json!({"by_ms": 1}))]
#[tokio::test]
async fn a_clock_that_is_shared_is_left_alone(
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::with(on, |config| config.timekeeping = Timekeeping::Shared).await;
    let (status, problem) = world.control(method, path, Some(body)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("clock_is_shared")));
    assert!(problem["detail"].as_str().is_some_and(|why| why.contains("switchboard simulator")));
    assert_eq!(world.look("/clock").await["can_be_held"], false);
}

#[rstest]
#[case::neither(json!({}))]
#[case::both(json!({"by_ms": 1, "to": "2026-11-21T09:00:05Z"}))]
#[case::back(json!({"by_ms": -1}))]
#[case::into_the_past(json!({"to": "2026-11-21T08:59:59Z"}))]
#[case::next_decade(json!({"by_ms": 31_622_400_001_i64}))]
#[tokio::test]
async fn the_clock_only_moves_ahead(
    #[case] body: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::with(on, |_| {}).await;
    let (status, problem) = world.control(Method::POST, "/clock/advance", Some(body)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_advance")));
}
