//! What becomes of a call whose placing got an answer that leaves it open.

use super::{ask_for, left_open};
use crate::support::{
    Backend, OnDatabase, both_databases,
    company::{World, call_id},
    dispatcher::claim_only,
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

both_databases!(
    unknown_before_it_counts_changes_nothing,
    unknown_after_it_counts_places_the_same_attempt_again,
    a_pause_holds_back_what_would_be_placed_again,
    what_would_be_placed_again_too_late_is_missed,
    two_nodes_that_ask_at_once_place_it_again_once,
    an_attempt_that_the_provider_knows_goes_on,
    an_attempt_that_has_already_ended_there_ends_here,
    whoever_took_the_wish_back_meanwhile_is_obeyed_once_it_is_unknown,
    whoever_took_the_wish_back_meanwhile_is_obeyed_once_it_is_known,
    a_call_ended_by_hand_meanwhile_is_never_placed_again,
    what_answers_no_question_changes_nothing,
    a_report_settles_it_too,
    a_person_need_not_wait_until_it_is_asked_about,
    only_what_is_open_at_the_provider_can_be_asked_about,
);

async fn unknown_before_it_counts_changes_nothing(world: World) {
    let call = left_open(&world).await;
    let before = world.app.call(&call["id"]).await;
    ask_for(&world, 15).await;
    assert!(world.company.questions().await > 0);
    assert_eq!(world.app.call(&call["id"]).await, before);
    assert_eq!(world.company.placings().await.len(), 1);
}

async fn unknown_after_it_counts_places_the_same_attempt_again(world: World) {
    let call = left_open(&world).await;
    ask_for(&world, 16).await;
    let placed = world.app.call(&call["id"]).await;
    assert_eq!((&placed["status"], &placed["attempts_made"]), (&json!("initiated"), &json!(1)));
    assert_eq!(placed["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        world.app.timeline(&call["id"]).await,
        ["created", "claimed", "ambiguous", "claimed", "placed"]
    );
    let placings = world.company.placings().await;
    assert_eq!(placings.len(), 2);
    assert_eq!(placings[0]["attempt_id"], placings[1]["attempt_id"]);
    assert_eq!(placings[1]["place_by"], "2026-11-21T09:00:26.000Z");
}

async fn a_pause_holds_back_what_would_be_placed_again(world: World) {
    let call = left_open(&world).await;
    world.app.pause().await;
    ask_for(&world, 30).await;
    let waits = world.app.call(&call["id"]).await;
    assert_eq!((&waits["status"], &waits["attempts_made"]), (&json!("pending"), &json!(0)));
    assert_eq!(world.app.reasons(&call["id"]).await, ["paused"]);
    assert_eq!(world.app.newest_event(&call["id"]).await["payload"]["status"], "unknown");
    assert_eq!(world.app.dispatch().await, 0);
    assert_eq!(world.company.placings().await.len(), 1);

    world.app.resume().await;
    assert_eq!(world.app.dispatch().await, 1);
    let placed = world.app.call(&call["id"]).await;
    assert_eq!((&placed["status"], &placed["attempts_made"]), (&json!("initiated"), &json!(1)));
    let placings = world.company.placings().await;
    assert_eq!(placings.len(), 2);
    assert_eq!(placings[0]["attempt_id"], placings[1]["attempt_id"]);
}

/// Calls count as missed ten seconds after their wish.
struct Punctual(World);

impl OnDatabase for Punctual {
    async fn on(backend: Backend) -> Self {
        Self(World::with(backend, &["--max-lateness-secs", "10"]).await)
    }
}

async fn what_would_be_placed_again_too_late_is_missed(Punctual(world): Punctual) {
    let call = left_open(&world).await;
    ask_for(&world, 16).await;
    world.app.dispatch().await;
    let missed = world.app.call(&call["id"]).await;
    assert_eq!((&missed["status"], &missed["ended_reason"]), (&json!("failed"), &json!("missed")));
    assert_eq!(missed["attempts"][0]["status"], "canceled");
    ask_for(&world, 200).await;
    assert_eq!(world.company.placings().await.len(), 1);
}

async fn two_nodes_that_ask_at_once_place_it_again_once(world: World) {
    let call = left_open(&world).await;
    ask_for(&world, 15).await;
    world.app.pass_secs(1);
    tokio::join!(world.app.reconcile(), world.app.reconcile(), world.app.reconcile());
    assert_eq!(world.company.placings().await.len(), 2);
    assert_eq!(world.app.call(&call["id"]).await["status"], "initiated");
}

async fn an_attempt_that_the_provider_knows_goes_on(world: World) {
    let call = left_open(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.company.knows(&attempt, "ringing", "2026-11-21T09:00:01Z");
    ask_for(&world, 1).await;
    let known = world.app.call(&call["id"]).await;
    assert_eq!((&known["status"], &known["attempts_made"]), (&json!("ringing"), &json!(1)));
    assert_eq!(known["attempts"][0]["provider_call_id"], call_id(&attempt));
    assert_eq!(world.app.newest_event(&call["id"]).await["kind"], "reconciled");
    ask_for(&world, 89).await;
    assert_eq!(world.company.placings().await.len(), 1);
    assert_eq!(world.company.questions().await, 1);
}

async fn an_attempt_that_has_already_ended_there_ends_here(world: World) {
    let call = left_open(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.company.knows(&attempt, "no_answer", "2026-11-21T09:00:01Z");
    ask_for(&world, 1).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("no_answer"), &json!("no_answer")));
    ask_for(&world, 100).await;
    assert_eq!(world.company.questions().await, 1);
}

async fn whoever_took_the_wish_back_meanwhile_is_obeyed_once_it_is_unknown(world: World) {
    let call = left_open(&world).await;
    let (status, asked) = world.app.command(&call["id"], "cancel").await;
    assert_eq!((status.as_u16(), &asked["status"]), (202, &json!("dispatching")));
    ask_for(&world, 16).await;
    let canceled = world.app.call(&call["id"]).await;
    assert_eq!((&canceled["status"], &canceled["ended_reason"]), (&json!("canceled"), &json!("canceled")));
    assert_eq!(canceled["attempts"][0]["status"], "canceled");
    ask_for(&world, 200).await;
    assert_eq!(world.company.placings().await.len(), 1);
}

async fn whoever_took_the_wish_back_meanwhile_is_obeyed_once_it_is_known(world: World) {
    let call = left_open(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.command(&call["id"], "cancel").await;
    world.company.knows(&attempt, "ringing", "2026-11-21T09:00:01Z");
    ask_for(&world, 1).await;
    world.app.hang_up().await;
    assert_eq!(world.company.hang_ups().await, [call_id(&attempt)]);
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing", "until the provider says otherwise");
}

async fn a_call_ended_by_hand_meanwhile_is_never_placed_again(world: World) {
    let call = left_open(&world).await;
    let path = format!("/api/calls/{}", call["id"].as_str().expect("an id"));
    let by_hand = world.app.request(reqwest::Method::PATCH, &path).json(&json!({"status": "completed"}));
    assert_eq!(by_hand.send().await.expect("an answer").status(), 200);
    ask_for(&world, 200).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("ended_by_hand")));
    assert_eq!(ended["attempts"][0]["status"], "canceled");
    assert_eq!(world.company.placings().await.len(), 1);
}

async fn what_answers_no_question_changes_nothing(world: World) {
    let call = left_open(&world).await;
    let before = world.app.call(&call["id"]).await;
    let another = json!({
        "attempt_id": "0193a000-0000-7000-8000-000000000000", "provider_call_id": "CA1", "status": "ringing",
        "updated_at": "2026-11-21T09:00:01Z",
    });
    let answer = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    let answers = [
        ResponseTemplate::new(500),
        ResponseTemplate::new(404).set_body_json(json!({"calls": []})),
        ResponseTemplate::new(302).insert_header("location", "/provider/calls"),
        ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html"),
        answer(json!({})),
        answer(json!({"calls": [{"status": "ringing"}]})),
        answer(json!({"calls": [another]})),
        ResponseTemplate::new(200).set_body_string(" ".repeat(100_000)),
    ];
    world.app.pass_secs(1_000);
    for (asked, nonsense) in (1..).zip(answers) {
        world.company.answers_questions(nonsense);
        world.app.pass_secs(90);
        world.app.reconcile().await;
        assert_eq!(world.company.questions().await, asked);
        assert_eq!(world.app.call(&call["id"]).await, before);
    }
    assert_eq!(world.company.placings().await.len(), 1);
}

async fn a_report_settles_it_too(world: World) {
    let call = left_open(&world).await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.hear("w1", &crate::reporting::report(&attempt, "ringing", "2026-11-21T09:00:00Z")).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing");
    ask_for(&world, 89).await;
    assert_eq!(world.company.questions().await, 0);
    assert!(claim_only(world.app.state()).await.is_empty());
}

async fn a_person_need_not_wait_until_it_is_asked_about(world: World) {
    let call = left_open(&world).await;
    ask_for(&world, 10).await;
    let asked = world.company.questions().await;
    assert_eq!(world.app.reconcile().await, 0, "it is not its turn yet");
    let page = world.app.html(&format!("/calls/{}", call["id"].as_str().expect("an id"))).await;
    assert!(page.contains("value=\"ask_now\""));

    let (status, _) = world.app.command(&call["id"], "reconcile").await;
    assert_eq!(status, 202);
    assert_eq!(world.app.reconcile().await, 1);
    assert_eq!(world.company.questions().await, asked + 1);
}

async fn only_what_is_open_at_the_provider_can_be_asked_about(world: World) {
    let waits = world.app.create("+14155550101").await;
    let (status, refused) = world.app.command(&waits["id"], "reconcile").await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("nothing_to_ask")));

    claim_only(world.app.state()).await;
    let (status, refused) = world.app.command(&waits["id"], "reconcile").await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("being_placed")));
    // Its node has died.
    world.app.pass_secs(15);
    assert_eq!(world.app.command(&waits["id"], "reconcile").await.0, 202);

    let active = world.placed().await;
    assert_eq!(world.app.command(&active["id"], "reconcile").await.0, 202);
    assert_eq!(world.app.reconcile().await, 2);
}
