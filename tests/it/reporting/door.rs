//! Who is believed at the door, and what is refused there.

use super::{report_of, verdicts};
use crate::support::{Backend, OnDatabase, app::read, both_databases, company::World};
use reqwest::StatusCode;
use serde_json::json;
use switchboard::server::signing::Secrets;

both_databases!(
    a_signed_report_is_taken_and_moves_the_call,
    a_repeat_is_answered_alike_and_only_counted,
    what_is_not_signed_is_not_believed,
    a_signature_that_does_not_fit_is_not_believed,
    what_was_signed_more_than_five_minutes_ago_is_not_believed,
    any_of_several_secrets_is_believed,
    the_attempt_in_the_address_must_be_the_one_in_the_body,
    what_is_no_report_is_refused,
    a_report_is_taken_without_naming_the_attempt,
);

const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const NEW: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const STRANGE: &str = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";

/// One secret is being replaced by another.
struct TwoSecrets(World);

impl OnDatabase for TwoSecrets {
    async fn on(backend: Backend) -> Self {
        Self(World::with(backend, &["--webhook-secret", &format!("{NEW} {OLD}")]).await)
    }
}

async fn a_signed_report_is_taken_and_moves_the_call(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await;
    assert_eq!(world.app.hear("w1", &ringing).await, StatusCode::NO_CONTENT);
    let now = world.app.call(&call["id"]).await;
    assert_eq!((&now["status"], &now["phase"]), (&json!("ringing"), &json!("active")));
    let event = world.app.newest_event(&call["id"]).await;
    assert_eq!((&event["kind"], &event["verdict"]), (&json!("report"), &json!("applied")));
    assert_eq!((&event["actor"], &event["payload"]), (&json!("provider"), &ringing));
}

async fn a_repeat_is_answered_alike_and_only_counted(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await;
    world.app.hear("w1", &ringing).await;
    let before = world.app.call(&call["id"]).await;
    let events = world.app.events(&call["id"]).await;

    world.app.pass_secs(30);
    for _ in 0..3 {
        assert_eq!(world.app.hear("w1", &ringing).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.app.call(&call["id"]).await, before, "also its version");
    let mut expected = events;
    expected.last_mut().expect("the report")["repeats"] = json!(3);
    assert_eq!(world.app.events(&call["id"]).await, expected);
}

async fn what_is_not_signed_is_not_believed(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await.to_string();
    for missing in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let callback = world.app.callback(&world.app.state().secrets, "w1", ringing.as_bytes());
        let mut request = callback.build().expect("a request");
        request.headers_mut().remove(missing);
        let (status, problem) = read(world.app.http.execute(request).await.expect("an answer")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unsigned")), "{missing}");
    }
    assert_eq!(world.app.call(&call["id"]).await, call);
}

async fn a_signature_that_does_not_fit_is_not_believed(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await.to_string();
    let strange = Secrets::parse(STRANGE).expect("a secret");
    let by_a_stranger = world.app.callback(&strange, "w1", ringing.as_bytes());
    let ended = ringing.replace("ringing", "completed");
    let changed_on_the_way =
        world.app.callback(&world.app.state().secrets, "w1", ringing.as_bytes()).body(ended);
    for callback in [by_a_stranger, changed_on_the_way] {
        let (status, problem) = read(callback.send().await.expect("an answer")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("bad_signature")));
    }
    assert_eq!(world.app.call(&call["id"]).await, call);
}

async fn what_was_signed_more_than_five_minutes_ago_is_not_believed(world: World) {
    let call = world.placed().await;
    let ringing = report_of(&world, &call, "ringing").await.to_string();
    let secrets = world.app.state().secrets.clone();
    let signed_now = |id: &str| world.app.callback(&secrets, id, ringing.as_bytes());
    let (in_time, too_late) = (signed_now("w1"), signed_now("w2"));

    world.app.pass_secs(300);
    assert_eq!(in_time.send().await.expect("an answer").status(), StatusCode::NO_CONTENT);
    world.app.pass_secs(1);
    let (status, problem) = read(too_late.send().await.expect("an answer")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(problem["detail"], "The message was signed more than five minutes ago.");
    assert_eq!(verdicts(&world, &call).await, ["applied"]);
}

async fn any_of_several_secrets_is_believed(TwoSecrets(world): TwoSecrets) {
    let call = world.placed().await;
    for (secret, status) in [(OLD, "ringing"), (NEW, "in_progress")] {
        let report = report_of(&world, &call, status).await.to_string();
        let callback =
            world.app.callback(&Secrets::parse(secret).expect("a secret"), status, report.as_bytes());
        assert_eq!(callback.send().await.expect("an answer").status(), StatusCode::NO_CONTENT);
    }
    let report = report_of(&world, &call, "completed").await.to_string();
    let strange = world.app.callback(&Secrets::parse(STRANGE).expect("a secret"), "w3", report.as_bytes());
    assert_eq!(strange.send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    assert_eq!(world.app.call(&call["id"]).await["status"], "in_progress");
}

async fn the_attempt_in_the_address_must_be_the_one_in_the_body(world: World) {
    let (call, other) = (world.placed().await, world.placed().await);
    let ringing = report_of(&world, &call, "ringing").await;
    let addressed = async |attempt: &str, webhook_id: &str| {
        let signed =
            world.app.callback(&world.app.state().secrets, webhook_id, ringing.to_string().as_bytes());
        let mut request = signed.build().expect("a request");
        request.url_mut().set_path(&format!("/api/webhooks/provider-status/{attempt}"));
        read(world.app.http.execute(request).await.expect("an answer")).await
    };
    let other_attempt = world.app.attempt_id(&other["id"]).await;
    let (status, problem) = addressed(&other_attempt, "w1").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["code"], "mismatch");
    assert_eq!(addressed("no-attempt", "w2").await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.app.call(&other["id"]).await, other);

    let own_attempt = world.app.attempt_id(&call["id"]).await;
    assert_eq!(addressed(&own_attempt, "w3").await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing");
}

async fn what_is_no_report_is_refused(world: World) {
    let call = world.placed().await;
    let good = report_of(&world, &call, "ringing").await;
    let with = |name: &str, value: serde_json::Value| {
        let mut report = good.clone();
        report[name] = value;
        report.to_string()
    };
    let without = |name: &str| {
        let mut report = good.clone();
        report.as_object_mut().expect("an object").remove(name);
        report.to_string()
    };
    let cases = [
        (400, "not JSON".to_owned()),
        (400, String::new()),
        (400, good.to_string().replace('}', "")),
        (422, "[]".to_owned()),
        (422, "null".to_owned()),
        (422, without("provider_call_id")),
        (422, without("status")),
        (422, without("occurred_at")),
        (422, with("status", json!("sleeping"))),
        (422, with("status", json!("dispatching"))),
        (422, with("status", json!(7))),
        (422, with("attempt_id", json!("seven"))),
        (422, with("occurred_at", json!("yesterday"))),
        (422, with("sequence", json!("first"))),
        (422, with("duration_secs", json!(1_e20))),
        (422, with("provider_call_id", json!(""))),
        (422, with("provider_call_id", json!("x".repeat(201)))),
        (422, with("recording_url", json!("https://example.org/\u{0}"))),
        (413, with("recording_url", json!("x".repeat(70_000)))),
    ];
    for (index, (expected, body)) in cases.into_iter().enumerate() {
        let callback = world.app.callback(&world.app.state().secrets, &format!("w{index}"), body.as_bytes());
        let (status, _) = read(callback.send().await.expect("an answer")).await;
        assert_eq!(status.as_u16(), expected, "{body:.200}");
    }
    assert_eq!(world.app.call(&call["id"]).await, call);
}

async fn a_report_is_taken_without_naming_the_attempt(world: World) {
    let call = world.placed().await;
    let mut ringing = report_of(&world, &call, "ringing").await;
    ringing.as_object_mut().expect("an object").remove("attempt_id");
    assert_eq!(world.app.hear("w1", &ringing).await, StatusCode::NO_CONTENT);
    assert_eq!(world.app.call(&call["id"]).await["status"], "ringing");
}
