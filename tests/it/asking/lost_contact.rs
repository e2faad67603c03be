//! The provider no longer knows of a call it had taken, or does not answer for too long.

use super::ask_for;
use crate::support::{
    Backend, OnDatabase,
    app::text,
    both_databases,
    company::{World, call_id, problem},
    dispatcher::claim_only,
};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use switchboard::server::calls::dispatch_state;
use wiremock::ResponseTemplate;

both_databases!(
    a_call_that_the_provider_took_and_forgot_is_lost_for_the_time_being,
    a_late_authentic_ending_corrects_it_once,
    a_late_busy_corrects_it_and_is_tried_again,
    no_age_alone_ends_a_call,
    no_answer_for_too_long_ends_it_for_the_time_being,
    an_answer_that_contradicts_itself_is_no_answer,
    lost_contact_is_not_tried_again_by_itself,
    before_a_retry_the_provider_is_asked_about_the_lost_attempt,
    a_lost_attempt_that_is_still_ringing_holds_the_retry_back,
    each_of_several_lost_attempts_is_asked_about_before_a_retry,
    what_was_not_asked_says_nothing_of_how_the_provider_does,
);

/// Contact is lost after five minutes without an answer.
struct Impatient(World);

impl OnDatabase for Impatient {
    async fn on(backend: Backend) -> Self {
        Self(World::with(backend, &["--lost-contact-secs", "300"]).await)
    }
}

/// A call that the provider took and forgot; its attempt.
async fn lost(world: &World) -> (Value, String) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    ask_for(world, 90).await;
    let call = world.app.call(&call["id"]).await;
    assert_eq!((&call["status"], &call["ended_reason"]), (&json!("failed"), &json!("lost_contact")));
    (call, attempt)
}

async fn a_call_that_the_provider_took_and_forgot_is_lost_for_the_time_being(world: World) {
    let (call, _) = lost(&world).await;
    assert_eq!(call["attempts"][0]["provisional"], true);
    assert_eq!(world.app.timeline(&call["id"]).await, ["created", "claimed", "placed", "lost_contact"]);
    let (_, list) = world.app.get("/api/calls?needs_attention=true").await;
    assert_eq!(list["calls"][0]["id"], call["id"]);
}

async fn a_late_authentic_ending_corrects_it_once(world: World) {
    let (call, attempt) = lost(&world).await;
    let endings = [("in_progress", "lost_contact"), ("completed", "answered"), ("busy", "answered")];
    for (status, reason) in endings {
        world.app.hear(status, &crate::reporting::report(&attempt, status, "2026-11-21T09:00:30Z")).await;
        assert_eq!(world.app.call(&call["id"]).await["ended_reason"], reason, "after {status}");
    }
    let corrected = world.app.call(&call["id"]).await;
    assert_eq!(
        (&corrected["status"], &corrected["attempts"][0]["provisional"]),
        (&json!("completed"), &json!(false))
    );
    assert_eq!(corrected["ended_at"], "2026-11-21T09:00:30.000Z");
}

async fn a_late_busy_corrects_it_and_is_tried_again(world: World) {
    let call = world.app.create_with("+14155550101", json!({"max_attempts": 2})).await;
    world.app.dispatch().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    ask_for(&world, 90).await;
    world.app.hear("w1", &crate::reporting::report(&attempt, "busy", "2026-11-21T09:00:30Z")).await;
    let waits = world.app.call(&call["id"]).await;
    assert_eq!((&waits["status"], &waits["due_at"]), (&json!("pending"), &json!("2026-11-21T09:15:30.000Z")));
}

async fn no_age_alone_ends_a_call(world: World) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.company.knows(&attempt, "in_progress", "2026-11-21T09:00:05Z");
    for _ in 0..100 {
        world.app.pass_secs(3_600);
        world.app.reconcile().await;
    }
    assert_eq!(world.app.call(&call["id"]).await["status"], "in_progress");
}

async fn no_answer_for_too_long_ends_it_for_the_time_being(Impatient(world): Impatient) {
    let call = world.placed().await;
    world.company.answers_questions(ResponseTemplate::new(500));
    ask_for(&world, 299).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "initiated");
    ask_for(&world, 90).await;
    let lost = world.app.call(&call["id"]).await;
    assert_eq!((&lost["status"], &lost["ended_reason"]), (&json!("failed"), &json!("lost_contact")));
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!(event["payload"]["detail"], "The provider has not answered for too long.");
}

async fn an_answer_that_contradicts_itself_is_no_answer(Impatient(world): Impatient) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    let told = json!({
        "attempt_id": attempt, "provider_call_id": "CA-something-else", "status": "completed",
        "updated_at": "2026-11-21T09:00:30Z",
    });
    world.company.knows_so(&attempt, told);
    ask_for(&world, 90).await;
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!(
        (text(&event["kind"]), text(&event["verdict"])),
        ("reconciled".to_owned(), "invalid".to_owned())
    );
    let open = world.app.call(&call["id"]).await;
    assert_eq!((&open["status"], &open["attempts"]), (&json!("initiated"), &call["attempts"]));

    ask_for(&world, 300).await;
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "lost_contact");
}

async fn lost_contact_is_not_tried_again_by_itself(world: World) {
    let call = world.app.create_with("+14155550101", json!({"max_attempts": 5})).await;
    world.app.dispatch().await;
    ask_for(&world, 90).await;
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "lost_contact");
    world.app.pass_secs(3_000);
    assert_eq!(world.app.dispatch().await, 0);
}

async fn before_a_retry_the_provider_is_asked_about_the_lost_attempt(world: World) {
    let (call, attempt) = lost(&world).await;
    world.company.knows(&attempt, "completed", "2026-11-21T09:00:30Z");
    world.app.command(&call["id"], "retry").await;
    let asked = world.company.questions().await;
    world.app.dispatch().await;
    assert_eq!(world.company.questions().await, asked + 1);
    let again = world.app.call(&call["id"]).await;
    assert_eq!(
        (&again["status"], &again["attempts"][1]["status"]),
        (&json!("initiated"), &json!("initiated"))
    );
    assert_eq!(again["attempts"][0]["status"], "completed", "and what it answers is kept");
}

async fn a_lost_attempt_that_is_still_ringing_holds_the_retry_back(world: World) {
    let (call, attempt) = lost(&world).await;
    world.app.command(&call["id"], "retry").await;
    world.company.knows(&attempt, "in_progress", "2026-11-21T09:00:30Z");
    world.app.dispatch().await;
    world.company.answers_questions(problem(500, "oops", "Something broke."));
    world.app.pass_secs(6);
    world.app.dispatch().await;
    assert_eq!(world.company.placings().await.len(), 1, "two phones must not ring at once");
    let waits = world.app.call(&call["id"]).await;
    assert_eq!(
        (&waits["status"], &waits["attempts"][1]["provider_call_id"]),
        (&json!("pending"), &json!(null))
    );
    assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"]);

    world.company.tells_what_it_knows();
    world.company.knows(&attempt, "completed", "2026-11-21T09:02:00Z");
    world.app.pass_secs(36);
    world.app.dispatch().await;
    let placed = world.app.call(&call["id"]).await;
    let second = world.app.attempt_id(&call["id"]).await;
    assert_eq!(
        (&placed["status"], &placed["attempts"][1]["provider_call_id"]),
        (&json!("initiated"), &json!(call_id(&second)))
    );
}

async fn what_was_not_asked_says_nothing_of_how_the_provider_does(world: World) {
    let (call, _) = lost(&world).await;
    world.app.command(&call["id"], "retry").await;
    world.company.answers_questions(problem(500, "oops", "Something broke."));
    let failing = dispatch_state::row::ActiveModel { failures: Set(5), ..Default::default() };
    world.app.hold(failing).await;
    assert_eq!(world.app.dispatch().await, 1, "one tries whether the provider is back");
    assert_eq!(world.app.reasons(&call["id"]).await.last().map(String::as_str), Some("provider_failing"));
    assert_eq!(world.app.get("/api/dispatch").await.1["breaker"]["failures"], 5);
}

async fn each_of_several_lost_attempts_is_asked_about_before_a_retry(Impatient(world): Impatient) {
    let call = world.placed().await;
    let first = world.app.attempt_id(&call["id"]).await;
    world.company.answers_questions(problem(500, "oops", "Something broke."));
    for _ in 0..2 {
        ask_for(&world, 390).await;
        assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "lost_contact");
        world.app.command(&call["id"], "retry").await;
        // The node that is to place it dies before it can.
        claim_only(world.app.state()).await;
    }
    ask_for(&world, 390).await;
    world.app.command(&call["id"], "retry").await;
    world.company.tells_what_it_knows();
    world.company.knows(&first, "in_progress", "2026-11-21T09:00:05Z");
    world.app.dispatch().await;
    assert_eq!(world.company.placings().await.len(), 1, "the first phone still rings");
    assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"]);

    world.company.knows(&first, "completed", "2026-11-21T09:20:00Z");
    world.app.pass_secs(6);
    world.app.dispatch().await;
    assert_eq!(world.company.placings().await.len(), 2);
    assert_eq!(world.app.call(&call["id"]).await["attempts"][0]["status"], "completed");
}
