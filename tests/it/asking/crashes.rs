//! A node dies in the middle: nothing is lost, and nothing is dialed twice.

use super::ask_for;
use crate::support::{Backend, app::node, both_databases, company::World, dispatcher::claim_only};
use serde_json::json;

both_databases!(
    a_node_that_died_before_it_placed_is_found_out_by_asking,
    a_node_that_died_after_it_placed_is_found_out_by_asking,
    calls_that_were_under_way_go_on_after_a_crash,
);

const PATIENCE: &str = "15";

async fn a_node_that_died_before_it_placed_is_found_out_by_asking(world: World) {
    let call = world.app.create("+14155550101").await;
    claim_only(world.app.state()).await;
    let world = world.after_a_crash().await;

    assert_eq!(world.app.dispatch().await, 0, "it is claimed");
    ask_for(&world, 15).await;
    assert!(world.company.questions().await > 0, "it is asked about first");
    assert!(world.company.placings().await.is_empty());
    ask_for(&world, 3).await;
    let placed = world.app.call(&call["id"]).await;
    assert_eq!(
        (&placed["status"], placed["attempts"].as_array().map(Vec::len)),
        (&json!("initiated"), Some(1))
    );
    let placings = world.company.placings().await;
    assert_eq!(placings.len(), 1);
    assert_eq!(placings[0]["attempt_id"], placed["attempts"][0]["id"]);
}

async fn a_node_that_died_after_it_placed_is_found_out_by_asking(world: World) {
    let call = world.app.create("+14155550101").await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    world.company.knows(&claimed.attempt.id.to_string(), "in_progress", "2026-11-21T09:00:05Z");
    let world = world.after_a_crash().await;
    ask_for(&world, 20).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "in_progress");
    assert!(world.company.placings().await.is_empty());
}

async fn calls_that_were_under_way_go_on_after_a_crash(world: World) {
    let call = world.placed().await;
    let attempt = world.app.attempt_id(&call["id"]).await;
    let world = world.after_a_crash().await;
    world.app.hear("w1", &crate::reporting::report(&attempt, "completed", "2026-11-21T09:00:00Z")).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "completed");
    assert_eq!(world.company.placings().await.len(), 1);
}

/// The lock on the file proves that whoever held the leases is gone.
#[tokio::test]
async fn on_a_sqlite_file_the_next_start_asks_at_once() {
    let world = World::with(Backend::Sqlite, &["--lease-secs", PATIENCE]).await;
    world.app.create("+14155550101").await;
    claim_only(world.app.state()).await;
    assert_eq!(world.app.reconcile().await, 0, "its lease still holds");
    let world = world.after_a_crash().await;
    assert_eq!(world.app.reconcile().await, 1);
    assert_eq!(world.company.questions().await, 1);
    assert!(world.company.placings().await.is_empty());
}

/// Others may well be alive: a lease is respected until it has run out.
#[tokio::test]
async fn on_postgres_a_node_that_begins_leaves_the_others_leases_alone() {
    let world = World::with(Backend::Postgres, &["--lease-secs", PATIENCE]).await;
    world.app.create("+14155550101").await;
    claim_only(world.app.state()).await;
    let url = world.company.url();
    let second = node(&world.app.test_db.url, &["--provider-url", &url], world.app.clock.clone()).await;
    let reconcile = async || {
        switchboard::server::dispatcher::reconcile::run_once(&second.state, world.app.now())
            .await
            .expect("a round")
    };
    world.app.clock.advance_ms(14_999);
    assert_eq!(reconcile().await, 0);
    world.app.clock.advance_ms(1);
    assert_eq!(reconcile().await, 1);
    assert_eq!(world.company.placings().await.len(), 0, "what is on its way may still arrive");
    world.app.clock.advance_ms(1);
    assert_eq!(reconcile().await, 1);
    assert_eq!(world.company.placings().await.len(), 1, "by the second node");
    let events = world.app.count("SELECT count(*) FROM call_events WHERE kind = 'placed'").await;
    assert_eq!(events, 1);
}
