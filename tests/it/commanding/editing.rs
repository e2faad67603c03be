//! Editing: while a call waits, by those who know how it stands.

use crate::support::{
    app::{App, BUSY, COMPLETES, read, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    what_is_named_changes_and_nothing_else,
    no_time_means_now,
    metadata_is_merged,
    an_edit_that_changes_nothing_is_no_event,
    what_is_wrong_is_refused_as_at_creation,
    only_who_has_seen_the_newest_version_changes_it,
    a_time_that_nobody_touched_in_the_form_stays,
    a_note_is_kept_in_the_timeline,
);

/// Saves the edit page's form with another name, and these as its time.
async fn save(app: &App, call: &Value, name: &str, [when, wall_time, zone]: [&str; 3]) -> StatusCode {
    let (id, version) = (text(&call["id"]), call["version"].to_string());
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("id", &id).append_pair("version", &version);
    for (field, value) in [
        ("form_key", ""),
        ("customer_name", name),
        ("phone_number", &text(&call["phone_number"])),
        ("country", ""),
        ("workflow", "support"),
        ("when", when),
        ("wall_time", wall_time),
        ("time_zone", zone),
    ] {
        form.append_pair(&format!("form[{field}]"), value);
    }
    let request = app.request(Method::POST, "/fn/edit_call").body(form.finish());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.send().await.expect("an answer").status()
}

/// What the newest event says was changed.
async fn changed(app: &App, call: &Value) -> Vec<String> {
    let event = app.newest_event(&call["id"]).await;
    event["payload"].as_object().expect("fields").keys().cloned().collect()
}

async fn a_time_that_nobody_touched_in_the_form_stays(app: App) {
    let tried_again = app.create_with(BUSY, json!({"max_attempts": 2})).await;
    app.live(15).await;
    let with_seconds = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:30Z"})).await;
    let passed = app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    app.pause().await;
    app.pass_secs(300);
    for (call, time) in [
        (&tried_again, ["now", "", "UTC"]),
        (&with_seconds, ["later", "2026-12-01T09:00", "UTC"]),
        (&with_seconds, ["later", "2026-12-01T10:00", "Europe/Berlin"]),
        (&passed, ["later", "2026-11-21T09:01", "UTC"]),
    ] {
        let before = app.call(&call["id"]).await;
        let name = format!("Grace {}", time[2]);
        assert_eq!(save(&app, &before, &name, time).await, StatusCode::OK, "{before}");
        let after = app.call(&call["id"]).await;
        assert_eq!(after["customer_name"], name);
        assert_eq!((&after["due_at"], &after["scheduled_at"]), (&before["due_at"], &before["scheduled_at"]));
        assert_eq!(after["waiting"], before["waiting"]);
        assert_eq!(changed(&app, call).await, ["customer_name"]);
    }

    let before = app.call(&with_seconds["id"]).await;
    assert_eq!(save(&app, &before, "Grace", ["later", "2026-12-01T10:00", "UTC"]).await, StatusCode::OK);
    assert_eq!(app.call(&with_seconds["id"]).await["due_at"], "2026-12-01T10:00:00.000Z");
    let before = app.call(&passed["id"]).await;
    let earlier = ["later", "2026-11-21T09:02", "UTC"];
    assert_eq!(save(&app, &before, "Grace", earlier).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(save(&app, &before, "Grace", ["now", "", "UTC"]).await, StatusCode::OK);
    assert_eq!(app.call(&passed["id"]).await["due_at"], app.now().to_rfc3339());
}

async fn what_is_named_changes_and_nothing_else(app: App) {
    let call = app.create_with(COMPLETES, json!({"external_id": "A-1", "metadata": {"a": 1}})).await;
    app.pass_secs(1);
    let patch = json!({
        "customerName": " Grace Hopper ", "phone_number": "030 123456", "country": "DE", "workflow": "SALES",
        "scheduledAt": "2026-12-01T10:00:00+01:00", "max_attempts": 4,
    });
    let (status, edited) = app.patch(&call["id"], &patch).await;
    assert_eq!(status, StatusCode::OK, "{edited}");

    let mut expected = call.clone();
    for (field, value) in [
        ("customer_name", json!("Grace Hopper")),
        ("phone_number", json!("+4930123456")),
        ("workflow", json!("sales")),
        ("scheduled_at", json!("2026-12-01T09:00:00.000Z")),
        ("due_at", json!("2026-12-01T09:00:00.000Z")),
        ("max_attempts", json!(4)),
        ("version", json!(2)),
        ("updated_at", json!("2026-11-21T09:00:01.000Z")),
        ("waiting", edited["waiting"].clone()),
    ] {
        expected[field] = value;
    }
    assert_eq!(edited, expected);
    assert_eq!(edited["waiting"]["missed_at"], "2026-12-01T10:00:00.000Z");

    let event = &app.events(&call["id"]).await[1];
    assert_eq!((&event["kind"], &event["actor"]), (&json!("edited"), &json!("anonymous")));
    let change = &event["payload"]["customer_name"];
    assert_eq!(change, &json!({"from": "Ada Lovelace", "to": "Grace Hopper"}));
    assert_eq!(event["payload"].get("metadata"), None, "what stays is not told");
}

async fn no_time_means_now(app: App) {
    let call = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    app.pass_secs(60);
    let (_, edited) = app.patch(&call["id"], &json!({"scheduled_at": null})).await;
    let seen = (&edited["scheduled_at"], &edited["due_at"]);
    assert_eq!(seen, (&json!(null), &json!("2026-11-21T09:01:00.000Z")));
    assert_eq!(app.dispatch().await, 1);
}

async fn metadata_is_merged(app: App) {
    let call = app.create_with(COMPLETES, json!({"metadata": {"a": 1, "b": {"c": 2, "d": 3}}})).await;
    for (patch, merged) in [
        (json!({"e": [1]}), json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1]})),
        (json!({"a": null, "b": {"c": null, "f": {"g": null}}}), json!({"b": {"d": 3, "f": {}}, "e": [1]})),
        (json!({"b": "text"}), json!({"b": "text", "e": [1]})),
        (json!(null), json!({})),
    ] {
        let (status, edited) = app.patch(&call["id"], &json!({"metadata": patch})).await;
        assert_eq!((status, &edited["metadata"]), (StatusCode::OK, &merged), "{patch}");
    }
    let path = format!("/api/calls/{}", text(&call["id"]));
    let request = app.request(Method::PATCH, &path).header("content-type", "application/merge-patch+json");
    let answer = request.body(r#"{"metadata": {"kind": "of its own"}}"#).send().await.expect("an answer");
    let (status, edited) = read(answer).await;
    assert_eq!((status, &edited["metadata"]), (StatusCode::OK, &json!({"kind": "of its own"})));
    app.patch(&call["id"], &json!({"metadata": {"half": "x".repeat(3_000)}})).await;
    let (status, problem) = app.patch(&call["id"], &json!({"metadata": {"other": "x".repeat(3_000)}})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "together they are too large");
    assert_eq!(problem["errors"][0]["code"], "too_long");
}

async fn an_edit_that_changes_nothing_is_no_event(app: App) {
    let call = app.create_with(COMPLETES, json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    for nothing in [
        json!({}),
        json!({"customer_name": "Ada Lovelace", "workflow": "support"}),
        json!({"scheduled_at": "2026-12-01T10:00:00+01:00"}),
        json!({"metadata": {}}),
    ] {
        let (status, same) = app.patch(&call["id"], &nothing).await;
        assert_eq!((status, &same), (StatusCode::OK, &call), "{nothing}");
    }
    assert_eq!(app.timeline(&call["id"]).await, ["created"]);
}

async fn what_is_wrong_is_refused_as_at_creation(app: App) {
    let call = app.create(COMPLETES).await;
    for (patch, pointer, code) in [
        (json!({"customer_name": ""}), "/customer_name", "required"),
        (json!({"customerName": null}), "/customerName", "required"),
        (json!({"phone_number": null}), "/phone_number", "required"),
        (json!({"phone_number": "12"}), "/phone_number", "no_country"),
        (json!({"workflow": null}), "/workflow", "required"),
        (json!({"workflow": "spam"}), "/workflow", "unknown"),
        (json!({"scheduled_at": "2026-11-20T09:00:00Z"}), "/scheduled_at", "in_the_past"),
        (json!({"scheduled_at": 5}), "/scheduled_at", "wrong_type"),
        (json!({"max_attempts": 0}), "/max_attempts", "out_of_range"),
        (json!({"max_attempts": -1}), "/max_attempts", "out_of_range"),
        (json!({"max_attempts": 11}), "/max_attempts", "out_of_range"),
        (json!({"max_attempts": "3"}), "/max_attempts", "wrong_type"),
        (json!({"delay_secs": -1}), "/delay_secs", "unknown_field"),
        (json!({"max_attempts": null}), "/max_attempts", "required"),
        (json!({"metadata": []}), "/metadata", "not_an_object"),
        (json!({"id": "x"}), "/id", "unknown_field"),
        (json!({"version": 7}), "/version", "unknown_field"),
    ] {
        let (status, problem) = app.patch(&call["id"], &patch).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{patch}");
        let errors: Vec<_> = problem["errors"].as_array().into_iter().flatten().collect();
        assert_eq!(errors.len(), 1, "{patch}: {problem}");
        assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!(pointer), &json!(code)), "{patch}");
    }
    assert_eq!(app.call(&call["id"]).await["version"], 1);
}

async fn only_who_has_seen_the_newest_version_changes_it(app: App) {
    let call = app.create(COMPLETES).await;
    let path = format!("/api/calls/{}", text(&call["id"]));
    let etag = app.get_all_of(&path).await.1["etag"].to_str().expect("a text").to_owned();
    let name = |name: &str| json!({"customer_name": name});

    let newest = app.if_match(Method::PATCH, &call["id"], &etag, &name("Grace")).await;
    let older = app.if_match(Method::PATCH, &call["id"], &etag, &name("Konrad")).await;
    assert_eq!((newest, older), (StatusCode::OK, StatusCode::PRECONDITION_FAILED));
    assert_eq!(app.call(&call["id"]).await["customer_name"], "Grace");

    for (seen, expected) in [
        ("\"3\"", StatusCode::PRECONDITION_FAILED),
        ("W/\"2\"", StatusCode::PRECONDITION_FAILED),
        ("nonsense", StatusCode::PRECONDITION_FAILED),
        ("\"2\"", StatusCode::OK),
        ("*", StatusCode::OK),
        ("\"2\", \"3\"", StatusCode::PRECONDITION_FAILED),
        ("\"2\", \"4\"", StatusCode::OK),
        ("\"5-00000000deadbeef\"", StatusCode::OK),
    ] {
        let answer = app.if_match(Method::PATCH, &call["id"], seen, &name(seen)).await;
        assert_eq!(answer, expected, "{seen}");
    }
    assert_eq!(app.get_all_of(&path).await.1["etag"], "\"6\"");
}

async fn a_note_is_kept_in_the_timeline(app: App) {
    let call = app.create(COMPLETES).await;
    let notes = format!("/api/calls/{}/notes", text(&call["id"]));
    let (status, written) = app.post(&notes, &json!({"note": " Call the back door.\nAsk for Ada. "})).await;
    assert_eq!((status, &written["version"]), (StatusCode::OK, &json!(2)));
    app.live(12).await;
    assert_eq!(app.post(&notes, &json!({"note": "Done."})).await.0, StatusCode::OK, "also after the end");

    let events = app.events(&call["id"]).await;
    let told = (&events[1]["kind"], &events[1]["actor"], &events[1]["payload"]["note"]);
    assert_eq!(told, (&json!("note"), &json!("anonymous"), &json!("Call the back door.\nAsk for Ada.")));

    for (note, code) in [
        (json!({}), "required"),
        (json!({"note": null}), "required"),
        (json!({"note": "  "}), "required"),
        (json!({"note": 7}), "wrong_type"),
        (json!({"note": "x".repeat(2_001)}), "too_long"),
        (json!({"note": "a\u{0}b"}), "control_characters"),
    ] {
        let answer = app.request(Method::POST, &notes).json(&note).send().await.expect("an answer");
        let (status, problem): (_, Value) = read(answer).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{note}: {problem}");
        let codes: Vec<_> =
            problem["errors"].as_array().into_iter().flatten().map(|it| &it["code"]).collect();
        assert_eq!(codes, [code], "{note}");
    }
}
