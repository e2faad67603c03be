//! A tour of all that a Switchboard does: every page, every list, every command, every loop.

use crate::support::{
    app::{App, BUSY, COMPLETES, read, text},
    asking::SLOW,
    receiver::Told,
    stream::{Stream, settle},
};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::server::{
    api::events::hub,
    calls::{counts, prune},
    idempotency::forget,
    insights::follow,
    provider::simulator,
    retention::{self, Pace},
};

/// Takes the tour.
pub async fn tour(told: &Told) {
    let open = commands(&told.app).await;
    lists(&told.app).await;
    pages(told, &open).await;
    older_clients(&told.app).await;
    live(&told.app).await;
    lab(&told.app).await;
    webhooks(told).await;
    upkeep(&told.app).await;
}

/// Calls in every state, by every command. Answers one that is open.
async fn commands(app: &App) -> Value {
    let later = json!({"scheduled_at": "2026-12-01T09:00:00Z", "external_id": "tour-1"});
    let open = app.create_with(COMPLETES, later.clone()).await;
    let again = json!({"customer_name": "A", "phone_number": COMPLETES, "workflow": "sales", "external_id": "tour-1"});
    assert_eq!(app.post("/api/calls", &again).await.0, StatusCode::CONFLICT);
    for _ in 0..2 {
        let keyed = app.request(Method::POST, "/api/calls").header("idempotency-key", "\"tour\"");
        let body =
            json!({"customer_name": "Grace", "phone_number": BUSY, "workflow": "sales", "max_attempts": 3});
        let (status, _) = read(keyed.json(&body).send().await.expect("an answer")).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let (rings, taken_back) =
        (app.create(SLOW).await, app.create_with(COMPLETES, json!({"delay_secs": 60})).await);
    app.patch(&open["id"], &json!({"customer_name": "Grace Hopper"})).await;
    app.post(&format!("/api/calls/{}/notes", text(&open["id"])), &json!({"text": "a note"})).await;
    app.command(&taken_back["id"], "cancel").await;
    app.delete(&taken_back["id"]).await;
    app.live(6).await;
    app.command(&rings["id"], "cancel").await;
    app.command(&rings["id"], "reconcile").await;
    app.live(12).await;
    app.command(&rings["id"], "retry").await;
    // Nobody answers for long enough that the provider is asked, and a call misses its time.
    let lost = app.create("+14155550109").await;
    let late = app.create_with(COMPLETES, json!({"delay_secs": 600})).await;
    app.live(3).await;
    for paused in [true, false] {
        let (status, _) = app.request_json(Method::PUT, "/api/dispatch", &json!({"paused": paused})).await;
        assert_eq!(status, StatusCode::OK);
        if paused {
            app.pass_secs(7_200);
            app.live(1).await;
        }
    }
    app.live(3).await;
    for call in [&lost, &late] {
        app.call(&call["id"]).await;
    }
    open
}

/// Every filter in every order, each with a second page, and the page before that.
async fn lists(app: &App) {
    let phases = ["", "phase=pending", "phase=active", "phase=completed", "phase=failed", "phase=canceled"];
    let narrowed = [
        "",
        "needs_attention=true",
        "workflow=reminder",
        "workflow=support",
        "q=4",
        "q=person+1",
        "q=person+4999",
        "q=nobody",
        "created_from=2026-11-20",
        "created_to=2026-09-01",
        "scheduled_from=2026-11-20",
        "scheduled_to=2026-12-02",
        "q=person&workflow=support",
    ];
    let mut queries = Vec::new();
    for phase in phases.into_iter().chain(["status=busy&status=canceled"]) {
        for narrowed in narrowed {
            for sort in ["", "sort=created", "sort=due", "sort=ended"] {
                // What was created or scheduled within bounds has an index in the order of its creation alone.
                let is_bound = narrowed.starts_with("created") || narrowed.starts_with("scheduled");
                if is_bound && matches!(sort, "sort=due" | "sort=ended") {
                    continue;
                }
                let parts = [phase, narrowed, sort, "include_total=true", "limit=20"];
                queries.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&"));
            }
        }
    }
    for query in queries {
        let (status, page) = app.get(&format!("/api/calls?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {page}");
        if let Some(next) = page["next_cursor"].as_str() {
            let (status, _) = app.get(&format!("/api/calls?{query}&cursor={next}")).await;
            assert_eq!(status, StatusCode::OK, "{query}");
            let before = format!("b{}", &next[1..]);
            let (status, _) = app.get(&format!("/api/calls?{query}&cursor={before}")).await;
            assert_eq!(status, StatusCode::OK, "{query}");
        }
    }
    let (status, _) = app.get("/api/calls.csv?phase=canceled&workflow=reminder").await;
    assert_eq!(status, StatusCode::OK);
}

async fn pages(told: &Told, open: &Value) {
    let app = &told.app;
    let id = text(&open["id"]);
    let (_, endpoints) = app.get("/api/webhook-endpoints").await;
    let endpoint = text(&endpoints["endpoints"][0]["id"]);
    let paths = [
        "/".to_owned(),
        "/?phase=failed".to_owned(),
        "/calls/new".to_owned(),
        format!("/calls/new?from={id}"),
        format!("/calls/{id}"),
        format!("/calls/{id}/edit"),
        "/insights".to_owned(),
        "/lab".to_owned(),
        "/settings".to_owned(),
        "/settings/webhooks".to_owned(),
        format!("/settings/webhooks/{endpoint}"),
        "/login".to_owned(),
    ];
    for path in paths {
        assert!(app.html(&path).await.contains("<main"), "{path}");
    }
    for path in [
        format!("/api/calls/{id}"),
        format!("/api/calls/{id}/events"),
        "/api/dispatch".to_owned(),
        "/api/insights?range=90d".to_owned(),
        "/api/insights.csv?table=calls".to_owned(),
        format!("/api/webhook-endpoints/{endpoint}/deliveries"),
        format!("/api/webhook-endpoints/{endpoint}/deliveries?status=delivered"),
        "/fn/underway".to_owned(),
        "/fn/check_call?form[customer_name]=person&form[phone_number]=%2B49301&form[workflow]=&form[when]=now".to_owned(),
    ] {
        let answer = app.request(Method::GET, &path).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
    for path in ["/readyz", "/metrics"] {
        app.request(Method::GET, path).send().await.expect("an answer");
    }
    told.app.deliver_all().await;
}

async fn older_clients(app: &App) {
    for path in ["/api/scheduled-calls", "/api/call-history"] {
        app.get(path).await;
    }
}

/// Readers of the stream: from the beginning, with a filter that fits little, and those that are told what is new.
async fn live(app: &App) {
    settle(app.state()).await;
    let queries = ["after=0-0", "after=0-0&kind=missed", "after=0-0&needs_attention=true"];
    let mut streams = join_all(queries.map(|query| Stream::open(&app.http, &app.base, query))).await;
    app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    hub::run_once(app.state()).await.expect("a round");
    for stream in &mut streams {
        stream.block().await;
    }
}

async fn lab(app: &App) {
    for path in [
        "",
        "/faults",
        "/outcomes",
        "/calls",
        "/calls?to=%2B493054321",
        "/callbacks",
        "/callbacks?to=%2B493054321",
    ] {
        let request = app.request(Method::GET, &format!("/provider/control{path}")).bearer_auth(super::TOKEN);
        assert_eq!(read(request.send().await.expect("an answer")).await.0, StatusCode::OK, "{path}");
    }
}

async fn webhooks(told: &Told) {
    let app = &told.app;
    let endpoint = told.endpoint(&["call.created"]).await;
    for command in ["test", "rotate-secret"] {
        app.tell_endpoint(&endpoint, command).await;
    }
    app.deliver_all().await;
    let sent = app.deliveries(&endpoint).await;
    let replay = format!("deliveries/{}/replay", text(&sent[0]["id"]));
    app.tell_endpoint(&endpoint, &replay).await;
    app.deliver_all().await;
    let path = format!("/api/webhook-endpoints/{}", text(&endpoint["id"]));
    app.request_json(Method::PATCH, &path, &json!({"description": "a tour"})).await;
    app.request_json(Method::DELETE, &path, &json!({})).await;
}

/// What happens by itself, and what an operator does now and then.
async fn upkeep(app: &App) {
    let (state, now) = (app.state(), app.now());
    follow::catch_up(&state.db, now).await.expect("the insights");
    forget::run_once(state, now).await.expect("the keys");
    counts::sum_up(&state.db).await.expect("the counts");
    let before = now.plus_secs(-91 * 86_400);
    let work = async move |tx| prune::prune(&tx, before, 50).await;
    state.db.write(work).await.expect("a round");
    let pace = Pace::brisk();
    simulator::prune(&state.db, before.as_millis(), &pace).await.expect("what is told");
    retention::remove_strays(&state.db, before, &pace).await.expect("events of nobody");
    retention::remove_deliveries(&state.db, before, &pace).await.expect("what was delivered");
}
