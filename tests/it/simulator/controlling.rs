//! The control API, as somebody's test suite meets it: over HTTP, with the provider's token.

mod clocks;
mod faults;
mod listing;
mod outcomes;
mod refusing;

use super::{TOKEN, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

impl World {
    /// Asks the control API; null for an answer without a body.
    async fn control(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request =
            self.http.request(method, format!("{}/control{path}", self.base)).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let body = response.bytes().await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// What lies there.
    async fn look(&self, path: &str) -> Value {
        let (status, found) = self.control(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {found}");
        found
    }

    /// Switches a fault on, and answers it.
    async fn fault(&self, fault: Value) -> Value {
        let (status, fault) = self.control(Method::POST, "/faults", Some(fault)).await;
        assert_eq!(status, StatusCode::CREATED, "{fault}");
        fault
    }

    /// Sets an outcome, and answers it.
    async fn outcome(&self, outcome: Value) -> Value {
        let (status, outcome) = self.control(Method::POST, "/outcomes", Some(outcome)).await;
        assert_eq!(status, StatusCode::CREATED, "{outcome}");
        outcome
    }

    /// The status and code with which a placing is refused, and after how many seconds to try again.
    async fn refused(&self, attempt_id: &str, number: &str) -> (u16, String, Option<String>) {
        let response = self.placing(&self.body(attempt_id, number)).send().await.expect("an answer");
        let retry_after =
            response.headers().get("retry-after").map(|it| it.to_str().expect("text").to_owned());
        let (status, problem) = super::read(response).await;
        (status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned(), retry_after)
    }

    /// How the call that was placed with this id ends, once everything has happened.
    async fn end_of(&self, attempt_id: &str) -> String {
        self.send_all().await;
        self.clock.advance_ms(100_000);
        self.ask(attempt_id).await[0]["status"].as_str().expect("a status").to_owned()
    }
}

/// A fault of this kind, with nothing more said.
fn kind(kind: &str) -> Value {
    json!({"kind": kind})
}
