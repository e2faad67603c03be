//! Places: a stream goes on behind the last event that was seen, and says so when it can't.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES, node, text},
    both_databases,
    stream::{Block, Live, Stream},
};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;
use switchboard::server::db::{Tx, Written};

both_databases!(
    it_goes_on_behind_the_last_event,
    nothing_is_lost_between_a_list_and_its_stream,
    nothing_is_lost_between_a_call_and_its_stream,
    nonsense_in_the_query_is_refused,
    nonsense_from_a_browser_has_it_start_anew,
    a_place_of_another_history_has_it_start_anew,
    what_was_removed_has_it_start_anew,
);

async fn it_goes_on_behind_the_last_event(live: Live) {
    let before = live.cursor().await;
    for _ in 0..3 {
        live.app.create(COMPLETES).await;
    }
    let all = live.stream(&format!("after={before}")).await.events(3).await;
    let ids: Vec<String> = all.iter().map(Block::id).collect();

    let mut rest = live.stream(&format!("after={}", ids[0])).await;
    assert_eq!(rest.block().await.expect("a beginning").id.as_ref(), Some(&ids[0]));
    assert_eq!(rest.events(2).await, all[1..]);

    // A browser sends the query that it began with, and beside it how far it came.
    let query = format!("after={before}");
    let mut again = Stream::again(&live.app.http, &live.app.base, &query, &ids[1]).await;
    assert_eq!(again.events(1).await, all[2..]);
    let next = live.app.create(COMPLETES).await;
    for stream in [&mut rest, &mut again] {
        assert_eq!(stream.events(1).await[0].at("/call/id"), next["id"]);
    }
}

async fn nothing_is_lost_between_a_list_and_its_stream(live: Live) {
    live.app.create(COMPLETES).await;
    let cursor = live.cursor().await;
    let between = live.app.create(COMPLETES).await;
    let mut stream = live.stream(&format!("after={cursor}")).await;
    assert_eq!(stream.events(1).await[0].at("/call/id"), between["id"]);
}

async fn nothing_is_lost_between_a_call_and_its_stream(live: Live) {
    let call = live.app.create(COMPLETES).await;
    live.cursor().await;
    let (_, shown) = live.app.get(&format!("/api/calls/{}", text(&call["id"]))).await;
    let cursor = text(&shown["events_cursor"]);
    live.app.post(&format!("/api/calls/{}/notes", text(&call["id"])), &json!({"note": "Ask for Ada"})).await;
    let mut stream = live.stream(&format!("after={cursor}&call_id={}", text(&call["id"]))).await;
    assert_eq!(stream.events(1).await[0].at("/event/kind"), "note");
}

async fn nonsense_in_the_query_is_refused(app: App) {
    for query in ["after=yesterday", "after=0--1", "after=5", "colour=red", "status=soon", "call_id=7"] {
        let (status, problem) = app.get(&format!("/api/events?{query}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{query}");
    }
    let (_, problem) = app.get("/api/events?after=yesterday").await;
    assert_eq!(problem["detail"], "after: it is no events_cursor and no event's id, as 0-41 is");
}

async fn nonsense_from_a_browser_has_it_start_anew(live: Live) {
    live.app.create(COMPLETES).await;
    let cursor = live.cursor().await;
    for nonsense in ["yesterday", "0-1-2", "-1", "99999999999999999999-1"] {
        let mut stream = Stream::again(&live.app.http, &live.app.base, "", nonsense).await;
        assert_eq!(stream.resync().await, ("unreadable".to_owned(), cursor.clone()), "{nonsense}");
    }
    let not_even_text = live.app.http.get(format!("{}/api/events", live.app.base));
    let mut stream = Stream::of(not_even_text.header("last-event-id", &b"\xff\xfe"[..])).await;
    assert_eq!(stream.resync().await.0, "unreadable");
    let call = live.app.create(COMPLETES).await;
    assert_eq!(stream.events(1).await[0].at("/call/id"), call["id"], "and it goes on");
}

async fn a_place_of_another_history_has_it_start_anew(live: Live) {
    live.app.create(COMPLETES).await;
    let cursor = live.cursor().await;
    let (xid, position) = cursor.split_once('-').expect("two numbers");
    let position: i64 = position.parse().expect("a number");
    for ahead in [format!("{xid}-{}", position + 1), format!("{}-0", u64::MAX)] {
        let mut stream = live.stream(&format!("after={ahead}")).await;
        assert_eq!(stream.resync().await, ("ahead".to_owned(), cursor.clone()), "{ahead}");
    }
}

async fn what_was_removed_has_it_start_anew(live: Live) {
    let before = live.cursor().await;
    for _ in 0..3 {
        live.app.create(COMPLETES).await;
    }
    let all = live.stream(&format!("after={before}")).await.events(3).await;
    // What is removed need not be what is oldest: an open call keeps its events.
    remove(&live, &all[1].id()).await;

    for missed in [&before, &all[0].id()] {
        let cursor = live.cursor().await;
        let mut stream = live.stream(&format!("after={missed}")).await;
        assert_eq!(stream.resync().await, ("too_old".to_owned(), cursor));
        let next = live.app.create(COMPLETES).await;
        assert_eq!(stream.events(1).await[0].at("/call/id"), next["id"], "and it goes on");
    }
    let mut stream = live.stream(&format!("after={}", all[1].id())).await;
    assert_eq!(stream.events(1).await[0].id(), all[2].id(), "nothing behind it is missing");
}

async fn remove(live: &Live, id: &str) {
    let position = id.split_once('-').expect("two numbers").1;
    let sql = format!("DELETE FROM call_events WHERE position = {position}");
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(()))
    };
    live.app.state().db.write(work).await.expect("it is removed");
}

/// Out of a dump come events of a server whose transactions are far ahead of this one's.
#[tokio::test]
async fn events_from_another_server_are_taken_over() {
    let app = App::on(Backend::Postgres).await;
    app.create(COMPLETES).await;
    let db = app.state().db.clone();
    let foreign = "UPDATE call_events SET xid = '9000000000000'";
    db.read().execute_unprepared(foreign).await.expect("as out of a dump");
    let (_, page) = app.get("/api/calls").await;
    assert_eq!(page["events_cursor"], "0-0", "nobody could ever be told");

    let _other = node(&app.test_db.url, &[], app.clock.clone()).await;
    let (_, page) = app.get("/api/calls").await;
    assert_eq!(page["events_cursor"], "0-1");
    let live = Live::of(app);
    let mut stream = live.stream("after=9000000000000-1").await;
    assert_eq!(stream.resync().await, ("ahead".to_owned(), "0-1".to_owned()));
    let call = live.app.create(COMPLETES).await;
    assert_eq!(stream.events(1).await[0].at("/call/id"), call["id"]);
}
