//! No answer at all: nobody listens there, or the connection breaks.

use crate::support::{
    Backend, OnDatabase,
    app::{App, COMPLETES},
    both_databases,
    dispatcher::instant,
    speaker::{Speaks, speaker},
};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

both_databases!(
    where_nobody_listens_nothing_was_dialed_and_the_call_waits,
    a_connection_that_breaks_leaves_it_open,
    an_answer_that_breaks_off_leaves_it_open,
    a_provider_that_never_answers_leaves_it_open,
    an_answer_without_end_leaves_it_open,
);

/// Nobody listens where the provider should be.
struct Nobody(App);

impl OnDatabase for Nobody {
    async fn on(backend: Backend) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        Self(app(backend, &format!("http://{address}")).await)
    }
}

/// The provider takes the request, says something, and closes the connection.
struct Breaking(App, JoinHandle<()>);

/// The provider promises an answer longer than what it then sends.
struct BreakingOff(App, JoinHandle<()>);

/// The provider takes the request and says nothing.
struct Silent(App, JoinHandle<()>);

/// The provider answers, and never comes to an end.
struct Endless(App, JoinHandle<()>);

impl OnDatabase for Endless {
    async fn on(backend: Backend) -> Self {
        let (url, task) = speaker(Speaks::OnAndOn(b"HTTP/1.1 202 Accepted\r\n\r\n{")).await;
        Self(app(backend, &url).await, task)
    }
}

impl OnDatabase for Breaking {
    async fn on(backend: Backend) -> Self {
        let (url, task) = speaker(Speaks::Words(b"")).await;
        Self(app(backend, &url).await, task)
    }
}

impl OnDatabase for BreakingOff {
    async fn on(backend: Backend) -> Self {
        let (url, task) =
            speaker(Speaks::Words(b"HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\n{\"provider")).await;
        Self(app(backend, &url).await, task)
    }
}

impl OnDatabase for Silent {
    async fn on(backend: Backend) -> Self {
        let (url, task) = speaker(Speaks::Nothing).await;
        Self(app(backend, &url).await, task)
    }
}

async fn app(backend: Backend, url: &str) -> App {
    App::with(backend, &["--provider-url", url, "--number-check", "shape", "--provider-timeout-secs", "1"])
        .await
}

async fn where_nobody_listens_nothing_was_dialed_and_the_call_waits(Nobody(app): Nobody) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    let waits = app.call(&call["id"]).await;
    assert_eq!((&waits["status"], &waits["attempts_made"]), (&json!("pending"), &json!(0)));
    assert_eq!(app.reasons(&call["id"]).await, ["provider_unreachable"]);
    let wait = instant(&waits["due_at"]).millis_since(app.now());
    assert!((5_000..=6_000).contains(&wait), "{wait}");
    assert_eq!(app.timeline(&call["id"]).await, ["created", "claimed", "refused"]);
}

async fn a_connection_that_breaks_leaves_it_open(Breaking(app, provider): Breaking) {
    is_left_open(&app).await;
    provider.abort();
}

async fn an_answer_that_breaks_off_leaves_it_open(BreakingOff(app, provider): BreakingOff) {
    is_left_open(&app).await;
    provider.abort();
}

async fn a_provider_that_never_answers_leaves_it_open(Silent(app, provider): Silent) {
    is_left_open(&app).await;
    provider.abort();
}

async fn an_answer_without_end_leaves_it_open(Endless(app, provider): Endless) {
    is_left_open(&app).await;
    provider.abort();
}

async fn is_left_open(app: &App) {
    let call = app.create(COMPLETES).await;
    app.dispatch().await;
    assert_eq!(app.call(&call["id"]).await["status"], "dispatching");
    assert_eq!(app.timeline(&call["id"]).await, ["created", "claimed", "ambiguous"]);
    app.pass_secs(1);
    assert_eq!(app.reconcile().await, 1, "it is asked about");
    assert_eq!(app.call(&call["id"]).await["status"], "dispatching", "and no answer changes nothing");
}
