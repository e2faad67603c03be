//! A simultaneous repeat waits for the first one's answer, but not for ever.

use super::{Heard, key_of, post, told, wish};
use crate::support::{
    app::{App, text},
    both_databases,
    dispatcher::new_call,
};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};
use switchboard::{
    domain::actor::Actor,
    error::AppError,
    server::{
        calls::create::create,
        db::Tx,
        idempotency::{Answer, Answered, once},
    },
};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

both_databases!(
    sixteen_at_once_make_one_call,
    a_repeat_hears_what_the_first_one_was_told,
    a_repeat_gives_up_after_five_seconds_and_may_come_back,
    a_repeat_takes_over_from_a_first_one_that_failed,
);

async fn sixteen_at_once_make_one_call(app: App) {
    let app = std::sync::Arc::new(app);
    let mut sent = JoinSet::new();
    for _ in 0..16 {
        let app = app.clone();
        sent.spawn(async move { post(&app, "/api/calls", "a", &wish(&json!({}))).await });
    }
    let heard = sent.join_all().await;
    assert!(heard.iter().all(|heard| heard.0 == StatusCode::CREATED), "{heard:?}");
    assert_eq!(heard.iter().map(|heard| heard.2.to_string()).collect::<HashSet<_>>().len(), 1);
    assert_eq!(heard.iter().filter(|heard| told(heard)[3].is_none()).count(), 1);
    assert_eq!(app.ids("").await, [text(&heard[0].2["id"])]);
}

/// A first request that holds its key until it is let go, and then ends as it is told.
struct First {
    let_go: oneshot::Sender<Result<(), AppError>>,
    done: JoinHandle<Result<Answered, AppError>>,
}

impl First {
    async fn begin(app: &App, body: &Value) -> Self {
        let (let_go, mut ending) = oneshot::channel::<Result<(), AppError>>();
        let (taken, is_taken) = oneshot::channel();
        let (db, clock, now) = (app.state().db.clone(), app.clock.clone(), app.now());
        let key = key_of("anonymous", "a", body);
        let work = async move |tx: Tx| {
            let made = create(&tx, &Actor::anonymous(), new_call(), None, &clock).await?;
            let how = loop {
                match timeout(Duration::from_secs(1), &mut ending).await {
                    Ok(how) => break how.expect("it is let go"),
                    // PostgreSQL ends a transaction that stands still.
                    Err(_) => tx.conn().execute_unprepared("SELECT 1").await?,
                };
            };
            how?;
            let body = json!({"id": made.value().id}).to_string();
            Ok(made.map(|_| Answer { status: 201, location: None, etag: None, body, told_once: None }))
        };
        let taken = move || taken.send(()).expect("somebody waits for it");
        let write = async move { db.write(move |tx| once(tx, key, now, taken, work)).await };
        let done = tokio::spawn(write);
        is_taken.await.expect("it has the key");
        Self { let_go, done }
    }

    async fn end(self, how: Result<(), AppError>) -> Result<Answered, AppError> {
        self.let_go.send(how).expect("it still waits");
        self.done.await.expect("no panic")
    }
}

async fn a_repeat_hears_what_the_first_one_was_told(app: App) {
    let body = wish(&json!({}));
    let first = First::begin(&app, &body).await;
    let (answered, heard) = tokio::join!(first.end(Ok(())), post(&app, "/api/calls", "a", &body));
    let answered = answered.expect("an answer");
    assert_eq!((heard.0, heard.2.to_string()), (StatusCode::CREATED, answered.answer.body));
    assert_eq!(told(&heard)[3], Some("true"));
    assert_eq!(app.ids("").await, [text(&heard.2["id"])]);
}

async fn a_repeat_gives_up_after_five_seconds_and_may_come_back(app: App) {
    let body = wish(&json!({}));
    let first = First::begin(&app, &body).await;
    let (status, headers, problem): Heard = post(&app, "/api/calls", "a", &body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("key_in_use")));
    assert_eq!((&headers["retry-after"], headers.get("idempotency-replayed")), (&"1".parse().unwrap(), None));

    let answered = first.end(Ok(())).await.expect("an answer");
    let heard = post(&app, "/api/calls", "a", &body).await;
    assert_eq!((heard.2.to_string(), told(&heard)[3]), (answered.answer.body, Some("true")));
    assert_eq!(app.ids("").await, [text(&heard.2["id"])]);
}

async fn a_repeat_takes_over_from_a_first_one_that_failed(app: App) {
    let body = wish(&json!({}));
    let first = First::begin(&app, &body).await;
    let (failed, heard) =
        tokio::join!(first.end(Err(AppError::Internal)), post(&app, "/api/calls", "a", &body));
    assert_eq!(failed, Err(AppError::Internal));
    assert_eq!((heard.0, told(&heard)[3]), (StatusCode::CREATED, None));
    assert_eq!(app.ids("").await, [text(&heard.2["id"])]);
}
