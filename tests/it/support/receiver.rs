//! Somebody who wants to be told what happens, and answers as a story tells it to. And the Switchboard that tells it.

use super::{
    Backend, OnDatabase,
    app::{App, text},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use switchboard::server::{dispatcher::deliver, state::AppState};
use tokio::sync::mpsc;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// A Switchboard that may post to this machine, and somebody who listens.
pub struct Told {
    pub app: App,
    pub receiver: Receiver,
}

impl OnDatabase for Told {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }
}

impl Told {
    /// One with settings of its own.
    pub async fn with(backend: Backend, settings: &[&str]) -> Self {
        let all: Vec<&str> = ["--webhook-allow-private"].iter().chain(settings).copied().collect();
        Self { app: App::with(backend, &all).await, receiver: Receiver::open().await }
    }

    /// An endpoint at the receiver that wants these events.
    pub async fn endpoint(&self, events: &[&str]) -> Value {
        self.app.endpoint(&self.receiver.url("/hooks"), events).await
    }

    /// The types of the events that arrived, in order.
    pub async fn told(&self) -> Vec<String> {
        self.receiver.received().await.iter().map(|it| text(&it.body["type"])).collect()
    }
}

impl App {
    /// Makes an endpoint, and answers it with its secret.
    pub async fn endpoint(&self, url: &str, events: &[&str]) -> Value {
        let body = json!({"url": url, "events": events});
        let (status, endpoint) = self.post("/api/webhook-endpoints", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{endpoint}");
        endpoint
    }

    /// The endpoint as the API shows it now.
    pub async fn endpoint_now(&self, endpoint: &Value) -> Value {
        let (status, found) = self.get(&format!("/api/webhook-endpoints/{}", text(&endpoint["id"]))).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found
    }

    /// A command on an endpoint: `test`, `rotate-secret`, `deliveries/…/replay`.
    pub async fn tell_endpoint(&self, endpoint: &Value, command: &str) -> (StatusCode, Value) {
        self.post(&format!("/api/webhook-endpoints/{}/{command}", text(&endpoint["id"])), &json!({})).await
    }

    /// The endpoint's deliveries, newest first.
    pub async fn deliveries(&self, endpoint: &Value) -> Vec<Value> {
        let path = format!("/api/webhook-endpoints/{}/deliveries?limit=200", text(&endpoint["id"]));
        let (status, page) = self.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page["deliveries"].as_array().expect("a list").clone()
    }

    /// One round of sending what is due. Answers how many were sent.
    pub async fn deliver(&self) -> usize {
        deliver::run_once(self.state(), self.now()).await.expect("a round")
    }

    /// Rounds until nothing is due. Answers how many were sent.
    pub async fn deliver_all(&self) -> usize {
        deliver_all(self.state()).await
    }
}

/// Rounds of one node until nothing is due for it. Answers how many were sent.
pub async fn deliver_all(state: &AppState) -> usize {
    let mut sent = 0;
    loop {
        match deliver::run_once(state, state.clock.now()).await.expect("a round") {
            0 => return sent,
            more => sent += more,
        }
    }
}

/// Somebody who listens.
pub struct Receiver {
    server: MockServer,
    says: Arc<Mutex<Says>>,
}

/// What it answers: each of these once, then the usual.
struct Says {
    next: Vec<ResponseTemplate>,
    usual: ResponseTemplate,
    heard: Option<mpsc::UnboundedSender<()>>,
}

/// What arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The `webhook-id`.
    pub id: String,
    /// The `webhook-timestamp`, in seconds.
    pub timestamp: i64,
    /// The `webhook-signature`.
    pub signatures: String,
    /// Under which path.
    pub path: String,
    /// As it came.
    pub raw: Vec<u8>,
    /// As JSON.
    pub body: Value,
}

impl Arrived {
    /// Whether it is signed with this secret, as the library of Standard Webhooks sees it. Its own `verify` would
    /// compare with the machine's clock, which a story does not move.
    pub fn is_signed_with(&self, secret: &Value) -> bool {
        let oracle = standardwebhooks::Webhook::new(&text(secret)).expect("a secret");
        let expected = oracle.sign(&self.id, self.timestamp, &self.raw).expect("a signature");
        self.signatures.split(' ').any(|signature| signature == expected)
    }
}

impl Receiver {
    /// One that takes everything.
    pub async fn open() -> Self {
        let says = Says { next: Vec::new(), usual: ResponseTemplate::new(204), heard: None };
        let (server, says) = (MockServer::start().await, Arc::new(Mutex::new(says)));
        Mock::given(any()).respond_with(Answers(Arc::clone(&says))).mount(&server).await;
        Self { server, says }
    }

    /// Where it listens.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    /// From now on it answers so.
    pub fn answers(&self, usual: ResponseTemplate) {
        self.says.lock().expect("no panic before").usual = usual;
    }

    /// The next time it answers so.
    pub fn answers_once(&self, answer: ResponseTemplate) {
        self.says.lock().expect("no panic before").next.push(answer);
    }

    /// Says each time that something came.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<()> {
        let (sender, heard) = mpsc::unbounded_channel();
        self.says.lock().expect("no panic before").heard = Some(sender);
        heard
    }

    /// What arrived so far, in order.
    pub async fn received(&self) -> Vec<Arrived> {
        let all = self.server.received_requests().await.unwrap_or_default();
        all.iter().map(arrived).collect()
    }
}

struct Answers(Arc<Mutex<Says>>);

impl Respond for Answers {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut says = self.0.lock().expect("no panic before");
        if let Some(heard) = &says.heard {
            let _ = heard.send(());
        }
        if says.next.is_empty() { says.usual.clone() } else { says.next.remove(0) }
    }
}

fn arrived(request: &Request) -> Arrived {
    let header = |name: &str| {
        request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("content-type"), "application/json");
    Arrived {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().expect("seconds"),
        signatures: header("webhook-signature"),
        path: request.url.path().to_owned(),
        raw: request.body.clone(),
        body: request.body_json().expect("JSON"),
    }
}
