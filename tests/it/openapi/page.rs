//! The reference at /docs.

use super::{document, operations};
use crate::support::{Backend, app::App};

#[tokio::test]
async fn every_operation_and_every_schema_has_its_place_on_the_page() {
    let app = App::with(Backend::Sqlite, &["--api-token", "sixteen characters"]).await;
    let page = app.html("/docs").await;
    let document = document();
    for (_, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("a name");
        assert!(page.contains(&format!("id=\"{id}\"")) && page.contains(path), "{id} is missing");
    }
    for name in document["components"]["schemas"].as_object().expect("schemas").keys() {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name} is missing");
    }
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} leads nowhere");
    }
}

#[tokio::test]
async fn nothing_runs_on_the_page() {
    let app = App::with(Backend::Sqlite, &[]).await;
    let answer = app.request(reqwest::Method::GET, "/docs").send().await.expect("an answer");
    let policy = answer.headers()["content-security-policy"].to_str().expect("a text").to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("script"),
        "{policy}"
    );
    let page = answer.text().await.expect("HTML");
    assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));
}

#[tokio::test]
async fn the_page_brings_its_own_style() {
    let app = App::with(Backend::Sqlite, &["--api-token", "sixteen characters"]).await;
    assert!(app.html("/docs").await.contains("<link rel=\"stylesheet\" href=\"/docs.css\""));
    let answer = app.request(reqwest::Method::GET, "/docs.css").send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
    assert!(answer.text().await.expect("a style sheet").contains(".api-contents"));
}
