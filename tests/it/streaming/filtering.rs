//! Filtering: a reader is told what it asks for, and still knows how far the stream has come.

use crate::support::{
    app::{COMPLETES, text},
    asking::FAILS,
    both_databases,
    stream::{Live, Stream},
};
use serde_json::json;

both_databases!(
    the_same_filters_hold_for_what_was_and_for_what_comes,
    a_call_that_ended_is_told_to_who_waits_for_ends,
    what_was_left_out_is_not_read_again,
);

/// The kinds and workflows of the next events.
async fn seen(stream: &mut Stream, count: usize) -> Vec<(String, String)> {
    let events = stream.events(count).await;
    events.iter().map(|told| (text(&told.at("/event/kind")), text(&told.at("/call/workflow")))).collect()
}

async fn happen(live: &Live) {
    for workflow in ["sales", "support"] {
        let call = live.app.create_with(COMPLETES, json!({"workflow": workflow})).await;
        let path = format!("/api/calls/{}/notes", text(&call["id"]));
        live.app.post(&path, &json!({"note": "Ask for Ada"})).await;
    }
}

async fn the_same_filters_hold_for_what_was_and_for_what_comes(live: Live) {
    for (query, expected) in [
        ("workflow=sales", vec![("created", "sales"), ("note", "sales")]),
        ("kind=note", vec![("note", "sales"), ("note", "support")]),
        ("kind=note&workflow=support&phase=pending", vec![("note", "support")]),
        (
            "kind=created&kind=note&status=pending&workflow=sales",
            vec![("created", "sales"), ("note", "sales")],
        ),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|(kind, workflow)| (kind.to_owned(), workflow.to_owned())).collect();
        let before = live.cursor().await;
        happen(&live).await;
        let mut stream = live.stream(&format!("after={before}&{query}")).await;
        assert_eq!(seen(&mut stream, expected.len()).await, expected, "{query}");
        live.cursor().await;
        let mut following = live.stream(query).await;
        happen(&live).await;
        for stream in [&mut stream, &mut following] {
            assert_eq!(seen(stream, expected.len()).await, expected, "{query}");
        }
    }
}

async fn a_call_that_ended_is_told_to_who_waits_for_ends(live: Live) {
    let before = live.cursor().await;
    let (ended, failed) = (live.app.create(COMPLETES).await, live.app.create(FAILS).await);
    let mut ends = live.stream("status=completed&status=failed").await;
    live.app.live(12).await;
    let mut last = std::collections::BTreeMap::new();
    while last.len() < 2 {
        let told = ends.events(1).await.remove(0);
        last.insert(text(&told.at("/call/id")), text(&told.at("/call/status")));
    }
    assert_eq!(last[&text(&ended["id"])], "completed");
    assert_eq!(last[&text(&failed["id"])], "failed");

    let id = text(&failed["id"]);
    let mut of_one = live.stream(&format!("after={before}&call_id={id}")).await;
    let timeline = live.app.timeline(&failed["id"]).await;
    for told in of_one.events(timeline.len()).await {
        assert_eq!(told.at("/call/id"), failed["id"]);
    }
}

async fn what_was_left_out_is_not_read_again(live: Live) {
    // More than is read at once, so that the one that is wanted stands on a later page.
    let before = live.cursor().await;
    for _ in 0..60 {
        live.app.create(COMPLETES).await;
    }
    let wanted = live.app.create_with(COMPLETES, json!({"workflow": "reminder"})).await;
    let mut stream = live.stream(&format!("after={before}&workflow=reminder")).await;
    assert_eq!(stream.events(1).await[0].at("/call/id"), wanted["id"]);
}
