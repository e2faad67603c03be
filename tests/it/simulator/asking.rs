//! Status queries tell the truth, whatever became of the callbacks.

use super::World;
use crate::support::both_databases;
use reqwest::StatusCode;
use serde_json::json;

both_databases!(
    a_call_is_told_as_it_stands,
    a_key_that_was_never_placed_is_unknown,
    where_callbacks_are_lost_the_query_still_tells,
);

async fn a_call_is_told_as_it_stands(world: World) {
    let id = world.place("a1", "+14155550101").await;

    world.clock.advance_ms(4_999);
    let (status, call) = world.get(&format!("/calls/{id}")).await;
    assert_eq!(status, StatusCode::OK);
    let ringing = json!({
        "provider_call_id": id, "attempt_id": "a1", "status": "ringing", "sequence": 2,
        "updated_at": "2026-11-21T09:00:02.000Z",
    });
    assert_eq!(call, ringing);
    assert_eq!(world.ask("a1").await, [ringing]);

    world.clock.advance_ms(5_001);
    let ended = json!({
        "provider_call_id": id, "attempt_id": "a1", "status": "completed", "sequence": 4,
        "ended_reason": "answered", "duration_secs": 5, "updated_at": "2026-11-21T09:00:10.000Z",
    });
    assert_eq!(world.ask("a1").await, [ended]);
}

async fn a_key_that_was_never_placed_is_unknown(world: World) {
    assert!(world.ask("a1").await.is_empty());
}

async fn where_callbacks_are_lost_the_query_still_tells(world: World) {
    world.place("a1", "+14155550107").await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["initiated"]);

    world.clock.advance_ms(10_000);
    let call = &world.ask("a1").await[0];
    assert_eq!((&call["status"], &call["sequence"]), (&json!("completed"), &json!(4)));
}
