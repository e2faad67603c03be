//! Scheduling and calling now, in the envelopes of those who only know these two, and the two tables of another.

use super::send_deprecated;
use crate::support::{Backend, OnDatabase, app::App, both_databases, dispatcher::call_id_of};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    a_call_is_scheduled_in_the_zone_of_the_settings,
    a_time_with_its_offset_is_that_instant,
    what_can_not_be_scheduled_is_refused_in_their_words,
    a_call_goes_out_now,
    what_is_scheduled_is_listed_and_deleted,
    what_has_ended_is_history,
    lists_have_an_end,
);

/// Its people think in Berlin's time, one hour ahead of UTC in November.
struct Berlin(App);

impl OnDatabase for Berlin {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--default-time-zone", "Europe/Berlin"]).await)
    }
}

async fn a_call_is_scheduled_in_the_zone_of_the_settings(Berlin(app): Berlin) {
    let request = r#"POST /api/schedule
        {
          "phone_number": "+1234567890",
          "scheduled_time": "2026-11-22T15:30:00"
        }"#;
    let (status, answer) = send_deprecated(&app, request).await;
    assert_eq!((status, &answer["success"]), (StatusCode::CREATED, &json!(true)), "{answer}");
    let row = json!({
        "id": answer["call"]["id"], "phone_number": "+1234567890", "scheduled_time": "2026-11-22T14:30:00.000Z",
        "status": "pending", "call_api_id": null, "call_status": null, "error_message": null,
        "created_at": "2026-11-21T09:00:00.000Z", "updated_at": "2026-11-21T09:00:00.000Z",
    });
    assert_eq!(answer["call"], row);
    let call = app.call(&answer["call"]["id"]).await;
    assert_eq!((&call["customer_name"], &call["workflow"]), (&json!("+1234567890"), &json!("reminder")));
    assert_eq!(call["scheduled_at"], "2026-11-22T14:30:00.000Z");

    // As a datetime-local field has it.
    let request =
        "POST /api/schedule\n{\"phone_number\": \"+1234567890\", \"scheduled_time\": \"2026-11-22T15:30\"}";
    let (_, answer) = send_deprecated(&app, request).await;
    assert_eq!(answer["call"]["scheduled_time"], "2026-11-22T14:30:00.000Z");
}

async fn a_time_with_its_offset_is_that_instant(Berlin(app): Berlin) {
    for time in ["2026-11-22T15:30:00Z", "2026-11-22T10:30:00-05:00", "2026-11-22T15:30:00.000Z"] {
        let request = format!(
            "POST /api/schedule\n{{\"phone_number\": \"+1234567890\", \"scheduled_time\": \"{time}\"}}"
        );
        let (_, answer) = send_deprecated(&app, &request).await;
        assert_eq!(answer["call"]["scheduled_time"], "2026-11-22T15:30:00.000Z");
    }
}

async fn what_can_not_be_scheduled_is_refused_in_their_words(app: App) {
    for (body, pointer, code) in [
        (json!({"phone_number": "+1234567890"}), "/scheduled_at", "required"),
        (
            json!({"phone_number": "+1234567890", "scheduled_time": "2025-11-01T15:30:00"}),
            "/scheduled_time",
            "in_the_past",
        ),
        (json!({"phone_number": "+1234567890", "scheduled_time": "soon"}), "/scheduled_time", "malformed"),
        (json!({"scheduled_time": "2026-11-22T15:30:00"}), "/phone_number", "required"),
        (
            json!({"phone_number": "12", "scheduled_time": "2026-11-22T15:30:00"}),
            "/phone_number",
            "no_country",
        ),
    ] {
        let (status, problem) = send_deprecated(&app, &format!("POST /api/schedule\n{body}")).await;
        assert_eq!(
            (status, &problem["success"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(false)),
            "{body}"
        );
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
        assert!(problem["error"].is_string() && problem["request_id"].is_string(), "{problem}");
    }
    let (status, problem) = send_deprecated(&app, "POST /api/call-now\n{\"phone_number\"").await;
    assert_eq!((status, &problem["success"]), (StatusCode::BAD_REQUEST, &json!(false)));
    assert_eq!(app.get("/api/calls").await.1["calls"], json!([]));
    assert_eq!(app.request(Method::GET, "/api/schedule").send().await.expect("an answer").status(), 405);
}

async fn a_call_goes_out_now(app: App) {
    let request = r#"POST /api/call-now
        {
          "phone_number": "+1234567890"
        }"#;
    let (status, answer) = send_deprecated(&app, request).await;
    assert_eq!((status, &answer["success"]), (StatusCode::CREATED, &json!(true)));
    assert_eq!(answer["call"]["scheduled_time"], "2026-11-21T09:00:00.000Z");
    assert_eq!(app.dispatch().await, 1);
    assert_eq!(app.call(&answer["call"]["id"]).await["status"], "initiated");
}

async fn what_is_scheduled_is_listed_and_deleted(app: App) {
    let request = r#"POST /api/scheduled-calls
        {"phone_number": "+1234567890", "scheduled_time": "2026-11-22T15:30:00"}"#;
    let (status, row) = send_deprecated(&app, request).await;
    assert_eq!((status, &row["status"]), (StatusCode::CREATED, &json!("pending")), "{row}");
    let ended = app.create("+14155550101").await;
    app.command(&ended["id"], "cancel").await;

    let (status, rows) = send_deprecated(&app, "GET /api/scheduled-calls").await;
    assert_eq!((status, &rows), (StatusCode::OK, &json!([row])));
    let one = format!("DELETE /api/scheduled-calls/{}", call_id_of(&row));
    let (status, answer) = send_deprecated(&app, &one).await;
    assert_eq!((status, &answer["message"]), (StatusCode::OK, &json!("The scheduled call was deleted.")));
    assert_eq!(send_deprecated(&app, "GET /api/scheduled-calls").await.1, json!([]));
    let (status, problem) = send_deprecated(&app, &one).await;
    assert_eq!((status, &problem["error"]), (StatusCode::NOT_FOUND, &json!("There is no such call.")));
    let history = format!("DELETE /api/scheduled-calls/{}", call_id_of(&ended));
    assert_eq!(send_deprecated(&app, &history).await.0, StatusCode::CONFLICT, "history stays");
}

async fn what_has_ended_is_history(app: App) {
    let (good, busy) = (app.create("+14155550101").await, app.create("+14155550102").await);
    app.create_with("+14155550101", json!({"delay_secs": 3_600})).await;
    app.live(12).await;
    let (status, rows) = send_deprecated(&app, "GET /api/call-history").await;
    let rows = rows.as_array().expect("a list");
    assert_eq!((status, rows.len()), (StatusCode::OK, 2));
    let of = |call: &Value| rows.iter().find(|row| row["id"] == call["id"]).expect("its row").clone();
    let (good, busy) = (of(&good), of(&busy));
    assert_eq!((&good["status"], &good["call_status"]), (&json!("completed"), &json!("completed")));
    assert!(good["call_api_id"].as_str().is_some_and(|id| id.starts_with("sim_")), "{good}");
    assert_eq!((&good["error_message"], &busy["error_message"]), (&Value::Null, &json!("the line was busy")));
    assert_eq!((&busy["status"], &busy["call_status"]), (&json!("failed"), &json!("busy")));
}

async fn lists_have_an_end(app: App) {
    for delay in 1..=3 {
        app.create_with("+14155550101", json!({"delay_secs": delay * 60})).await;
    }
    let (mut path, mut seen) = ("/api/scheduled-calls?limit=2".to_owned(), Vec::new());
    for expected in [2, 1] {
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        let mut links = answer.headers().get_all("link").iter().filter_map(|link| link.to_str().ok());
        let next = links.find_map(|link| link.strip_suffix(">; rel=\"next\""));
        path = next.unwrap_or_default().trim_start_matches('<').to_owned();
        let rows: Vec<Value> =
            serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("a list");
        assert_eq!(rows.len(), expected);
        seen.extend(rows.into_iter().map(|row| row["scheduled_time"].clone()));
    }
    assert!(path.is_empty(), "{path}");
    assert_eq!(seen, ["2026-11-21T09:01:00.000Z", "2026-11-21T09:02:00.000Z", "2026-11-21T09:03:00.000Z"]);
}
