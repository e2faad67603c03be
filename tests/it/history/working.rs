//! How much work a statement is: it is run once more as it was, and what it wrote is taken back.

use super::Ran;
use crate::support::TestDb;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, TransactionTrait, Value,
    Values, sqlx,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub use sea_orm::Statement;

/// The most instructions of SQLite's machine that one statement may take. A look at each of a hundred thousand rows
/// takes several times as many; so does the longest count of a search, or the sorting of what few calls it finds.
const INSTRUCTIONS: u64 = 150_000;
/// The same for the count of a filter's calls, of which so many are looked at.
const OF_A_COUNT: u64 = 350_000;
/// The most rows that PostgreSQL may read for one statement. Where it expects matches to lie close together it reads the
/// table instead of an index, as long as that costs less.
const ROWS: f64 = 60_000.0;
/// SQLite tells after each of so many instructions that it is still at work.
const GRAIN: u32 = 100;
/// The tables that grow with each call.
const GROWING: [&str; 7] = [
    "calls",
    "call_attempts",
    "call_events",
    "webhook_deliveries",
    "sim_calls",
    "sim_callbacks",
    "idempotency_keys",
];

/// What is of another size than that of history, in words that its statements hold.
const OTHERWISE: [&str; 4] = [
    // The ledger of the insights has a row for each quarter of an hour, and counts a day at a time when it begins.
    "FROM insight_",
    "900000 AS bucket",
    // A list of nothing.
    "WHERE … = …",
    // The newest event.
    "FROM call_events ORDER BY position DESC LIMIT 1",
];

/// A statement without the number of values in its lists, which is another one for each number of them.
pub fn shape(sql: &str) -> String {
    let words = sql.split(' ').map(|word| {
        let ending =
            word.trim_start_matches(['(', '?', '$']).trim_start_matches(|c: char| c.is_ascii_digit());
        let parameter = &word[..word.len() - ending.len()];
        if parameter.contains(['?', '$']) {
            format!("{}…{ending}", "(".repeat(parameter.matches('(').count()))
        } else {
            word.to_owned()
        }
    });
    let mut shape = words.collect::<Vec<_>>().join(" ");
    for list in ["…, …", "(…), (…)"] {
        while shape.contains(list) {
            shape = shape.replace(list, &list[..list.find(", ").expect("a list")]);
        }
    }
    shape
}

/// What is wrong with these statements, in words.
pub async fn examine(test: &TestDb, seen: &BTreeMap<String, Ran>) -> Vec<String> {
    match test.db.backend() {
        DbBackend::Postgres => on_postgres(test, seen).await,
        _ => on_sqlite(test, seen).await,
    }
}

/// Without statistics, as it begins, and with them, as it goes on.
async fn on_sqlite(test: &TestDb, seen: &BTreeMap<String, Ran>) -> Vec<String> {
    let mut faults = Vec::new();
    for with_statistics in [false, true] {
        let (db, work) = counting(test).await;
        if with_statistics {
            db.execute_unprepared("ANALYZE").await.expect("statistics");
        }
        let (db, work) = if with_statistics { counting(test).await } else { (db, work) };
        for (shape, examples) in of_history(seen) {
            for statement in examples {
                let transaction = db.begin().await.expect("a transaction");
                let plan =
                    Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement.clone() };
                let plan = transaction.query_all_raw(plan).await.expect("a plan");
                let plan: Vec<String> =
                    plan.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
                work.store(0, Ordering::Relaxed);
                // A row that is there already is refused when it is inserted once more, which is work too.
                let _ = transaction.query_all_raw(statement.clone()).await;
                let work = work.load(Ordering::Relaxed) * u64::from(GRAIN);
                transaction.rollback().await.expect("it is taken back");
                // With statistics SQLite knows when a team has all calls, and does without its index.
                let scan = !with_statistics && plan.iter().any(|step| is_scan(step));
                let most = if shape.contains("AS \"matches\"") { OF_A_COUNT } else { INSTRUCTIONS };
                if work > most || scan {
                    let values = values_of(statement);
                    faults.push(format!(
                        "{work} instructions (statistics: {with_statistics}):\n  {shape}\n  {values}\n  {}",
                        plan.join("\n  ")
                    ));
                    break;
                }
            }
        }
    }
    faults
}

fn of_history(seen: &BTreeMap<String, Ran>) -> impl Iterator<Item = (&String, &Vec<Statement>)> {
    let of_history = seen.iter().filter(|(shape, _)| !OTHERWISE.iter().any(|words| shape.contains(words)));
    of_history.map(|(shape, ran)| (shape, &ran.examples))
}

/// One connection that counts the instructions it takes.
async fn counting(test: &TestDb) -> (DatabaseConnection, Arc<AtomicU64>) {
    let work = Arc::new(AtomicU64::new(0));
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(test.file().expect("a file"));
    let counted = Arc::clone(&work);
    let pool =
        sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                let grain = i32::try_from(GRAIN).expect("a small number");
                connection.lock_handle().await?.set_progress_handler(grain, move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    true
                });
                Ok(())
            })
        });
    let pool = pool.connect_with(options.foreign_keys(true)).await.expect("a connection");
    (sea_orm::SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), work)
}

/// Whether a step looks at all rows of a table that grows. An index may be looked through that holds only some of them,
/// or that holds a list in its order and is left after a page.
fn is_scan(step: &str) -> bool {
    const MEANT: [&str; 7] = [
        "attempts_open",
        "attempts_to",
        "calls_due",
        "webhook_deliveries_due",
        "sim_callbacks_to_send",
        "sim_callbacks_newest",
        "sim_calls_placed_at",
    ];
    let Some(scanned) = step.strip_prefix("SCAN ") else { return false };
    let table = scanned.split(' ').next().unwrap_or_default();
    GROWING.contains(&table) && !MEANT.iter().any(|index| scanned.contains(index))
}

/// As a prepared statement is planned at first, with its values, and later, without them.
async fn on_postgres(test: &TestDb, seen: &BTreeMap<String, Ran>) -> Vec<String> {
    let one = ConnectOptions::new(&test.url).max_connections(1).to_owned();
    let db = Database::connect(one).await.expect("a connection");
    db.execute_unprepared("ANALYZE").await.expect("statistics");
    let mut faults = Vec::new();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        for (shape, examples) in of_history(seen) {
            for statement in examples {
                // A row that is there already can't be inserted once more.
                let Some(plan) = planned(&db, statement, mode).await else { continue };
                let rows = rows_of(&plan[0]["Plan"]);
                if rows > ROWS {
                    let values = values_of(statement);
                    let steps = steps_of(&plan[0]["Plan"], 1);
                    faults.push(format!("{rows} rows ({mode}):\n  {shape}\n  {values}\n{steps}"));
                    break;
                }
            }
        }
    }
    faults
}

/// How PostgreSQL went about a prepared statement.
async fn planned(db: &DatabaseConnection, statement: &Statement, mode: &str) -> Option<serde_json::Value> {
    let transaction = db.begin().await.expect("a transaction");
    let set = format!("SET LOCAL plan_cache_mode = {mode}");
    transaction.execute_unprepared(&set).await.expect("the mode");
    let prepare = format!("PREPARE toured AS {}", statement.sql);
    transaction.execute_unprepared(&prepare).await.unwrap_or_else(|why| panic!("{why}: {prepare}"));
    let execute = match &statement.values {
        Some(Values(values)) if !values.is_empty() => {
            let places: Vec<_> = (1..=values.len()).map(|at| format!("${at}")).collect();
            let sql = format!("EXECUTE toured ({})", places.join(", "));
            Statement { sql, ..statement.clone() }.to_string()
        }
        _ => "EXECUTE toured".to_owned(),
    };
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {execute}");
    let plan = transaction.query_one_raw(Statement::from_string(DbBackend::Postgres, explain)).await;
    transaction.rollback().await.expect("it is taken back");
    db.execute_unprepared("DEALLOCATE toured").await.expect("it is forgotten");
    plan.ok().flatten().map(|plan| plan.try_get_by_index(0).expect("a plan"))
}

/// The rows that were read from tables and indexes: those of the steps that have none below them.
fn rows_of(step: &serde_json::Value) -> f64 {
    let below = step["Plans"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !below.is_empty() {
        return below.iter().map(rows_of).sum();
    }
    let number = |name: &str| step[name].as_f64().unwrap_or(0.0);
    let read = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"];
    read.into_iter().map(number).sum::<f64>() * number("Actual Loops")
}

/// A plan for people: a line for each step.
fn steps_of(step: &serde_json::Value, depth: usize) -> String {
    let words =
        ["Node Type", "Index Name", "Relation Name"].map(|name| step[name].as_str().unwrap_or_default());
    let numbers =
        ["Actual Rows", "Actual Loops", "Rows Removed by Filter"].map(|name| step[name].to_string());
    let own = format!("{}{} [{}]\n", "  ".repeat(depth), words.join(" "), numbers.join(", "));
    let below = step["Plans"].as_array().into_iter().flatten().map(|below| steps_of(below, depth + 1));
    [own].into_iter().chain(below).collect()
}

fn values_of(statement: &Statement) -> String {
    let Some(Values(values)) = &statement.values else { return String::new() };
    let values: Vec<_> = values.iter().take(12).map(Value::to_string).collect();
    values.join(", ")
}
