//! Answers are kept for a day, for whoever asked and nobody else.

use super::{key_of, post, wish};
use crate::support::{
    app::{App, text},
    both_databases,
};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;
use switchboard::server::{
    db::{Tx, Written},
    idempotency::{self, forget},
};

both_databases!(
    an_answer_is_kept_for_a_day,
    what_is_a_day_old_is_deleted,
    more_than_one_transaction_holds_is_deleted,
    a_key_belongs_to_whoever_sent_it,
);

const DAY_SECS: i64 = 86_400;

async fn an_answer_is_kept_for_a_day(app: App) {
    let first = post(&app, "/api/calls", "a", &wish(&json!({}))).await;
    app.pass_secs(DAY_SECS - 1);
    let within = post(&app, "/api/calls", "a", &wish(&json!({}))).await;
    assert_eq!(within.2, first.2);

    // Nobody has deleted it yet, and still it counts no longer, not even against another body.
    app.pass_secs(1);
    let other = wish(&json!({"max_attempts": 2}));
    let (status, headers, after) = post(&app, "/api/calls", "a", &other).await;
    assert_eq!((status, headers.get("idempotency-replayed")), (StatusCode::CREATED, None), "{after}");
    assert_eq!(post(&app, "/api/calls", "a", &other).await.2, after, "the new answer is kept anew");
    assert_eq!(app.ids("").await, [&after["id"], &first.2["id"]].map(text));
}

async fn what_is_a_day_old_is_deleted(app: App) {
    post(&app, "/api/calls", "a", &wish(&json!({}))).await;
    app.pass_secs(1);
    post(&app, "/api/calls", "b", &wish(&json!({}))).await;
    app.pass_secs(DAY_SECS - 2);
    let forget = async || forget::run_once(app.state(), app.now()).await.expect("a round");
    assert_eq!(forget().await, 0);
    app.pass_secs(1);
    assert_eq!(forget().await, 1);
    let kept = post(&app, "/api/calls", "b", &wish(&json!({}))).await;
    assert_eq!(kept.1["idempotency-replayed"], "true");
    app.pass_secs(1);
    assert_eq!((forget().await, forget().await), (1, 0));
}

async fn more_than_one_transaction_holds_is_deleted(app: App) {
    let sql = "INSERT INTO idempotency_keys (scope, key, fingerprint, created_at)
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500)
        SELECT 'anybody', 'key ' || n, '', n FROM numbers";
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(sql).await?;
        Ok(Written::new(()))
    };
    app.state().db.write(work).await.expect("old keys");
    assert_eq!(forget::run_once(app.state(), app.now()).await.expect("a round"), 2_500);
}

async fn a_key_belongs_to_whoever_sent_it(app: App) {
    let body = wish(&json!({}));
    post(&app, "/api/calls", "a", &body).await;
    let (db, now) = (&app.state().db, app.now());
    let mine = idempotency::known(db, &key_of("anonymous", "a", &body), now).await.expect("an answer");
    assert_eq!(mine.map(|answer| answer.status), Some(201));
    let theirs = idempotency::known(db, &key_of("token", "a", &body), now).await;
    assert_eq!(theirs, Ok(None));
}
