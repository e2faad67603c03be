//! A placing without a clear answer ends as unknown, for a person to decide: it is never sent twice.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, text},
    asking::{NobodyDials, SLOW},
    both_databases,
    call_api::{Elsewhere, Polled, live, speaks_call_api},
    company::World,
    dispatcher::claim_only,
};
use reqwest::Method;
use serde_json::{Value, json};
use switchboard::{
    domain::trace::Trace,
    server::{
        calls::placing,
        dispatcher::place,
        provider::{Placing, PlacingAnswer},
    },
};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

both_databases!(
    an_answer_that_comes_too_late_ends_it_as_unknown,
    a_phone_that_rings_too_late_ends_it_as_unknown,
    a_node_that_dies_in_the_middle_leaves_it_unknown,
    a_start_finds_what_the_last_process_left_unknown,
    a_person_decides_and_it_is_dialed_anew,
    a_late_answer_is_kept_and_asked_about_before_a_retry,
    a_late_answer_is_followed_to_its_true_end,
    what_is_forgotten_after_a_late_answer_stays_unknown,
    what_was_held_up_is_not_sent_any_more,
    whoever_took_the_wish_back_meanwhile_is_told_the_truth,
    a_call_ended_by_hand_meanwhile_stays_so,
    another_provider_is_not_asked_about_it,
    it_is_not_placed_again_with_another_provider,
    what_surely_never_went_out_goes_out_with_another_provider,
);

/// The service gets a second to answer.
struct Hurried(Polled);

impl OnDatabase for Hurried {
    async fn on(backend: Backend) -> Self {
        Self(Polled::with(backend, &["--provider-timeout-secs", "1"]).await)
    }
}

/// It ended as unknown, and somebody should have a look.
async fn is_unknown(app: &App, id: &Value) {
    let call = app.call(id).await;
    assert_eq!((&call["status"], &call["ended_reason"]), (&json!("failed"), &json!("unknown")));
    let attempt = &call["attempts"][0];
    assert_eq!(
        (&attempt["status"], &attempt["ended_reason"], &attempt["provider_call_id"]),
        (&json!("failed"), &json!("unknown"), &json!(null))
    );
    let event = app.newest_event(id).await;
    assert_eq!(event["kind"], "unknown");
    assert!(text(&event["payload"]["detail"]).contains("provider"), "{event}");
    assert_eq!(app.ids("needs_attention=true").await, [text(id)]);
}

async fn an_answer_that_comes_too_late_ends_it_as_unknown(Hurried(world): Hurried) {
    let call = world.placed("+14155550110").await;
    assert_eq!(call["status"], "dispatching");
    live(&world.app, 120).await;
    is_unknown(&world.app, &call["id"]).await;
    assert_eq!(world.app.timeline(&call["id"]).await, ["created", "claimed", "ambiguous", "unknown"]);
    assert_eq!(world.company.dials().await, 1, "it was dialed all the same");
}

async fn a_phone_that_rings_too_late_ends_it_as_unknown(Hurried(world): Hurried) {
    let call = world.placed("+14155550111").await;
    live(&world.app, 2).await;
    is_unknown(&world.app, &call["id"]).await;
    assert_eq!(world.company.dials().await, 1);
}

async fn a_node_that_dies_in_the_middle_leaves_it_unknown(world: Polled) {
    let call = world.app.create_with(COMPLETES, json!({"max_attempts": 5})).await;
    claim_only(world.app.state()).await;
    world.live(15).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "dispatching", "the lease holds");
    world.live(1).await;
    is_unknown(&world.app, &call["id"]).await;
    world.app.pass_secs(3_000);
    world.live(5).await;
    assert_eq!(world.company.dials().await, 0, "and nobody tries again by itself");
}

async fn a_start_finds_what_the_last_process_left_unknown(world: Polled) {
    let call = world.app.create(COMPLETES).await;
    claim_only(world.app.state()).await;
    let world = world.after_a_crash().await;
    world.live(16).await;
    is_unknown(&world.app, &call["id"]).await;
    assert_eq!(world.company.dials().await, 0);
}

async fn a_person_decides_and_it_is_dialed_anew(Hurried(world): Hurried) {
    let call = world.placed("+14155550110").await;
    assert_eq!(world.app.command(&call["id"], "retry").await.0, 409, "not while it is being found out");
    live(&world.app, 2).await;
    is_unknown(&world.app, &call["id"]).await;

    let (status, again) = world.app.command(&call["id"], "retry").await;
    assert_eq!((status.as_u16(), &again["status"]), (200, &json!("pending")));
    live(&world.app, 2).await;
    let again = world.app.call(&call["id"]).await;
    assert_eq!((&again["status"], &again["ended_reason"]), (&json!("failed"), &json!("unknown")));
    assert_eq!(again["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.company.dials().await, 2, "one for each attempt");
}

async fn a_late_answer_is_kept_and_asked_about_before_a_retry(world: Polled) {
    let (call, id) = answered_late(&world).await;
    let kept = world.app.call(&call["id"]).await;
    assert_eq!((&kept["status"], &kept["attempts"][0]["provider_call_id"]), (&json!("failed"), &json!(id)));
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!((&event["kind"], &event["verdict"]), (&json!("placed"), &json!("already_ended")));

    assert_eq!(world.app.command(&call["id"], "retry").await.0, 200);
    world.app.dispatch().await;
    assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"]);
    assert_eq!(world.company.dials().await, 1, "two phones must not ring at once");
    world.app.pass_secs(80);
    world.app.dispatch().await;
    assert_eq!(world.company.dials().await, 2);
    assert_eq!(
        world.app.call(&call["id"]).await["attempts"][0]["status"],
        "completed",
        "and its end is kept"
    );
}

async fn a_late_answer_is_followed_to_its_true_end(world: Polled) {
    let (call, _) = answered_late(&world).await;
    world.live(20).await;
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "unknown", "it still rings");
    world.live(60).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("answered")));
    assert_eq!(ended["attempts"][0]["status"], "completed");
    assert_eq!(
        world.app.timeline(&call["id"]).await,
        ["created", "claimed", "unknown", "placed", "reconciled"],
        "what is no news is not told"
    );
    assert_eq!(world.app.reconcile().await, 0);
}

async fn what_is_forgotten_after_a_late_answer_stays_unknown(world: Polled) {
    let (call, _) = answered_late(&world).await;
    world.company.forget().await;
    world.live(5).await;
    assert_eq!(world.app.call(&call["id"]).await["ended_reason"], "unknown");
    assert_eq!(world.app.newest_event(&call["id"]).await["kind"], "placed");
    world.app.pass_secs(600);
    assert_eq!(world.app.reconcile().await, 0, "nobody asks any more");
}

/// A node has dialed in time, stood still while the attempt ended as unknown, and hears the answer now. Answers the
/// call and the provider's id.
async fn answered_late(world: &Polled) -> (Value, String) {
    let call = world.app.create(SLOW).await;
    let state = world.app.state();
    let claimed = claim_only(state).await.pop().expect("a claim");
    let placing = Placing {
        trace: Trace::begin(1, 1),
        attempt_id: claimed.attempt.id,
        to: claimed.call.phone_number.clone(),
        customer_name: claimed.call.customer_name.clone(),
        workflow: claimed.call.workflow,
        place_by: claimed.attempt.place_by.expect("a time"),
    };
    let answer = state.provider.place(&placing).await;
    let PlacingAnswer::Accepted { provider_call_id: id } = answer else { panic!("{answer:?}") };
    world.live(16).await;
    is_unknown(&world.app, &call["id"]).await;

    let (now, answered) = (world.app.now(), id.clone());
    let work = async move |tx| placing::accepted(&tx, &claimed, &answered, now, 1).await;
    state.db.write(work).await.expect("it is written down");
    (call, id)
}

async fn what_was_held_up_is_not_sent_any_more(world: Polled) {
    let call = world.app.create(COMPLETES).await;
    let claimed = claim_only(world.app.state()).await.pop().expect("a claim");
    world.app.pass_secs(11);
    place::place(world.app.state(), claimed).await;
    assert_eq!(world.company.dials().await, 0);
    assert_eq!(world.app.reasons(&call["id"]).await, ["provider_not_now"]);
    world.live(18).await;
    assert_eq!(world.app.call(&call["id"]).await["status"], "completed");
    assert_eq!(world.company.dials().await, 1);
}

async fn whoever_took_the_wish_back_meanwhile_is_told_the_truth(Hurried(world): Hurried) {
    let call = world.placed("+14155550110").await;
    assert_eq!(world.app.command(&call["id"], "cancel").await.0, 202);
    live(&world.app, 2).await;
    is_unknown(&world.app, &call["id"]).await;
}

async fn a_call_ended_by_hand_meanwhile_stays_so(Hurried(world): Hurried) {
    let call = world.placed("+14155550110").await;
    let path = format!("/api/calls/{}", text(&call["id"]));
    let by_hand = world.app.request(Method::PATCH, &path).json(&json!({"status": "completed"}));
    assert_eq!(by_hand.send().await.expect("an answer").status(), 200);
    live(&world.app, 2).await;
    let ended = world.app.call(&call["id"]).await;
    assert_eq!((&ended["status"], &ended["ended_reason"]), (&json!("completed"), &json!("ended_by_hand")));
    assert_eq!(ended["attempts"][0]["ended_reason"], "unknown");
}

async fn another_provider_is_not_asked_about_it(world: World) {
    let call = world.placed().await;
    let left = world.app.create(COMPLETES).await;
    claim_only(world.app.state()).await;
    let url = world.company.url();
    let settings =
        ["--provider-kind", "call_api", "--provider-url", url.as_str(), "--lost-contact-secs", "300"];
    let app = world.app.after_a_crash(&settings).await;
    live(&app, 100).await;
    assert_eq!(app.call(&left["id"]).await["ended_reason"], "unknown");
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
    live(&app, 300).await;
    assert_eq!(app.call(&call["id"]).await["ended_reason"], "lost_contact");
    let path = format!("/provider/api/call/{}", text(&call["attempts"][0]["provider_call_id"]));
    assert_eq!(world.company.visits(&path).await, 0, "its calls may have the same ids");
}

async fn it_is_not_placed_again_with_another_provider(world: World) {
    world.company.answers_placings(ResponseTemplate::new(500));
    let url = world.company.url();
    let asked = ["--provider-kind", "call_api", "--provider-url", url.as_str(), "--number-check", "shape"];
    let app = world.app.after_a_crash(&asked).await;
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["status"], "dispatching");

    let app = app.after_a_crash(&["--provider-url", &url, "--number-check", "shape"]).await;
    live(&app, 120).await;
    assert_eq!(app.call(&call["id"]).await["ended_reason"], "unknown");
    assert!(world.company.placings().await.is_empty(), "\"unknown here\" would mean nothing");
}

async fn what_surely_never_went_out_goes_out_with_another_provider(NobodyDials(app): NobodyDials) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    assert_eq!(app.reasons(&call["id"]).await, ["provider_unreachable"]);

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let company = Elsewhere::open(Backend::Sqlite, listener, app.clock.clone()).await;
    let url = format!("http://{}", company.address);
    let app = app.after_a_crash(&speaks_call_api(&url)).await;
    live(&app, 20).await;
    let ended = app.call(&call["id"]).await;
    assert_eq!(
        (&ended["status"], &ended["attempts"][0]["provider"]),
        (&json!("completed"), &json!("call_api"))
    );
    assert_eq!(company.dials().await, 1);
}
