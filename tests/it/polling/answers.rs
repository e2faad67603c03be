//! Each answer has its meaning, however strange: taken, surely refused, or unknown. Nothing is sent twice.

use crate::support::{
    Backend, OnDatabase,
    app::{App, text},
    both_databases,
    call_api::{Strange, call, live, speaks_call_api},
    speaker::{Speaks, speaker},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use wiremock::ResponseTemplate;

both_databases!(
    what_is_not_sure_ends_as_unknown_and_is_not_sent_again,
    a_redirect_is_never_followed,
    its_own_no_ends_the_call,
    wrong_credentials_stop_all_placing_and_end_no_call,
    what_breaks_or_never_ends_ends_as_unknown,
    not_now_waits_and_is_sent_again,
    nobody_there_waits_and_is_sent_later,
    the_id_of_another_call_is_not_believed,
    what_answers_no_question_changes_nothing_until_contact_is_lost,
    a_token_is_shown_only_if_one_is_set,
    a_token_that_is_set_is_shown,
);

fn page(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><body>Hello</body></html>", "text/html")
}

/// The service wants a token, and gets it.
struct Known(Strange);

impl OnDatabase for Known {
    async fn on(backend: Backend) -> Self {
        Self(Strange::with(backend, &["--provider-token", "a-token-for-the-service"]).await)
    }
}

/// Contact is lost after five minutes without an answer.
struct Impatient(Strange);

impl OnDatabase for Impatient {
    async fn on(backend: Backend) -> Self {
        Self(Strange::with(backend, &["--lost-contact-secs", "300"]).await)
    }
}

async fn what_is_not_sure_ends_as_unknown_and_is_not_sent_again(world: Strange) {
    let json = |status, body: Value| ResponseTemplate::new(status).set_body_json(body);
    let no = json!({"success": false, "error": "no"});
    let answers = [
        ("a page with 200", page(200)),
        ("nothing", ResponseTemplate::new(201)),
        ("no id", json(201, json!({"success": true, "call": {"status": "initiated"}}))),
        ("no success", json(200, no.clone())),
        ("a body without end", ResponseTemplate::new(201).set_body_string(" ".repeat(1_000_000))),
        ("a page with 404", page(404)),
        ("408", json(408, no.clone())),
        ("409", json(409, no.clone())),
        ("429 without a time", json(429, no.clone())),
        ("500", json(500, no.clone())),
        ("502", page(502)),
        ("503 without a time", json(503, no)),
    ];
    for (sent, (name, answer)) in (1..).zip(answers) {
        world.answers_placings(Some(answer));
        let call = world.placed().await;
        assert_eq!((&call["status"], &call["attempts_made"]), (&json!("dispatching"), &json!(0)), "{name}");
        let event = world.app.newest_event(&call["id"]).await;
        assert_eq!(event["kind"], "ambiguous", "{name}");
        assert!(text(&event["payload"]["detail"]).starts_with("The provider"), "{name}: {event}");

        live(&world.app, 20).await;
        let ended = world.app.call(&call["id"]).await;
        assert_eq!(
            (&ended["status"], &ended["ended_reason"]),
            (&json!("failed"), &json!("unknown")),
            "{name}"
        );
        assert_eq!(world.app.newest_event(&call["id"]).await["kind"], "unknown", "{name}");
        assert_eq!(world.placings().await, 2 * sent - 1, "{name}");
        world.takes_calls_again().await;
    }
}

impl Strange {
    /// It takes the next call, as a service that has come to itself.
    async fn takes_calls_again(&self) {
        self.answers_placings(None);
        assert_eq!(self.placed().await["status"], "initiated");
    }
}

async fn a_redirect_is_never_followed(world: Strange) {
    for (sent, status) in (1..).zip([301, 302, 303, 307, 308]) {
        let elsewhere = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        world.answers_placings(Some(elsewhere));
        let call = world.placed().await;
        live(&world.app, 2).await;
        assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "unknown", "{status}");
        assert_eq!(world.placings().await, 2 * sent - 1, "{status}");
        world.takes_calls_again().await;
    }
    let asked = world.sent(Method::GET).await;
    assert!(!asked.iter().any(|request| request.url.path() == "/elsewhere"));
}

async fn its_own_no_ends_the_call(world: Strange) {
    for (status, words, reason) in [
        (400, "Invalid phone number", "invalid_number"),
        (422, "No credit left.", "provider_refused"),
        (404, "There is no such account.", "provider_refused"),
    ] {
        let no = ResponseTemplate::new(status).set_body_json(json!({"success": false, "error": words}));
        world.answers_placings(Some(no));
        let ended = world.placed().await;
        assert_eq!(
            (&ended["status"], &ended["ended_reason"]),
            (&json!("failed"), &json!(reason)),
            "{status}"
        );
        let event = world.app.newest_event(&ended["id"]).await;
        assert_eq!((&event["kind"], &event["payload"]["detail"]), (&json!("refused"), &json!(words)));
    }
}

async fn wrong_credentials_stop_all_placing_and_end_no_call(world: Strange) {
    let no = ResponseTemplate::new(401).set_body_json(json!({"success": false, "error": "Who are you?"}));
    world.answers_placings(Some(no));
    let refused = world.placed().await;
    assert_eq!((&refused["status"], &refused["ended_reason"]), (&json!("pending"), &json!(null)));
    assert_eq!(world.app.newest_event(&refused["id"]).await["kind"], "refused");
    world.app.pass_secs(600);
    assert_eq!(world.app.dispatch().await, 0);
    assert_eq!(world.app.reasons(&refused["id"]).await, ["blocked"]);
}

async fn not_now_waits_and_is_sent_again(world: Strange) {
    for status in [429, 503] {
        world.answers_placings(Some(ResponseTemplate::new(status).insert_header("retry-after", "60")));
        let call = world.placed().await;
        assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"], "{status}");
        world.answers_placings(None);
        world.app.pass_secs(80);
        world.app.dispatch().await;
        assert_eq!(world.app.call(&call["id"]).await["status"], "initiated", "{status}");
    }
    assert_eq!(world.placings().await, 4);
}

/// Services that take a request and then do something else than to answer it.
struct Speakers(Vec<(&'static str, App, JoinHandle<()>)>);

impl OnDatabase for Speakers {
    async fn on(backend: Backend) -> Self {
        let mut all = Vec::new();
        for (name, speaks) in [
            ("it hangs up", Speaks::Words(b"")),
            ("it breaks off", Speaks::Words(b"HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{\"success")),
            ("it says nothing", Speaks::Nothing),
            ("it never ends", Speaks::OnAndOn(b"HTTP/1.1 201 Created\r\n\r\n{")),
        ] {
            let (url, task) = speaker(speaks).await;
            let settings = [&speaks_call_api(&url)[..], &["--provider-timeout-secs", "1"]].concat();
            all.push((name, App::with(backend, &settings).await, task));
        }
        Self(all)
    }
}

async fn what_breaks_or_never_ends_ends_as_unknown(Speakers(all): Speakers) {
    for (name, app, provider) in all {
        let call = app.create("+14155550101").await;
        app.dispatch().await;
        assert_eq!(app.newest_event(&call["id"]).await["kind"], "ambiguous", "{name}");
        live(&app, 2).await;
        assert_eq!(app.call(&call["id"]).await["ended_reason"], "unknown", "{name}");
        provider.abort();
    }
}

/// Nobody listens where the service should be.
struct Nobody(App);

impl OnDatabase for Nobody {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &speaks_call_api("http://127.0.0.1:1")).await)
    }
}

async fn nobody_there_waits_and_is_sent_later(Nobody(app): Nobody) {
    let call = app.create("+14155550101").await;
    app.dispatch().await;
    assert_eq!(app.reasons(&call["id"]).await, ["provider_unreachable"]);
    live(&app, 60).await;
    assert_eq!(app.call(&call["id"]).await["status"], "pending");
}

async fn the_id_of_another_call_is_not_believed(world: Strange) {
    world.answers_placings(Some(ResponseTemplate::new(201).set_body_json(call("call-1", "initiated"))));
    let first = world.placed().await;
    assert_eq!(first["status"], "initiated");
    let second = world.placed().await;
    assert_eq!(second["status"], "dispatching");
    let event = world.app.newest_event(&second["id"]).await;
    assert_eq!(event["payload"]["detail"], "The provider answered with the id of another attempt.");
    live(&world.app, 2).await;
    assert_eq!(world.app.call(&second["id"]).await["ended_reason"], "unknown");
    assert_eq!(world.app.call(&first["id"]).await["status"], "ringing");
    assert_eq!(world.placings().await, 2);
}

async fn what_answers_no_question_changes_nothing_until_contact_is_lost(Impatient(world): Impatient) {
    let placed = world.placed().await;
    let json = |status, body: Value| ResponseTemplate::new(status).set_body_json(body);
    let answers = [
        page(200),
        page(404),
        page(500),
        json(401, json!({"error": "Who are you?"})),
        json(302, json!({})).insert_header("location", "/api/call/call-1?again"),
        json(200, call("call-2", "completed")),
        json(200, call("call-1", "dancing")),
        json(200, json!({"success": false, "error": "Oops"})),
        ResponseTemplate::new(200).set_body_string(" ".repeat(1_000_000)),
    ];
    for (asked, nonsense) in (1..).zip(answers) {
        world.answers_questions(Some(nonsense));
        world.app.pass_secs(5);
        world.app.reconcile().await;
        assert_eq!(world.sent(Method::GET).await.len(), asked, "asked once, and no redirect followed");
        assert_eq!(world.app.call(&placed["id"]).await, placed);
    }
    live(&world.app, 300).await;
    let lost = world.app.call(&placed["id"]).await;
    assert_eq!((&lost["status"], &lost["ended_reason"]), (&json!("failed"), &json!("lost_contact")));
    assert_eq!(world.app.newest_event(&placed["id"]).await["kind"], "lost_contact");
    assert_eq!(world.placings().await, 1);
}

async fn a_token_is_shown_only_if_one_is_set(world: Strange) {
    world.placed().await;
    live(&world.app, 2).await;
    let shown = |request: &wiremock::Request| request.headers.contains_key("authorization");
    assert!(!world.sent(Method::POST).await.iter().chain(&world.sent(Method::GET).await).any(shown));
}

async fn a_token_that_is_set_is_shown(Known(world): Known) {
    world.placed().await;
    live(&world.app, 2).await;
    let sent = [world.sent(Method::POST).await, world.sent(Method::GET).await].concat();
    assert!(sent.len() > 1);
    for request in sent {
        assert_eq!(request.headers["authorization"], "Bearer a-token-for-the-service");
    }
    let body: Value = world.sent(Method::POST).await[0].body_json().expect("JSON");
    assert_eq!(body, json!({"phone_number": "+14155550101"}), "nothing of the customer but the number");
}
