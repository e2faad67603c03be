//! A crowd: pages that are asked for at the same time are whole, each of them.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
};
use futures::future::join_all;
use reqwest::{Method, StatusCode};

both_databases!(pages_that_are_asked_for_at_once_are_whole);

async fn pages_that_are_asked_for_at_once_are_whole(app: App) {
    let call = app.create(COMPLETES).await;
    let its_own = format!("/calls/{}", text(&call["id"]));
    let paths = ["/", "/calls/new", "/settings/webhooks", its_own.as_str()];
    for _ in 0..10 {
        let all = paths.iter().cycle().take(32).map(async |path| {
            let page = app.request(Method::GET, path).header("accept", "text/html").send().await;
            let page = page.expect("a page");
            let status = page.status();
            (path, status, page.text().await.expect("HTML").contains("<title>"))
        });
        for (path, status, has_title) in join_all(all).await {
            assert_eq!((status, has_title), (StatusCode::OK, true), "{path}");
        }
    }
}
