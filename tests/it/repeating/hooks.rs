//! Webhook endpoints are made, rotated, tried and told again once too; and no secret is kept to answer with.

use super::{Heard, post, told};
use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
    receiver::Told,
};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

both_databases!(
    an_endpoint_is_made_once_and_its_secret_told_once,
    many_at_once_make_one_endpoint_with_one_secret,
    a_secret_is_rotated_once,
    a_test_is_sent_once,
    a_delivery_is_sent_again_once,
    a_refusal_is_the_same_again,
    what_was_not_understood_leaves_the_key_free,
);

const ENDPOINTS: &str = "/api/webhook-endpoints";

fn command(endpoint: &Value, command: &str) -> String {
    format!("{ENDPOINTS}/{}/{command}", text(&endpoint["id"]))
}

/// What was answered, without the secret.
fn without_secret(heard: &Heard) -> Value {
    let mut body = heard.2.clone();
    let secret = body.as_object_mut().and_then(|body| body.remove("secret"));
    assert!(secret.is_some_and(|secret| text(&secret).starts_with("whsec_")), "{}", heard.2);
    body
}

/// Everything that is kept to answer with.
async fn kept(app: &App) -> Vec<String> {
    let db = &app.state().db;
    let sql =
        "SELECT COALESCE(body, '') || COALESCE(location, '') || COALESCE(etag, '') FROM idempotency_keys";
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.expect("the keys");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}

async fn no_secret_is_kept(app: &App, answers: usize) {
    let kept = kept(app).await;
    assert_eq!(kept.len(), answers, "{kept:?}");
    assert!(kept.iter().all(|kept| kept.contains("\"id\"") && !kept.contains("whsec_")), "{kept:?}");
}

async fn an_endpoint_is_made_once_and_its_secret_told_once(world: Told) {
    let app = &world.app;
    let wish = json!({"url": world.receiver.url("/hooks")});
    let first = post(app, ENDPOINTS, "a", &wish).await;
    assert_eq!(first.0, StatusCode::CREATED, "{}", first.2);
    assert_eq!(first.1["cache-control"], "no-store");
    let [location, etag, kind, replayed] = told(&first);
    assert_eq!(location, Some(format!("{ENDPOINTS}/{}", text(&first.2["id"])).as_str()));
    assert_eq!((etag, kind, replayed), (Some("\"1\""), Some("application/json"), None));

    let again = post(app, ENDPOINTS, "a", &wish).await;
    assert_eq!((again.0, &again.2), (StatusCode::CREATED, &without_secret(&first)));
    assert_eq!(told(&again), [location, etag, kind, Some("true")]);
    assert_eq!(app.get(ENDPOINTS).await.1["endpoints"], json!([again.2]));
    no_secret_is_kept(app, 1).await;
}

async fn many_at_once_make_one_endpoint_with_one_secret(Told { app, receiver }: Told) {
    let (app, mut sent) = (Arc::new(app), JoinSet::new());
    for _ in 0..8 {
        let (app, wish) = (app.clone(), json!({"url": receiver.url("/hooks")}));
        sent.spawn(async move { post(&app, ENDPOINTS, "a", &wish).await });
    }
    let heard = sent.join_all().await;
    assert!(heard.iter().all(|heard| heard.0 == StatusCode::CREATED), "{heard:?}");
    let (first, repeats): (Vec<_>, Vec<_>) = heard.iter().partition(|heard| told(heard)[3].is_none());
    let [first] = first[..] else { panic!("one is the first: {heard:?}") };
    assert!(repeats.iter().all(|heard| heard.2 == without_secret(first)), "{heard:?}");
    assert_eq!(app.get(ENDPOINTS).await.1["endpoints"].as_array().map(Vec::len), Some(1));
}

async fn a_secret_is_rotated_once(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let rotate = command(&endpoint, "rotate-secret");
    let first = post(app, &rotate, "a", &json!({})).await;
    assert_eq!((first.0, &first.2["version"]), (StatusCode::OK, &json!(2)), "{}", first.2);
    assert_eq!(first.1["cache-control"], "no-store");
    let again = post(app, &rotate, "a", &json!({})).await;
    assert_eq!((again.0, &again.2), (StatusCode::OK, &without_secret(&first)));
    assert_eq!((told(&again)[1], told(&again)[3]), (Some("\"2\""), Some("true")));
    assert_eq!(app.endpoint_now(&endpoint).await, again.2, "it was not rotated again");

    let lost = post(app, &rotate, "b", &json!({})).await;
    assert_eq!(lost.2["version"], 3);
    assert_ne!(lost.2["secret"], first.2["secret"]);
    no_secret_is_kept(app, 2).await;
}

async fn a_test_is_sent_once(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let first = post(app, &command(&endpoint, "test"), "a", &json!({})).await;
    assert_eq!(first.0, StatusCode::ACCEPTED, "{}", first.2);
    assert_eq!(app.deliver_all().await, 1);
    let again = post(app, &command(&endpoint, "test"), "a", &json!({})).await;
    assert_eq!((again.0, &again.2, told(&again)[3]), (first.0, &first.2, Some("true")));
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(world.told().await, ["webhook.test"]);
}

async fn a_delivery_is_sent_again_once(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    app.create(COMPLETES).await;
    app.deliver_all().await;
    let delivery = app.deliveries(&endpoint).await.remove(0);
    let replay = command(&endpoint, &format!("deliveries/{}/replay", text(&delivery["id"])));
    let first = post(app, &replay, "a", &json!({})).await;
    assert_eq!((first.0, &first.2["status"]), (StatusCode::ACCEPTED, &json!("pending")), "{}", first.2);
    assert_eq!(app.deliver_all().await, 1);
    let again = post(app, &replay, "a", &json!({})).await;
    assert_eq!((again.0, &again.2, told(&again)[3]), (first.0, &first.2, Some("true")));
    assert_eq!(app.deliver_all().await, 0);
    assert_eq!(world.told().await.len(), 2);
}

async fn a_refusal_is_the_same_again(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let enable = async |enabled: bool| {
        let path = format!("{ENDPOINTS}/{}", text(&endpoint["id"]));
        let request = app.request(reqwest::Method::PATCH, &path).json(&json!({"enabled": enabled}));
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::OK);
    };
    enable(false).await;
    let test = command(&endpoint, "test");
    let first = post(app, &test, "a", &json!({})).await;
    assert_eq!((first.0, &first.2["code"]), (StatusCode::CONFLICT, &json!("endpoint_disabled")));
    enable(true).await;
    let again = post(app, &test, "a", &json!({})).await;
    assert_eq!((again.0, &again.2["code"]), (first.0, &first.2["code"]));
    assert_eq!(told(&again)[3], Some("true"));
    assert_eq!(post(app, &test, "b", &json!({})).await.0, StatusCode::ACCEPTED);
}

async fn what_was_not_understood_leaves_the_key_free(world: Told) {
    let app = &world.app;
    let nowhere = post(app, ENDPOINTS, "a", &json!({"description": "Billing"})).await;
    assert_eq!(nowhere.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", nowhere.2);
    let wish = json!({"url": world.receiver.url("/hooks")});
    let made = post(app, ENDPOINTS, "a", &wish).await;
    assert_eq!((made.0, told(&made)[3]), (StatusCode::CREATED, None));

    let other = json!({"url": world.receiver.url("/elsewhere")});
    let (status, _, problem) = post(app, ENDPOINTS, "a", &other).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused")));
    for path in ["nothing/test", "nothing/rotate-secret", "nothing/deliveries/nothing/replay"] {
        let (status, _, problem) = post(app, &format!("{ENDPOINTS}/{path}"), "a", &json!({})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_found")), "{path}");
    }
}
