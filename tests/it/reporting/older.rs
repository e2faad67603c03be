//! A report of an older attempt is kept on that attempt and never moves the call.

use super::{report, report_of, verdicts};
use crate::support::{both_databases, company::World};
use serde_json::{Value, json};

both_databases!(
    a_late_report_of_the_attempt_before_never_moves_the_call,
    a_lost_attempt_that_is_found_again_corrects_itself_and_not_the_call_that_was_retried,
    a_refused_attempt_that_was_dialed_all_the_same_takes_nothing_from_the_next_one,
    a_lost_attempt_that_was_dialed_after_all_counts_as_one,
);

/// The call's second attempt is under way; the first one's id.
async fn second_attempt(world: &World, call: &Value) -> String {
    let first = world.app.attempt_id(&call["id"]).await;
    let busy = report_of(world, call, "busy").await;
    world.app.hear("busy", &busy).await;
    world.app.pass_secs(900);
    assert_eq!(world.app.dispatch().await, 1);
    first
}

async fn a_late_report_of_the_attempt_before_never_moves_the_call(world: World) {
    let call = world.app.create_with("+14155550101", json!({"max_attempts": 2})).await;
    world.app.dispatch().await;
    let first = second_attempt(&world, &call).await;
    let before = world.app.call(&call["id"]).await;
    assert_eq!(before["status"], "initiated");

    for (id, status) in [("w1", "in_progress"), ("w2", "completed")] {
        let mut late = report(&first, status, "2026-11-21T09:00:09Z");
        late["recording_url"] = json!("https://example.org/1.ogg");
        world.app.hear(id, &late).await;
    }
    assert_eq!(verdicts(&world, &call).await, ["applied", "already_ended", "already_ended"]);
    let after = world.app.call(&call["id"]).await;
    for same in ["status", "attempts_made", "due_at", "ended_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(after["attempts"][0]["recording_url"], "https://example.org/1.ogg", "kept on its attempt");
    assert_eq!(after["attempts"][1], before["attempts"][1]);
}

async fn a_lost_attempt_that_is_found_again_corrects_itself_and_not_the_call_that_was_retried(world: World) {
    let call = world.placed().await;
    let first = world.app.attempt_id(&call["id"]).await;
    world.app.pass_secs(90);
    world.app.reconcile().await;
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "lost_contact");
    world.app.command(&call["id"], "retry").await;

    world.app.hear("w1", &report(&first, "completed", "2026-11-21T09:00:09Z")).await;
    let after = world.app.call(&call["id"]).await;
    assert_eq!((&after["status"], &after["ended_reason"]), (&json!("pending"), &json!(null)));
    assert_eq!(after["attempts"][0]["status"], "completed");
}

async fn a_refused_attempt_that_was_dialed_all_the_same_takes_nothing_from_the_next_one(world: World) {
    world.company.answers_placings(crate::support::company::problem(422, "no", "No."));
    let call = world.app.create("+14155550101").await;
    world.app.dispatch().await;
    let first = world.app.attempt_id(&call["id"]).await;
    world.company.takes_calls();
    world.app.command(&call["id"], "retry").await;
    crate::support::dispatcher::claim_only(world.app.state()).await;

    world.app.hear("w1", &report(&first, "ringing", "2026-11-21T09:00:09Z")).await;
    let after = world.app.call(&call["id"]).await;
    let budget = (&after["attempts_made"], &after["max_attempts"]);
    assert_eq!((&after["status"], budget), (&json!("dispatching"), (&json!(1), &json!(2))));
    assert_eq!(world.app.count("SELECT count(*) FROM calls WHERE lease_owner IS NOT NULL").await, 1);
}

async fn a_lost_attempt_that_was_dialed_after_all_counts_as_one(world: World) {
    world.company.answers_placings(wiremock::ResponseTemplate::new(500));
    world.company.answers_questions(wiremock::ResponseTemplate::new(500));
    let call = world.placed().await;
    let first = world.app.attempt_id(&call["id"]).await;
    world.app.pass_secs(3_600);
    world.app.reconcile().await;
    let lost = world.app.call(&call["id"]).await;
    assert_eq!((&lost["ended_reason"], &lost["attempts_made"]), (&json!("lost_contact"), &json!(0)));

    world.company.takes_calls();
    world.company.tells_what_it_knows();
    world.company.knows(&first, "busy", "2026-11-21T09:00:09Z");
    world.app.command(&call["id"], "retry").await;
    assert_eq!(world.app.dispatch().await, 1);
    let after = world.app.call(&call["id"]).await;
    let budget = (&after["attempts_made"], &after["max_attempts"]);
    assert_eq!((&after["status"], budget), (&json!("initiated"), (&json!(2), &json!(2))));
}
