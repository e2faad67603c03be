//! How fast the insights of a million calls are: the ledger against a count of the calls themselves, side by side, on
//! both databases. `make bench-insights`.

#[path = "../lateness/support.rs"]
mod support;

use sea_orm::{ConnectionTrait, DbBackend};
use std::time::{Duration, Instant};
use support::test_db::{Backend, TestDb};
use switchboard::{
    domain::{actor::Actor, timestamp::Timestamp},
    server::{
        db::{Db, Tx, Written},
        insights::{
            bucket::{Stretch, floor},
            count::count,
            follow,
            numbers::numbers,
            range::{Asked, Range},
        },
    },
};

/// Calls, evenly over ninety days up to [`NOW`].
const CALLS: i64 = 1_000_000;
/// Calls that are inserted in one transaction.
const BATCH: i64 = 50_000;
/// 21 November 2026, 00:00 UTC, less a millisecond.
const NOW: i64 = 1_795_219_199_999;
/// Milliseconds from one call's end to the next.
const APART: i64 = 90 * 86_400_000 / CALLS;
/// How often each is measured; the middle one is told.
const TIMES: usize = 9;

#[tokio::main]
async fn main() {
    println!("{CALLS} calls over 90 days; milliseconds, the middle of {TIMES}");
    println!("{:<10} {:<6} {:>10} {:>10} {:>8}", "database", "days", "ledger", "calls", "ratio");
    for backend in [Backend::Sqlite, Backend::Postgres] {
        measure(backend).await;
    }
}

async fn measure(backend: Backend) {
    let test = TestDb::new(backend).await;
    let (db, name) = (&test.db, format!("{backend:?}"));
    for first in (0..CALLS).step_by(usize::try_from(BATCH).expect("a few")) {
        insert(db, first).await;
    }
    let begun = Instant::now();
    follow::catch_up(db, Timestamp::from_millis(NOW)).await.expect("it is counted");
    let filled = begun.elapsed();
    for query in ["range=7d", "range=30d", "range=90d"] {
        let range = range(query);
        let mut ledger = Vec::new();
        let mut plain = Vec::new();
        for _ in 0..TIMES {
            let (took, total) = by_ledger(db, &range).await;
            ledger.push(took);
            let (took, counted) = by_calls(db, &range).await;
            plain.push(took);
            assert_eq!(total, counted, "both ways come to the same");
        }
        let (ledger, plain) = (middle(ledger), middle(plain));
        println!("{name:<10} {query:<6} {ledger:>10.1} {plain:>10.1} {:>7.0}x", plain / ledger);
    }
    println!("{name:<10} the first count of everything took {:.1} s", filled.as_secs_f64());
}

async fn by_ledger(db: &Db, range: &Range) -> (Duration, i64) {
    let begun = Instant::now();
    let numbers =
        numbers(db, &Actor::system(), range, Timestamp::from_millis(NOW)).await.expect("the numbers");
    (begun.elapsed(), numbers.totals().iter().sum())
}

/// The cheapest count without a ledger: one pass over the calls and one over the attempts of the range.
async fn by_calls(db: &Db, range: &Range) -> (Duration, i64) {
    let begun = Instant::now();
    let stretch = Stretch { from: floor(range.start()), to: range.end() };
    let counted = count(db, &[stretch]).await.expect("the numbers");
    (begun.elapsed(), counted.calls.iter().flat_map(|row| &row.counts).sum())
}

fn middle(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    took[took.len() / 2].as_secs_f64() * 1_000.0
}

fn range(query: &str) -> Range {
    let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let asked = Asked::from_pairs(pairs).expect("known names");
    asked.read("UTC", Timestamp::from_millis(NOW)).expect("a range")
}

async fn insert(db: &Db, first: i64) {
    let (id, no, json) = match db.backend() {
        DbBackend::Postgres => ("CAST(lpad(to_hex(n), 32, '0') AS uuid)", "false", "jsonb"),
        _ => ("unhex(printf('%032x', n))", "0", "text"),
    };
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT CAST({first} + 1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {first} + {BATCH})"
    );
    let ended = format!("{NOW} - ({CALLS} - n) * {APART}");
    let calls = format!(
        "{numbers} INSERT INTO calls (id, team_id, version, customer_name, name_folded, phone_number, workflow, status, \
         due_at, wanted_at, max_attempts, attempts_made, lease_epoch, ended_at, ended_reason, metadata, warnings, \
         created_by, created_at, updated_at) \
         SELECT {id}, (SELECT id FROM teams), 6, 'Ada Lovelace', 'ada lovelace', '+14155550101', \
         CASE n % 3 WHEN 0 THEN 'support' WHEN 1 THEN 'sales' ELSE 'reminder' END, \
         CASE n % 7 WHEN 0 THEN 'busy' WHEN 1 THEN 'no_answer' WHEN 2 THEN 'failed' ELSE 'completed' END, \
         0, 0, 1, 1, 0, {ended}, CASE n % 7 WHEN 2 THEN 'invalid_number' ELSE 'answered' END, \
         CAST('{{}}' AS {json}), CAST('[]' AS {json}), 'token', {ended} - 90000, {ended} FROM numbers"
    );
    let attempts = format!(
        "{numbers} INSERT INTO call_attempts (id, call_id, number, status, provider, due_at, claimed_at, accepted_at, \
         ringing_at, answered_at, ended_at, provisional, checks, refusals, duration_secs) \
         SELECT {id}, {id}, 1, CASE n % 4 WHEN 0 THEN 'busy' ELSE 'completed' END, 'simulator', \
         {ended} - 60000 - n % 900, {ended} - 60000, {ended} - 59000, {ended} - 58000, \
         CASE n % 4 WHEN 0 THEN NULL ELSE {ended} - 58000 + n % 40000 END, {ended}, {no}, 0, 0, n % 600 FROM numbers"
    );
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&calls).await?;
        tx.conn().execute_unprepared(&attempts).await?;
        Ok(Written::new(()))
    };
    db.write(work).await.expect("a batch of calls");
}
