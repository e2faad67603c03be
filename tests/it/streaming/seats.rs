//! Seats: there are only so many, and who may not read any more loses its own.

use crate::{
    admitting::{TOKEN, guarded},
    support::{
        Backend,
        app::{App, read},
        stream::Stream,
    },
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;
use switchboard::{
    domain::{actor::Actor, event_filter::EventFilter},
    server::{
        api::events::{
            hub::Hub,
            reader::{Reader, Start},
        },
        auth::session,
        state::AppState,
    },
};

/// However slow the machine.
const PATIENCE: Duration = Duration::from_mins(1);

async fn refused(settings: &[&str], status: StatusCode, code: &str, words: &str) {
    let app = App::with(Backend::Sqlite, settings).await;
    let mut first = Stream::open(&app.http, &app.base, "").await;
    first.block().await.expect("a beginning");
    assert_eq!(app.state().live.readers(), 1);

    let answer = app.request(reqwest::Method::GET, "/api/events").send().await.expect("an answer");
    assert_eq!(answer.headers()["retry-after"], "30");
    let (seen, problem) = read(answer).await;
    assert_eq!((seen, &problem["code"]), (status, &json!(code)));
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.contains(words), "{detail}");

    drop(first);
    let seated = async {
        while app.request(reqwest::Method::GET, "/api/events").send().await.expect("an answer").status()
            != StatusCode::OK
        {}
    };
    tokio::time::timeout(PATIENCE, seated).await.expect("the seat is free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_only_so_many_streams() {
    let settings = ["--max-live-readers-per-caller", "1"];
    refused(&settings, StatusCode::TOO_MANY_REQUESTS, "too_many_streams", "has 1 streams open").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_has_only_so_many_readers() {
    let settings = ["--max-live-readers", "1"];
    refused(&settings, StatusCode::SERVICE_UNAVAILABLE, "too_many_readers", "has 1 live readers").await;
}

/// A reader whose connection is asked about all the time.
async fn impatient(app: &App, actor: Actor, headers: &reqwest::header::HeaderMap) -> Reader {
    let state = AppState { live: Hub::beating_every(Duration::from_millis(1)), ..app.state().clone() };
    let seat = state.live.take_seat(&actor.name(), &state.config).expect("a seat");
    let reader = Reader::begin(state, actor, headers, EventFilter::default(), Start::Now, seat).await;
    let mut reader = reader.expect("a reader");
    reader.next().await.expect("a beginning");
    reader
}

#[tokio::test]
async fn a_sign_of_life_also_says_how_far_the_stream_has_come() {
    let app = App::with(Backend::Sqlite, &[]).await;
    let mut reader = impatient(&app, Actor::anonymous(), &reqwest::header::HeaderMap::new()).await;
    assert_eq!(reader.next().await.as_deref(), Some(&b":\nid: 0-0\n\n"[..]));
}

#[tokio::test]
async fn a_stream_ends_with_the_session_that_opened_it() {
    let app = guarded(Backend::Sqlite).await;
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("cookie", session::begin(app.state()).expect("a cookie"));
    let mut reader = impatient(&app, Actor::token(), &headers).await;
    for _ in 0..3 {
        reader.next().await.expect("a sign of life");
    }
    app.pass_secs(31 * 86_400);
    assert_eq!(reader.next().await, None);

    headers.insert("authorization", format!("Bearer {TOKEN}").parse().expect("a header"));
    impatient(&app, Actor::token(), &headers).await.next().await.expect("the token itself does not end");
}
