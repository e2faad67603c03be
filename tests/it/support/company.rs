//! A company that dials and does what a story tells it to: it takes calls, refuses, talks nonsense, forgets.
//! And the Switchboard that has it as its provider.

use super::{Backend, OnDatabase, app::App};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// A Switchboard whose provider is [`Company`]. Its clock is moved by the story, and nothing happens by itself.
pub struct World {
    pub app: App,
    pub company: Company,
}

impl OnDatabase for World {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }
}

impl World {
    /// One with settings of its own.
    pub async fn with(backend: Backend, settings: &[&str]) -> Self {
        let company = Company::open().await;
        let url = company.url();
        let fixed = ["--provider-url", &url, "--number-check", "shape"];
        let all: Vec<&str> = fixed.iter().chain(settings).copied().collect();
        Self { app: App::with(backend, &all).await, company }
    }

    /// A call that the provider has been asked to dial, as the API shows it.
    pub async fn placed(&self) -> Value {
        let call = self.app.create("+14155550101").await;
        assert_eq!(self.app.dispatch().await, 1);
        self.app.call(&call["id"]).await
    }

    /// The process dies without a word, and another one begins on the same database. Its clock goes on.
    pub async fn after_a_crash(self) -> Self {
        let url = self.company.url();
        let app = self.app.after_a_crash(&["--provider-url", &url, "--number-check", "shape"]).await;
        Self { app, company: self.company }
    }
}

/// The company.
pub struct Company {
    server: MockServer,
    says: Arc<Mutex<Says>>,
}

/// What it answers. Without an answer of the story's own it takes every call, and knows those of which it was
/// told that it knows them.
#[derive(Default)]
struct Says {
    to_placings: Option<ResponseTemplate>,
    to_questions: Option<ResponseTemplate>,
    to_hang_ups: Option<ResponseTemplate>,
    known: HashMap<String, Value>,
    when_asked_to_dial: Option<Box<dyn Fn() + Send + Sync>>,
}

struct Answers(Arc<Mutex<Says>>);

impl Company {
    pub async fn open() -> Self {
        let (server, says) = (MockServer::start().await, Arc::default());
        Mock::given(any()).respond_with(Answers(Arc::clone(&says))).mount(&server).await;
        Self { server, says }
    }

    /// Where `PROVIDER_URL` points.
    pub fn url(&self) -> String {
        format!("{}/provider", self.server.uri())
    }

    /// From now on it answers every placing so.
    pub fn answers_placings(&self, answer: ResponseTemplate) {
        self.says.lock().expect("no panic before").to_placings = Some(answer);
    }

    /// From now on it does this whenever it is asked to dial, before it answers.
    pub fn when_asked_to_dial(&self, act: impl Fn() + Send + Sync + 'static) {
        self.says.lock().expect("no panic before").when_asked_to_dial = Some(Box::new(act));
    }

    /// From now on it takes calls again.
    pub fn takes_calls(&self) {
        self.says.lock().expect("no panic before").to_placings = None;
    }

    /// From now on it answers every question so.
    pub fn answers_questions(&self, answer: ResponseTemplate) {
        self.says.lock().expect("no panic before").to_questions = Some(answer);
    }

    /// From now on it answers questions again.
    pub fn tells_what_it_knows(&self) {
        self.says.lock().expect("no panic before").to_questions = None;
    }

    /// From now on it answers every wish to hang up so.
    pub fn answers_hang_ups(&self, answer: ResponseTemplate) {
        self.says.lock().expect("no panic before").to_hang_ups = Some(answer);
    }

    /// From now on it knows this attempt, and where it stands.
    pub fn knows(&self, attempt: &str, status: &str, at: &str) {
        let told = json!({
            "attempt_id": attempt, "provider_call_id": call_id(attempt), "status": status, "sequence": 1,
            "updated_at": at,
        });
        self.knows_so(attempt, told);
    }

    /// From now on it tells of this attempt in these words.
    pub fn knows_so(&self, attempt: &str, told: Value) {
        self.says.lock().expect("no panic before").known.insert(attempt.to_owned(), told);
    }

    /// The placings that it was sent, in order.
    pub async fn placings(&self) -> Vec<Value> {
        let sent = self.sent(&Method::POST, "/provider/calls").await;
        sent.iter().map(|request| request.body_json().expect("JSON")).collect()
    }

    /// The `traceparent` of each placing that it was sent, in order.
    pub async fn traces(&self) -> Vec<String> {
        let sent = self.sent(&Method::POST, "/provider/calls").await;
        let trace = |request: &Request| request.headers["traceparent"].to_str().expect("a text").to_owned();
        sent.iter().map(trace).collect()
    }

    /// How many questions it was asked.
    pub async fn questions(&self) -> usize {
        self.sent(&Method::GET, "/provider/calls").await.len()
    }

    /// The ids of the calls that it was asked to hang up, in order.
    pub async fn hang_ups(&self) -> Vec<String> {
        let all = self.server.received_requests().await.unwrap_or_default();
        let parts = all.iter().filter_map(|it| it.url.path().strip_prefix("/provider/calls/"));
        parts.filter_map(|rest| rest.strip_suffix("/hangup")).map(str::to_owned).collect()
    }

    /// How many requests came to this path.
    pub async fn visits(&self, path: &str) -> usize {
        let all = self.server.received_requests().await.unwrap_or_default();
        all.iter().filter(|request| request.url.path() == path).count()
    }

    async fn sent(&self, method: &Method, path: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap_or_default();
        all.into_iter().filter(|it| it.method == *method && it.url.path() == path).collect()
    }
}

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let says = self.0.lock().expect("no panic before");
        let path = request.url.path();
        if request.method == Method::GET {
            let asked = request.url.query_pairs().find(|(name, _)| name == "attempt_id");
            let known = asked.and_then(|(_, id)| says.known.get(&*id).cloned());
            let found = json!({"calls": known.as_slice()});
            return says
                .to_questions
                .clone()
                .unwrap_or_else(|| ResponseTemplate::new(200).set_body_json(found));
        }
        if path.ends_with("/hangup") {
            return says.to_hang_ups.clone().unwrap_or_else(|| ResponseTemplate::new(202));
        }
        if let Some(act) = &says.when_asked_to_dial {
            act();
        }
        let attempt = request.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let taken = json!({"provider_call_id": call_id(attempt.unwrap_or_default()), "status": "initiated"});
        says.to_placings.clone().unwrap_or_else(|| ResponseTemplate::new(202).set_body_json(taken))
    }
}

/// The company's id for an attempt.
pub fn call_id(attempt: &str) -> String {
    format!("CA-{attempt}")
}

/// An RFC 9457 answer.
pub fn problem(status: u16, code: &str, detail: &str) -> ResponseTemplate {
    let body = json!({"type": "about:blank", "status": status, "code": code, "detail": detail});
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/problem+json")
}
