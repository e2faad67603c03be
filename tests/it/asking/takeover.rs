//! Another node has taken a call over: whoever held it before writes nothing to it.

use crate::support::{both_databases, company::World, dispatcher::claim_only};
use serde_json::{Value, json};
use switchboard::{
    domain::{attempt::Attempt, call::DelayedBy, timestamp::Timestamp},
    server::calls::{
        check,
        claim::{Claimed, renew},
        placing::{self, PlacingRefused},
    },
};

both_databases!(
    whoever_lost_the_call_writes_nothing_to_it,
    a_lease_is_renewed_only_by_whoever_holds_it,
    a_renewed_lease_holds_the_questions_back,
    what_was_said_of_an_older_placing_places_nothing_again,
    what_was_said_of_an_older_placing_ends_nothing,
    what_was_placed_again_just_now_is_not_lost,
    news_that_came_while_the_provider_was_being_asked_are_believed,
);

/// A call that one node claimed, and that another has taken over since.
async fn taken_over(world: &World) -> (Claimed, Claimed, Value) {
    let call = world.app.create("+14155550101").await;
    let first = claim_only(world.app.state()).await.pop().expect("a claim");
    world.app.pass_secs(20);
    let second = unknown(world, &first.attempt, world.app.now()).await.expect("it is placed again");
    (first, second, call)
}

/// A node was told at `asked_at` that the provider has never seen the attempt. What it places then.
async fn unknown(world: &World, attempt: &Attempt, asked_at: Timestamp) -> Option<Claimed> {
    let (attempt, now) = (attempt.clone(), world.app.now());
    let terms = world.app.state().claim_terms(1);
    let work = async move |tx| check::unknown(&tx, &attempt, asked_at, &terms, now).await;
    world.app.state().db.write(work).await.expect("no error")
}

async fn renewed(world: &World, claimed: &Claimed) -> bool {
    let (claimed, now) = (claimed.clone(), world.app.now());
    world.app.state().db.write(async move |tx| renew(&tx, &claimed, 15, now).await).await.expect("no error")
}

async fn whoever_lost_the_call_writes_nothing_to_it(world: World) {
    let (first, _, call) = taken_over(&world).await;
    let before = world.app.call(&call["id"]).await;
    let now = world.app.now();
    let db = &world.app.state().db;

    let refusal = PlacingRefused {
        ends: None,
        delayed_by: DelayedBy::NotNow,
        delay_millis: 5_000,
        detail: "No.".to_owned(),
    };
    let late = first.clone();
    db.write(async move |tx| placing::refused(&tx, &late, &refusal, now).await).await.expect("no error");
    let late = first.clone();
    db.write(async move |tx| placing::ambiguous(&tx, &late, "?", now, 90).await).await.expect("no error");
    db.write(async move |tx| placing::accepted(&tx, &first, "CA1", now, 90).await).await.expect("no error");

    assert_eq!(world.app.call(&call["id"]).await, before);
}

async fn a_lease_is_renewed_only_by_whoever_holds_it(world: World) {
    let (first, second, _) = taken_over(&world).await;
    assert!(!renewed(&world, &first).await);
    assert!(renewed(&world, &second).await);
}

async fn a_renewed_lease_holds_the_questions_back(world: World) {
    world.app.create("+14155550101").await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    world.app.pass_secs(10);
    assert!(renewed(&world, &claimed).await);
    world.app.clock.advance_ms(14_999);
    assert_eq!(world.app.reconcile().await, 0);
    world.app.clock.advance_ms(1);
    assert_eq!(world.app.reconcile().await, 1);
}

async fn what_was_said_of_an_older_placing_places_nothing_again(world: World) {
    let (first, _, _) = taken_over(&world).await;
    let asked_at = world.app.now();
    world.app.pass_secs(1);
    assert_eq!(unknown(&world, &first.attempt, asked_at).await, None);
}

async fn what_was_said_of_an_older_placing_ends_nothing(world: World) {
    let (first, _, call) = taken_over(&world).await;
    world.app.command(&call["id"], "cancel").await;
    assert_eq!(unknown(&world, &first.attempt, world.app.now()).await, None);
    assert_eq!(world.app.call(&call["id"]).await["status"], "dispatching", "its second placing is under way");
}

async fn what_was_placed_again_just_now_is_not_lost(world: World) {
    let call = world.app.create("+14155550101").await;
    let first = claim_only(world.app.state()).await.pop().expect("a claim");
    world.app.pass_secs(3_599);
    let second = unknown(&world, &first.attempt, world.app.now()).await.expect("it is placed again");
    // Its placing is on its way: if the call ended now, a phone would ring that nobody waits for.
    for (lost_after_secs, passed) in [(3_599, 0), (1, 14)] {
        world.app.pass_secs(passed);
        let (attempt, now) = (second.attempt.clone(), world.app.now());
        let work = async move |tx| check::unanswered(&tx, &attempt, lost_after_secs, now).await;
        world.app.state().db.write(work).await.expect("no error");
        assert_eq!(world.app.call(&call["id"]).await["status"], "dispatching", "after {passed} s");
    }
}

async fn news_that_came_while_the_provider_was_being_asked_are_believed(world: World) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    world.app.pass_secs(90);
    let due = check::due(&world.app.state().db, world.app.now(), 1).await.expect("a query");
    world.app.hear("w1", &crate::reporting::report(&attempt, "ringing", "2026-11-21T09:01:29Z")).await;
    assert_eq!(unknown(&world, &due[0], world.app.now()).await, None);
    let goes_on = world.app.call(&call["id"]).await;
    assert_eq!((&goes_on["status"], &goes_on["ended_reason"]), (&json!("ringing"), &json!(null)));
}
