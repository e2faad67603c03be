//! What numbers will do: a scenario's, or a story of their own; for whom, how often, and what goes before what.

use super::World;
use crate::support::{Backend, OnDatabase, both_databases};
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

both_databases!(
    an_outcome_is_for_one_number_or_for_all,
    the_next_placings_go_before_what_always_holds,
    a_later_outcome_takes_the_place_of_the_one_before,
    a_story_is_told_as_it_is_written,
    what_never_ends_ends_when_it_is_hung_up,
    a_number_that_is_always_refused_can_be_had_to_answer,
    an_outcome_can_be_forgotten,
);

const COMPLETES: &str = "+14155550101";

#[rstest]
#[case::completed("completed", &["initiated", "ringing", "in_progress", "completed"])]
#[case::busy("busy", &["initiated", "busy"])]
#[case::no_answer("no_answer", &["initiated", "ringing", "no_answer"])]
#[case::failed("failed", &["initiated", "failed"])]
#[case::slow("slow", &["initiated", "ringing", "in_progress", "completed"])]
#[case::loses_callbacks("loses_callbacks", &["initiated"])]
#[case::sends_twice("sends_twice", &["initiated", "initiated", "ringing", "ringing", "in_progress", "in_progress", "completed", "completed"])]
#[case::out_of_order("out_of_order", &["ringing", "initiated", "completed", "in_progress"])]
#[tokio::test]
async fn any_number_does_what_a_scenario_does(
    #[case] scenario: &str,
    #[case] expected: &[&str],
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    world.outcome(json!({"to": "+4930123456", "scenario": scenario})).await;
    world.place("a1", "+4930123456").await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), expected);
}

async fn an_outcome_is_for_one_number_or_for_all(world: World) {
    world.outcome(json!({"scenario": "refused"})).await;
    world.outcome(json!({"to": "+4930123456", "scenario": "busy"})).await;
    assert_eq!(world.refused("a1", COMPLETES).await, (422, "provider_refused".to_owned(), None));
    world.place("a2", "+4930123456").await;
    assert_eq!(world.end_of("a2").await, "busy");
}

async fn the_next_placings_go_before_what_always_holds(world: World) {
    world.outcome(json!({"scenario": "no_answer"})).await;
    world.outcome(json!({"to": COMPLETES, "scenario": "failed"})).await;
    world.outcome(json!({"scenario": "busy", "next": 1})).await;
    world.outcome(json!({"scenario": "completed", "next": 1})).await;
    let mut ends = Vec::new();
    for n in 0..4 {
        world.place(&format!("a{n}"), COMPLETES).await;
    }
    world.place("a4", "+14155550102").await;
    for n in 0..5 {
        ends.push(world.end_of(&format!("a{n}")).await);
    }
    assert_eq!(ends, ["busy", "completed", "failed", "failed", "no_answer"]);
}

async fn a_later_outcome_takes_the_place_of_the_one_before(world: World) {
    for scenario in ["busy", "failed"] {
        world.outcome(json!({"to": COMPLETES, "scenario": scenario})).await;
    }
    let set = world.look("/outcomes").await;
    let scenarios: Vec<_> =
        set["outcomes"].as_array().expect("a list").iter().map(|it| &it["scenario"]).collect();
    assert_eq!(scenarios, ["failed"]);
}

async fn a_story_is_told_as_it_is_written(world: World) {
    let story = json!({"rings_after_ms": 100, "answered_after_ms": 1_500, "talks_for_ms": 61_000});
    let set = world.outcome(json!({"story": story, "next": 1})).await;
    assert_eq!(set["story"], story);
    world.place("a1", COMPLETES).await;
    for (at, expected) in [(99, 1), (100, 2), (1_499, 2), (1_500, 3), (62_499, 3), (62_500, 4)] {
        world.send_at(at).await;
        assert_eq!(world.receiver.callbacks().len(), expected, "after {at} ms");
    }
    let over = &world.receiver.callbacks()[3].body;
    assert_eq!((&over["status"], &over["duration_secs"]), (&json!("completed"), &json!(61)));
    assert_eq!(world.look("/calls").await["calls"][0]["scenario"], "own_story");
}

async fn what_never_ends_ends_when_it_is_hung_up(world: World) {
    world.outcome(json!({"story": {"answered_after_ms": 3_000, "ends": "never"}})).await;
    let id = world.place("a1", COMPLETES).await;
    world.send_at(3_600_000).await;
    assert_eq!(world.receiver.statuses(), ["initiated", "ringing", "in_progress"]);
    assert_eq!(world.look(&format!("/calls/{id}")).await["next"], Value::Null);
    world.hang_up(&id).await;
    world.send_at(3_600_000).await;
    let ending = &world.receiver.callbacks()[3].body;
    assert_eq!((&ending["status"], &ending["duration_secs"]), (&json!("completed"), &json!(3_597)));
}

async fn a_number_that_is_always_refused_can_be_had_to_answer(world: World) {
    world.outcome(json!({"to": "+14155550106", "scenario": "completed", "next": 1})).await;
    world.place("a1", "+14155550106").await;
    assert_eq!(world.refused("a2", "+14155550106").await.0, 422);
}

async fn an_outcome_can_be_forgotten(world: World) {
    let busy = world.outcome(json!({"to": COMPLETES, "scenario": "busy"})).await;
    let path = format!("/outcomes/{}", busy["id"].as_str().expect("an id"));
    assert_eq!(world.look(&path).await, busy);
    assert_eq!(world.control(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.control(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    world.place("a1", COMPLETES).await;
    assert_eq!(world.end_of("a1").await, "completed");

    world.outcome(json!({"scenario": "busy"})).await;
    assert_eq!(world.control(Method::DELETE, "/outcomes", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.look("/outcomes").await, json!({"outcomes": []}));
}
