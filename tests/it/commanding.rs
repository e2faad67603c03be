//! Commanding: the table "Rules for people", cell by cell, and what becomes of each wish.

mod canceling;
mod editing;
mod ending_by_hand;
mod racing;
mod removing;
mod retrying;
mod together;

use crate::support::{
    Backend, OnDatabase,
    app::{App, BUSY, COMPLETES, text},
    asking::{FAILS, NO_ANSWER},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

both_databases!(
    who_may_be_canceled,
    who_may_be_edited,
    who_may_be_retried,
    who_may_be_ended_by_hand,
    who_may_be_deleted,
    only_an_end_can_be_set_by_hand,
    what_is_not_there_can_not_be_commanded,
);

/// A world with one call at each status.
struct OneOfEach {
    app: App,
    /// Status and id.
    calls: Vec<(&'static str, Value)>,
}

impl OnDatabase for OneOfEach {
    async fn on(backend: Backend) -> Self {
        let app = App::on(backend).await;
        let mut calls = Vec::new();
        for (status, number) in
            [("completed", COMPLETES), ("busy", BUSY), ("no_answer", NO_ANSWER), ("failed", FAILS)]
        {
            calls.push((status, app.create(number).await["id"].clone()));
        }
        app.dispatch().await;
        for _ in 0..4 {
            app.pass_secs(20);
            app.report().await;
        }
        let canceled = app.create(COMPLETES).await["id"].clone();
        app.command(&canceled, "cancel").await;
        calls.push(("canceled", canceled));

        let [answered, ringing, initiated, claimed, waiting] =
            ["in_progress", "ringing", "initiated", "dispatching", "pending"];
        calls.push((answered, app.create(COMPLETES).await["id"].clone()));
        app.dispatch().await;
        app.pass_secs(3);
        app.report().await;
        calls.push((ringing, app.create(COMPLETES).await["id"].clone()));
        app.dispatch().await;
        app.pass_secs(3);
        app.report().await;
        calls.push((initiated, app.create(COMPLETES).await["id"].clone()));
        app.dispatch().await;
        calls.push((claimed, app.create(COMPLETES).await["id"].clone()));
        app.claim().await;
        calls.push((waiting, app.create(COMPLETES).await["id"].clone()));

        for (status, id) in &calls {
            assert_eq!(app.call(id).await["status"], *status);
        }
        Self { app, calls }
    }
}

impl OneOfEach {
    /// Commands each call and compares: HTTP status, and how the call stands then, or why not.
    async fn each(
        &self,
        command: impl AsyncFn(&App, &Value) -> (StatusCode, Value),
        expected: impl Fn(&'static str) -> (u16, &'static str),
    ) {
        for (status, id) in &self.calls {
            let before = self.app.call(id).await;
            let (answer, body) = command(&self.app, id).await;
            let word = if answer.is_success() { &body["status"] } else { &body["code"] };
            let found = (answer.as_u16(), word.as_str().unwrap_or_default());
            assert_eq!(found, expected(status), "{status}: {body}");
            if answer.is_client_error() {
                assert!(text(&body["detail"]).ends_with('.'), "why not, in words: {body}");
                assert_eq!(self.app.call(id).await, before, "a refusal changes nothing");
            }
        }
    }
}

async fn who_may_be_canceled(world: OneOfEach) {
    let cancel = async |app: &App, id: &Value| app.command(id, "cancel").await;
    world
        .each(cancel, |status| match status {
            "pending" | "canceled" => (200, "canceled"),
            "dispatching" | "initiated" | "ringing" | "in_progress" => (202, status),
            _ => (409, "already_ended"),
        })
        .await;
}

async fn who_may_be_edited(world: OneOfEach) {
    let edit = async |app: &App, id: &Value| app.patch(id, &json!({"customer_name": "Grace"})).await;
    world
        .each(edit, |status| match status {
            "pending" => (200, "pending"),
            "dispatching" => (409, "dispatching"),
            "initiated" | "ringing" | "in_progress" => (409, "under_way"),
            _ => (409, "already_ended"),
        })
        .await;
}

async fn who_may_be_retried(world: OneOfEach) {
    let retry = async |app: &App, id: &Value| app.command(id, "retry").await;
    world
        .each(retry, |status| match status {
            "pending" | "dispatching" | "initiated" | "ringing" | "in_progress" => (409, "still_open"),
            _ => (200, "pending"),
        })
        .await;
}

async fn who_may_be_ended_by_hand(world: OneOfEach) {
    let end = async |app: &App, id: &Value| app.patch(id, &json!({"status": "Failed"})).await;
    world
        .each(end, |status| match status {
            "pending" | "dispatching" | "initiated" | "ringing" | "in_progress" => (200, "failed"),
            _ => (409, "already_ended"),
        })
        .await;
}

async fn who_may_be_deleted(world: OneOfEach) {
    let delete = async |app: &App, id: &Value| app.delete(id).await;
    world
        .each(delete, |status| match status {
            "pending" => (204, ""),
            _ => (409, "has_history"),
        })
        .await;
}

async fn only_an_end_can_be_set_by_hand(app: App) {
    for ending in ["completed", "failed", "canceled", "cancelled", "busy", "no_answer", "NO-ANSWER"] {
        let call = app.create(COMPLETES).await;
        let (status, ended) = app.patch(&call["id"], &json!({"status": ending})).await;
        assert_eq!(status, StatusCode::OK, "{ending}");
        let seen = (&ended["ended_reason"], &ended["ended_at"], &ended["waiting"]);
        assert_eq!(seen, (&json!("ended_by_hand"), &json!("2026-11-21T09:00:00.000Z"), &Value::Null));
    }
    let call = app.create(COMPLETES).await;
    for no_end in ["pending", "PENDING", "dispatching", "initiated", "ringing", "in-progress", "connected"] {
        let (status, problem) = app.patch(&call["id"], &json!({"status": no_end})).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_an_end")), "{no_end}");
    }
    for (wrong, code) in [(json!("over"), "unknown"), (json!(null), "required"), (json!(1), "wrong_type")] {
        let (status, problem) = app.patch(&call["id"], &json!({"status": wrong})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    assert_eq!(app.call(&call["id"]).await["version"], 1);
}

async fn what_is_not_there_can_not_be_commanded(app: App) {
    for id in ["01890000-0000-7000-8000-000000000000", "no-id", "%F0%9F%93%9E"] {
        let id = json!(id);
        assert_eq!(app.command(&id, "cancel").await.0, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(app.command(&id, "retry").await.0, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(app.command(&id, "dance").await.0, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(app.patch(&id, &json!({"status": "failed"})).await.0, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(app.patch(&id, &json!({"customer_name": "Ada"})).await.0, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(app.delete(&id).await.0, StatusCode::NOT_FOUND, "{id}");
    }
}
