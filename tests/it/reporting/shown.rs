//! What was reported, on the call's page: as it is sent to a browser, before any script runs.

use super::report_of;
use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
    company::World,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;

both_databases!(
    a_recording_can_be_played_where_it_is_safe,
    the_trace_of_a_request_is_told_on_the_page,
    the_request_behind_an_event_is_told,
);

/// A call's page, and the policy that it came with.
async fn page(app: &App, id: &serde_json::Value) -> (String, String) {
    let path = format!("/calls/{}", text(id));
    let answer = app.request(Method::GET, &path).header("accept", "text/html").send().await.expect("a page");
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()["content-security-policy"].to_str().expect("a text").to_owned();
    (answer.text().await.expect("HTML").replace("<!>", ""), policy)
}

async fn a_recording_can_be_played_where_it_is_safe(world: World) {
    for (nth, url, plays, leads) in [
        (1, "https://example.org/1.ogg", true, true),
        (2, "http://example.org/1.ogg", false, true),
        (3, "javascript:alert(1)", false, false),
    ] {
        let call = world.placed().await;
        let mut ended = report_of(&world, &call, "completed").await;
        ended["recording_url"] = json!(url);
        ended["duration_secs"] = json!(125);
        ended["answered_by"] = json!("human");
        assert_eq!(world.app.hear(&format!("w{nth}"), &ended).await, StatusCode::NO_CONTENT);

        let (html, policy) = page(&world.app, &call["id"]).await;
        let player = html.contains("<audio") && html.contains("preload=\"none\"");
        assert_eq!(player, plays, "{url}");
        assert_eq!(html.contains(&format!("href=\"{url}\"")), leads, "{url}");
        assert!(html.contains("2\u{a0}min\u{a0}5\u{a0}s") && html.contains("<dd>human</dd>"), "{html}");
        assert!(html.contains("applied"), "the verdict is told");
        assert!(policy.contains("media-src https:;"), "{policy}");
    }
}

async fn the_trace_of_a_request_is_told_on_the_page(world: World) {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "support"});
    let request = world.app.request(Method::POST, "/api/calls").json(&body);
    let request = request.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let call: serde_json::Value = request.send().await.expect("an answer").json().await.expect("a call");
    let (html, _) = page(&world.app, &call["id"]).await;
    assert!(html.contains("Trace id") && html.contains(&format!("<code>{trace}</code>")), "{html}");
    assert!(html.contains("/?q=%2B14155550101"), "other calls to this number are one press away");
}

async fn the_request_behind_an_event_is_told(world: World) {
    let named = |request: RequestBuilder, id: &str| request.header("x-request-id", id).send();
    let body = json!({"customer_name": "Ada", "phone_number": COMPLETES, "workflow": "support"});
    let asked = named(world.app.request(Method::POST, "/api/calls").json(&body), "asks").await;
    let call: serde_json::Value = asked.expect("an answer").json().await.expect("a call");
    world.app.dispatch().await;
    let report = report_of(&world, &call, "ringing").await.to_string();
    let callback = world.app.callback(&world.app.state().secrets, "w1", report.as_bytes());
    assert_eq!(named(callback, "reports").await.expect("an answer").status(), StatusCode::NO_CONTENT);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("id", &text(&call["id"]))
        .append_pair("note", "Ask for Ada")
        .finish();
    let note = world.app.request(Method::POST, "/fn/add_note").body(form);
    let note = note.header("content-type", "application/x-www-form-urlencoded");
    assert!(named(note, "from-the-page").await.expect("an answer").status().is_success());

    let events = world.app.events(&call["id"]).await;
    let told: Vec<_> =
        events.iter().map(|event| (text(&event["kind"]), event["request_id"].as_str())).collect();
    let told: Vec<_> = told.iter().map(|(kind, id)| (kind.as_str(), *id)).collect();
    let expected = [
        ("created", Some("asks")),
        ("claimed", None),
        ("placed", None),
        ("report", Some("reports")),
        ("note", Some("from-the-page")),
    ];
    assert_eq!(told, expected);
    let (html, _) = page(&world.app, &call["id"]).await;
    for id in ["asks", "reports", "from-the-page"] {
        assert!(html.contains(&format!("Request <code>{id}</code>")), "{id}: {html}");
    }
}
