//! Managing: endpoints over the API, with its conventions.

use crate::support::{
    app::{App, COMPLETES, read, text},
    asking::call_id,
    both_databases,
    receiver::Told,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use switchboard::{
    domain::{id::EndpointId, webhook::filter::DeliveryFilter},
    error::AppError,
    server::hooks::{deliveries, endpoints},
};

both_databases!(
    an_endpoint_is_made_listed_changed_and_deleted,
    what_is_wrong_with_it_is_pointed_at,
    a_version_that_was_seen_is_honoured,
    disabled_by_hand_it_keeps_what_waited,
    deliveries_are_paged_and_filtered,
    another_teams_endpoints_are_not_there,
    there_can_not_be_too_many,
);

fn path(endpoint: &Value) -> String {
    format!("/api/webhook-endpoints/{}", text(&endpoint["id"]))
}

async fn patch(app: &App, endpoint: &Value, body: Value) -> (StatusCode, Value) {
    read(app.request(Method::PATCH, &path(endpoint)).json(&body).send().await.expect("an answer")).await
}

async fn an_endpoint_is_made_listed_changed_and_deleted(world: Told) {
    let app = &world.app;
    assert_eq!(app.get("/api/webhook-endpoints").await.1, json!({"endpoints": []}));
    let url = world.receiver.url("/hooks");
    let body = json!({"url": url, "description": " Billing "});
    let made =
        app.request(Method::POST, "/api/webhook-endpoints").json(&body).send().await.expect("an answer");
    let location = made.headers()["location"].to_str().expect("a text").to_owned();
    assert_eq!(made.headers()["cache-control"], "no-store");
    let (status, made) = read(made).await;
    assert_eq!((status, location), (StatusCode::CREATED, path(&made)));
    let facts =
        json!([made["url"], made["description"], made["enabled"], made["version"], made["created_by"]]);
    assert_eq!(facts, json!([url, "Billing", true, 1, "anonymous"]));
    let all = ["call.created", "call.initiated", "call.answered", "call.ended", "call.retry_planned"];
    assert_eq!(made["events"], json!(all), "every one, if none is named");

    let (status, changed) =
        patch(app, &made, json!({"events": ["call.ended", "call.ended"], "description": null})).await;
    assert_eq!(status, StatusCode::OK, "{changed}");
    let facts = json!([changed["url"], changed["description"], changed["events"], changed["version"]]);
    assert_eq!(facts, json!([url, "", ["call.ended"], 2]));
    assert_eq!(app.get("/api/webhook-endpoints").await.1["endpoints"], json!([changed]));
    assert_eq!(patch(app, &made, json!({})).await.1["version"], 2, "nothing was changed");

    let deleted = app.request(Method::DELETE, &path(&made)).send().await.expect("an answer");
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        let (status, problem) =
            read(app.request(method, &path(&made)).send().await.expect("an answer")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    }
}

async fn what_is_wrong_with_it_is_pointed_at(world: Told) {
    let app = &world.app;
    let wrong =
        json!({"description": "x".repeat(201), "events": ["call.ended", "call.exploded"], "colour": "red"});
    let (status, problem) = app.post("/api/webhook-endpoints", &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut errors: Vec<_> = problem["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|error| (text(&error["pointer"]), text(&error["code"])))
        .collect();
    errors.sort();
    let expected = [
        ("/colour", "unknown_field"),
        ("/description", "too_long"),
        ("/events", "unknown"),
        ("/url", "required"),
    ];
    assert_eq!(errors, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));

    let endpoint = world.endpoint(&["call.ended"]).await;
    for (body, code) in [
        (json!({"url": null}), "required"),
        (json!({"events": []}), "required"),
        (json!({"events": "call.ended"}), "wrong_type"),
        (json!({"events": [1]}), "wrong_type"),
        (json!({"enabled": "no"}), "wrong_type"),
        (json!({"secret": "whsec_x"}), "unknown_field"),
    ] {
        let (status, problem) = patch(app, &endpoint, body.clone()).await;
        assert_eq!((status.as_u16(), &problem["errors"][0]["code"]), (422, &json!(code)), "{body}");
    }
    let form =
        app.request(Method::POST, "/api/webhook-endpoints").body("url=x").send().await.expect("an answer");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for query in ["status=lost", "limit=0", "cursor=x", "colour=red"] {
        let (status, problem) = app.get(&format!("{}/deliveries?{query}", path(&endpoint))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {problem}");
    }
    assert_eq!(app.get("/api/webhook-endpoints/nothing/deliveries").await.0, StatusCode::NOT_FOUND);
}

async fn a_version_that_was_seen_is_honoured(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.ended"]).await);
    let response = app.request(Method::GET, &path(&endpoint)).send().await.expect("an answer");
    assert_eq!(response.headers()["etag"], "\"1\"");
    let attempt = async |method: Method, seen: &str| {
        let request = app.request(method, &path(&endpoint)).header("if-match", seen);
        request.json(&json!({"description": seen})).send().await.expect("an answer").status()
    };
    assert_eq!(attempt(Method::PATCH, "\"1\"").await, StatusCode::OK);
    assert_eq!(attempt(Method::PATCH, "\"1\"").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(attempt(Method::DELETE, "\"1\"").await, StatusCode::PRECONDITION_FAILED);
    assert_eq!(attempt(Method::DELETE, "\"2\"").await, StatusCode::NO_CONTENT);
}

async fn disabled_by_hand_it_keeps_what_waited(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    app.create(COMPLETES).await;
    let disabled = patch(app, &endpoint, json!({"enabled": false})).await.1;
    let facts = json!([disabled["enabled"], disabled["disabled_reason"], disabled["disabled_at"]]);
    assert_eq!(facts, json!([false, "by_hand", app.now().to_rfc3339()]));
    app.create(COMPLETES).await;
    assert_eq!(app.deliver_all().await, 0);
    let enabled = patch(app, &endpoint, json!({"enabled": true})).await.1;
    assert_eq!(json!([enabled["disabled_at"], enabled["disabled_reason"]]), json!([null, null]));
    assert_eq!(app.deliver_all().await, 1, "what waited; what happened meanwhile it was not told");
}

async fn deliveries_are_paged_and_filtered(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let mut calls = Vec::new();
    for _ in 0..5 {
        calls.push(app.create(COMPLETES).await["id"].clone());
    }
    app.deliver_all().await;
    calls.push(app.create(COMPLETES).await["id"].clone());
    let (mut found, mut address) =
        (Vec::new(), format!("{}/deliveries?status=delivered&limit=2", path(&endpoint)));
    loop {
        let (status, headers, page) = app.get_all_of(&address).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        found.extend(page["deliveries"].as_array().expect("a list").iter().map(|it| it["call_id"].clone()));
        let Some(link) = headers.get("link") else { break };
        let link = link.to_str().expect("a text");
        link.trim_start_matches('<').split('>').next().expect("an address").clone_into(&mut address);
        assert!(address.contains(&text(&page["next_cursor"])));
    }
    calls.pop();
    calls.reverse();
    assert_eq!(found, calls);
    let elsewhere = address.replace("status=delivered", "status=failed");
    assert_eq!(app.get(&elsewhere).await.0, StatusCode::BAD_REQUEST, "a cursor is bound to its filter");
    let waiting = app.get(&format!("{}/deliveries?status=pending", path(&endpoint))).await.1;
    assert_eq!(waiting["deliveries"].as_array().map(Vec::len), Some(1));
    assert_eq!(waiting.get("next_cursor"), None);
}

async fn another_teams_endpoints_are_not_there(world: Told) {
    let (app, endpoint) = (&world.app, world.endpoint(&["call.created"]).await);
    let (db, stranger) = (&app.state().db, app.stranger().await);
    let id = EndpointId(call_id(&endpoint["id"]).0);
    assert_eq!(endpoints::list(db, &stranger).await, Ok(vec![]));
    let not_found = Err(AppError::NotFound("webhook endpoint".to_owned()));
    assert_eq!(endpoints::find(db, &stranger, id).await.map(drop), not_found);
    let theirs = deliveries::list(db, &stranger, id, &DeliveryFilter::newest(10)).await;
    assert_eq!(theirs.map(drop), not_found);
    assert_eq!(db.write(async move |tx| endpoints::delete(&tx, &stranger, id, None).await).await, not_found);
}

async fn there_can_not_be_too_many(world: Told) {
    for _ in 0..50 {
        world.endpoint(&["call.ended"]).await;
    }
    let body = json!({"url": world.receiver.url("/hooks")});
    let (status, problem) = world.app.post("/api/webhook-endpoints", &body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("too_many_endpoints")));
}
