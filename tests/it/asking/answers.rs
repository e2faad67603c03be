//! Each answer to a placing has its meaning: taken, refused, or something that leaves it open.

use crate::support::{
    app::text,
    both_databases,
    company::{World, problem},
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

both_databases!(
    what_is_not_sure_keeps_the_call_and_its_slot_and_is_told,
    a_redirect_is_never_followed,
    a_refusal_in_the_protocols_words_ends_the_call,
    a_number_that_can_not_be_dialed_ends_the_call,
    wrong_credentials_stop_all_placing_and_end_no_call,
    wrong_credentials_are_forgotten_at_the_next_start,
    every_success_with_an_id_is_taken,
);

/// Answers from which nobody can know whether a phone rings.
fn unsure() -> Vec<(&'static str, ResponseTemplate)> {
    let page = "<html><body>Bad gateway</body></html>";
    let plain = |status| ResponseTemplate::new(status);
    let taken = |body: Value| ResponseTemplate::new(202).set_body_json(body);
    vec![
        ("500", plain(500)),
        ("500 with a problem", problem(500, "oops", "Something broke.")),
        ("502 with a page", plain(502).set_body_raw(page, "text/html")),
        ("504", problem(504, "timed_out", "Too slow.")),
        ("503 without a time", problem(503, "busy", "Later.")),
        ("429 without a time", problem(429, "busy", "Later.")),
        ("408", problem(408, "slow", "Slow.")),
        ("425", problem(425, "early", "Early.")),
        ("404 without a problem", plain(404).set_body_raw(page, "text/html")),
        ("400 in other words", plain(400).set_body_json(json!({"error": "bad"}))),
        ("202 with a page", plain(202).set_body_raw(page, "text/html")),
        ("202 with nothing", plain(202)),
        ("202 without an id", taken(json!({"status": "initiated"}))),
        ("202 with an empty id", taken(json!({"provider_call_id": ""}))),
        ("202 with a number", taken(json!({"provider_call_id": 7}))),
        ("202 with an id that can't be kept", taken(json!({"provider_call_id": "a\u{0}b"}))),
        ("202 with an id without end", taken(json!({"provider_call_id": "x".repeat(201)}))),
        ("202 with a body without end", plain(202).set_body_string(" ".repeat(1_000_000))),
    ]
}

async fn what_is_not_sure_keeps_the_call_and_its_slot_and_is_told(world: World) {
    for (name, answer) in unsure() {
        world.company.answers_placings(answer);
        let call = world.placed().await;
        assert_eq!((&call["status"], &call["phase"]), (&json!("dispatching"), &json!("pending")), "{name}");
        assert_eq!((&call["waiting"], &call["attempts_made"]), (&json!(null), &json!(0)), "{name}");
        assert_eq!(call["attempts"][0]["status"], "dispatching", "{name}");
        let event = world.app.newest_event(&call["id"]).await;
        assert_eq!(event["kind"], "ambiguous", "{name}");
        assert!(text(&event["payload"]["detail"]).starts_with("The provider"), "{name}: {event}");
        world.app.trust_the_provider().await;
    }
    let open = "SELECT count(*) FROM call_attempts WHERE ended_at IS NULL AND place_by IS NOT NULL";
    assert_eq!(world.app.count(open).await, i64::try_from(unsure().len()).expect("a few"));
}

async fn a_redirect_is_never_followed(world: World) {
    let elsewhere = world.company.url().replace("/provider", "/elsewhere");
    for status in [301, 302, 303, 307, 308] {
        world
            .company
            .answers_placings(ResponseTemplate::new(status).insert_header("location", elsewhere.as_str()));
        let call = world.placed().await;
        assert_eq!(call["status"], "dispatching", "{status}");
        assert_eq!(world.app.newest_event(&call["id"]).await["kind"], "ambiguous", "{status}");
    }
    assert_eq!(world.company.visits("/elsewhere").await, 0);
}

async fn a_refusal_in_the_protocols_words_ends_the_call(world: World) {
    world.company.answers_placings(problem(422, "no_credit", "There is no credit left."));
    let call = world.app.create_with("+14155550101", json!({"max_attempts": 5})).await;
    world.app.dispatch().await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("failed"), &json!("provider_refused")));
    assert_eq!(ended["attempts_made"], 0, "a refusal uses no budget");
    assert_eq!(ended["attempts"][0]["ended_reason"], "provider_refused");
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!(
        (&event["kind"], &event["payload"]["detail"]),
        (&json!("refused"), &json!("There is no credit left."))
    );
    assert_eq!((world.app.dispatch().await, world.app.reconcile().await), (0, 0));
}

async fn a_number_that_can_not_be_dialed_ends_the_call(world: World) {
    world.company.answers_placings(problem(400, "invalid_number", "There is no such number."));
    let ended = world.placed().await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("failed"), &json!("invalid_number")));
}

async fn wrong_credentials_stop_all_placing_and_end_no_call(world: World) {
    for status in [401, 403] {
        world.company.answers_placings(problem(status, "no", "Who are you?"));
        let refused = world.placed().await;
        assert_eq!((&refused["status"], &refused["ended_reason"]), (&json!("pending"), &json!(null)));
        assert_eq!(refused["attempts_made"], 0);

        let other = world.app.create("+14155550101").await;
        let why = &other["waiting"]["reasons"][0];
        assert_eq!(why["code"], "blocked");
        assert!(text(&why["detail"]).contains("does not accept our credentials: Who are you?"), "{why}");
        world.app.pass_secs(600);
        assert_eq!(world.app.dispatch().await, 0);
        assert_eq!(world.app.reasons(&refused["id"]).await, ["blocked"]);

        let free = sea_orm::ActiveValue::Set(None);
        let row = switchboard::server::calls::dispatch_state::row::ActiveModel {
            blocked_reason: free,
            ..Default::default()
        };
        world.app.hold(row).await;
        world.company.takes_calls();
        assert_eq!(world.app.dispatch().await, 2);
    }
}

async fn wrong_credentials_are_forgotten_at_the_next_start(world: World) {
    world.company.answers_placings(problem(401, "no", "Who are you?"));
    let call = world.placed().await;
    world.company.takes_calls();
    let world = world.after_a_crash().await;
    world.app.pass_secs(10);
    assert_eq!(world.app.dispatch().await, 1);
    assert_eq!(world.app.call(&call["id"]).await["status"], "initiated");
}

async fn every_success_with_an_id_is_taken(world: World) {
    for status in [200, 201, 202] {
        let id = format!("CA{status}");
        world
            .company
            .answers_placings(ResponseTemplate::new(status).set_body_json(json!({"provider_call_id": id})));
        let call = world.placed().await;
        assert_eq!(
            (&call["status"], &call["attempts"][0]["provider_call_id"]),
            (&json!("initiated"), &json!(id))
        );
    }
}
