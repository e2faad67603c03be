//! Failing: what an endpoint does not take is sent again on Svix's schedule; what it says is honoured, within bounds.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
    dispatcher::instant,
    receiver::Told,
    speaker::{Speaks, speaker},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use switchboard::server::{
    dispatcher::deliver,
    hooks::{guard::System, send::Sender},
    state::AppState,
};
use wiremock::ResponseTemplate;

both_databases!(
    what_is_not_taken_is_sent_again_under_one_id_until_the_schedule_ends,
    what_is_taken_at_last_is_well,
    gone_disables_at_once,
    retry_after_is_waited_for_but_not_for_ever,
    a_redirect_is_not_followed,
    an_answer_without_end_is_cut,
    silence_is_cut_short,
    nobody_there_is_told_in_words,
    an_endpoint_that_takes_nothing_for_five_days_is_disabled,
    five_days_with_one_success_among_them_disable_nothing,
);

/// The one delivery of the endpoint.
async fn delivery(app: &App, endpoint: &Value) -> Value {
    let mut all = app.deliveries(endpoint).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// How many seconds from now it is sent again.
fn waits(app: &App, delivery: &Value) -> i64 {
    instant(&delivery["next_at"]).millis_since(app.now()) / 1_000
}

async fn what_is_not_taken_is_sent_again_under_one_id_until_the_schedule_ends(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    world.receiver.answers(ResponseTemplate::new(500).set_body_string("out of order"));
    app.create(COMPLETES).await;
    for (attempt, secs) in (1..).zip([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]) {
        assert_eq!(app.deliver().await, 1, "attempt {attempt}");
        let after = delivery(app, &endpoint).await;
        let facts = json!([after["status"], after["attempts"], after["answer_status"], after["answer"]]);
        assert_eq!(facts, json!(["pending", attempt, 500, "out of order"]));
        let waits = waits(app, &after);
        assert!((secs..=secs + secs / 5).contains(&waits), "attempt {attempt} waits {waits} s");
        assert_eq!(app.deliver().await, 0, "not before its time");
        app.clock.advance_ms(instant(&after["next_at"]).millis_since(app.now()));
    }
    assert_eq!(app.deliver().await, 1);
    let given_up = delivery(app, &endpoint).await;
    assert_eq!((&given_up["status"], &given_up["next_at"]), (&json!("failed"), &json!(null)));
    app.pass_secs(10 * 86_400);
    assert_eq!(app.deliver().await, 0);

    let all = world.receiver.received().await;
    assert_eq!(all.len(), 8);
    assert!(
        all.iter().all(|it| it.id == text(&given_up["id"]) && it.raw == all[0].raw),
        "the same each time"
    );
    assert!(all.iter().all(|it| it.is_signed_with(&endpoint["secret"])));
    assert!(all[7].timestamp > all[0].timestamp + 86_400, "but signed anew each time");
    assert_eq!(app.endpoint_now(&endpoint).await["enabled"], true);
}

async fn what_is_taken_at_last_is_well(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    world.receiver.answers_once(ResponseTemplate::new(502));
    app.create(COMPLETES).await;
    app.deliver().await;
    assert_eq!(app.endpoint_now(&endpoint).await["failing_since"], app.now().to_rfc3339());
    app.pass_secs(7);
    app.deliver().await;
    let taken = delivery(app, &endpoint).await;
    assert_eq!((&taken["status"], &taken["attempts"]), (&json!("delivered"), &json!(2)));
    assert_eq!(taken["delivered_at"], app.now().to_rfc3339());
    assert_eq!(app.endpoint_now(&endpoint).await["failing_since"], json!(null));
}

async fn gone_disables_at_once(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    world.receiver.answers(ResponseTemplate::new(410));
    app.create(COMPLETES).await;
    app.deliver().await;
    let gone = app.endpoint_now(&endpoint).await;
    assert_eq!(json!([gone["enabled"], gone["disabled_reason"]]), json!([false, "gone"]));
    assert_eq!(delivery(app, &endpoint).await["status"], "failed");
    app.create(COMPLETES).await;
    assert_eq!(app.deliveries(&endpoint).await.len(), 1, "it is told nothing more");
}

async fn retry_after_is_waited_for_but_not_for_ever(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let later = |status, secs: &str| ResponseTemplate::new(status).insert_header("retry-after", secs);
    app.create(COMPLETES).await;
    for (answer, least, most) in [
        (later(429, "120"), 120, 144),
        (later(503, "999999999"), 86_400, 103_680),
        (later(500, "999999"), 1_800, 2_160),
        (
            later(503, "Sat, 21 Nov 2026 12:00:00 GMT")
                .insert_header("date", "Sat, 21 Nov 2026 09:00:00 GMT"),
            10_800,
            12_960,
        ),
        (later(503, "soon"), 18_000, 21_600),
    ] {
        world.receiver.answers_once(answer);
        assert_eq!(app.deliver().await, 1);
        let after = delivery(app, &endpoint).await;
        let waits = waits(app, &after);
        assert!((least..=most).contains(&waits), "{waits} is not between {least} and {most}");
        app.clock.advance_ms(instant(&after["next_at"]).millis_since(app.now()));
    }
}

async fn a_redirect_is_not_followed(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let elsewhere = world.receiver.url("/elsewhere");
    world.receiver.answers(ResponseTemplate::new(307).insert_header("location", elsewhere.as_str()));
    app.create(COMPLETES).await;
    app.deliver().await;
    let refused = delivery(app, &endpoint).await;
    assert_eq!((&refused["status"], &refused["answer_status"]), (&json!("pending"), &json!(307)));
    let all = world.receiver.received().await;
    assert_eq!(all.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/hooks"]);
}

/// Whoever gives endpoints only so long to answer.
fn hasty(app: &App, millis: u64) -> AppState {
    let timeout = Duration::from_millis(millis);
    let hooks = Sender::with(Arc::new(System), timeout, true).expect("a client");
    AppState { hooks, ..app.state().clone() }
}

async fn an_answer_without_end_is_cut(world: Told) {
    let app = &world.app;
    let (url, speaking) = speaker(Speaks::OnAndOn(b"HTTP/1.1 200 OK\r\n\r\nso it goes\x00")).await;
    let endpoint = app.endpoint(&url, &["call.created"]).await;
    app.create(COMPLETES).await;
    assert_eq!(app.deliver().await, 1);
    let taken = delivery(app, &endpoint).await;
    assert_eq!(taken["status"], "delivered", "its status was clear");
    let answer = text(&taken["answer"]);
    assert!(answer.starts_with("so it goes ") && answer.len() <= 4_096, "{} bytes", answer.len());
    speaking.abort();
}

async fn silence_is_cut_short(world: Told) {
    let app = &world.app;
    let (url, speaking) = speaker(Speaks::Nothing).await;
    let endpoint = app.endpoint(&url, &["call.created"]).await;
    app.create(COMPLETES).await;
    assert_eq!(deliver::run_once(&hasty(app, 50), app.now()).await, Ok(1));
    let cut = delivery(app, &endpoint).await;
    assert_eq!(json!([cut["status"], cut["answer_status"]]), json!(["pending", null]));
    assert_eq!(cut["error"], "The endpoint did not answer in time.");
    speaking.abort();
}

async fn nobody_there_is_told_in_words(world: Told) {
    let endpoint = world.app.endpoint("http://127.0.0.1:1/hooks", &["call.created"]).await;
    world.app.create(COMPLETES).await;
    world.app.deliver().await;
    let lost = delivery(&world.app, &endpoint).await;
    assert!(text(&lost["error"]).starts_with("The endpoint could not be reached"), "{lost}");
    assert_eq!(world.app.endpoint_now(&endpoint).await["enabled"], true);
}

/// A call every day, and all that is due of it.
async fn a_day(world: &Told) {
    world.app.create(COMPLETES).await;
    world.app.deliver_all().await;
    world.app.pass_secs(86_400);
    world.app.deliver_all().await;
}

async fn an_endpoint_that_takes_nothing_for_five_days_is_disabled(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    world.receiver.answers(ResponseTemplate::new(500));
    for _ in 0..4 {
        a_day(&world).await;
    }
    assert_eq!(world.app.endpoint_now(&endpoint).await["enabled"], true, "four days are not five");
    a_day(&world).await;
    let disabled = world.app.endpoint_now(&endpoint).await;
    assert_eq!(json!([disabled["enabled"], disabled["disabled_reason"]]), json!([false, "failing"]));

    // What waited is kept, and goes out when somebody has mended it.
    world.receiver.answers(ResponseTemplate::new(200));
    assert_eq!(world.app.deliver_all().await, 0);
    let path = format!("/api/webhook-endpoints/{}", text(&endpoint["id"]));
    let enable = world.app.request(reqwest::Method::PATCH, &path).json(&json!({"enabled": true}));
    assert_eq!(enable.send().await.expect("an answer").status(), 200);
    assert!(world.app.deliver_all().await > 0);
    let mended = world.app.endpoint_now(&endpoint).await;
    let facts = json!([mended["enabled"], mended["disabled_reason"], mended["failing_since"]]);
    assert_eq!(facts, json!([true, null, null]));
}

async fn five_days_with_one_success_among_them_disable_nothing(world: Told) {
    let endpoint = world.endpoint(&["call.created"]).await;
    world.receiver.answers(ResponseTemplate::new(500));
    for day in 0..8 {
        if day == 3 {
            world.receiver.answers_once(ResponseTemplate::new(200));
        }
        a_day(&world).await;
    }
    assert_eq!(world.app.endpoint_now(&endpoint).await["enabled"], true);
}
