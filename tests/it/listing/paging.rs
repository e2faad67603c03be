//! Paging: no row twice, none lost, whatever arrives in between.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

both_databases!(
    pages_hold_every_call_once_while_others_arrive,
    calls_due_at_one_instant_are_paged_by_their_ids,
    ended_calls_are_paged_by_their_ends,
    a_full_last_page_has_no_next,
    a_cursor_belongs_to_its_filters_and_order,
    a_page_whose_cursor_does_not_fit_shows_its_beginning,
    fifty_rows_unless_asked_otherwise,
);

/// Creates `count` calls; their ids, oldest first.
async fn create(app: &App, count: usize, more: &Value) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(text(&app.create_with(COMPLETES, more.clone()).await["id"]));
    }
    ids
}

/// Reads a list page by page along `Link: rel="next"`, doing something between two pages.
async fn walk(app: &App, query: &str, between: impl AsyncFn()) -> Vec<Vec<String>> {
    let mut path = format!("/api/calls?{query}");
    let mut pages = Vec::new();
    loop {
        let (status, headers, page) = app.get_all_of(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        let rows = page["calls"].as_array().expect("a list");
        pages.push(rows.iter().map(|call| text(&call["id"])).collect());
        let link = headers.get("link").map(|link| link.to_str().expect("a text").to_owned());
        let Some(link) = link else {
            assert_eq!(page.get("next_cursor"), None);
            return pages;
        };
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        path = next.expect("a link to the next page").to_owned();
        assert!(path.contains(&text(&page["next_cursor"])), "{path}");
        assert!(pages.len() < 50, "the list has no end");
        between().await;
    }
}

async fn pages_hold_every_call_once_while_others_arrive(app: App) {
    let mut made = create(&app, 7, &json!({})).await;
    let pages = walk(&app, "limit=3&workflow=support", async || {
        app.pass_secs(1);
        create(&app, 2, &json!({})).await;
    })
    .await;
    made.reverse();
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!(pages.concat(), made);
    assert_eq!(app.ids("limit=200").await.len(), 11);
}

async fn calls_due_at_one_instant_are_paged_by_their_ids(app: App) {
    let same = create(&app, 5, &json!({"scheduled_at": "2026-12-01T09:00:00Z"})).await;
    let later = create(&app, 1, &json!({"scheduled_at": "2026-12-02T09:00:00Z"})).await;
    let pages = walk(&app, "phase=pending&limit=2", async || {
        create(&app, 1, &json!({"scheduled_at": "2026-11-30T09:00:00Z"})).await;
    })
    .await;
    assert_eq!(pages.concat(), [same, later].concat());
}

async fn ended_calls_are_paged_by_their_ends(app: App) {
    let mut ended = create(&app, 4, &json!({})).await;
    for (at, id) in ended.iter().enumerate() {
        app.command(&json!(id), "cancel").await;
        // Two and two end at one instant.
        app.pass_secs(i64::try_from(at % 2).expect("0 or 1"));
    }
    create(&app, 1, &json!({})).await;
    ended.reverse();
    assert_eq!(walk(&app, "sort=ended&limit=1", async || ()).await.concat(), ended);
}

async fn a_full_last_page_has_no_next(app: App) {
    create(&app, 4, &json!({})).await;
    let pages = walk(&app, "limit=2", async || ()).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(walk(&app, "limit=2&phase=failed", async || ()).await, [Vec::<String>::new()]);
}

async fn a_cursor_belongs_to_its_filters_and_order(app: App) {
    create(&app, 3, &json!({})).await;
    let (_, page) = app.get("/api/calls?limit=1&workflow=support&include_total=true").await;
    assert_eq!(page["total"], 3, "all that match, not those on the page");
    let cursor = text(&page["next_cursor"]);

    for query in ["workflow=support", "workflow=Support&sort=created&limit=2"] {
        let (status, _) = app.get(&format!("/api/calls?{query}&cursor={cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{query}");
    }
    for query in ["", "workflow=sales", "workflow=support&sort=due", "workflow=support&q=ada"] {
        let (status, problem) = app.get(&format!("/api/calls?{query}&cursor={cursor}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")), "{query}");
    }
    for garbage in ["x", "a", &cursor[1..], &format!("c{}", &cursor[1..]), &"é".repeat(65)] {
        let (status, _) = app.get(&format!("/api/calls?workflow=support&cursor={garbage}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{garbage}");
    }
}

async fn a_page_whose_cursor_does_not_fit_shows_its_beginning(app: App) {
    app.create_with(COMPLETES, json!({"customer_name": "Grace Hopper"})).await;
    app.create_with(COMPLETES, json!({"customer_name": "Konrad Zuse"})).await;
    let (_, page) = app.get("/api/calls?limit=1&workflow=support").await;
    let cursor = text(&page["next_cursor"]);
    let fitting = app.html(&format!("/?limit=1&workflow=support&cursor={cursor}")).await;
    assert!(fitting.contains("Grace Hopper") && !fitting.contains("Konrad Zuse"));
    for query in
        [format!("cursor={cursor}"), format!("sort=due&cursor={cursor}"), "cursor=garbage".to_owned()]
    {
        let shown = app.html(&format!("/?{query}")).await;
        assert!(shown.contains("Grace Hopper") && shown.contains("Konrad Zuse"), "{query}");
    }
}

async fn fifty_rows_unless_asked_otherwise(app: App) {
    create(&app, 51, &json!({})).await;
    let (_, page) = app.get("/api/calls").await;
    assert_eq!(page["calls"].as_array().map(Vec::len), Some(50));
    assert_eq!(page.get("total"), None, "nobody asked");
    assert!(page["next_cursor"].is_string());
    assert!(page["events_cursor"].is_string());
    assert_eq!(app.ids("limit=51").await.len(), 51);
}
