//! Replaying and trying: by hand, under the same id.

use crate::support::{
    app::{COMPLETES, text},
    both_databases,
    receiver::Told,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard::{
    domain::id::EndpointId,
    server::{db::Written, hooks::claim::claim},
};
use wiremock::ResponseTemplate;

both_databases!(
    a_delivery_is_sent_again_under_the_same_id,
    what_was_given_up_begins_its_schedule_anew,
    what_is_on_its_way_is_not_sent_twice,
    a_disabled_endpoint_is_sent_nothing_by_hand,
    a_test_arrives_whatever_was_asked_for,
    what_is_not_there_can_not_be_sent,
);

fn replay(delivery: &Value) -> String {
    format!("deliveries/{}/replay", text(&delivery["id"]))
}

async fn a_delivery_is_sent_again_under_the_same_id(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    app.create(COMPLETES).await;
    app.deliver_all().await;
    let delivery = app.deliveries(&endpoint).await.remove(0);
    let (status, again) = app.tell_endpoint(&endpoint, &replay(&delivery)).await;
    assert_eq!((status, &again["status"]), (StatusCode::ACCEPTED, &json!("pending")));
    assert_eq!(app.deliver_all().await, 1);
    let [first, second] = &world.receiver.received().await[..] else { panic!("two requests") };
    assert_eq!((&first.id, &first.raw), (&second.id, &second.raw));
    let after = app.deliveries(&endpoint).await.remove(0);
    assert_eq!(json!([after["status"], after["attempts"]]), json!(["delivered", 2]));
}

async fn what_was_given_up_begins_its_schedule_anew(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    world.receiver.answers(ResponseTemplate::new(500));
    app.create(COMPLETES).await;
    for _ in 0..8 {
        assert_eq!(app.deliver().await, 1);
        app.pass_secs(12 * 3_600);
    }
    let failed = app.deliveries(&endpoint).await.remove(0);
    assert_eq!(failed["status"], "failed");
    app.tell_endpoint(&endpoint, &replay(&failed)).await;
    assert_eq!(app.deliver().await, 1);
    app.pass_secs(7);
    world.receiver.answers(ResponseTemplate::new(200));
    assert_eq!(app.deliver().await, 1, "five seconds after the first failure, not never");
    let after = app.deliveries(&endpoint).await.remove(0);
    assert_eq!(json!([after["status"], after["attempts"]]), json!(["delivered", 10]));
}

async fn what_is_on_its_way_is_not_sent_twice(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    app.create(COMPLETES).await;
    let (id, now) = (text(&endpoint["id"]).parse::<EndpointId>().expect("an id"), app.now());
    let claimed = app.state().db.write(async move |tx| claim(&tx, id, 8, now).await).await.expect("a claim");
    assert_eq!(claimed.len(), 1);
    let delivery = app.deliveries(&endpoint).await.remove(0);
    let (status, problem) = app.tell_endpoint(&endpoint, &replay(&delivery)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("delivery_under_way")));
    // Whoever had it is dead.
    app.pass_secs(61);
    assert_eq!(app.tell_endpoint(&endpoint, &replay(&delivery)).await.0, StatusCode::ACCEPTED);
    assert_eq!(app.deliver_all().await, 1);
}

async fn a_disabled_endpoint_is_sent_nothing_by_hand(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    app.create(COMPLETES).await;
    app.deliver_all().await;
    let delivery = app.deliveries(&endpoint).await.remove(0);
    let path = format!("/api/webhook-endpoints/{}", text(&endpoint["id"]));
    let disable = app.request(reqwest::Method::PATCH, &path).json(&json!({"enabled": false}));
    assert_eq!(disable.send().await.expect("an answer").status(), StatusCode::OK);
    for command in [replay(&delivery), "test".to_owned()] {
        let (status, problem) = app.tell_endpoint(&endpoint, &command).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("endpoint_disabled")));
    }
    assert_eq!(app.deliver_all().await, 0);
}

async fn a_test_arrives_whatever_was_asked_for(world: Told) {
    let endpoint = world.endpoint(&["call.ended"]).await;
    let (status, test) = world.app.tell_endpoint(&endpoint, "test").await;
    assert_eq!((status, &test["event"]), (StatusCode::ACCEPTED, &json!("webhook.test")));
    assert_eq!(world.app.deliver_all().await, 1);
    let told = world.receiver.received().await.remove(0);
    assert_eq!(told.body["type"], "webhook.test");
    assert_eq!(told.body["data"]["endpoint_id"], endpoint["id"]);
    assert_eq!(told.id, text(&test["id"]));
    assert!(told.is_signed_with(&endpoint["secret"]));
}

async fn what_is_not_there_can_not_be_sent(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let other = world.endpoint(&["call.created"]).await;
    app.create(COMPLETES).await;
    let theirs = app.deliveries(&other).await.remove(0);
    for command in [
        replay(&theirs),
        "deliveries/0/replay".to_owned(),
        format!("deliveries/{}/replay", text(&other["id"])),
    ] {
        assert_eq!(app.tell_endpoint(&endpoint, &command).await.0, StatusCode::NOT_FOUND, "{command}");
    }
    let stranger = app.stranger().await;
    let id: EndpointId = text(&endpoint["id"]).parse().expect("an id");
    let now = app.now();
    let work = async move |tx| {
        let sent = switchboard::server::hooks::deliveries::send_test(&tx, &stranger, id, now).await?;
        Ok(Written::new(sent.value().id))
    };
    let refused = app.state().db.write(work).await.map_err(|error| error.status());
    assert_eq!(refused, Err(404), "an endpoint of another team is not there");
}
