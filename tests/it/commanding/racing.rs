//! Racing: what comes at the same time comes one after the other, and nothing is written twice.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

both_databases!(
    simultaneous_cancels_are_one,
    simultaneous_edits_all_count,
    of_those_who_saw_the_same_version_one_wins,
    a_cancel_and_a_claim_do_not_cross,
);

/// Sends all of these at once; their statuses.
async fn at_once(
    app: &App,
    id: &Value,
    requests: &[(Method, &str, Value)],
    seen: Option<&str>,
) -> Vec<StatusCode> {
    let mut asking = JoinSet::new();
    for (method, command, body) in requests {
        let path = format!("/api/calls/{}{command}", text(id));
        let mut request = app.request(method.clone(), &path).json(body);
        if let Some(seen) = seen {
            request = request.header("if-match", seen);
        }
        asking.spawn(request.send());
    }
    let mut statuses: Vec<_> =
        asking.join_all().await.into_iter().map(|answer| answer.expect("an answer").status()).collect();
    statuses.sort();
    statuses
}

/// The version is that of the newest event, and no seq is missing.
async fn is_gapless(app: &App, id: &Value) -> usize {
    let events = app.events(id).await;
    let seqs: Vec<_> = events.iter().map(|event| event["seq"].as_u64().expect("a number")).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>());
    assert_eq!(app.call(id).await["version"], events.len());
    events.len()
}

async fn simultaneous_cancels_are_one(app: App) {
    let call = app.create(COMPLETES).await;
    let cancels = vec![(Method::POST, "/cancel", json!({})); 8];
    assert_eq!(at_once(&app, &call["id"], &cancels, None).await, [StatusCode::OK; 8]);
    assert_eq!(app.timeline(&call["id"]).await, ["created", "canceled"]);
    is_gapless(&app, &call["id"]).await;
}

async fn simultaneous_edits_all_count(app: App) {
    let call = app.create(COMPLETES).await;
    let edits: Vec<_> =
        (0..4).map(|nth| (Method::PATCH, "", json!({"customer_name": format!("Name {nth}")}))).collect();
    assert_eq!(at_once(&app, &call["id"], &edits, None).await, [StatusCode::OK; 4]);
    assert_eq!(is_gapless(&app, &call["id"]).await, 5);

    let events = app.events(&call["id"]).await;
    let names: Vec<_> = events.iter().skip(1).map(|event| &event["payload"]["customer_name"]).collect();
    for pair in names.windows(2) {
        assert_eq!(pair[0]["to"], pair[1]["from"], "each was decided on what the one before it left");
    }
}

async fn of_those_who_saw_the_same_version_one_wins(app: App) {
    let call = app.create(COMPLETES).await;
    let edits: Vec<_> =
        (0..4).map(|nth| (Method::PATCH, "", json!({"customer_name": format!("Name {nth}")}))).collect();
    let lost = StatusCode::PRECONDITION_FAILED;
    assert_eq!(at_once(&app, &call["id"], &edits, Some("\"1\"")).await, [StatusCode::OK, lost, lost, lost]);
    assert_eq!(is_gapless(&app, &call["id"]).await, 2);
}

async fn a_cancel_and_a_claim_do_not_cross(app: App) {
    for _ in 0..8 {
        let call = app.create(COMPLETES).await;
        let ((answer, _), claimed) = tokio::join!(app.command(&call["id"], "cancel"), app.claim());
        let was_claimed = !claimed.is_empty();
        let expected = if was_claimed { StatusCode::ACCEPTED } else { StatusCode::OK };
        assert_eq!(answer, expected, "a call that is claimed is not canceled at once");
        app.place(claimed).await;
        app.hang_up().await;
        app.report().await;
        assert_eq!(app.call(&call["id"]).await["status"], "canceled");
        is_gapless(&app, &call["id"]).await;
    }
}
