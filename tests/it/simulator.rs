//! The simulator as its callers meet it: over HTTP, with a receiver for its callbacks and a clock moved by hand.

mod asking;
mod controlling;
mod hanging_up;
mod placing;
mod receiver;
mod reporting;
mod running;

use crate::support::{Backend, OnDatabase, TestDb};
use receiver::Receiver;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use switchboard::{
    domain::timestamp::Timestamp,
    server::{
        clock::Clock,
        db::Db,
        provider::simulator::{Reach, Simulator, SimulatorConfig, Timekeeping, deliver, router},
        signing::Secrets,
    },
};
use tokio::net::TcpListener;

const TOKEN: &str = "a-token-for-tests";
const SECRETS: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// 21 November 2026, 09:00 UTC.
const START: i64 = 1_795_251_600_000;
/// How long callers wait for the answer to a placing, in milliseconds.
const PATIENCE: i64 = 10_000;

/// A simulator that is served over HTTP, and a receiver for its callbacks.
struct World {
    sim: Simulator,
    db: Db,
    clock: Clock,
    receiver: Receiver,
    base: String,
    http: reqwest::Client,
    _test_db: TestDb,
}

impl OnDatabase for World {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, |_| {}).await
    }
}

impl World {
    /// A world whose simulator is set up differently.
    async fn with(backend: Backend, change: impl FnOnce(&mut SimulatorConfig)) -> Self {
        // Only the first test of a process can install it; all others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let test_db = TestDb::new(backend).await;
        let db = test_db.db.clone();
        let clock = Clock::manual(Timestamp::from_millis(START));
        let receiver = Receiver::start().await;
        let mut config = config(&receiver);
        change(&mut config);
        let sim = Simulator::new(config, db.clone(), clock.clone()).expect("a simulator");
        let base = serve(&sim).await;
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { sim, db, clock, receiver, base, http, _test_db: test_db }
    }

    /// A body for placing a call to `number` with the key `attempt_id`.
    fn body(&self, attempt_id: &str, number: &str) -> Value {
        json!({
            "attempt_id": attempt_id,
            "to": number,
            "customer_name": "Ada Lovelace",
            "workflow": "support",
            "callback_url": format!("{}/hook/{attempt_id}", self.receiver.url),
            "place_by": Timestamp::from_millis(self.now() + PATIENCE).to_rfc3339(),
        })
    }

    fn placing(&self, body: &Value) -> reqwest::RequestBuilder {
        let key = body["attempt_id"].as_str().unwrap_or_default();
        self.http
            .post(format!("{}/calls", self.base))
            .bearer_auth(TOKEN)
            .header("idempotency-key", key)
            .json(body)
    }

    /// Places a call that is taken, and returns its id there.
    async fn place(&self, attempt_id: &str, number: &str) -> String {
        let response = self.placing(&self.body(attempt_id, number)).send().await.expect("an answer");
        let (status, placed) = read(response).await;
        assert_eq!((status, &placed["status"]), (StatusCode::ACCEPTED, &json!("initiated")), "{placed}");
        placed["provider_call_id"].as_str().expect("an id").to_owned()
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(TOKEN);
        read(request.send().await.expect("an answer")).await
    }

    /// The calls placed with this key, as a status query tells.
    async fn ask(&self, attempt_id: &str) -> Vec<Value> {
        let (status, found) = self.get(&format!("/calls?attempt_id={attempt_id}")).await;
        assert_eq!(status, StatusCode::OK);
        found["calls"].as_array().expect("a list").clone()
    }

    async fn hang_up(&self, id: &str) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}/calls/{id}/hangup", self.base)).bearer_auth(TOKEN);
        read(request.send().await.expect("an answer")).await
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// Moves the clock to `millis` after the start and sends what is then due.
    async fn send_at(&self, millis: i64) -> deliver::Round {
        self.clock.advance_ms(START + millis - self.now());
        deliver::run_once(&self.sim, self.now()).await.expect("the database works")
    }

    /// Sends each callback when it is due, until none is left.
    async fn send_all(&self) {
        while let Some(next) = deliver::next_due(&self.sim).await.expect("the database works") {
            self.send_at(next - START).await;
        }
    }
}

fn config(receiver: &Receiver) -> SimulatorConfig {
    SimulatorConfig {
        token: TOKEN.into(),
        secrets: Secrets::parse(SECRETS).expect("secrets"),
        seed_secret: None,
        public_url: receiver.url.parse().expect("a URL"),
        callback_allow: vec![],
        callback_reach: Reach::Named,
        timekeeping: Timekeeping::Own,
        speed: 1.0,
        seed: 1,
        fail_rate: 0.15,
    }
}

/// Serves the simulator where `PROVIDER_URL` would point, and returns that address.
async fn serve(sim: &Simulator) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = axum::Router::new().nest("/provider", router(sim.clone()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/provider")
}

async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    (status, response.json().await.expect("a JSON body"))
}
