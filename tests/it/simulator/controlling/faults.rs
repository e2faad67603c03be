//! Each fault as a receiver and a caller see it; for whom it holds, and for how long.

use super::{super::PATIENCE, World, kind};
use crate::{simulator::config, support::both_databases};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::server::provider::simulator::Simulator;

both_databases!(
    late_callbacks_come_late,
    lost_callbacks_never_come_but_for_the_first,
    a_share_of_the_callbacks_is_lost,
    each_callback_comes_twice,
    callbacks_come_out_of_order,
    wrongly_signed_callbacks_are_not_believed,
    an_ambiguous_placing_is_dialed_and_answered_too_late,
    a_call_may_be_dialed_too_late,
    a_slow_placing_is_not_even_looked_at,
    a_placing_is_refused_and_leaves_no_trace,
    nothing_is_said_of_a_silent_call,
    a_fault_is_for_a_number_or_for_the_next_placings,
    placings_at_once_use_up_no_more_than_there_are,
    faults_add_up,
    a_hang_up_is_told_as_the_fault_has_it,
    what_is_switched_off_does_not_come_back_and_what_was_placed_keeps_it,
    faults_outlive_a_restart,
);

const COMPLETES: &str = "+14155550101";

async fn late_callbacks_come_late(world: World) {
    world.fault(json!({"kind": "callbacks_late", "by_ms": 3_000})).await;
    world.place("a1", COMPLETES).await;
    world.send_at(2_999).await;
    assert!(world.receiver.statuses().is_empty());
    assert_eq!(world.ask("a1").await[0]["status"], "ringing", "only the telling is late");
    world.send_at(3_000).await;
    assert_eq!(world.receiver.statuses(), ["initiated"]);
    world.send_at(12_999).await;
    assert_eq!(world.receiver.callbacks().len(), 3);
    world.send_at(13_000).await;
    assert_eq!(world.receiver.callbacks()[3].body["occurred_at"], "2026-11-21T09:00:10.000Z");
}

async fn lost_callbacks_never_come_but_for_the_first(world: World) {
    world.fault(kind("callbacks_lost")).await;
    world.place("a1", COMPLETES).await;
    assert_eq!(world.end_of("a1").await, "completed");
    assert_eq!(world.receiver.statuses(), ["initiated"]);
}

async fn a_share_of_the_callbacks_is_lost(world: World) {
    world.fault(json!({"kind": "callbacks_lost", "share": 0.5})).await;
    for n in 0..25 {
        world.place(&format!("a{n}"), COMPLETES).await;
    }
    world.send_all().await;
    // Drawn by the seed, so this can't change by itself.
    let came = world.receiver.callbacks().len();
    assert!((35..=65).contains(&came), "{came} of 100");
}

async fn each_callback_comes_twice(world: World) {
    world.fault(kind("callbacks_twice")).await;
    world.place("a1", "+14155550102").await;
    world.send_all().await;
    let callbacks = world.receiver.callbacks();
    assert_eq!(world.receiver.statuses(), ["initiated", "initiated", "busy", "busy"]);
    assert_eq!((&callbacks[0].id, &callbacks[0].raw), (&callbacks[1].id, &callbacks[1].raw));
}

async fn callbacks_come_out_of_order(world: World) {
    world.fault(kind("callbacks_out_of_order")).await;
    world.place("a1", COMPLETES).await;
    world.send_all().await;
    assert_eq!(world.receiver.statuses(), ["ringing", "initiated", "completed", "in_progress"]);
}

async fn wrongly_signed_callbacks_are_not_believed(world: World) {
    world.fault(json!({"kind": "callbacks_wrongly_signed", "next": 1})).await;
    world.place("a1", "+14155550102").await;
    world.place("a2", "+14155550102").await;
    world.send_at(0).await;
    world.send_at(1_250).await;
    assert_eq!((world.receiver.forged(), world.receiver.callbacks().len()), (2, 1), "it is tried again");
    let callbacks = world.look("/callbacks?attempt_id=a1").await;
    let first = callbacks["callbacks"].as_array().expect("a list").last().expect("the first").clone();
    assert_eq!((&first["state"], &first["tries"][1]["status"]), (&json!("failing"), &json!(401)));
}

async fn an_ambiguous_placing_is_dialed_and_answered_too_late(world: World) {
    world.fault(kind("placing_ambiguous")).await;
    let placing = tokio::spawn(world.placing(&world.body("a1", COMPLETES)).send());
    world.receiver_hears(&world, 1).await;
    world.clock.advance_ms(PATIENCE);
    assert!(!placing.is_finished());
    world.clock.advance_ms(1_000);
    assert_eq!(placing.await.expect("no panic").expect("an answer").status(), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(world.ask("a1").await.len(), 1);
}

async fn a_call_may_be_dialed_too_late(world: World) {
    world.fault(kind("placing_dialed_late")).await;
    let placing = tokio::spawn(world.placing(&world.body("a1", COMPLETES)).send());
    while world.ask("a1").await.is_empty() {}
    world.send_at(PATIENCE).await;
    assert!(world.receiver.statuses().is_empty());
    assert!(!placing.is_finished());
    world.send_at(PATIENCE + 1_000).await;
    assert_eq!(world.receiver.statuses(), ["initiated"]);
    assert_eq!(placing.await.expect("no panic").expect("an answer").status(), StatusCode::ACCEPTED);
}

async fn a_slow_placing_is_not_even_looked_at(world: World) {
    world.fault(json!({"kind": "placing_slow", "by_ms": 20_000, "next": 2})).await;
    let gives_up = tokio::spawn(world.placing(&world.body("a1", COMPLETES)).send());
    while world.look("/faults").await["faults"][0]["next"] != 1 {}
    gives_up.abort();
    assert!(gives_up.await.expect_err("no answer").is_cancelled());
    let waits = tokio::spawn(world.placing(&world.body("a2", COMPLETES)).send());
    while world.look("/faults").await["faults"] != json!([]) {}
    world.clock.advance_ms(20_000);
    assert_eq!(
        waits.await.expect("no panic").expect("an answer").status(),
        StatusCode::GONE,
        "too late by then"
    );
    assert!(world.ask("a1").await.is_empty(), "who gives up was never heard");
    world.place("a1", COMPLETES).await;
}

async fn a_placing_is_refused_and_leaves_no_trace(world: World) {
    for (asked, expected) in [
        (json!({"kind": "placing_refused"}), (422, "provider_refused", None)),
        (json!({"kind": "placing_refused", "status": 409}), (409, "conflict", None)),
        (
            json!({"kind": "placing_refused", "status": 429, "retry_after_secs": 7}),
            (429, "too_many_calls", Some("7")),
        ),
        (json!({"kind": "placing_refused", "status": 503}), (503, "out_of_service", Some("30"))),
    ] {
        let fault = world.fault(asked).await;
        let (status, code, retry_after) = world.refused("a1", COMPLETES).await;
        assert_eq!((status, code.as_str(), retry_after.as_deref()), expected);
        let path = format!("/faults/{}", fault["id"].as_str().expect("an id"));
        assert_eq!(world.control(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    }
    assert!(world.ask("a1").await.is_empty());
    world.place("a1", COMPLETES).await;
    assert_eq!(world.look("/calls").await["calls"][0]["nth"], 1, "a refusal counts for nothing");
}

async fn nothing_is_said_of_a_silent_call(world: World) {
    world.fault(json!({"kind": "call_silent", "next": 1})).await;
    let id = world.place("a1", COMPLETES).await;
    world.send_at(60_000).await;
    assert!(world.receiver.statuses().is_empty());
    for path in ["/calls?attempt_id=a1".to_owned(), format!("/calls/{id}")] {
        let (status, problem) = world.get(&path).await;
        assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("silent")), "{path}");
    }
    assert_eq!(world.hang_up(&id).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.place("a1", COMPLETES).await, id, "the key is known all the same");
    assert_eq!(
        world.look("/calls").await["calls"][0]["status"],
        "completed",
        "those who control it are told"
    );
}

async fn a_fault_is_for_a_number_or_for_the_next_placings(world: World) {
    let fault = world.fault(json!({"kind": "placing_refused", "to": "+1 (415) 555-0102", "next": 2})).await;
    assert_eq!((&fault["to"], &fault["next"]), (&json!("+14155550102"), &json!(2)));
    world.place("a1", COMPLETES).await;
    assert_eq!(world.refused("a2", "+14155550102").await.0, 422);
    assert_eq!(world.look("/faults").await["faults"][0]["next"], 1);
    assert_eq!(world.refused("a2", "+14155550102").await.0, 422);
    assert_eq!(world.look("/faults").await["faults"], json!([]), "it is used up");
    world.place("a2", "+14155550102").await;
}

async fn placings_at_once_use_up_no_more_than_there_are(world: World) {
    world.fault(json!({"kind": "placing_refused", "next": 3})).await;
    let placings: Vec<_> = (0..12)
        .map(|n| tokio::spawn(world.placing(&world.body(&format!("a{n}"), COMPLETES)).send()))
        .collect();
    let mut refused = 0;
    for placing in placings {
        let status = placing.await.expect("no panic").expect("an answer").status();
        refused += usize::from(status == StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(refused, 3);
    assert_eq!(world.look("/faults").await["faults"], json!([]));
}

async fn faults_add_up(world: World) {
    world.fault(kind("callbacks_twice")).await;
    world.fault(json!({"kind": "callbacks_late", "by_ms": 500})).await;
    world.fault(json!({"kind": "callbacks_lost", "to": "+14155550103"})).await;
    world.place("a1", "+14155550102").await;
    world.place("a2", "+14155550103").await;
    world.send_at(499).await;
    assert!(world.receiver.statuses().is_empty());
    world.send_all().await;
    let told = |of: &str| {
        let all = world.receiver.callbacks();
        all.iter()
            .filter(|it| it.body["attempt_id"] == of)
            .map(|it| it.body["status"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(told("a1"), ["initiated", "initiated", "busy", "busy"]);
    assert_eq!(told("a2"), ["initiated", "initiated"]);
    let faults = world.look("/calls?attempt_id=a2").await["calls"][0]["faults"].clone();
    assert_eq!(faults.as_array().map(Vec::len), Some(3));
}

async fn a_hang_up_is_told_as_the_fault_has_it(world: World) {
    world.fault(json!({"kind": "callbacks_late", "by_ms": 5_000})).await;
    let id = world.place("a1", COMPLETES).await;
    world.send_at(6_000).await;
    world.hang_up(&id).await;
    world.send_at(10_999).await;
    let before = world.receiver.callbacks().len();
    world.send_at(11_000).await;
    let ending = &world.receiver.callbacks()[before].body;
    assert_eq!((&ending["status"], &ending["ended_reason"]), (&json!("completed"), &json!("hung_up")));
}

async fn what_is_switched_off_does_not_come_back_and_what_was_placed_keeps_it(world: World) {
    let fault = world.fault(kind("callbacks_twice")).await;
    world.fault(json!({"kind": "callbacks_late", "by_ms": 1})).await;
    world.place("a1", "+14155550102").await;
    assert_eq!(world.look("/faults").await["faults"].as_array().map(Vec::len), Some(2));
    let path = format!("/faults/{}", fault["id"].as_str().expect("an id"));
    assert_eq!(world.look(&path).await, fault);
    assert_eq!(world.control(Method::DELETE, &path, None).await, (StatusCode::NO_CONTENT, Value::Null));
    for method in [Method::GET, Method::DELETE] {
        let (status, problem) = world.control(method, &path, None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("unknown_order")));
    }
    assert_eq!(world.control(Method::DELETE, "/faults", None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.look("/faults").await, json!({"faults": []}));

    world.place("a2", "+14155550102").await;
    world.send_all().await;
    assert_eq!(world.receiver.callbacks().len(), 4 + 2);
}

async fn faults_outlive_a_restart(world: World) {
    let fault = world.fault(json!({"kind": "callbacks_twice", "next": 5})).await;
    world.place("a1", "+14155550102").await;
    let again = Simulator::new(
        config(&world.receiver),
        world.db.clone(),
        switchboard::server::clock::Clock::manual(switchboard::domain::timestamp::Timestamp::from_millis(
            world.now(),
        )),
    );
    let again = again.expect("a simulator").resumed().await.expect("the database works");
    let base = crate::simulator::serve(&again).await;
    let world = World { sim: again, base, ..world };
    let on = world.look("/faults").await["faults"][0].clone();
    assert_eq!((&on["id"], &on["kind"], &on["next"]), (&fault["id"], &json!("callbacks_twice"), &json!(4)));
    world.place("a2", "+14155550102").await;
    assert_eq!(world.look("/faults").await["faults"][0]["next"], 3);
}

impl World {
    /// Sends what is due until the receiver has heard so much, as the loop would.
    async fn receiver_hears(&self, world: &World, count: usize) {
        while self.receiver.callbacks().len() < count {
            world.send_at(0).await;
        }
    }
}
