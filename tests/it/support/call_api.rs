//! A Switchboard whose provider speaks the Call API: another installation's simulator, or a company that says what
//! a story tells it to say.

use super::{Backend, OnDatabase, TestDb, app::App};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use switchboard::server::{
    clock::Clock,
    provider::simulator::{Reach, Simulator, SimulatorConfig, Timekeeping, alone},
    signing::{Secrets, new_secret},
};
use tokio::net::TcpListener;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// The simulator's token.
pub const TOKEN: &str = "the-token-of-a-simulator";

/// A simulator that is served by itself, with a database of its own.
pub struct Elsewhere {
    pub address: SocketAddr,
    pub db: TestDb,
}

impl Elsewhere {
    /// Serves one at `listener`, by `clock`.
    pub async fn open(backend: Backend, listener: TcpListener, clock: Clock) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let db = TestDb::new(backend).await;
        let address = listener.local_addr().expect("an address");
        let config = SimulatorConfig {
            token: TOKEN.into(),
            secrets: Secrets::parse(&new_secret()).expect("secrets"),
            seed_secret: None,
            public_url: format!("http://{address}").parse().expect("a URL"),
            callback_allow: vec![],
            callback_reach: Reach::Named,
            timekeeping: Timekeeping::Own,
            speed: 1.0,
            seed: 1,
            fail_rate: 0.0,
        };
        let simulator = Simulator::new(config, db.db.clone(), clock).expect("a simulator");
        let router = alone(simulator).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, db }
    }

    /// How many calls it has dialed, to whatever number.
    pub async fn dials(&self) -> i64 {
        self.count("SELECT count(*) FROM sim_calls").await
    }

    /// The one number that a query answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = &self.db.db;
        let row = db.read().query_one_raw(Statement::from_string(db.backend(), sql)).await;
        row.expect("a query").expect("a row").try_get_by_index(0).expect("a number")
    }

    /// It forgets every call, as a service does that keeps them in memory.
    pub async fn forget(&self) {
        let work = async |tx: switchboard::server::db::Tx| {
            tx.conn().execute_unprepared("DELETE FROM sim_calls").await?;
            Ok(switchboard::server::db::Written::new(()))
        };
        self.db.db.write(work).await.expect("it forgets");
    }
}

/// A Switchboard that asks a simulator elsewhere.
pub struct Polled {
    pub app: App,
    pub company: Elsewhere,
}

impl OnDatabase for Polled {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }
}

impl Polled {
    /// One with settings of its own.
    pub async fn with(backend: Backend, settings: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let all: Vec<&str> = speaks_call_api(&url).into_iter().chain(settings.iter().copied()).collect();
        let app = App::with(backend, &all).await;
        let company = Elsewhere::open(backend, listener, app.clock.clone()).await;
        Self { app, company }
    }

    /// A call that the company has been asked to dial, as the API shows it.
    pub async fn placed(&self, number: &str) -> Value {
        let call = self.app.create(number).await;
        assert_eq!(self.app.dispatch().await, 1);
        self.app.call(&call["id"]).await
    }

    /// Lets `secs` pass, second by second, with every loop doing its part.
    pub async fn live(&self, secs: i64) {
        live(&self.app, secs).await;
    }

    /// The process dies without a word, and another one begins on the same database. Its clock goes on.
    pub async fn after_a_crash(self) -> Self {
        let url = format!("http://{}", self.company.address);
        Self { app: self.app.after_a_crash(&speaks_call_api(&url)).await, company: self.company }
    }
}

/// The settings of a Switchboard whose provider speaks the Call API at `url`.
pub fn speaks_call_api(url: &str) -> [&str; 6] {
    ["--provider-kind", "call_api", "--provider-url", url, "--number-check", "shape"]
}

/// Lets `secs` pass, second by second, with every loop doing its part.
pub async fn live(app: &App, secs: i64) {
    for _ in 0..secs {
        app.dispatch().await;
        app.hang_up().await;
        app.reconcile().await;
        app.pass_secs(1);
    }
}

/// A Switchboard whose provider says what a story tells it to say.
pub struct Strange {
    pub app: App,
    server: MockServer,
    says: Arc<Mutex<Says>>,
}

/// What it answers: of its own accord it takes every call under a new id, and says that it rings.
#[derive(Default)]
struct Says {
    to_placings: Option<ResponseTemplate>,
    to_questions: Option<ResponseTemplate>,
    holds: Option<String>,
    taken: usize,
}

struct Answers(Arc<Mutex<Says>>);

impl OnDatabase for Strange {
    async fn on(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }
}

impl Strange {
    /// One with settings of its own.
    pub async fn with(backend: Backend, settings: &[&str]) -> Self {
        let (server, says) = (MockServer::start().await, Arc::default());
        Mock::given(any()).respond_with(Answers(Arc::clone(&says))).mount(&server).await;
        let url = server.uri();
        let all: Vec<&str> = speaks_call_api(&url).into_iter().chain(settings.iter().copied()).collect();
        Self { app: App::with(backend, &all).await, server, says }
    }

    /// From now on it answers every placing so; none: of its own accord.
    pub fn answers_placings(&self, answer: Option<ResponseTemplate>) {
        self.says.lock().expect("no panic before").to_placings = answer;
    }

    /// From now on it answers every question so; none: of its own accord.
    pub fn answers_questions(&self, answer: Option<ResponseTemplate>) {
        self.says.lock().expect("no panic before").to_questions = answer;
    }

    /// From now on it takes its time with questions about this call.
    pub fn holds(&self, id: &str) {
        self.says.lock().expect("no panic before").holds = Some(id.to_owned());
    }

    /// A call that it has been asked to dial, as the API shows it.
    pub async fn placed(&self) -> Value {
        let call = self.app.create("+14155550101").await;
        assert_eq!(self.app.dispatch().await, 1);
        self.app.call(&call["id"]).await
    }

    /// The requests that it was sent with this method, in order.
    pub async fn sent(&self, method: Method) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap_or_default();
        all.into_iter().filter(|request| request.method == method).collect()
    }

    /// How many placings it was sent.
    pub async fn placings(&self) -> usize {
        self.sent(Method::POST).await.len()
    }
}

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut says = self.0.lock().expect("no panic before");
        if request.method == Method::GET {
            let id = request.url.path().rsplit('/').next().unwrap_or_default();
            let usual = ResponseTemplate::new(200).set_body_json(call(id, "ringing"));
            let answer = says.to_questions.clone().unwrap_or(usual);
            let is_held = says.holds.as_deref() == Some(id);
            return if is_held { answer.set_delay(Duration::from_mins(10)) } else { answer };
        }
        says.taken += 1;
        let usual =
            ResponseTemplate::new(201).set_body_json(call(&format!("call-{}", says.taken), "initiated"));
        says.to_placings.clone().unwrap_or(usual)
    }
}

/// What a service says of a call.
pub fn call(id: &str, status: &str) -> Value {
    json!({"success": true, "call": {"id": id, "phone_number": "+14155550101", "status": status}})
}
