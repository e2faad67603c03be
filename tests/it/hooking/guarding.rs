//! Guarding: nobody can have this server post to a machine that only it can reach.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
    receiver::Receiver,
};
use reqwest::{
    StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
};
use serde_json::json;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use switchboard::server::{dispatcher::deliver, hooks::send::Sender, state::AppState};

both_databases!(
    a_private_address_is_refused_when_it_is_named,
    a_name_of_this_machine_is_refused_when_it_is_connected_to,
    a_name_that_has_moved_to_a_private_address_is_refused,
    what_was_allowed_before_a_restart_is_judged_anew,
);

async fn a_private_address_is_refused_when_it_is_named(app: App) {
    for (url, code) in [
        ("https://127.0.0.1/hooks", "not_public"),
        ("https://[::1]/hooks", "not_public"),
        ("https://[::ffff:10.0.0.1]/hooks", "not_public"),
        ("https://169.254.169.254/latest/meta-data", "not_public"),
        ("https://0x7f000001/hooks", "not_public"),
        ("http://example.org/hooks", "not_https"),
        ("https://ada:secret@example.org/", "credentials"),
        ("https://exa mple.org/", "malformed"),
        ("https://[::1", "malformed"),
        ("file:///etc/passwd", "malformed"),
    ] {
        let (status, problem) = app.post("/api/webhook-endpoints", &json!({ "url": url })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], "/url");
        assert_eq!(problem["errors"][0]["code"], code, "{url}: {problem}");
    }
}

/// What the endpoint's one delivery says went wrong.
async fn error_of(app: &App, state: &AppState, url: &str) -> String {
    let endpoint = app.endpoint(url, &["call.created"]).await;
    app.create(COMPLETES).await;
    assert_eq!(deliver::run_once(state, app.now()).await, Ok(1));
    let delivery = app.deliveries(&endpoint).await.remove(0);
    assert_eq!(delivery["status"], "pending");
    text(&delivery["error"])
}

async fn a_name_of_this_machine_is_refused_when_it_is_connected_to(app: App) {
    let receiver = Receiver::open().await;
    let port = receiver.url("").rsplit(':').next().expect("a port").to_owned();
    let error = error_of(&app, app.state(), &format!("https://localhost:{port}/hooks")).await;
    assert!(error.starts_with("localhost is a private or reserved address"), "{error}");
    assert!(receiver.received().await.is_empty());
}

/// Every name is this address.
struct Points(&'static str);

impl Resolve for Points {
    fn resolve(&self, _: Name) -> Resolving {
        let at: SocketAddr = format!("{}:0", self.0).parse().expect("an address");
        Box::pin(async move { Ok(Box::new(std::iter::once(at)) as Addrs) })
    }
}

async fn a_name_that_has_moved_to_a_private_address_is_refused(app: App) {
    for address in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[fd00:ec2::254]"] {
        let hooks = Sender::with(Arc::new(Points(address)), Duration::from_secs(5), false).expect("a client");
        let state = AppState { hooks, ..app.state().clone() };
        let error = error_of(&app, &state, "https://hooks.example/").await;
        assert!(error.starts_with("hooks.example is a private or reserved address"), "{address}: {error}");
        // So that only the next endpoint has something to send.
        let (_, all) = app.get("/api/webhook-endpoints").await;
        let path = format!("/api/webhook-endpoints/{}", text(&all["endpoints"][0]["id"]));
        let gone = app.request(reqwest::Method::DELETE, &path).send().await.expect("an answer");
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    }
}

async fn what_was_allowed_before_a_restart_is_judged_anew(app: App) {
    let app = app.after_a_crash(&["--webhook-allow-private"]).await;
    let receiver = Receiver::open().await;
    let endpoint = app.endpoint(&receiver.url("/hooks"), &["call.created"]).await;
    let app = app.after_a_crash(&[]).await;
    app.create(COMPLETES).await;
    assert_eq!(app.deliver().await, 1);
    let delivery = app.deliveries(&endpoint).await.remove(0);
    assert!(text(&delivery["error"]).contains("WEBHOOK_ALLOW_PRIVATE"), "{delivery}");
    assert!(receiver.received().await.is_empty());
}
