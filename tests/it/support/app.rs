//! A whole Switchboard for one test: a real server on a free port, its simulator behind HTTP, and a clock that
//! the test moves. Nothing happens by itself: a story calls each loop's `run_once`.

use super::{Backend, OnDatabase, TestDb};
use clap::Parser;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use switchboard::{
    domain::timestamp::Timestamp,
    server::{
        Loops, Running,
        clock::Clock,
        config::Config,
        dispatcher::{dispatch, hang_up, reconcile},
        provider::simulator::deliver,
        start,
        state::AppState,
    },
};

/// 21 November 2026, 09:00 UTC.
pub const START: i64 = 1_795_251_600_000;
/// The simulator completes calls to it.
pub const COMPLETES: &str = "+14155550101";
/// The simulator's busy line.
pub const BUSY: &str = "+14155550102";

/// A whole Switchboard.
pub struct App {
    pub running: Running,
    pub clock: Clock,
    pub http: reqwest::Client,
    pub base: String,
    pub test_db: TestDb,
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

impl OnDatabase for App {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }
}

impl App {
    /// One with settings of its own: `["--api-token", "…"]`.
    pub async fn with(backend: Backend, settings: &[&str]) -> Self {
        let test_db = TestDb::new(backend).await;
        let clock = Clock::manual(Timestamp::from_millis(START));
        let running = node(&test_db.url, settings, clock.clone()).await;
        let base = format!("http://{}", running.address);
        let http = client();
        Self { running, clock, http, base, test_db }
    }

    /// What the server's handlers and loops are given.
    pub fn state(&self) -> &AppState {
        &self.running.state
    }

    /// The instant that the clock shows.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock.
    pub fn pass_secs(&self, secs: i64) {
        self.clock.advance_ms(secs * 1_000);
    }

    /// A request to a path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// GET a path's JSON.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.expect("an answer")).await
    }

    /// GET a page.
    pub async fn html(&self, path: &str) -> String {
        let page =
            self.request(Method::GET, path).header("accept", "text/html").send().await.expect("a page");
        page.text().await.expect("HTML")
    }

    /// POST JSON to a path.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.request(Method::POST, path).json(body).send().await.expect("an answer")).await
    }

    /// Any other request with JSON.
    pub async fn request_json(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.request(method, path).json(body).send().await.expect("an answer")).await
    }

    /// Creates a call to `number`, due at once, and answers it as the API shows it.
    pub async fn create(&self, number: &str) -> Value {
        self.create_with(number, json!({})).await
    }

    /// Creates a call to `number` with more fields.
    pub async fn create_with(&self, number: &str, more: Value) -> Value {
        let mut body =
            json!({"customer_name": "Ada Lovelace", "phone_number": number, "workflow": "support"});
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let (status, call) = self.post("/api/calls", &body).await;
        assert_eq!(status, StatusCode::CREATED, "{call}");
        call
    }

    /// The call as the API shows it now, without the place in the stream of events, which others move.
    pub async fn call(&self, id: &Value) -> Value {
        let (status, mut call) = self.get(&format!("/api/calls/{}", text(id))).await;
        assert_eq!(status, StatusCode::OK, "{call}");
        let cursor = call.as_object_mut().and_then(|call| call.remove("events_cursor"));
        assert!(cursor.is_some_and(|cursor| cursor.is_string()), "{call}");
        call
    }

    /// A command on a call: `cancel`, `retry`.
    pub async fn command(&self, id: &Value, command: &str) -> (StatusCode, Value) {
        self.post(&format!("/api/calls/{}/{command}", text(id)), &json!({})).await
    }

    /// The kinds of the call's events, in order.
    pub async fn timeline(&self, id: &Value) -> Vec<String> {
        let (_, body) = self.get(&format!("/api/calls/{}/events", text(id))).await;
        let events = body["events"].as_array().expect("a list");
        events.iter().map(|event| text(&event["kind"])).collect()
    }

    /// One round of the dispatcher: what is due is claimed and placed.
    pub async fn dispatch(&self) -> usize {
        dispatch::run_once(self.state(), self.now()).await.expect("a round")
    }

    /// One round of asking the provider.
    pub async fn reconcile(&self) -> usize {
        reconcile::run_once(self.state(), self.now()).await.expect("a round")
    }

    /// One round of hanging up.
    pub async fn hang_up(&self) -> usize {
        hang_up::run_once(self.state(), self.now()).await.expect("a round")
    }

    /// The simulator sends the callbacks that are due.
    pub async fn report(&self) {
        let simulator = self.running.simulator.as_ref().expect("the simulator is the provider");
        deliver::run_once(simulator, self.now().as_millis()).await.expect("a round");
    }

    /// Lets `secs` pass, second by second, with every loop doing its part.
    pub async fn live(&self, secs: i64) {
        for _ in 0..secs {
            self.dispatch().await;
            self.report().await;
            self.hang_up().await;
            self.reconcile().await;
            self.pass_secs(1);
        }
        self.report().await;
    }
}

/// A program that speaks HTTP.
pub fn client() -> reqwest::Client {
    // Where only processes of their own are started, nobody in this one has installed it yet.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}

/// Another process on the same database.
pub async fn node(url: &str, settings: &[&str], clock: Clock) -> Running {
    let fixed = ["switchboard", "--database-url", url, "--site-addr", "127.0.0.1:0"];
    // The clock stands still, so that what a caller has used up would never come back.
    let unlimited = ["--rate-limit-per-minute", "0"];
    let is_limited = settings.contains(&unlimited[0]);
    let unlimited = if is_limited { &[] } else { &unlimited[..] };
    let config = Settings::try_parse_from(fixed.iter().chain(unlimited).chain(settings));
    let config = config.expect("good settings").config;
    start(config, clock, Loops::ByHand).await.expect("it starts")
}

/// An answer's status and JSON; null for an empty body.
pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// A JSON text.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}
