//! Reports that come before the placing's answer.

use super::{report, verdicts};
use crate::support::{
    app::text,
    both_databases,
    company::{World, call_id},
    dispatcher::claim_only,
};
use serde_json::json;
use switchboard::{
    domain::call::Call,
    server::calls::{claim::Claimed, placing},
};

both_databases!(
    a_report_that_comes_before_the_answer_does_the_answers_work,
    the_answer_then_finds_nothing_to_do,
    an_ending_that_comes_before_the_answer_stays,
    an_answer_with_another_id_than_the_report_is_an_error_event,
    an_answer_with_the_id_of_another_attempt_leaves_it_open,
);

/// A call that is being placed, of which the provider reports before it answers.
async fn overtaken(world: &World, status: &str) -> Claimed {
    world.app.create("+14155550101").await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    let attempt = claimed.attempt.id.to_string();
    world.app.hear(&attempt, &report(&attempt, status, &world.app.now().to_rfc3339())).await;
    claimed
}

/// The placing's answer comes.
async fn answered(world: &World, claimed: &Claimed, provider_call_id: &str) -> Call {
    let (claimed, id, now) = (claimed.clone(), provider_call_id.to_owned(), world.app.now());
    let work = async move |tx| placing::accepted(&tx, &claimed, &id, now, 90).await;
    world.app.state().db.write(work).await.expect("no error")
}

async fn a_report_that_comes_before_the_answer_does_the_answers_work(world: World) {
    let claimed = overtaken(&world, "ringing").await;
    let call = world.app.call(&json!(claimed.call.id)).await;
    assert_eq!((&call["status"], &call["attempts_made"]), (&json!("ringing"), &json!(1)));
    let expected = call_id(&claimed.attempt.id.to_string());
    assert_eq!(call["attempts"][0]["provider_call_id"], expected);
    assert_eq!(call["attempts"][0]["accepted_at"], "2026-11-21T09:00:00.000Z");
    assert_eq!(world.app.count("SELECT count(*) FROM calls WHERE lease_owner IS NOT NULL").await, 0);
}

async fn the_answer_then_finds_nothing_to_do(world: World) {
    let claimed = overtaken(&world, "ringing").await;
    let before = world.app.call(&json!(claimed.call.id)).await;
    world.app.pass_secs(1);
    answered(&world, &claimed, &call_id(&claimed.attempt.id.to_string())).await;
    let after = world.app.call(&json!(claimed.call.id)).await;
    for same in ["status", "attempts_made", "attempts", "ended_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
}

async fn an_ending_that_comes_before_the_answer_stays(world: World) {
    let claimed = overtaken(&world, "busy").await;
    answered(&world, &claimed, &call_id(&claimed.attempt.id.to_string())).await;
    let call = world.app.call(&json!(claimed.call.id)).await;
    assert_eq!((&call["status"], &call["attempts_made"]), (&json!("busy"), &json!(1)));
    assert_eq!(world.app.reconcile().await, 0, "nobody asks about it any more");
}

async fn an_answer_with_another_id_than_the_report_is_an_error_event(world: World) {
    for status in ["ringing", "busy"] {
        let claimed = overtaken(&world, status).await;
        answered(&world, &claimed, "CA-something-else").await;
        let id = json!(claimed.call.id);
        let event = world.app.newest_event(&id).await;
        let told = (text(&event["kind"]), text(&event["verdict"]));
        assert_eq!(told, ("placed".to_owned(), "invalid".to_owned()), "{status}");
        let call = world.app.call(&id).await;
        assert_eq!(call["status"], status);
        assert_eq!(call["attempts"][0]["provider_call_id"], call_id(&claimed.attempt.id.to_string()));
        assert_eq!(verdicts(&world, &call).await, ["applied"]);
    }
}

async fn an_answer_with_the_id_of_another_attempt_leaves_it_open(world: World) {
    let first = overtaken(&world, "ringing").await;
    let second = world.app.create("+14155550101").await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    answered(&world, &claimed, &call_id(&first.attempt.id.to_string())).await;
    assert_eq!(world.app.newest_event(&second["id"]).await["kind"], "ambiguous");
    let call = world.app.call(&second["id"]).await;
    assert_eq!(
        (&call["status"], &call["attempts"][0]["provider_call_id"]),
        (&json!("dispatching"), &json!(null))
    );
}
