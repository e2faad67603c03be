//! Several calls at once, as the page's form asks for it.

use crate::{
    commanding::OneOfEach,
    support::{app::App, both_databases},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

both_databases!(what_fits_is_done_and_what_does_not_is_told, nothing_selected_is_told, too_many_are_refused,);

async fn ask(app: &App, ids: &[&Value], command: &str) -> Response {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(ids.iter().map(|id| ("ids[]", id.as_str().expect("an id"))));
    let form = form.append_pair("command", command).finish();
    let request = app.request(Method::POST, "/fn/act_on_calls");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    request.send().await.expect("an answer")
}

async fn what_fits_is_done_and_what_does_not_is_told(world: OneOfEach) {
    let OneOfEach { app, calls } = world;
    let id = |status: &str| &calls.iter().find(|(known, _)| *known == status).expect("a call").1;
    let answer = ask(&app, &[id("pending"), id("busy")], "cancel").await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let words = answer.text().await.expect("words");
    assert!(words.contains("1 of 2 done."), "{words}");
    assert_eq!(app.call(id("pending")).await["status"], "canceled");
    assert_eq!(app.call(id("busy")).await["status"], "busy");
    let answer = ask(&app, &[id("pending"), id("busy")], "retry").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(app.call(id("busy")).await["status"], "pending");
}

async fn nothing_selected_is_told(app: App) {
    let answer = ask(&app, &[], "cancel").await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert!(answer.text().await.expect("words").contains("Select some calls first"));
}

async fn too_many_are_refused(app: App) {
    let nobody = Value::from("00000000-0000-7000-8000-000000000000");
    let answer = ask(&app, &[&nobody; 201], "cancel").await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert!(answer.text().await.expect("words").contains("at most 200"));
}
