//! Reports of a call instead of an attempt: believed when they are signed, and counted once.

use super::{Open, SECRET, send, send_deprecated, verbatim};
use crate::support::{
    app::{App, read},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use switchboard::server::signing::hub;

both_databases!(
    a_signed_report_moves_the_call,
    the_same_report_counts_once,
    what_is_not_signed_so_is_refused,
    the_door_is_shut_without_its_secret,
    a_report_in_camel_case_must_be_signed_as_ours,
    send_call_tells_of_the_attempt_and_never_dials_again,
);

/// `POST /api/webhook/` with this text, signed with `secret`.
async fn report(app: &App, secret: &str, body: &str) -> (StatusCode, Value) {
    let request = verbatim(app, &format!("POST /api/webhook/\n{body}"));
    let signed = request.header("X-Hub-Signature-256", hub::sign(&secret.into(), body.as_bytes()));
    let answer = signed.send().await.expect("an answer");
    assert!(answer.headers().contains_key("deprecation"));
    read(answer).await
}

fn body(call: &Value, status: &str) -> String {
    format!("{{\"call_id\": {}, \"status\": \"{status}\"}}", call["id"])
}

async fn a_signed_report_moves_the_call(Open(app): Open) {
    let call = app.create("+14155550101").await;
    let (status, problem) = report(&app, SECRET, &body(&call, "completed")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_placed_yet")));

    app.dispatch().await;
    let (status, answer) = report(&app, SECRET, &body(&call, "in-progress")).await;
    let updated = |word: &str| json!({"status": "updated", "call_id": call["id"], "new_status": word});
    assert_eq!((status, answer), (StatusCode::OK, updated("initiated")));
    assert_eq!(app.call(&call["id"]).await["status"], "in_progress");
    let (status, answer) = report(&app, SECRET, &body(&call, "completed")).await;
    assert_eq!((status, answer), (StatusCode::OK, updated("completed")));
    let ended = app.call(&call["id"]).await;

    let (status, answer) = report(&app, SECRET, &body(&call, "failed")).await;
    assert_eq!((status, answer), (StatusCode::OK, updated("completed")), "the first ending wins");
    assert_eq!(app.call(&call["id"]).await["attempts"][0]["status"], ended["attempts"][0]["status"]);
    assert_eq!(app.newest_event(&call["id"]).await["verdict"], "already_ended");
}

async fn the_same_report_counts_once(Open(app): Open) {
    let call = app.create("+14155550102").await;
    app.dispatch().await;
    report(&app, SECRET, &body(&call, "busy")).await;
    let before = app.call(&call["id"]).await;
    app.command(&call["id"], "retry").await;
    app.dispatch().await;
    let again = app.call(&call["id"]).await;
    assert_eq!(again["attempts"].as_array().map(Vec::len), Some(2));

    let (status, answer) = report(&app, SECRET, &body(&call, "busy")).await;
    assert_eq!((status, &answer["new_status"]), (StatusCode::OK, &json!("initiated")));
    assert_eq!(app.call(&call["id"]).await, again, "what was sent for the first attempt ends no later one");
    assert_eq!(before["status"], "busy");
}

async fn what_is_not_signed_so_is_refused(Open(app): Open) {
    let call = app.create("+14155550101").await;
    app.dispatch().await;
    let body = body(&call, "completed");
    let (status, problem) = send_deprecated(&app, &format!("POST /api/webhook/\n{body}")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unsigned")));
    assert!(problem["detail"].is_string() && problem["error"].is_string());
    let (status, problem) = report(&app, "another secret altogether", &body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("bad_signature")));
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");

    let nobody = r#"{"call_id": "00000000-0000-7000-8000-000000000099", "status": "completed"}"#;
    assert_eq!(report(&app, SECRET, nobody).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        report(&app, SECRET, r#"{"call_id": 7, "status": "completed"}"#).await.0,
        StatusCode::NOT_FOUND
    );
    let (status, _) = report(&app, SECRET, &body.replace("completed", "pending")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(report(&app, SECRET, "{").await.0, StatusCode::BAD_REQUEST);
}

async fn the_door_is_shut_without_its_secret(app: App) {
    let call = app.create("+14155550101").await;
    app.dispatch().await;
    let (status, problem) = report(&app, "", &body(&call, "completed")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_enabled")));
    assert_eq!(app.call(&call["id"]).await["status"], "initiated");
}

async fn a_report_in_camel_case_must_be_signed_as_ours(app: App) {
    let call = app.create("+14155550101").await;
    app.dispatch().await;
    let (_, told) =
        send(&app, &format!("POST /api/provider/send-call\n{{\"callId\": {}}}", call["id"])).await;
    let body = json!({"callId": call["id"], "providerId": told["providerId"], "status": "COMPLETED"});
    let (status, problem) = send(&app, &format!("POST /api/webhooks/provider-status\n{body}")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unsigned")));

    assert_eq!(app.hear("w0", &json!({"callId": call["id"], "status": "PENDING"})).await, 422);
    let another = json!({"callId": call["id"], "providerId": "another", "status": "FAILED"});
    assert_eq!(app.hear("w1", &another).await, StatusCode::NO_CONTENT);
    assert_eq!(app.newest_event(&call["id"]).await["verdict"], "invalid");
    let text = body.to_string();
    let answer = app.callback(&app.state().secrets, "w2", text.as_bytes()).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(answer.headers().contains_key("deprecation"));
    assert_eq!(app.call(&call["id"]).await["status"], "completed");
    let late = json!({"callId": call["id"], "status": "FAILED"});
    assert_eq!(app.hear("w3", &late).await, StatusCode::NO_CONTENT);
    assert_eq!(app.call(&call["id"]).await["status"], "completed");
}

async fn send_call_tells_of_the_attempt_and_never_dials_again(app: App) {
    let call = app.create_with("+14155550101", json!({"delay_secs": 60})).await;
    let request = format!("POST /api/provider/send-call\n{{\"callId\": {}}}", call["id"]);
    let (status, told) = send_deprecated(&app, &request).await;
    assert_eq!((status, told), (StatusCode::OK, json!({"providerId": null, "scheduledInMs": 60_000})));

    app.pass_secs(60);
    app.dispatch().await;
    let placed = app.call(&call["id"]).await;
    for _ in 0..3 {
        let (status, told) = send_deprecated(&app, &request).await;
        let expected = json!({"providerId": placed["attempts"][0]["provider_call_id"], "scheduledInMs": 0});
        assert_eq!((status, told), (StatusCode::OK, expected));
    }
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 1);
    app.live(12).await;
    let (status, problem) = send_deprecated(&app, &request).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_ended")));
    let nobody = "POST /api/provider/send-call\n{\"callId\": \"cm0abc\"}";
    assert_eq!(send_deprecated(&app, nobody).await.0, StatusCode::NOT_FOUND);
}
