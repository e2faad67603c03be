//! Parts: a process may run only the web, or only the dispatcher.

use crate::support::{
    app::{App, node, read, text},
    both_databases,
    company::World,
};
use reqwest::StatusCode;
use switchboard::server::Running;

both_databases!(the_web_alone_takes_wishes_and_a_dispatcher_places_them);

async fn get(running: &Running, path: &str) -> (StatusCode, serde_json::Value) {
    let url = format!("http://{}{path}", running.address);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    read(http.get(url).send().await.expect("an answer")).await
}

async fn the_web_alone_takes_wishes_and_a_dispatcher_places_them(world: World) {
    // On SQLite one process alone serves a file, so the parts follow one another.
    let World { app, company } = world;
    let App { running, clock, test_db, .. } = app;
    running.stop().await;
    let (url, public) = (company.url(), "http://switchboard.example");
    let provider = ["--provider-url", &url, "--public-url", public, "--number-check", "shape"];

    let web = [&provider[..], &["--roles", "web", "--node-name", "desk"]].concat();
    let web = node(&test_db.url, &web, clock.clone()).await;
    let (status, ready) = get(&web, "/readyz").await;
    assert_eq!((status, text(&ready["node"])), (StatusCode::OK, "desk".to_owned()));
    assert_eq!(ready["checks"].get("dispatcher"), None, "it has none");
    assert_eq!(get(&web, "/api/calls").await.0, StatusCode::OK);
    web.stop().await;

    let dispatcher = [&provider[..], &["--roles", "dispatcher", "--node-name", "cellar"]].concat();
    let dispatcher = node(&test_db.url, &dispatcher, clock).await;
    assert_eq!(get(&dispatcher, "/livez").await.0, StatusCode::OK);
    assert_eq!(get(&dispatcher, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE, "no loop has run yet");
    switchboard::server::dispatcher::dispatch::run_once(&dispatcher.state, dispatcher.state.clock.now())
        .await
        .expect("a round");
    let (status, ready) = get(&dispatcher, "/readyz").await;
    assert_eq!((status, text(&ready["node"])), (StatusCode::OK, "cellar".to_owned()));
    for closed in ["/api/calls", "/", "/provider/calls", "/api/webhooks/provider-status"] {
        assert_eq!(get(&dispatcher, closed).await.0, StatusCode::NOT_FOUND, "{closed}");
    }
}
