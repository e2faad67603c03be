//! What the API's stories ask of a Switchboard, beside what every story does.

use super::{
    Backend, OnDatabase,
    app::{App, read, text},
};
use reqwest::{Method, StatusCode, header::HeaderMap};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::Value;
use switchboard::{
    domain::{
        actor::Actor,
        id::{CallId, TeamId},
    },
    server::{
        calls::claim::{Claimed, claim},
        db::Written,
        dispatcher::place,
    },
};
use uuid::Uuid;

/// The simulator lets it ring for a minute.
pub const SLOW: &str = "+14155550105";
/// Nobody answers there.
pub const NO_ANSWER: &str = "+14155550103";
/// The simulator can't put calls to it through.
pub const FAILS: &str = "+14155550104";

/// A world whose provider is not there.
pub struct NobodyDials(pub App);

impl OnDatabase for NobodyDials {
    async fn on(backend: Backend) -> Self {
        Self(App::with(backend, &["--provider-url", "http://127.0.0.1:1"]).await)
    }
}

impl App {
    /// PATCH a call.
    pub async fn patch(&self, id: &Value, body: &Value) -> (StatusCode, Value) {
        let path = format!("/api/calls/{}", text(id));
        read(self.request(Method::PATCH, &path).json(body).send().await.expect("an answer")).await
    }

    /// PATCH or DELETE a call that the caller has seen at a version.
    pub async fn if_match(&self, method: Method, id: &Value, seen: &str, body: &Value) -> StatusCode {
        let path = format!("/api/calls/{}", text(id));
        let request = self.request(method, &path).header("if-match", seen).json(body);
        request.send().await.expect("an answer").status()
    }

    /// DELETE a call.
    pub async fn delete(&self, id: &Value) -> (StatusCode, Value) {
        let path = format!("/api/calls/{}", text(id));
        read(self.request(Method::DELETE, &path).send().await.expect("an answer")).await
    }

    /// GET a path: status, headers, JSON.
    pub async fn get_all_of(&self, path: &str) -> (StatusCode, HeaderMap, Value) {
        let response = self.request(Method::GET, path).send().await.expect("an answer");
        let headers = response.headers().clone();
        let (status, body) = read(response).await;
        (status, headers, body)
    }

    /// The ids of the calls that a query finds, in their order.
    pub async fn ids(&self, query: &str) -> Vec<String> {
        let (status, page) = self.get(&format!("/api/calls?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{query}: {page}");
        page["calls"].as_array().expect("a list").iter().map(|call| text(&call["id"])).collect()
    }

    /// Claims what is due and leaves it so: the provider is not asked.
    pub async fn claim(&self) -> Vec<Claimed> {
        let (terms, clock) = (self.state().claim_terms(100), self.clock.clone());
        self.state().db.write(async move |tx| claim(&tx, &terms, &clock).await).await.expect("a claim")
    }

    /// Asks the provider for what was claimed.
    pub async fn place(&self, claimed: Vec<Claimed>) {
        for claimed in claimed {
            place::place(self.state(), claimed).await;
        }
    }

    /// Somebody of another team than everybody else.
    pub async fn stranger(&self) -> Actor {
        let team = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);
        let made = self.state().db.write(async move |tx| {
            let id = match tx.conn().get_database_backend() {
                DbBackend::Sqlite => format!("x'{}'", team.simple()),
                _ => format!("'{team}'"),
            };
            let sql = format!("INSERT INTO teams (id, name, created_at) VALUES ({id}, 'Others', 0)");
            tx.conn().execute_unprepared(&sql).await?;
            Ok(Written::new(()))
        });
        made.await.expect("a team");
        Actor { team_id: TeamId(team), ..Actor::token() }
    }
}

/// The id of a call as the verbs take it.
pub fn call_id(id: &Value) -> CallId {
    text(id).parse().expect("an id")
}
