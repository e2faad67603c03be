//! Creating: what is asked for becomes a call, or is refused in words.

mod keys;
mod refusing;
mod timing;

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, read, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use switchboard::server::db::Written;
use tokio::task::JoinSet;

both_databases!(
    a_call_is_shown_as_it_was_asked_for,
    what_the_older_systems_send_is_understood,
    a_taken_external_id_names_the_call_that_has_it,
    what_is_odd_about_a_number_is_said,
    sixty_four_at_once_are_all_created,
    what_is_written_is_never_answered_with_nothing_was_changed,
);

async fn a_call_is_shown_as_it_was_asked_for(app: App) {
    let asked = json!({
        "customer_name": "  Ada Lovelace ", "phone_number": "+1 (415) 555-0101", "workflow": "support",
        "max_attempts": 3, "metadata": {"order": {"number": 7}}, "external_id": "A-1",
    });
    let answer = app.request(Method::POST, "/api/calls").json(&asked).send().await.expect("an answer");
    let header = |name: &str| answer.headers()[name].to_str().expect("a text").to_owned();
    let (location, etag, kind) = (header("location"), header("etag"), header("content-type"));
    let (status, mut call) = read(answer).await;

    assert_eq!(status, StatusCode::CREATED);
    let now = "2026-11-21T09:00:00.000Z";
    let id = text(&call["id"]);
    let expected = json!({
        "id": id, "customer_name": "Ada Lovelace", "phone_number": COMPLETES, "workflow": "support",
        "status": "pending", "phase": "pending", "scheduled_at": null, "due_at": now,
        "waiting": {"not_before": now, "missed_at": "2026-11-21T10:00:00.000Z", "reasons": []},
        "attempts_made": 0, "max_attempts": 3, "cancel_requested_at": null, "ended_at": null,
        "ended_reason": null, "warnings": [], "metadata": {"order": {"number": 7}}, "external_id": "A-1",
        "created_by": "anonymous", "created_at": now, "updated_at": now, "version": 1,
    });
    assert_eq!(call, expected);
    assert_eq!((etag.as_str(), kind.as_str()), ("\"1\"", "application/json"));
    assert_eq!(location, format!("/api/calls/{id}"));
    call["attempts"] = json!([]);
    let (status, shown) = app.get(&location).await;
    call["events_cursor"] = shown["events_cursor"].clone();
    assert_eq!((status, shown), (StatusCode::OK, call));
}

async fn what_the_older_systems_send_is_understood(app: App) {
    let at = "2026-12-01T10:00:00+01:00";
    let requests = [
        (
            "/api/calls/",
            json!({"customer_name": "Ada", "phone_number": "+1234567890", "workflow": "Support"}),
        ),
        (
            "/api/calls",
            json!({"customerName": "Ada", "phoneNumber": "+1234567890", "workflow": "SUPPORT", "scheduledAt": at}),
        ),
        (
            "/api/calls",
            json!({"customer_name": "Ada", "phone_number": "+1234567890", "workflow": "sUPPORT", "scheduled_time": at}),
        ),
        (
            "/api/calls/",
            json!({"customerName": "Ada", "phoneNumber": "+1234567890", "workflow": "support", "scheduledTime": at}),
        ),
    ];
    for (path, asked) in requests {
        let (status, call) = app.post(path, &asked).await;
        assert_eq!(status, StatusCode::CREATED, "{asked}: {call}");
        let seen = (&call["customer_name"], &call["phone_number"], &call["workflow"]);
        assert_eq!(seen, (&json!("Ada"), &json!("+1234567890"), &json!("support")));
        let wished = asked.as_object().expect("an object").values().any(|value| value == at);
        let expected = if wished { json!("2026-12-01T09:00:00.000Z") } else { Value::Null };
        assert_eq!(call["scheduled_at"], expected, "{asked}");
    }
}

async fn a_taken_external_id_names_the_call_that_has_it(app: App) {
    let first = app.create_with(COMPLETES, json!({"external_id": "A-1"})).await;
    let again = json!({"customer_name": "Bob", "phone_number": COMPLETES, "workflow": "sales", "external_id": " A-1 "});
    let (status, problem) = app.post("/api/calls", &again).await;

    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("external_id_taken")));
    assert!(text(&problem["detail"]).contains(&text(&first["id"])), "{problem}");
    assert_eq!(problem["call_id"], first["id"]);
    assert_eq!(app.get(&text(&problem["call_url"])).await.1["external_id"], "A-1");
    assert_eq!(app.ids("").await, [text(&first["id"])], "nothing else was made");
}

async fn what_is_odd_about_a_number_is_said(app: App) {
    for (number, odd) in [
        ("+16502530000", None),
        ("+15551234567", Some("number_not_valid")),
        ("+1234567890", Some("number_not_possible")),
    ] {
        let call = app.create(number).await;
        assert_eq!(call["warnings"][0]["code"].as_str(), odd, "{number}");
        assert_eq!(app.call(&call["id"]).await["warnings"], call["warnings"]);
    }
}

async fn sixty_four_at_once_are_all_created(app: App) {
    let mut asking = JoinSet::new();
    for nth in 0..64 {
        let body =
            json!({"customer_name": format!("Caller {nth}"), "phone_number": COMPLETES, "workflow": "sales"});
        asking.spawn(app.request(Method::POST, "/api/calls").json(&body).send());
    }
    let statuses: Vec<_> =
        asking.join_all().await.into_iter().map(|answer| answer.expect("an answer").status()).collect();
    assert!(statuses.iter().all(|status| *status == StatusCode::CREATED), "{statuses:?}");

    let (_, page) = app.get("/api/calls?include_total=true&limit=200").await;
    assert_eq!((&page["total"], page["calls"].as_array().map(Vec::len)), (&json!(64), Some(64)));
}

/// A number is national where a country says whose: the one that is sent, or else the installation's.
#[tokio::test]
async fn a_national_number_needs_a_country() {
    let app = App::on(Backend::Sqlite).await;
    let call = app.create_with("030 123456", json!({"country": "de"})).await;
    assert_eq!(call["phone_number"], "+4930123456");

    let german = App::with(Backend::Sqlite, &["--default-country", "DE"]).await;
    assert_eq!(german.create("(030) 12.34-56").await["phone_number"], "+4930123456");
    assert_eq!(
        german.create_with("6502530000", json!({"country": "US"})).await["phone_number"],
        "+16502530000"
    );
}

#[tokio::test]
async fn a_stricter_installation_refuses_numbers_that_can_not_exist() {
    let app = App::with(Backend::Sqlite, &["--number-check", "valid"]).await;
    let asked = json!({"customer_name": "Ada", "phone_number": "+15551234567", "workflow": "sales"});
    let (status, problem) = app.post("/api/calls", &asked).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["code"], "impossible");
    assert_eq!(app.create("+16502530000").await["warnings"], json!([]));
}

/// The database goes away between the commit and the answer: as far as the answer is concerned, by its second table.
async fn what_is_written_is_never_answered_with_nothing_was_changed(app: App) {
    let renamed = app.state().db.write(|tx| async move {
        tx.conn().execute_unprepared("ALTER TABLE dispatch_state RENAME TO elsewhere").await?;
        Ok(Written::new(()))
    });
    renamed.await.expect("it is renamed");
    let call = app.create(COMPLETES).await;
    let (status, edited) = app.patch(&call["id"], &json!({"customer_name": "Grace"})).await;

    assert_eq!(
        (status, &edited["customer_name"], &edited["version"]),
        (StatusCode::OK, &json!("Grace"), &json!(2))
    );
    assert_eq!((&call["status"], &call["waiting"]["reasons"]), (&json!("pending"), &json!([])));
}
