//! Streaming: what happens is told to whoever follows it, with no gap and no repeat.

mod filtering;
mod keeping_up;
mod order;
mod place;
mod seats;

use crate::reporting::report;
use crate::support::{
    Backend,
    app::{App, COMPLETES, text},
    both_databases,
    stream::{Live, Stream},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

both_databases!(
    a_new_stream_tells_what_happens_from_now_on,
    a_frame_shows_the_call_as_the_list_does,
    a_frames_event_is_the_timelines,
    what_belongs_to_no_call_is_told_too,
    a_stop_ends_the_streams,
);

async fn a_new_stream_tells_what_happens_from_now_on(live: Live) {
    live.app.create(COMPLETES).await;
    let cursor = live.cursor().await;
    let request = live.app.request(Method::GET, "/api/events").header("accept-encoding", "gzip, br");
    let mut stream = Stream::of(request).await;
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.header("cache-control"), Some("no-store"));
    assert_eq!(stream.header("x-accel-buffering"), Some("no"));
    assert_eq!(stream.header("content-encoding"), None, "compressed, it would come in lumps");
    let opening = stream.block().await.expect("a beginning");
    assert_eq!(opening.retry.as_deref(), Some("2000"));
    assert_eq!(opening.id, Some(cursor), "so that it can go on from here");

    let call = live.app.create(COMPLETES).await;
    let told = stream.events(1).await.remove(0);
    assert_eq!(told.at("/event/id"), told.id());
    assert_eq!(told.at("/event/kind"), "created");
    assert_eq!(told.at("/event/seq"), 1);
    assert_eq!((told.at("/event/call_id"), told.at("/call/id")), (call["id"].clone(), call["id"].clone()));
}

async fn a_frame_shows_the_call_as_the_list_does(live: Live) {
    let mut stream = live.stream("").await;
    let call = live.app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    let told = stream.events(1).await.remove(0);
    let (_, page) = live.app.get("/api/calls").await;
    assert_eq!(told.at("/call"), page["calls"][0]);
    assert_eq!(told.at("/call/waiting/reasons/0/code"), "scheduled");

    assert_eq!(live.app.delete(&call["id"]).await.0, StatusCode::NO_CONTENT);
    let told = stream.events(1).await.remove(0);
    assert_eq!((told.at("/event/kind"), told.at("/event/call_id")), (json!("deleted"), call["id"].clone()));
    assert_eq!(told.at("/call"), Value::Null, "there is no such call any more");
}

async fn a_frames_event_is_the_timelines(live: Live) {
    let mut stream = live.stream("").await;
    let call = live.app.create(COMPLETES).await;
    live.app.live(12).await;
    let (_, timeline) = live.app.get(&format!("/api/calls/{}/events", text(&call["id"]))).await;
    let timeline = timeline["events"].as_array().expect("a list");
    assert!(timeline.len() > 4, "{timeline:?}");
    let mut told: Vec<Value> =
        stream.events(timeline.len()).await.iter().map(|told| told.at("/event")).collect();
    told.sort_by_key(|event| event["seq"].as_i64());
    assert_eq!(&told, timeline);
}

async fn what_belongs_to_no_call_is_told_too(live: Live) {
    let mut stream = live.stream("").await;
    let unknown = report("01890000-0000-7000-8000-000000000000", "ringing", &live.app.now().to_rfc3339());
    assert_eq!(live.app.hear("w1", &unknown).await, StatusCode::NO_CONTENT);
    let told = stream.events(1).await.remove(0);
    assert_eq!(
        (told.at("/event/kind"), told.at("/event/verdict")),
        (json!("report"), json!("unknown_attempt"))
    );
    assert_eq!((told.at("/event/call_id"), told.at("/call")), (Value::Null, Value::Null));
}

async fn a_stop_ends_the_streams(live: Live) {
    let mut stream = live.stream("").await;
    stream.block().await.expect("a beginning");
    let App { running, .. } = live.app;
    let (rest, ()) = tokio::join!(stream.block(), running.stop());
    assert_eq!(rest, None);
}

/// Without a token nobody is told anything.
#[tokio::test]
async fn a_stream_wants_the_token() {
    let app = crate::admitting::guarded(Backend::Sqlite).await;
    let (status, problem) = app.get("/api/events").await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthorized")));
}
