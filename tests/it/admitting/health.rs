//! Health: alive is who answers; ready is who can work.

use crate::support::{app::App, both_databases};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use sea_orm::{EntityTrait, QuerySelect, sea_query::LockType};
use serde_json::json;
use switchboard::server::{calls::dispatch_state::row, db::Written, dispatcher::dispatch};
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

both_databases!(
    ready_is_whose_dispatcher_gives_signs_of_life,
    a_loop_that_is_stuck_gives_no_sign_of_life,
    not_ready_is_whose_database_is_behind,
);

async fn ready_is_whose_dispatcher_gives_signs_of_life(app: App) {
    assert_eq!(app.get("/livez").await, (StatusCode::OK, json!({"status": "alive"})));
    let (status, body) = app.get("/readyz").await;
    assert_eq!((status, &body["checks"]["dispatcher"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));

    app.dispatch().await;
    for path in ["/readyz", "/health", "/health/"] {
        let (status, body) = app.get(path).await;
        let checks = json!({"database": "ok", "migrations": "ok", "writes": "ok", "dispatcher": "ok"});
        assert_eq!((status, &body["status"], &body["checks"]), (StatusCode::OK, &json!("ready"), &checks));
    }

    app.pass_secs(60);
    let (status, body) = app.get("/health").await;
    assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("not_ready")));
    assert_eq!(app.get("/livez").await.0, StatusCode::OK, "it still answers");
}

/// How often the database has been read.
async fn reads(app: &App) -> String {
    let answer = app.request(reqwest::Method::GET, "/metrics").send().await.expect("an answer");
    let text = answer.text().await.expect("a text");
    let count = text.lines().find(|line| line.starts_with("switchboard_db_read_seconds_count"));
    count.expect("it is counted").to_owned()
}

async fn a_loop_that_is_stuck_gives_no_sign_of_life(app: App) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(dispatch::run(app.state().clone(), stop.clone(), TaskTracker::new()));
    while app.get("/readyz").await.0 != StatusCode::OK {
        tokio::task::yield_now().await;
    }

    // Somebody holds what every claim must lock first, and does not let go.
    let ((held, is_held), (let_go, wait)) = (oneshot::channel(), oneshot::channel::<()>());
    let db = app.state().db.clone();
    let holder = tokio::spawn(async move {
        let write = db.write(async move |tx| {
            row::Entity::find_by_id(row::ONLY).lock(LockType::Update).one(tx.conn()).await?;
            held.send(()).ok();
            wait.await.ok();
            Ok(Written::new(()))
        });
        write.await
    });
    is_held.await.expect("it is held");
    app.pass_secs(60);
    let before = reads(&app).await;
    app.state().db.feed().heard();
    while reads(&app).await == before {
        tokio::task::yield_now().await;
    }
    let (status, body) = app.get("/readyz").await;
    assert_eq!((status, &body["checks"]["dispatcher"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));
    assert_eq!(body["checks"]["database"], "ok", "it is the loop, not the database");

    let_go.send(()).expect("it waits");
    holder.await.expect("no panic").expect("nothing was wrong");
    while app.get("/readyz").await.0 != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.expect("it stops");
}

async fn not_ready_is_whose_database_is_behind(app: App) {
    app.dispatch().await;
    let behind = app.state().db.write(async move |tx| {
        let newest = "(SELECT max(version) FROM seaql_migrations)";
        tx.conn()
            .execute_unprepared(&format!("DELETE FROM seaql_migrations WHERE version = {newest}"))
            .await?;
        Ok(Written::new(()))
    });
    behind.await.expect("a change");
    let (status, body) = app.get("/readyz").await;
    assert_eq!((status, &body["checks"]["migrations"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("failing")));
}
