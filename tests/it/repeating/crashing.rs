//! The key, what was done under it and the answer are one transaction: a crash leaves all of them or none.

use super::{key_of, post, told, wish};
use crate::support::{
    app::{App, COMPLETES, node, text},
    both_databases,
    dispatcher::new_call,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use switchboard::{
    domain::actor::Actor,
    error::AppError,
    server::{
        calls::create::create,
        db::{Tx, Written},
        idempotency::{Answer, known, once},
    },
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

both_databases!(
    a_crash_between_the_key_and_the_call_leaves_neither,
    an_answer_that_was_lost_is_given_again_after_a_restart,
    whoever_hangs_up_before_the_answer_may_ask_again,
    what_a_refused_verb_wrote_is_taken_back_and_its_answer_kept,
);

async fn a_crash_between_the_key_and_the_call_leaves_neither(app: App) {
    let body = wish(&json!({}));
    let (key, now, clock) = (key_of("anonymous", "a", &body), app.now(), app.clock.clone());
    let work = async move |tx: Tx| -> Result<Written<Answer>, AppError> {
        create(&tx, &Actor::anonymous(), new_call(), None, &clock).await?;
        panic!("the process ends here");
    };
    let taken = key.clone();
    let broken = app.state().db.write(move |tx| once(tx, taken, now, || (), work)).await;
    assert_eq!(broken, Err(AppError::Internal));
    assert_eq!(known(&app.state().db, &key, now).await, Ok(None));
    assert_eq!(app.ids("").await, Vec::<String>::new());

    let heard = post(&app, "/api/calls", "a", &body).await;
    assert_eq!((heard.0, told(&heard)[3]), (StatusCode::CREATED, None));
    assert_eq!(app.ids("").await, [text(&heard.2["id"])]);
}

async fn an_answer_that_was_lost_is_given_again_after_a_restart(app: App) {
    let body = wish(&json!({}));
    let lost = post(&app, "/api/calls", "a", &body).await;
    let App { running, clock, test_db, http, .. } = app;
    running.stop().await;

    let next = node(&test_db.url, &[], clock.clone()).await;
    let base = format!("http://{}", next.address);
    let again = App { running: next, clock, http, base, test_db };
    let heard = post(&again, "/api/calls", "a", &body).await;
    assert_eq!((heard.0, &heard.2, told(&heard)[3]), (lost.0, &lost.2, Some("true")));
    assert_eq!(again.ids("").await, [text(&lost.2["id"])]);
}

async fn whoever_hangs_up_before_the_answer_may_ask_again(app: App) {
    let body = wish(&json!({}));
    let host = app.base.strip_prefix("http://").expect("an address");
    let text_of_body = body.to_string();
    let request = format!(
        "POST /api/calls HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nidempotency-key: a\r\n\
         content-length: {}\r\n\r\n{text_of_body}",
        text_of_body.len(),
    );
    for _ in 0..4 {
        let mut connection = TcpStream::connect(host).await.expect("a connection");
        connection.write_all(request.as_bytes()).await.expect("a request");
    }
    let heard = post(&app, "/api/calls", "a", &body).await;
    assert_eq!(heard.0, StatusCode::CREATED, "{}", heard.2);
    let again = post(&app, "/api/calls", "a", &body).await;
    assert_eq!((again.2, told(&heard)[1]), (heard.2.clone(), Some("\"1\"")));
    assert_eq!(app.ids("").await, [text(&heard.2["id"])]);
}

async fn what_a_refused_verb_wrote_is_taken_back_and_its_answer_kept(app: App) {
    let call = app.create(COMPLETES).await;
    let answers = app.state().db.write(async move |tx: Tx| {
        let refused: Result<(), AppError> = tx
            .attempt(async |tx| {
                let sql = "UPDATE calls SET customer_name = 'Nobody'";
                sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), sql).await?;
                Err(AppError::refused("under_way", "Not now."))
            })
            .await?;
        let done = tx.attempt(async |_| Ok(7)).await?;
        Ok(Written::new((refused, done)))
    });
    let (refused, done) = answers.await.expect("a transaction that goes on");
    assert_eq!((refused, done), (Err(AppError::refused("under_way", "Not now.")), Ok(7)));
    assert_eq!(app.call(&call["id"]).await["customer_name"], "Ada Lovelace");

    // Through the API: a refusal is kept, and the call has not changed by it.
    app.live(12).await;
    let path = format!("/api/calls/{}/cancel", text(&call["id"]));
    let version = app.call(&call["id"]).await["version"].clone();
    for replayed in [None, Some("true")] {
        let request = app.request(Method::POST, &path).header("idempotency-key", "a").json(&json!({}));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        let told = answer.headers().get("idempotency-replayed").map(|told| told.to_str().expect("a text"));
        assert_eq!(told, replayed);
    }
    assert_eq!(app.call(&call["id"]).await["version"], version);
}
