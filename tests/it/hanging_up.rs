//! Hanging up: a wish that is kept and carried out until the provider confirms.

use crate::support::{
    Backend, OnDatabase,
    app::App,
    both_databases,
    company::{World, call_id},
    dispatcher::claim_only,
};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard::server::dispatcher::hang_up;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use wiremock::ResponseTemplate;

both_databases!(
    a_call_under_way_is_hung_up_and_ends_when_the_provider_says_so,
    a_call_that_is_being_placed_is_hung_up_as_soon_as_the_provider_has_it,
    the_wish_is_repeated_until_the_provider_confirms,
    a_repeated_wish_does_not_put_the_question_off,
    a_provider_that_does_not_hear_is_asked_again_and_again,
    the_wish_survives_a_crash,
    a_call_ended_by_hand_is_hung_up_too,
    what_ended_meanwhile_is_not_hung_up,
    a_wish_that_is_not_answered_holds_up_no_other,
    two_nodes_ask_once,
    asking_twice_is_one_wish,
    with_the_simulator_the_phone_stops_ringing,
);

/// With the simulator as the provider.
struct Simulated(App);

impl OnDatabase for Simulated {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &[]).await)
    }
}

/// A call that rings and is no longer wanted; the provider's id for it.
async fn unwanted(world: &World) -> (Value, String) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.hear(&attempt, &crate::reporting::report(&attempt, "ringing", "2026-11-21T09:00:00Z")).await;
    let (status, asked) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &asked["status"]), (202, &json!("ringing")));
    (call, call_id(&attempt))
}

/// Lets `secs` pass, second by second, with wishes being carried out.
async fn hang_up_for(world: &World, secs: i64) {
    for _ in 0..secs {
        world.app.hang_up().await;
        world.app.pass_secs(1);
    }
}

/// The provider may take five minutes for each answer.
struct Patient(World);

impl OnDatabase for Patient {
    async fn on(backend: Backend) -> Self {
        let settings = ["--provider-timeout-secs", "300", "--lease-secs", "600"];
        Self(World::with(backend, &settings).await)
    }
}

async fn a_wish_that_is_not_answered_holds_up_no_other(Patient(world): Patient) {
    world.company.answers_hang_ups(ResponseTemplate::new(202).set_delay(Duration::from_mins(10)));
    let running = tokio::spawn(hang_up::run(world.app.state().clone(), CancellationToken::new()));
    let mut wanted = Vec::new();
    for _ in 0..2 {
        wanted.push(unwanted(&world).await.1);
        let asked = async { while world.company.hang_ups().await.len() < wanted.len() {} };
        timeout(Duration::from_mins(1), asked).await.expect("it is asked, whatever else is not answered");
    }
    assert_eq!(world.company.hang_ups().await, wanted);
    running.abort();
}

async fn a_call_under_way_is_hung_up_and_ends_when_the_provider_says_so(world: World) {
    let (call, id) = unwanted(&world).await;
    world.app.hang_up().await;
    assert_eq!(world.company.hang_ups().await, [id]);
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing", "until the provider says otherwise");

    let attempt = world.app.attempt_id(&call["id"]).await;
    let mut over = crate::reporting::report(&attempt, "canceled", "2026-11-21T09:00:00Z");
    over["ended_reason"] = json!("hung_up");
    world.app.hear("w1", &over).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("canceled"), &json!("hung_up")));
    hang_up_for(&world, 100).await;
    assert_eq!(world.company.hang_ups().await.len(), 1);
}

async fn a_call_that_is_being_placed_is_hung_up_as_soon_as_the_provider_has_it(world: World) {
    let call = world.app.create("+14155550101").await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    let (status, asked) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &asked["status"]), (202, &json!("dispatching")));
    assert_eq!(world.app.hang_up().await, 0, "there is nothing to hang up yet");

    let attempt = claimed.attempt.id.to_string();
    world.app.hear("w1", &crate::reporting::report(&attempt, "initiated", "2026-11-21T09:00:00Z")).await;
    world.app.hang_up().await;
    assert_eq!(world.company.hang_ups().await, [call_id(&attempt)]);
    let timeline = world.app.timeline(&call["id"]).await;
    assert_eq!(timeline, ["created", "claimed", "cancel_requested", "report", "hangup_requested"]);
}

async fn the_wish_is_repeated_until_the_provider_confirms(world: World) {
    let (call, _) = unwanted(&world).await;
    hang_up_for(&world, 30).await;
    assert_eq!(world.company.hang_ups().await.len(), 1, "the provider has heard it, and its report may come");
    hang_up_for(&world, 60).await;
    assert_eq!(world.company.hang_ups().await.len(), 3);

    world.app.reconcile().await;
    assert_eq!(world.company.questions().await, 1, "it is also asked where the call stands");
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "lost_contact", "unknown there");
    hang_up_for(&world, 60).await;
    assert_eq!(world.company.hang_ups().await.len(), 3);
}

async fn a_repeated_wish_does_not_put_the_question_off(world: World) {
    let (call, _) = unwanted(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.hang_up().await;
    world.company.knows(&attempt, "canceled", "2026-11-21T09:00:01Z");
    // The process stood still: the next wish and the question are both overdue.
    world.app.pass_secs(60);
    world.app.hang_up().await;
    assert_eq!(world.app.reconcile().await, 1);
    assert_eq!(world.app.call(&call["id"]).await["status"], "canceled");
}

async fn a_provider_that_does_not_hear_is_asked_again_and_again(world: World) {
    let (call, id) = unwanted(&world).await;
    for status in [500, 503, 404, 302] {
        world.company.answers_hang_ups(ResponseTemplate::new(status));
        hang_up_for(&world, 5).await;
    }
    assert_eq!(world.company.hang_ups().await, vec![id; 4]);
    let open = world.app.call(&call["id"]).await;
    assert_eq!((&open["status"], open["cancel_requested_at"].is_string()), (&json!("ringing"), true));
}

async fn the_wish_survives_a_crash(world: World) {
    let (_, id) = unwanted(&world).await;
    let world = world.after_a_crash().await;
    world.app.hang_up().await;
    assert_eq!(world.company.hang_ups().await, [id]);
}

async fn a_call_ended_by_hand_is_hung_up_too(world: World) {
    let call = world.placed().await;
    let path = format!("/api/calls/{}", call["id"].as_str().expect("an id"));
    let by_hand = world.app.request(reqwest::Method::PATCH, &path).json(&json!({"status": "failed"}));
    assert_eq!(by_hand.send().await.expect("an answer").status(), 200);
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["attempts"][0]["status"]), (&json!("failed"), &json!("initiated")));
    world.app.hang_up().await;
    assert_eq!(world.company.hang_ups().await.len(), 1);

    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.hear("w1", &crate::reporting::report(&attempt, "canceled", "2026-11-21T09:00:00Z")).await;
    let confirmed = world.app.call(&call["id"]).await;
    assert_eq!(
        (&confirmed["status"], &confirmed["ended_reason"]),
        (&json!("failed"), &json!("ended_by_hand"))
    );
    assert_eq!(confirmed["attempts"][0]["status"], "canceled");
}

async fn what_ended_meanwhile_is_not_hung_up(world: World) {
    let (call, _) = unwanted(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.hear("w1", &crate::reporting::report(&attempt, "completed", "2026-11-21T09:00:00Z")).await;
    assert_eq!(world.app.hang_up().await, 0);
    assert_eq!(world.app.call(&call["id"]).await["status"], "completed");
}

async fn two_nodes_ask_once(world: World) {
    unwanted(&world).await;
    tokio::join!(world.app.hang_up(), world.app.hang_up(), world.app.hang_up());
    assert_eq!(world.company.hang_ups().await.len(), 1);
}

async fn asking_twice_is_one_wish(world: World) {
    let (call, _) = unwanted(&world).await;
    let once = world.app.call(&call["id"]).await;
    let (status, again) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &again["version"]), (202, &once["version"]));
}

async fn with_the_simulator_the_phone_stops_ringing(Simulated(app): Simulated) {
    let call = app.create("+14155550105").await;
    app.live(10).await;
    assert_eq!(app.call(&call["id"]).await["status"], "ringing");
    app.command(&call["id"], "cancel").await;
    app.live(1).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("canceled"), &json!("hung_up")));
}
