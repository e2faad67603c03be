//! How late calls go out: the instant of the claim minus `due_at`, with an idle dispatcher and with a thousand
//! calls falling due per second, on both databases. `make bench-lateness`.
//!
//! Real loops, a real database, and a provider behind HTTP that takes every call at once. The limits are off.

mod support;

use axum::{Json, Router, http::StatusCode, routing::post};
use clap::Parser;
use serde_json::{Value, json};
use std::time::Duration;
use support::test_db::{Backend, TestDb};
use switchboard::{
    domain::{
        actor::Actor,
        call::{NewCall, Workflow},
        phone_number::PhoneNumber,
        timestamp::Timestamp,
    },
    server::{
        Loops,
        calls::{create::create, entity::attempts},
        clock::Clock,
        config::Config,
        db::{Db, Written},
        start,
    },
};
use tokio::{net::TcpListener, time::sleep};

/// A load: so many calls, one after the other, so far apart.
struct Load {
    name: &'static str,
    calls: i64,
    apart_micros: i64,
}

const LOADS: [Load; 2] = [
    Load { name: "idle, 5 per second", calls: 100, apart_micros: 200_000 },
    Load { name: "1,000 per second", calls: 10_000, apart_micros: 1_000 },
];
/// Calls that are created in one transaction.
const BATCH: i64 = 500;
/// How long the slowest may take.
const PATIENCE: Duration = Duration::from_mins(3);

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

#[tokio::main]
async fn main() {
    println!(
        "{:<10} {:<20} {:>7} {:>9} {:>9} {:>9}",
        "database", "load", "calls", "p50 ms", "p99 ms", "max ms"
    );
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for load in &LOADS {
            let mut late = measure(backend, load).await;
            late.sort_unstable();
            let at = |share: usize| {
                late.get((late.len() * share / 100).min(late.len() - 1)).copied().unwrap_or(-1)
            };
            let name = format!("{backend:?}");
            println!(
                "{name:<10} {:<20} {:>7} {:>9} {:>9} {:>9}",
                load.name,
                late.len(),
                at(50),
                at(99),
                at(100)
            );
        }
    }
}

/// How late each call of a load was claimed, in milliseconds.
async fn measure(backend: Backend, load: &Load) -> Vec<i64> {
    let test = TestDb::new(backend).await;
    let provider = provider().await;
    let settings = Settings::parse_from([
        "bench",
        "--database-url",
        &test.url,
        "--site-addr",
        "127.0.0.1:0",
        "--provider-url",
        &provider,
        "--number-check",
        "shape",
        "--max-calls-in-flight",
        "0",
        "--calls-per-second",
        "0",
    ]);
    let clock = Clock::system();
    let running = start(settings.config, clock.clone(), Loops::Running).await.expect("it starts");
    let lead_secs = 3 + load.calls / 500;
    // Through the server's own handle, so that its loops are woken as by any create.
    fill(&running.state.db, &clock, load, clock.now().plus_secs(lead_secs)).await;
    let late = tokio::time::timeout(PATIENCE, claimed(&running.state.db, load.calls))
        .await
        .expect("all are claimed");
    running.stop().await;
    late
}

async fn fill(db: &Db, clock: &Clock, load: &Load, begin: Timestamp) {
    for first in (0..load.calls).step_by(usize::try_from(BATCH).expect("a few")) {
        let (clock, apart, last) = (clock.clone(), load.apart_micros, (first + BATCH).min(load.calls));
        let work = async move |tx| {
            for nth in first..last {
                let at = begin.plus_millis(nth * apart / 1_000);
                create(&tx, &Actor::system(), call_at(at), None, &clock).await?;
            }
            Ok(Written::new(()))
        };
        db.write(work).await.expect("the calls");
    }
    assert!(clock.now() < begin, "the calls were created too slowly to be measured");
}

async fn claimed(db: &Db, calls: i64) -> Vec<i64> {
    use sea_orm::EntityTrait;
    loop {
        sleep(Duration::from_secs(2)).await;
        let rows = attempts::Entity::find().all(db.read()).await.expect("the attempts");
        if i64::try_from(rows.len()).is_ok_and(|count| count == calls) {
            return rows.iter().map(|row| row.claimed_at - row.due_at).collect();
        }
    }
}

/// A provider that takes every call at once; where it is.
async fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let take = async |Json(placing): Json<Value>| {
        let id = format!("CA-{}", placing["attempt_id"].as_str().unwrap_or_default());
        (StatusCode::ACCEPTED, Json(json!({"provider_call_id": id, "status": "initiated"})))
    };
    let router = Router::new().route("/calls", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn call_at(at: Timestamp) -> NewCall {
    NewCall {
        customer_name: "Ada Lovelace".to_owned(),
        phone_number: PhoneNumber::parse("+14155550101").expect("a number"),
        workflow: Workflow::Support,
        scheduled_at: Some(at),
        max_attempts: 1,
        metadata: json!({}),
        external_id: None,
        warnings: Vec::new(),
    }
}
