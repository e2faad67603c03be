//! Callbacks: what is sent, when, how often, and until when it is repeated.

use super::{START, World};
use crate::support::{Backend, OnDatabase, both_databases};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use switchboard::server::provider::simulator::{Simulator, deliver};

both_databases!(
    a_call_is_reported_step_by_step,
    a_repeated_report_is_the_same_to_the_last_byte,
    what_was_claimed_when_a_process_died_is_sent_again,
    a_restarted_simulator_carries_on,
    two_senders_on_one_database_send_everything_once,
);

async fn a_call_is_reported_step_by_step(world: World) {
    let id = world.place("a1", "+14155550101").await;
    for (at, expected) in [(0, 1), (1_999, 1), (2_000, 2), (4_999, 2), (5_000, 3), (9_999, 3), (10_000, 4)] {
        world.send_at(at).await;
        assert_eq!(world.receiver.callbacks().len(), expected, "after {at} ms");
    }
    let bodies: Vec<_> = world.receiver.callbacks().into_iter().map(|it| it.body).collect();
    let report = |status: &str, sequence: i64, second: &str| {
        json!({
            "attempt_id": "a1", "provider_call_id": id, "status": status, "sequence": sequence,
            "occurred_at": format!("2026-11-21T09:00:{second}.000Z"),
        })
    };
    let mut answered = report("in_progress", 3, "05");
    answered["answered_by"] = json!("human");
    let mut completed = report("completed", 4, "10");
    completed["answered_by"] = json!("human");
    completed["ended_reason"] = json!("answered");
    completed["duration_secs"] = json!(5);
    assert_eq!(bodies, [report("initiated", 1, "00"), report("ringing", 2, "02"), answered, completed]);
    assert!(world.receiver.callbacks().iter().all(|it| it.path == "/hook/a1"));
}

#[rstest]
#[case::busy("+14155550102", &["initiated", "busy"])]
#[case::no_answer("+14155550103", &["initiated", "ringing", "no_answer"])]
#[case::failed("+14155550104", &["initiated", "failed"])]
#[case::slow("+14155550105", &["initiated", "ringing", "in_progress", "completed"])]
#[case::out_of_order("+14155550109", &["ringing", "initiated", "completed", "in_progress"])]
#[tokio::test]
async fn each_scenario_has_its_reports(
    #[case] number: &str,
    #[case] expected: &[&str],
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    world.place("a1", number).await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), expected);
}

async fn a_repeated_report_is_the_same_to_the_last_byte(world: World) {
    world.place("a1", "+14155550108").await;
    world.send_all().await;
    let callbacks = world.receiver.callbacks();
    assert_eq!(callbacks.len(), 8);
    for pair in callbacks.chunks(2) {
        assert_eq!((&pair[0].id, &pair[0].raw), (&pair[1].id, &pair[1].raw));
    }
}

#[rstest]
#[tokio::test]
async fn speed_divides_the_times(#[values(Backend::Sqlite, Backend::Postgres)] on: Backend) {
    let world = World::with(on, |config| config.speed = 100.0).await;
    world.place("a1", "+14155550101").await;
    world.send_at(99).await;
    assert_eq!(
        world.receiver.statuses(),
        ["initiated", "ringing", "in_progress"],
        "in order, though due together"
    );
    world.send_at(100).await;
    assert_eq!(world.receiver.callbacks()[3].body["duration_secs"], 5);
}

#[rstest]
#[case::fails(StatusCode::INTERNAL_SERVER_ERROR)]
#[case::refuses(StatusCode::FORBIDDEN)]
#[case::redirects(StatusCode::FOUND)]
#[tokio::test]
async fn what_is_not_taken_is_sent_again_under_the_same_id(
    #[case] answer: StatusCode,
    #[values(Backend::Sqlite, Backend::Postgres)] on: Backend,
) {
    let world = World::on(on).await;
    world.place("a1", "+14155550102").await;
    world.receiver.answer_next(&[answer, answer]);

    assert_eq!(world.send_at(0).await, deliver::Round { delivered: 0, failed: 1 });
    assert_eq!(world.send_at(999).await, deliver::Round::default(), "not before a second has passed");
    assert_eq!(world.send_at(1_250).await.failed, 1);
    assert_eq!(world.send_at(3_000).await.delivered, 1, "later reports don't wait for earlier ones");
    assert_eq!(world.send_at(3_750).await.delivered, 1);
    assert_eq!(world.send_at(3_600_000).await, deliver::Round::default());

    let callbacks = world.receiver.callbacks();
    assert_eq!(world.receiver.statuses(), ["initiated", "initiated", "busy", "initiated"]);
    assert!(callbacks.iter().all(|it| it.path == "/hook/a1"), "no redirect is followed");
    assert_eq!((&callbacks[0].id, &callbacks[0].raw), (&callbacks[3].id, &callbacks[3].raw));
    assert_ne!(callbacks[0].id, callbacks[2].id);
    assert_eq!(callbacks[3].timestamp - callbacks[0].timestamp, 3, "each time signed anew");
}

async fn what_was_claimed_when_a_process_died_is_sent_again(world: World) {
    world.place("a1", "+14155550101").await;
    world.receiver.keep_the_next_waiting();
    let sim = world.sim.clone();
    let sending = tokio::spawn(async move { deliver::run_once(&sim, START).await });
    world.receiver.wait_for(1).await;
    sending.abort();

    assert_eq!(world.send_at(1_999).await, deliver::Round::default(), "as long as the claim holds");
    assert_eq!(world.send_at(20_000).await.delivered, 4);
    let callbacks = world.receiver.callbacks();
    let again: Vec<_> = callbacks.iter().filter(|it| it.body["status"] == "initiated").collect();
    assert_eq!(again.len(), 2);
    assert_eq!((&again[0].id, &again[0].raw), (&again[1].id, &again[1].raw));
}

async fn a_restarted_simulator_carries_on(world: World) {
    world.place("a1", "+14155550101").await;
    world.send_at(2_000).await;

    let again = Simulator::new(super::config(&world.receiver), world.db.clone(), world.clock.clone());
    let again = again.expect("a simulator");
    world.clock.advance_ms(3_600_000);
    deliver::run_once(&again, world.now()).await.expect("the database works");
    assert_eq!(world.receiver.statuses(), ["initiated", "ringing", "in_progress", "completed"]);
}

async fn two_senders_on_one_database_send_everything_once(world: World) {
    for n in 0..40 {
        world.place(&format!("a{n}"), "+14155550101").await;
    }
    let now = START + 10_000;
    world.clock.advance_ms(10_000);
    let rounds = (0..4).map(|_| {
        let sim = world.sim.clone();
        tokio::spawn(async move { deliver::run_once(&sim, now).await })
    });
    let mut delivered = 0;
    for round in rounds.collect::<Vec<_>>() {
        delivered += round.await.expect("no panic").expect("the database works").delivered;
    }
    assert_eq!(delivered, 160);
    let mut ids: Vec<_> = world.receiver.callbacks().into_iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), 160);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 160);
}

#[rstest]
#[tokio::test]
async fn a_receiver_that_is_gone_is_tried_again(#[values(Backend::Sqlite, Backend::Postgres)] on: Backend) {
    let gone = "http://127.0.0.1:9";
    let world = World::with(on, |config| config.callback_allow = vec![gone.parse().expect("a URL")]).await;
    let mut body = world.body("a1", "+14155550101");
    body["callback_url"] = json!(gone);
    assert_eq!(world.placing(&body).send().await.expect("an answer").status(), StatusCode::ACCEPTED);
    assert_eq!(world.send_at(0).await.failed, 1);
    assert_eq!(world.send_at(1_250).await.failed, 1);
}
