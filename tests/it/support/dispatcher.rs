//! What stories about the dispatcher do behind the server's back: claim without placing, stop all placing, crash,
//! report as the provider would.

use super::app::{App, node, read, text};
use reqwest::{Method, RequestBuilder, StatusCode};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, Statement};
use serde_json::Value;
use switchboard::{
    domain::{
        call::{NewCall, Workflow},
        id::CallId,
        phone_number::PhoneNumber,
        timestamp::Timestamp,
    },
    server::{
        calls::{
            claim::{Claimed, claim},
            dispatch_state::row,
        },
        db::Written,
        signing::Secrets,
        state::AppState,
    },
};

/// Claims what is due for a node, and places nothing: so it stands when the node dies at that moment.
pub async fn claim_only(state: &AppState) -> Vec<Claimed> {
    let (terms, clock) = (state.claim_terms(64), state.clock.clone());
    state.db.write(async move |tx| claim(&tx, &terms, &clock).await).await.expect("a claim")
}

impl App {
    /// Writes what holds for all placings.
    pub async fn hold(&self, change: row::ActiveModel) {
        let row = row::ActiveModel { id: Set(row::ONLY), ..change };
        let work = async move |tx: switchboard::server::db::Tx| {
            row::Entity::update(row).exec(tx.conn()).await?;
            Ok(Written::new(()))
        };
        self.state().db.write(work).await.expect("the row is written");
    }

    /// Ada stops all placing.
    pub async fn pause(&self) {
        let by = row::ActiveModel {
            paused_by: Set(Some("Ada".to_owned())),
            paused_at: Set(Some(self.now().as_millis())),
            ..Default::default()
        };
        self.hold(by).await;
    }

    /// Placing goes on.
    pub async fn resume(&self) {
        self.hold(row::ActiveModel { paused_by: Set(None), paused_at: Set(None), ..Default::default() })
            .await;
    }

    /// What the provider did is forgotten, and the breaker closed.
    pub async fn trust_the_provider(&self) {
        let trusted = row::ActiveModel {
            failures: Set(0),
            failing_since: Set(None),
            breaker_until: Set(None),
            ..Default::default()
        };
        self.hold(trusted).await;
    }

    /// The process dies without a word, and another one begins on the same database. Its clock goes on.
    pub async fn after_a_crash(self, settings: &[&str]) -> Self {
        let Self { running, clock, http, test_db, .. } = self;
        drop(running);
        let running = node(&test_db.url, settings, clock.clone()).await;
        let base = format!("http://{}", running.address);
        Self { running, clock, http, base, test_db }
    }

    /// The reasons why the call waits, as the API tells them.
    pub async fn reasons(&self, id: &Value) -> Vec<String> {
        let call = self.call(id).await;
        let reasons = call["waiting"]["reasons"].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|reason| text(&reason["code"])).collect()
    }

    /// The call's events, as the API tells them.
    pub async fn events(&self, id: &Value) -> Vec<Value> {
        let (_, body) = self.get(&format!("/api/calls/{}/events", text(id))).await;
        body["events"].as_array().expect("a list").clone()
    }

    /// The newest of the call's events.
    pub async fn newest_event(&self, id: &Value) -> Value {
        self.events(id).await.pop().expect("an event")
    }

    /// The id of the call's newest attempt.
    pub async fn attempt_id(&self, id: &Value) -> String {
        let call = self.call(id).await;
        let newest = call["attempts"].as_array().and_then(|attempts| attempts.last()).cloned();
        text(&newest.expect("an attempt")["id"])
    }

    /// A status callback with these secrets, signed now.
    pub fn callback(&self, secrets: &Secrets, webhook_id: &str, body: &[u8]) -> RequestBuilder {
        let seconds = self.now().as_millis() / 1_000;
        self.request(Method::POST, "/api/webhooks/provider-status")
            .header("content-type", "application/json")
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", secrets.sign(webhook_id, seconds, body))
            .body(body.to_vec())
    }

    /// The provider reports, and is answered so.
    pub async fn hear(&self, webhook_id: &str, report: &Value) -> StatusCode {
        let callback = self.callback(&self.state().secrets, webhook_id, report.to_string().as_bytes());
        let (status, _) = read(callback.send().await.expect("an answer")).await;
        status
    }

    /// The one number that a query answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = self.state().db.read();
        let row = db.query_one_raw(Statement::from_string(self.state().db.backend(), sql)).await;
        row.expect("a query").expect("a row").try_get_by_index(0).expect("a number")
    }
}

/// A wish for a call at once.
pub fn new_call() -> NewCall {
    NewCall {
        customer_name: "Ada Lovelace".to_owned(),
        phone_number: PhoneNumber::parse("+14155550101").expect("a number"),
        workflow: Workflow::Support,
        scheduled_at: None,
        max_attempts: 1,
        metadata: serde_json::json!({}),
        external_id: None,
        warnings: Vec::new(),
    }
}

/// A call's id, from the API's JSON.
pub fn call_id_of(call: &Value) -> CallId {
    text(&call["id"]).parse().expect("an id")
}

/// An instant, from the API's JSON.
pub fn instant(value: &Value) -> Timestamp {
    let at: jiff::Timestamp = text(value).parse().expect("an instant");
    Timestamp::from_millis(at.as_millisecond())
}
