//! A program that follows the stream of events: `GET /api/events`, read line by line as WHATWG HTML says.

use super::{
    OnDatabase,
    app::{App, text},
};
use crate::support::Backend;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use std::time::Duration;
use switchboard::server::{api::events::hub, calls::stream::is_held_back, db::Db, state::AppState};
use tokio_util::sync::{CancellationToken, DropGuard};

/// However slow the machine: what has not been told by then is lost.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Switchboard whose live readers are told by themselves; everything else happens by hand.
pub struct Live {
    pub app: App,
    _telling: DropGuard,
}

impl OnDatabase for Live {
    async fn on(backend: Backend) -> Self {
        Self::of(App::on(backend).await)
    }
}

impl Live {
    pub fn of(app: App) -> Self {
        let telling = CancellationToken::new();
        tokio::spawn(hub::run(app.state().clone(), telling.clone()));
        Self { app, _telling: telling.drop_guard() }
    }

    /// Follows what `query` asks for.
    pub async fn stream(&self, query: &str) -> Stream {
        Stream::open(&self.app.http, &self.app.base, query).await
    }

    /// The place in the stream that the list tells, once everything that was written stands before it.
    pub async fn cursor(&self) -> String {
        settle(self.app.state()).await;
        text(&self.app.get("/api/calls").await.1["events_cursor"])
    }
}

/// Waits until everything that was written can be told. On PostgreSQL any transaction of the same server that has
/// written holds events back for as long as it is open, also another test's.
pub async fn settle(state: &AppState) {
    while is_held_back(&state.db).await.expect("a look") {
        tokio::task::yield_now().await;
    }
}

/// The ids of all events that are kept, in the stream's order.
pub async fn kept(db: &Db) -> Vec<String> {
    let sql = "SELECT CAST(xid AS text) || '-' || CAST(position AS text) AS id FROM call_events \
               ORDER BY call_events.xid, position";
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.expect("a query");
    rows.iter().map(|row| row.try_get("", "id").expect("an id")).collect()
}

/// An open stream.
pub struct Stream {
    response: Response,
    received: Vec<u8>,
}

/// What stands between two empty lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub id: Option<String>,
    pub event: Option<String>,
    pub data: Option<Value>,
    pub retry: Option<String>,
    pub is_comment: bool,
}

impl Block {
    /// `event.id`, `event.kind`: what stands at a path.
    pub fn at(&self, pointer: &str) -> Value {
        let data = self.data.as_ref().unwrap_or_else(|| panic!("no data: {self:?}"));
        data.pointer(pointer).cloned().unwrap_or_default()
    }

    /// The event's id.
    pub fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| panic!("no id: {self:?}"))
    }
}

impl Stream {
    pub async fn open(http: &Client, base: &str, query: &str) -> Self {
        Self::of(http.get(format!("{base}/api/events?{query}"))).await
    }

    /// Comes back as a browser does: with the old query and the id of the last event.
    pub async fn again(http: &Client, base: &str, query: &str, last: &str) -> Self {
        Self::of(http.get(format!("{base}/api/events?{query}")).header("last-event-id", last)).await
    }

    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        Self { response, received: Vec::new() }
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|value| value.to_str().expect("a text"))
    }

    /// The next block; none when the stream has ended, or was cut off.
    pub async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some(end) = self.received.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.received.drain(..end + 2).collect();
                return Some(parse(std::str::from_utf8(&block).expect("UTF-8")));
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something comes");
            self.received.extend(chunk.ok()??);
        }
    }

    /// What is told next, whether an event or a resync. Signs of life do not count.
    pub async fn told(&mut self) -> Block {
        let told = async {
            loop {
                let block = self.block().await.expect("the stream goes on");
                if block.data.is_some() {
                    return block;
                }
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("something is told")
    }

    /// The next `count` events.
    pub async fn events(&mut self, count: usize) -> Vec<Block> {
        let mut events = Vec::new();
        for _ in 0..count {
            let told = self.told().await;
            assert_eq!(told.event, None, "{told:?}");
            events.push(told);
        }
        events
    }

    /// Why the list must be read anew, and where the stream goes on.
    pub async fn resync(&mut self) -> (String, String) {
        let told = self.told().await;
        assert_eq!(told.event.as_deref(), Some("resync"), "{told:?}");
        assert_eq!(told.at("/events_cursor"), told.id());
        (text(&told.at("/code")), told.id())
    }
}

fn parse(text: &str) -> Block {
    let mut block = Block::default();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match name {
            "" => block.is_comment = true,
            "id" => block.id = Some(value),
            "event" => block.event = Some(value),
            "retry" => block.retry = Some(value),
            "data" => block.data = Some(serde_json::from_str(&value).expect("one line of JSON")),
            other => panic!("no such field: {other}"),
        }
    }
    block
}
