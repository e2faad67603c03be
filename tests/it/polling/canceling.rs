//! A provider that can't hang up: a wish to do so is kept and answered truthfully, and the call goes on to its end.

use crate::support::{
    app::{App, COMPLETES, text},
    asking::SLOW,
    both_databases,
    call_api::Polled,
};
use reqwest::Method;
use serde_json::{Value, json};

both_databases!(
    a_call_under_way_can_not_be_hung_up_and_says_so,
    a_call_that_is_not_wanted_any_more_is_not_tried_again,
    a_call_ended_by_hand_has_ended_and_its_attempt_goes_on,
    whoever_cancels_while_it_is_being_placed_is_answered_too,
);

/// How often each kind of event is in the timeline.
async fn count(app: &App, id: &Value, kind: &str) -> usize {
    app.timeline(id).await.iter().filter(|found| *found == kind).count()
}

async fn a_call_under_way_can_not_be_hung_up_and_says_so(world: Polled) {
    let call = world.placed(SLOW).await;
    let (status, asked) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &asked["status"]), (202, &json!("initiated")));
    world.app.hang_up().await;
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!((&event["kind"], &event["actor"]), (&json!("hangup_impossible"), &json!("system")));
    assert!(text(&event["payload"]["detail"]).contains("no way of hanging up"), "{event}");

    assert_eq!(world.app.command(&call["id"], "cancel").await.0, 202, "asking twice is one wish");
    world.live(60).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing");
    world.live(15).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("answered")));
    for kind in ["cancel_requested", "hangup_requested", "hangup_impossible"] {
        assert_eq!(count(&world.app, &call["id"], kind).await, 1, "{kind}");
    }
}

async fn a_call_that_is_not_wanted_any_more_is_not_tried_again(world: Polled) {
    let call = world.app.create_with("+14155550102", json!({"max_attempts": 3})).await;
    world.app.dispatch().await;
    assert_eq!(world.app.command(&call["id"], "cancel").await.0, 202);
    world.live(5).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "busy");
    assert_eq!(world.company.dials().await, 1);
}

async fn a_call_ended_by_hand_has_ended_and_its_attempt_goes_on(world: Polled) {
    let call = world.placed(COMPLETES).await;
    let path = format!("/api/calls/{}", text(&call["id"]));
    let by_hand = world.app.request(Method::PATCH, &path).json(&json!({"status": "failed"}));
    assert_eq!(by_hand.send().await.expect("an answer").status(), 200);
    world.live(4).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("failed"), &json!("ended_by_hand")));
    assert_eq!(ended["attempts"][0]["status"], "ringing");
    assert_eq!(count(&world.app, &call["id"], "hangup_impossible").await, 1);
    let (status, refused) = world.app.command(&call["id"], "retry").await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (409, &json!("attempt_open")),
        "two phones must not ring at once"
    );

    world.live(8).await;
    let over = world.app.call(&call["id"]).await;
    assert_eq!((&over["status"], &over["attempts"][0]["status"]), (&json!("failed"), &json!("completed")));
    assert_eq!(world.app.command(&call["id"], "retry").await.0, 200);
}

async fn whoever_cancels_while_it_is_being_placed_is_answered_too(world: Polled) {
    let call = world.app.create(COMPLETES).await;
    let claimed = world.app.claim().await;
    assert_eq!(world.app.command(&call["id"], "cancel").await.0, 202);
    world.app.place(claimed).await;
    world.live(12).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "completed");
    let timeline = world.app.timeline(&call["id"]).await;
    let begin = ["created", "claimed", "cancel_requested", "placed", "hangup_requested", "hangup_impossible"];
    assert_eq!(timeline[..6], begin);
    assert_eq!(count(&world.app, &call["id"], "hangup_impossible").await, 1);
}
