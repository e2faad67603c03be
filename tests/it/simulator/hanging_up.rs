//! Hanging up ends a call at once, once, and as on a real line.

use super::World;
use crate::support::{Backend, OnDatabase, both_databases};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

both_databases!(
    asking_again_changes_nothing,
    many_wishes_at_once_end_it_once,
    after_the_end_there_is_nothing_to_hang_up,
    what_has_happened_is_still_reported_after_hanging_up,
    a_call_that_was_not_yet_dialed_never_will_be,
    where_callbacks_are_lost_the_ending_is_too,
);

#[rstest]
#[case::before_it_rings(0, "canceled", Value::Null)]
#[case::while_it_rings(3_000, "canceled", Value::Null)]
#[case::in_the_conversation(8_500, "completed", json!(3))]
#[tokio::test]
async fn the_call_ends_at_once(
    #[case] at: i64,
    #[case] status: &str,
    #[case] duration_secs: Value,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    let id = world.place("a1", "+14155550101").await;
    world.send_at(at).await;
    let before = world.receiver.callbacks().len();

    let (answer, call) = world.hang_up(&id).await;
    assert_eq!(answer, StatusCode::ACCEPTED);
    assert_eq!((&call["status"], &call["duration_secs"]), (&json!(status), &duration_secs));
    world.send_at(at).await;
    let callbacks = world.receiver.callbacks();
    let ending = &callbacks[before].body;
    assert_eq!((&ending["status"], &ending["ended_reason"]), (&json!(status), &json!("hung_up")));
    assert_eq!((&ending["sequence"], &ending["duration_secs"]), (&json!(before + 1), &duration_secs));

    world.send_at(60_000).await;
    assert_eq!(world.receiver.callbacks().len(), before + 1, "nothing follows");
}

async fn asking_again_changes_nothing(world: World) {
    let id = world.place("a1", "+14155550101").await;
    let first = world.hang_up(&id).await;
    world.clock.advance_ms(5_000);
    assert_eq!(world.hang_up(&id).await, first);
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "canceled"]);
}

async fn many_wishes_at_once_end_it_once(world: World) {
    let id = world.place("a1", "+14155550101").await;
    let url = format!("{}/calls/{id}/hangup", world.base);
    let request = || world.http.post(&url).bearer_auth(super::TOKEN).send();
    let wishes: Vec<_> = (0..8).map(|_| tokio::spawn(request())).collect();
    for wish in wishes {
        assert_eq!(wish.await.expect("no panic").expect("an answer").status(), StatusCode::ACCEPTED);
    }
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "canceled"]);
}

async fn after_the_end_there_is_nothing_to_hang_up(world: World) {
    let id = world.place("a1", "+14155550102").await;
    world.clock.advance_ms(2_000);
    let (answer, call) = world.hang_up(&id).await;
    assert_eq!((answer, &call["status"]), (StatusCode::ACCEPTED, &json!("busy")));
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated", "busy"]);
}

async fn what_has_happened_is_still_reported_after_hanging_up(world: World) {
    let id = world.place("a1", "+14155550109").await;
    world.send_at(6_000).await;
    assert_eq!(world.receiver.statuses(), ["ringing", "initiated"]);
    world.hang_up(&id).await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["ringing", "initiated", "completed", "in_progress"]);
}

async fn a_call_that_was_not_yet_dialed_never_will_be(world: World) {
    let body = world.body("a1", "+14155550111");
    let placing = tokio::spawn(world.placing(&body).send());
    let id = loop {
        if let Some(call) = world.ask("a1").await.first() {
            break call["provider_call_id"].as_str().expect("an id").to_owned();
        }
    };
    let (_, call) = world.hang_up(&id).await;
    assert_eq!((&call["status"], &call["sequence"]), (&json!("canceled"), &json!(1)));
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["canceled"]);
    placing.abort();
}

async fn where_callbacks_are_lost_the_ending_is_too(world: World) {
    let id = world.place("a1", "+14155550107").await;
    world.hang_up(&id).await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated"]);
    assert_eq!(world.ask("a1").await[0]["status"], "canceled");
}
