//! A receiver of callbacks: believes only signatures, and answers what it is told to.

use super::{SECRETS, START};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
};
use switchboard::server::signing::Secrets;
use tokio::{net::TcpListener, sync::Notify};

/// One callback that came in.
#[derive(Clone)]
pub struct Callback {
    pub id: String,
    pub timestamp: i64,
    pub path: String,
    pub raw: String,
    pub body: Value,
}

/// A receiver at `url`.
pub struct Receiver {
    pub url: String,
    inbox: Arc<Inbox>,
}

#[derive(Default)]
struct Inbox {
    callbacks: Mutex<Vec<Callback>>,
    /// How many came whose signature did not fit.
    forged: Mutex<usize>,
    /// What the next callbacks are answered: `None` is no answer at all, ever; 204 when it is empty.
    answers: Mutex<VecDeque<Option<StatusCode>>>,
    arrived: Notify,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inbox = Arc::new(Inbox::default());
        let app = Router::new().fallback(receive).with_state(Arc::clone(&inbox));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, inbox }
    }

    pub fn answer_next(&self, answers: &[StatusCode]) {
        self.inbox.answers.lock().expect("no panic before").extend(answers.iter().copied().map(Some));
    }

    /// The next callback is taken in, but never answered.
    pub fn keep_the_next_waiting(&self) {
        self.inbox.answers.lock().expect("no panic before").push_back(None);
    }

    pub fn callbacks(&self) -> Vec<Callback> {
        self.inbox.callbacks.lock().expect("no panic before").clone()
    }

    /// The statuses reported so far, in the order in which they came in.
    pub fn statuses(&self) -> Vec<String> {
        let callbacks = self.callbacks();
        callbacks.iter().map(|it| it.body["status"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How many came whose signature did not fit, and were refused.
    pub fn forged(&self) -> usize {
        *self.inbox.forged.lock().expect("no panic before")
    }

    /// Waits until `count` callbacks have come in.
    pub async fn wait_for(&self, count: usize) {
        while self.callbacks().len() < count {
            self.inbox.arrived.notified().await;
        }
    }
}

async fn receive(State(inbox): State<Arc<Inbox>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let timestamp = headers["webhook-timestamp"].to_str().expect("text").parse().expect("seconds");
    assert!(timestamp >= START / 1_000, "the time of sending comes from the clock");
    // A receiver that knows only one of the secrets believes it too.
    let believes =
        |secrets| Secrets::parse(secrets).expect("secrets").verify(&headers, &body, timestamp).is_ok();
    if !SECRETS.split(' ').chain([SECRETS]).all(believes) {
        *inbox.forged.lock().expect("no panic before") += 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");

    let raw = String::from_utf8(body.to_vec()).expect("text");
    inbox.callbacks.lock().expect("no panic before").push(Callback {
        id: headers["webhook-id"].to_str().expect("text").to_owned(),
        timestamp,
        path: uri.path().to_owned(),
        body: serde_json::from_str(&raw).expect("JSON"),
        raw,
    });
    inbox.arrived.notify_one();
    let answer = inbox.answers.lock().expect("no panic before").pop_front();
    let Some(status) = answer.unwrap_or(Some(StatusCode::NO_CONTENT)) else { return pending().await };
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}
