//! A form's hidden key: a double click or a resend makes one call.

use crate::support::{
    app::{App, COMPLETES, read, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashSet;
use tokio::task::JoinSet;

both_databases!(
    the_same_form_makes_one_call,
    sixteen_of_one_form_at_once_make_one_call,
    a_form_that_was_refused_may_be_sent_again,
    a_form_that_was_answered_is_not_judged_by_the_clock_again,
    after_a_day_a_form_is_another_wish,
);

/// The fields of a form; `more` are those that matter to the story.
fn form(key: &str, more: &[(&str, &str)]) -> String {
    let usual = [("form_key", key), ("phone_number", COMPLETES), ("workflow", "sales")];
    let named = |name: &str| more.iter().any(|(other, _)| *other == name);
    let name = Some(("customer_name", "Ada Lovelace")).filter(|_| !named("customer_name"));
    let when = Some(("when", "now")).filter(|_| !named("when"));
    let fields = usual.into_iter().chain(name).chain(when).chain(more.iter().copied());
    let fields = fields.map(|(name, value)| (format!("form[{name}]"), value));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Sends a form as the browser's code does; the call's id, if it was made.
async fn send(app: &App, form: String) -> (StatusCode, Value) {
    let request = app
        .request(Method::POST, "/fn/create_call")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form);
    read(request.send().await.expect("an answer")).await
}

async fn the_same_form_makes_one_call(app: App) {
    let (_, first) = send(&app, form("a", &[])).await;
    let (_, again) = send(&app, form("a", &[])).await;
    let (_, other) = send(&app, form("b", &[])).await;
    let (_, typed_anew) = send(&app, form("a", &[("customer_name", "Grace Hopper")])).await;
    assert_eq!(first, again);
    assert_eq!(app.ids("").await, [&typed_anew, &other, &first].map(text));
    assert_eq!(app.timeline(&first).await, ["created"]);
}

async fn sixteen_of_one_form_at_once_make_one_call(app: App) {
    let mut sent = JoinSet::new();
    for _ in 0..16 {
        let request = app
            .request(Method::POST, "/fn/create_call")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form("a", &[]));
        sent.spawn(async move { read(request.send().await.expect("an answer")).await });
    }
    let answers: HashSet<_> = sent.join_all().await.into_iter().map(|(_, id)| text(&id)).collect();
    assert_eq!(app.ids("").await, Vec::from_iter(answers));
}

async fn a_form_that_was_refused_may_be_sent_again(app: App) {
    let (status, _) = send(&app, form("a", &[("customer_name", " ")])).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, id) = send(&app, form("a", &[])).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(app.ids("").await, [text(&id)]);
}

async fn a_form_that_was_answered_is_not_judged_by_the_clock_again(app: App) {
    let soon = [("when", "later"), ("wall_time", "2026-11-21T09:05"), ("time_zone", "UTC")];
    let first = send(&app, form("a", &soon)).await;
    assert_eq!(first.0, StatusCode::OK, "{}", first.1);
    app.pass_secs(3_600);
    assert_eq!(send(&app, form("a", &soon)).await, first);
    let (status, _) = send(&app, form("b", &soon)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "it is past by now");
}

async fn after_a_day_a_form_is_another_wish(app: App) {
    let (_, first) = send(&app, form("a", &[])).await;
    app.pass_secs(86_400);
    let (_, second) = send(&app, form("a", &[])).await;
    assert_ne!(first, second);
    assert_eq!(app.call(&second).await["created_at"], json!("2026-11-22T09:00:00.000Z"));
}
