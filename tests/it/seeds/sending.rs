//! The simulator's older door: it takes a call, and calls back signed as that door's callers know it.

use super::{Open, SECRET, verbatim};
use crate::support::{
    app::{App, read, text},
    both_databases,
};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use switchboard::server::signing::hub;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

both_databases!(
    a_call_is_sent_and_called_back,
    the_door_wants_its_token_and_its_secret,
    callbacks_go_only_where_they_may,
    what_is_no_call_is_refused,
    the_call_api_dials_for_a_neighbour,
);

/// Sends it with the provider's token.
async fn send(app: &App, body: &str) -> (StatusCode, Value) {
    let simulator = app.running.state.db.clone();
    let token =
        switchboard::server::db::settings::get_or_create(&simulator, "provider_token", String::new(), 0);
    let token = secrecy::SecretString::from(token.await.expect("the token"));
    let request = verbatim(app, &format!("POST /provider/send\n{body}")).bearer_auth(token.expose_secret());
    let answer = request.send().await.expect("an answer");
    assert!(answer.headers().contains_key("deprecation"));
    read(answer).await
}

fn body(call_id: Value, number: &str, callback_url: &str) -> String {
    json!({"call_id": call_id, "phone_number": number, "workflow": "Support", "callback_url": callback_url})
        .to_string()
}

async fn a_call_is_sent_and_called_back(app: App) {
    let theirs = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&theirs).await;
    let App { running, .. } = &app;
    assert!(running.simulator.is_some());
    let app = app
        .after_a_crash(&["--seed-webhook-secret", SECRET, "--simulator-callback-allow", &theirs.uri()])
        .await;

    for (call_id, number) in [(json!(7), "+14155550101"), (json!("eight"), "+1 (415) 555-0102")] {
        let (status, taken) =
            send(&app, &body(call_id, number, &format!("{}/api/webhook/", theirs.uri()))).await;
        assert_eq!((status, &taken["status"]), (StatusCode::OK, &json!("queued")), "{taken}");
        assert!(text(&taken["id"]).starts_with("sim_"));
    }
    for _ in 0..12 {
        app.report().await;
        app.pass_secs(1);
    }

    let mut told = Vec::new();
    for request in theirs.received_requests().await.expect("recorded") {
        let signature = hub::sign(&SECRET.into(), &request.body);
        assert_eq!(request.headers["x-hub-signature-256"], signature.as_str());
        assert!(request.headers.contains_key("webhook-signature"));
        let said: Value = serde_json::from_slice(&request.body).expect("JSON");
        told.push((said["call_id"].to_string(), text(&said["status"])));
        assert_eq!(
            (request.url.path(), said.as_object().map(serde_json::Map::len)),
            ("/api/webhook/", Some(2))
        );
    }
    told.sort();
    let word = |id: &str, status: &str| (id.to_owned(), status.to_owned());
    assert_eq!(
        told,
        [
            word("\"eight\"", "failed"),
            word("\"eight\"", "initiated"),
            word("7", "completed"),
            word("7", "initiated")
        ]
    );
}

async fn the_door_wants_its_token_and_its_secret(app: App) {
    let body = body(json!(7), "+14155550101", &format!("{}/api/webhook/", app.base));
    let request = verbatim(&app, &format!("POST /provider/send\n{body}"));
    assert_eq!(read(request.send().await.expect("an answer")).await.0, StatusCode::UNAUTHORIZED);
    let (status, problem) = send(&app, &body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_enabled")));
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 0);
}

async fn callbacks_go_only_where_they_may(Open(app): Open) {
    for elsewhere in
        ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/api/webhook/", "file:///etc/passwd"]
    {
        let (status, problem) = send(&app, &body(json!(7), "+14155550101", elsewhere)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{elsewhere}");
        assert_eq!(problem["code"], "callback_url_not_allowed");
    }
    let (status, _) =
        send(&app, &body(json!(7), "+14155550101", &format!("{}/api/webhook/", app.base))).await;
    assert_eq!(status, StatusCode::OK);
}

async fn what_is_no_call_is_refused(Open(app): Open) {
    let ours = format!("{}/api/webhook/", app.base);
    for (body, code) in [
        ("{}".to_owned(), "invalid_body"),
        ("[".to_owned(), "invalid_body"),
        (body(json!({}), "+14155550101", &ours), "invalid_call_id"),
        (body(json!("a\0b"), "+14155550101", &ours), "invalid_call_id"),
        (body(json!("x".repeat(200)), "+14155550101", &ours), "invalid_call_id"),
        (body(json!(7), "12", &ours), "invalid_number"),
        (body(json!(7), "+14155550106", &ours), "provider_refused"),
        (body(json!(7), "+14155550101", "hook"), "invalid_callback_url"),
    ] {
        let (status, problem) = send(&app, &body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)), "{body}");
    }
    assert_eq!(app.count("SELECT count(*) FROM sim_calls").await, 0);
}

async fn the_call_api_dials_for_a_neighbour(app: App) {
    let (status, answer) = super::send(&app, "POST /api/call\n{\"phone_number\": \"+14155550101\"}").await;
    assert_eq!((status, &answer["success"]), (StatusCode::CREATED, &json!(true)));
    let call = &answer["call"];
    let names = ["id", "phone_number", "status", "created_at", "updated_at", "duration"];
    assert!(names.iter().all(|name| call.get(name).is_some()), "{call}");
    for (secs, status) in [(0, "initiated"), (2, "ringing"), (3, "connected"), (5, "completed")] {
        app.pass_secs(secs);
        let (_, now) = super::send(&app, &format!("GET /api/call/{}", text(&call["id"]))).await;
        assert_eq!(now["call"]["status"], status);
    }
}
