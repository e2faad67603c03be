//! Gathering the evidence: through the API where it shows it, from the database where not.

use crate::base::{Outcome, millis_of, now_ms};
use reqwest::Client;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement};
use serde_json::Value;
use std::time::Duration;
use tokio::task::JoinSet;

/// How many calls are read at once.
const AT_ONCE: usize = 8;
/// A call that waits for longer than this is at rest, in milliseconds.
const WAITS_LONG: i64 = 8_000;

/// A call, as the API shows it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// Itself, with its attempts.
    pub view: Value,
    /// Its timeline.
    pub events: Vec<Value>,
}

/// What only the database shows.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Calls in the table.
    pub calls: i64,
    /// Attempts that are not over and take a slot.
    pub open_attempts: i64,
    /// Reports of attempts that nobody here knows.
    pub reports_of_nothing: i64,
}

impl Seen {
    /// A text of the call.
    pub fn text(&self, name: &str) -> &str {
        self.view[name].as_str().unwrap_or_default()
    }

    /// Its attempts, in order.
    pub fn attempts(&self) -> &[Value] {
        self.view["attempts"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.text("status"), "completed" | "busy" | "no_answer" | "failed" | "canceled")
    }
}

/// Whether nothing is open but what says that it waits for a while.
pub async fn is_at_rest(base: &str, database_url: &str) -> Outcome<bool> {
    let http = client()?;
    for phase in ["active", "pending"] {
        for call in list(&http, base, &format!("phase={phase}")).await? {
            if !waits_long(&call) {
                return Ok(false);
            }
        }
    }
    Ok(facts(database_url).await?.open_attempts == 0)
}

/// Whether a call says why it waits, and that it does so for a while.
fn waits_long(call: &Value) -> bool {
    let not_before = call["waiting"]["not_before"].as_str().and_then(millis_of);
    says_why(call) && not_before.is_some_and(|at| at > now_ms() + WAITS_LONG)
}

/// Whether a call that has not ended says why.
pub fn says_why(call: &Value) -> bool {
    call["waiting"]["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty())
}

/// Every call.
pub async fn calls(base: &str) -> Outcome<Vec<Seen>> {
    let http = client()?;
    let listed = list(&http, base, "").await?;
    let mut ids = listed.iter().filter_map(|call| call["id"].as_str().map(str::to_owned));
    let (mut reading, mut seen) = (JoinSet::new(), Vec::new());
    loop {
        while reading.len() < AT_ONCE {
            let Some(id) = ids.next() else { break };
            let (http, base) = (http.clone(), base.to_owned());
            reading.spawn(async move { one(&http, &base, id).await });
        }
        let Some(read) = reading.join_next().await else { break };
        seen.push(read.map_err(|why| why.to_string())??);
    }
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(seen)
}

async fn one(http: &Client, base: &str, id: String) -> Outcome<Seen> {
    let view = get(http, &format!("{base}/api/calls/{id}")).await?;
    let mut timeline = get(http, &format!("{base}/api/calls/{id}/events")).await?;
    let Value::Array(events) = timeline["events"].take() else {
        return Err(format!("call {id} has no timeline"));
    };
    Ok(Seen { id, view, events })
}

/// All pages of a list.
async fn list(http: &Client, base: &str, query: &str) -> Outcome<Vec<Value>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut page = get(http, &format!("{base}/api/calls?limit=200&{query}{cursor}")).await?;
        if let Value::Array(calls) = page["calls"].take() {
            all.extend(calls);
        }
        let Some(next) = page["next_cursor"].as_str() else { return Ok(all) };
        cursor = format!("&cursor={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
    }
}

async fn get(http: &Client, url: &str) -> Outcome<Value> {
    for _ in 0..5 {
        if let Ok(answer) = http.get(url).send().await
            && answer.status().is_success()
            && let Ok(body) = answer.json().await
        {
            return Ok(body);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(format!("{url} does not answer"))
}

fn client() -> Outcome<Client> {
    Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().map_err(|why| why.to_string())
}

/// What only the database shows.
pub async fn facts(url: &str) -> Outcome<Facts> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.map_err(|why| why.to_string())?;
    let count = async |sql: &str| {
        let statement =
            Statement::from_string(db.get_database_backend(), format!("SELECT count(*) AS n FROM {sql}"));
        let row = db.query_one_raw(statement).await.map_err(|why| why.to_string())?;
        row.ok_or("no row")?.try_get::<i64>("", "n").map_err(|why| why.to_string())
    };
    let facts = Facts {
        calls: count("calls").await?,
        open_attempts: count("call_attempts WHERE ended_at IS NULL AND place_by IS NOT NULL").await?,
        reports_of_nothing: count("call_events WHERE verdict = 'unknown_attempt'").await?,
    };
    db.close().await.map_err(|why| why.to_string())?;
    Ok(facts)
}
