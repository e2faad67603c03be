//! The lab: Switchboard under each fault of its simulator, and the page that switches them.

mod page;
mod surviving;

use crate::support::{
    Backend, OnDatabase,
    app::{App, read},
};
use reqwest::{Method, StatusCode};
use serde_json::Value;

const TOKEN: &str = "the-token-of-the-lab";

/// A Switchboard whose simulator can be told what to do. It waits no longer than a second for an answer.
struct Lab(App);

impl OnDatabase for Lab {
    async fn on(backend: Backend) -> Self {
        let settings =
            ["--provider-token", TOKEN, "--provider-timeout-secs", "1", "--lost-contact-secs", "120"];
        Self(App::with(backend, &settings).await)
    }
}

impl Lab {
    /// Asks the control API, as a stranger would.
    async fn control(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let request =
            self.0.request(method, &format!("/provider/control{path}")).bearer_auth(TOKEN).json(body);
        read(request.send().await.expect("an answer")).await
    }

    /// What lies there.
    async fn look(&self, path: &str) -> Value {
        let request = self.0.request(Method::GET, &format!("/provider/control{path}")).bearer_auth(TOKEN);
        let (status, found) = read(request.send().await.expect("an answer")).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found
    }

    /// Switches a fault on.
    async fn fault(&self, fault: &Value) {
        let (status, fault) = self.control(Method::POST, "/faults", fault).await;
        assert_eq!(status, StatusCode::CREATED, "{fault}");
    }

    /// How many calls the simulator has dialed.
    async fn dials(&self) -> usize {
        self.look("/calls").await["calls"].as_array().expect("a list").len()
    }
}
