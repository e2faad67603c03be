//! The words of the domain are the words of the tables: one that a table does not know could not be stored.

use crate::support::{TestDb, both_databases};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::fmt::Display;
use switchboard::{
    domain::{
        actor::Actor,
        call::{NewCall, Workflow},
        phone_number::PhoneNumber,
        status::{AttemptStatus, CallStatus},
        timestamp::Timestamp,
    },
    error::AppError,
    server::{
        calls::create::create,
        clock::Clock,
        db::{Db, Written},
    },
};

both_databases!(every_word_can_be_stored_and_no_other);

async fn every_word_can_be_stored_and_no_other(test: TestDb) {
    let db = &test.db;
    make_call(db).await;
    let attempt = "INSERT INTO call_attempts (id, call_id, number, status, provider, due_at, claimed_at, provisional, checks, refusals)
        SELECT id, id, 1, 'dispatching', 'simulator', 0, 0, false, 0, 0 FROM calls";
    run(db, attempt.to_owned()).await.expect("an attempt");

    store_each(db, "calls", "status", CallStatus::ALL).await;
    store_each(db, "calls", "workflow", Workflow::ALL).await;
    store_each(db, "call_attempts", "status", AttemptStatus::ALL).await;
}

async fn store_each(db: &Db, table: &str, column: &str, words: &[impl Display]) {
    for word in words {
        let stored = run(db, format!("UPDATE {table} SET {column} = '{word}'")).await;
        assert_eq!(stored, Ok(1), "{table}.{column} = {word}");
    }
    let stored = run(db, format!("UPDATE {table} SET {column} = 'unheard_of'")).await;
    assert_eq!(stored, Err(AppError::Internal), "{table}.{column}");
}

async fn make_call(db: &Db) {
    let new = NewCall {
        customer_name: "Ada Lovelace".to_owned(),
        phone_number: PhoneNumber::parse("+14155550101").expect("a number"),
        workflow: Workflow::Support,
        scheduled_at: None,
        max_attempts: 1,
        metadata: json!({}),
        external_id: None,
        warnings: vec![],
    };
    let clock = Clock::manual(Timestamp::from_millis(0));
    let made = db.write(|tx| async move { create(&tx, &Actor::system(), new, None, &clock).await });
    made.await.expect("a call");
}

/// Runs `sql`; how many rows it touched.
async fn run(db: &Db, sql: String) -> Result<u64, AppError> {
    db.write(|tx| async move {
        let done = tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(done.rows_affected()))
    })
    .await
}
