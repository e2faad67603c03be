//! The title of every page tells how many calls are active, before any script runs.

use crate::support::{
    app::{App, text},
    both_databases,
    company::World,
};
use serde_json::json;

both_databases!(every_page_counts_the_active_calls_in_its_title);

async fn title(app: &App, path: &str) -> String {
    let html = app.html(path).await;
    let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    title.unwrap_or_else(|| panic!("{path} has no title: {html}")).to_owned()
}

async fn every_page_counts_the_active_calls_in_its_title(world: World) {
    let later = world.app.create_with("+14155550102", json!({"delay_secs": 3600})).await;
    let hook =
        json!({"url": "https://example.org/hooks", "description": "Billing", "events": ["call.ended"]});
    let (_, endpoint) = world.app.post("/api/webhook-endpoints", &hook).await;
    let pages = [
        ("/".to_owned(), "Calls".to_owned()),
        ("/calls/new".to_owned(), "New call".to_owned()),
        (format!("/calls/{}", text(&later["id"])), "Ada Lovelace: Pending".to_owned()),
        (format!("/calls/{}/edit", text(&later["id"])), "Edit the call to Ada Lovelace".to_owned()),
        ("/insights".to_owned(), "Insights".to_owned()),
        ("/lab".to_owned(), "Lab".to_owned()),
        ("/settings".to_owned(), "Settings".to_owned()),
        ("/settings/webhooks".to_owned(), "Webhooks".to_owned()),
        (format!("/settings/webhooks/{}", text(&endpoint["id"])), "Billing: webhook".to_owned()),
    ];
    for (path, words) in &pages {
        assert_eq!(title(&world.app, path).await, format!("{words} · Switchboard"), "{path}: one only waits");
    }
    world.placed().await;
    for (path, words) in &pages {
        assert_eq!(
            title(&world.app, path).await,
            format!("(1) {words} · Switchboard"),
            "{path}: one goes out"
        );
    }
}
