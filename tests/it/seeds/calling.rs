//! The paths that three of them share are the API's own.

use super::send;
use crate::support::{Backend, OnDatabase, app::App, both_databases};
use reqwest::{Method, StatusCode};
use serde_json::json;

both_databases!(
    the_first_creates_with_a_token_and_a_trailing_slash,
    the_first_lists_with_a_trailing_slash,
    the_second_creates_in_camel_case,
    the_second_lists_and_patches,
    nobody_deletes_everything,
    the_third_reads_and_deletes_what_is_pending,
);

const TOKEN: &str = "a-token-of-24-characters";

struct WithToken(App);

impl OnDatabase for WithToken {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--api-token", TOKEN]).await)
    }
}

async fn the_first_creates_with_a_token_and_a_trailing_slash(WithToken(app): WithToken) {
    for workflow in ["Support", "Sales", "Reminder"] {
        let body = json!({"customer_name": "Ada", "phone_number": "+14155550101", "workflow": workflow});
        let request = app.request(Method::POST, "/api/calls/").json(&body);
        let refused = request.try_clone().expect("a copy").send().await.expect("an answer");
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let (status, call) =
            crate::support::app::read(request.bearer_auth(TOKEN).send().await.expect("an answer")).await;
        assert_eq!((status, &call["status"]), (StatusCode::CREATED, &json!("pending")));
        assert_eq!(call["workflow"], workflow.to_lowercase());
    }
}

async fn the_first_lists_with_a_trailing_slash(app: App) {
    let call = app.create("+14155550101").await;
    let (status, page) = send(&app, "GET /api/calls/").await;
    assert_eq!((status, &page["calls"][0]["id"]), (StatusCode::OK, &call["id"]));
    assert_eq!(page["calls"].as_array().map(Vec::len), Some(1));
}

async fn the_second_creates_in_camel_case(app: App) {
    let request = r#"POST /api/calls
        {
          "customerName": "Sheersh",
          "phoneNumber": "+91 98765 43210",
          "workflow": "SUPPORT"
        }"#;
    let (status, call) = send(&app, request).await;
    assert_eq!(status, StatusCode::CREATED, "{call}");
    assert_eq!((&call["customer_name"], &call["workflow"]), (&json!("Sheersh"), &json!("support")));
    assert_eq!(call["phone_number"], "+919876543210");

    let request = r#"POST /api/calls
        {"customerName": "Sheersh", "phoneNumber": "+91 98765 43210", "workflow": "REMINDER",
         "scheduledAt": "2026-11-21T10:00:00.000Z"}"#;
    let (status, call) = send(&app, request).await;
    assert_eq!((status, &call["scheduled_at"]), (StatusCode::CREATED, &json!("2026-11-21T10:00:00.000Z")));
}

async fn the_second_lists_and_patches(app: App) {
    let call = app.create("+14155550101").await;
    let id = call["id"].as_str().expect("an id");
    let (status, page) = send(&app, "GET /api/calls").await;
    assert_eq!((status, &page["calls"][0]["id"]), (StatusCode::OK, &call["id"]));

    let (status, problem) =
        send(&app, &format!("PATCH /api/calls/{id}\n{{ \"status\": \"PENDING\" }}")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_an_end")));
    let (status, ended) = send(&app, &format!("PATCH /api/calls/{id}\n{{ \"status\": \"FAILED\" }}")).await;
    assert_eq!((status, &ended["status"]), (StatusCode::OK, &json!("failed")));
    let (status, _) = send(&app, &format!("PATCH /api/calls/{id}\n{{ \"status\": \"COMPLETED\" }}")).await;
    assert_eq!(status, StatusCode::CONFLICT, "an ended call stays as it ended");
    assert_eq!(app.call(&call["id"]).await["status"], "failed");
}

async fn nobody_deletes_everything(app: App) {
    let call = app.create("+14155550101").await;
    let answer = app.request(Method::DELETE, "/api/calls").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "GET,HEAD,POST");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(app.call(&call["id"]).await["status"], "pending");
}

async fn the_third_reads_and_deletes_what_is_pending(app: App) {
    app.dispatch().await;
    let (waits, goes) = (app.create("+14155550101").await, app.create("+14155550102").await);
    let id = waits["id"].as_str().expect("an id");
    assert_eq!(send(&app, "GET /api/calls").await.1["calls"].as_array().map(Vec::len), Some(2));
    assert_eq!(send(&app, &format!("GET /api/calls/{id}")).await.1["id"], waits["id"]);
    assert_eq!(send(&app, &format!("DELETE /api/calls/{id}")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(send(&app, &format!("GET /api/calls/{id}")).await.0, StatusCode::NOT_FOUND);

    app.dispatch().await;
    let id = goes["id"].as_str().expect("an id");
    let (status, problem) = send(&app, &format!("DELETE /api/calls/{id}")).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert_eq!(send(&app, "GET /health").await.0, StatusCode::OK);
}
