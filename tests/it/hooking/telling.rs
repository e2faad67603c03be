//! Telling: what happens to a call is told in its order, as it was, and each thing once.

use crate::support::{
    Backend, OnDatabase,
    app::{BUSY, COMPLETES, text},
    asking::{FAILS, NO_ANSWER, SLOW},
    both_databases,
    call_api::Polled,
    company::World,
    dispatcher::claim_only,
    receiver::{Receiver, Told},
};
use serde_json::{Value, json};
use switchboard::server::db::Written;

both_databases!(
    a_call_is_told_from_its_creation_to_its_end,
    what_is_told_is_the_call_as_it_was,
    an_endpoint_is_told_only_what_it_asked_for,
    reports_that_come_twice_or_in_the_wrong_order_are_told_once,
    every_ending_is_told_once_however_a_call_ends,
    an_end_that_nobody_knows_is_told,
    an_end_that_was_a_guess_is_told_again_when_it_is_corrected,
    a_busy_line_is_told_as_a_planned_retry,
    another_attempt_by_hand_is_told_as_a_planned_retry,
    what_is_rolled_back_is_not_told,
    another_team_is_told_nothing,
);

const ALL: [&str; 5] =
    ["call.created", "call.initiated", "call.answered", "call.ended", "call.retry_planned"];

async fn a_call_is_told_from_its_creation_to_its_end(world: Told) {
    let endpoint = world.endpoint(&ALL).await;
    let call = world.app.create(COMPLETES).await;
    world.app.live(11).await;
    assert_eq!(world.app.deliver_all().await, 4);

    assert_eq!(world.told().await, ["call.created", "call.initiated", "call.answered", "call.ended"]);
    let now = world.app.now().as_millis() / 1_000;
    for arrived in world.receiver.received().await {
        assert_eq!(arrived.body["data"]["id"], call["id"]);
        assert_eq!(arrived.timestamp, now, "signed when it is sent, not when it happened");
        assert!(arrived.is_signed_with(&endpoint["secret"]));
    }
    let deliveries = world.app.deliveries(&endpoint).await;
    assert_eq!(deliveries.len(), 4);
    for delivery in &deliveries {
        let facts = json!([delivery["status"], delivery["attempts"], delivery["answer_status"]]);
        assert_eq!(facts, json!(["delivered", 1, 204]), "{delivery}");
        assert_eq!(delivery["next_at"], Value::Null);
    }
    assert_eq!(deliveries[0]["event"], "call.ended", "the newest first");
}

async fn what_is_told_is_the_call_as_it_was(world: Told) {
    world.endpoint(&["call.created", "call.ended"]).await;
    let call = world.app.create(COMPLETES).await;
    let created_at = world.app.now();
    world.app.live(11).await;
    world.app.deliver_all().await;

    let [first, last] = &world.receiver.received().await[..] else { panic!("two events") };
    assert_eq!(first.body["type"], "call.created");
    assert_eq!(first.body["timestamp"], created_at.to_rfc3339());
    assert_eq!(first.body["data"]["status"], "pending", "though it has long ended");
    assert_eq!(first.body["data"]["version"], call["version"]);
    let now = world.app.call(&call["id"]).await;
    assert_eq!(last.body["data"], now, "as the API shows it");
    assert_eq!(last.body["data"]["attempts"][0]["duration_secs"], 5);
    let keys = |value: &Value| value.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&first.body["data"]), keys(&now), "of the same shape from its first day");
}

async fn an_endpoint_is_told_only_what_it_asked_for(world: Told) {
    let ended = world.endpoint(&["call.ended"]).await;
    let answered = world.app.endpoint(&world.receiver.url("/answered"), &["call.answered"]).await;
    world.app.create(COMPLETES).await;
    world.app.live(11).await;
    world.app.deliver_all().await;
    assert_eq!(world.app.deliveries(&ended).await.len(), 1);
    assert_eq!(world.app.deliveries(&answered).await.len(), 1);
    let paths: Vec<_> = world
        .receiver
        .received()
        .await
        .into_iter()
        .map(|arrived| (arrived.path, text(&arrived.body["type"])))
        .collect();
    assert!(paths.contains(&("/hooks".to_owned(), "call.ended".to_owned())), "{paths:?}");
    assert!(paths.contains(&("/answered".to_owned(), "call.answered".to_owned())), "{paths:?}");
}

async fn reports_that_come_twice_or_in_the_wrong_order_are_told_once(world: Told) {
    world.endpoint(&ALL).await;
    for number in ["+14155550108", "+14155550109"] {
        world.app.create(number).await;
    }
    world.app.live(20).await;
    world.app.deliver_all().await;
    let mut told = world.told().await;
    told.sort();
    let once = ["call.answered", "call.created", "call.ended", "call.initiated"];
    assert_eq!(told, once.iter().flat_map(|event| [*event; 2]).collect::<Vec<_>>());
}

async fn every_ending_is_told_once_however_a_call_ends(world: Told) {
    world.endpoint(&["call.ended"]).await;
    let app = &world.app;
    for number in [COMPLETES, BUSY, NO_ANSWER, FAILS, "+14155550106"] {
        app.create(number).await;
    }
    app.live(11).await;
    let canceled = app.create(COMPLETES).await;
    app.command(&canceled["id"], "cancel").await;
    let by_hand = app.create(COMPLETES).await;
    app.patch(&by_hand["id"], &json!({"status": "no_answer"})).await;
    let hung_up = app.create(SLOW).await;
    app.live(3).await;
    app.command(&hung_up["id"], "cancel").await;
    app.live(5).await;
    app.pause().await;
    app.create(COMPLETES).await;
    app.pass_secs(3_601);
    app.live(2).await;
    app.deliver_all().await;

    let told = world.receiver.received().await;
    let mut ends: Vec<_> = told.iter().map(|it| text(&it.body["data"]["ended_reason"])).collect();
    ends.sort();
    let expected = [
        "answered",
        "busy",
        "canceled",
        "ended_by_hand",
        "hung_up",
        "missed",
        "no_answer",
        "provider_failed",
        "provider_refused",
    ];
    assert_eq!(ends, expected);
}

/// A Switchboard that can't find out what became of a placing, and somebody who listens.
struct Unsure(Polled, Receiver);

impl OnDatabase for Unsure {
    async fn on(backend: Backend) -> Self {
        Self(Polled::with(backend, &["--webhook-allow-private"]).await, Receiver::open().await)
    }
}

async fn an_end_that_nobody_knows_is_told(Unsure(world, receiver): Unsure) {
    world.app.endpoint(&receiver.url("/hooks"), &["call.ended"]).await;
    world.app.create(COMPLETES).await;
    claim_only(world.app.state()).await;
    world.app.pass_secs(15);
    world.live(16).await;
    world.app.deliver_all().await;
    let [told] = &receiver.received().await[..] else { panic!("one event") };
    assert_eq!(told.body["data"]["ended_reason"], "unknown");
}

/// A Switchboard whose provider forgets, and somebody who listens.
struct Forgotten(World, Receiver);

impl OnDatabase for Forgotten {
    async fn on(backend: Backend) -> Self {
        Self(World::with(backend, &["--webhook-allow-private"]).await, Receiver::open().await)
    }
}

async fn an_end_that_was_a_guess_is_told_again_when_it_is_corrected(Forgotten(world, receiver): Forgotten) {
    let app = &world.app;
    app.endpoint(&receiver.url("/hooks"), &["call.answered", "call.ended"]).await;
    let call = world.placed().await;
    app.pass_secs(91);
    app.reconcile().await;
    assert_eq!(app.call(&call["id"]).await["ended_reason"], "lost_contact");
    let attempt = app.attempt_id(&call["id"]).await;
    let report = json!({
        "attempt_id": attempt, "provider_call_id": format!("CA-{attempt}"), "status": "completed", "sequence": 4,
        "occurred_at": app.now().to_rfc3339(), "duration_secs": 7,
    });
    for webhook_id in ["late", "late", "later"] {
        assert_eq!(app.hear(webhook_id, &report).await, 204);
    }
    app.deliver_all().await;
    let told: Vec<_> = receiver
        .received()
        .await
        .into_iter()
        .map(|it| (text(&it.body["type"]), it.body["data"]["ended_reason"].clone()))
        .collect();
    let expected = [
        ("call.ended".to_owned(), json!("lost_contact")),
        ("call.answered".to_owned(), json!("answered")),
        ("call.ended".to_owned(), json!("answered")),
    ];
    assert_eq!(told, expected);
}

async fn a_busy_line_is_told_as_a_planned_retry(world: Told) {
    world.endpoint(&ALL).await;
    let call = world.app.create_with(BUSY, json!({"max_attempts": 2})).await;
    world.app.live(6).await;
    world.app.deliver_all().await;
    assert_eq!(world.told().await, ["call.created", "call.initiated", "call.retry_planned"]);
    let planned = world.receiver.received().await.pop().expect("an event");
    let now = world.app.call(&call["id"]).await;
    assert_eq!(planned.body["data"]["due_at"], now["due_at"]);
    assert_eq!(planned.body["data"]["status"], "pending");

    world.app.pass_secs(15 * 60);
    world.app.live(6).await;
    world.app.deliver_all().await;
    assert_eq!(world.told().await[3..], ["call.initiated", "call.ended"], "the second attempt is the last");
}

async fn another_attempt_by_hand_is_told_as_a_planned_retry(world: Told) {
    world.endpoint(&["call.ended", "call.retry_planned"]).await;
    let call = world.app.create(FAILS).await;
    world.app.live(11).await;
    world.app.command(&call["id"], "retry").await;
    world.app.live(11).await;
    world.app.deliver_all().await;
    assert_eq!(world.told().await, ["call.ended", "call.retry_planned", "call.ended"]);
}

async fn what_is_rolled_back_is_not_told(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    let first = world.app.create_with(COMPLETES, json!({"external_id": "order-1"})).await;
    let again = json!({
        "customer_name": "Ada", "phone_number": COMPLETES, "workflow": "sales", "external_id": "order-1",
    });
    assert_eq!(world.app.post("/api/calls", &again).await.0, 409);
    let told = world.app.deliveries(&endpoint).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["call_id"], first["id"]);
}

async fn another_team_is_told_nothing(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    let stranger = world.app.stranger().await;
    let clock = world.app.clock.clone();
    let work = async move |tx| {
        let new = crate::support::dispatcher::new_call();
        let made = switchboard::server::calls::create::create(&tx, &stranger, new, None, &clock).await?;
        Ok(Written::new(made.value().id))
    };
    world.app.state().db.write(work).await.expect("a call of theirs");
    assert!(world.app.deliveries(&endpoint).await.is_empty());
    assert_eq!(world.app.count("SELECT count(*) FROM webhook_deliveries").await, 0);
}
