//! What the insights count: how calls ended and how attempts went, in quarters of an hour.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// `insight_calls`, `insight_attempts`, `insight_state` with its one row, and the index by which attempts are found.
/// Nothing is counted here: the loop does it, a little at a time.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let attempts = attempts_table();
        for statement in [CALLS, &attempts, STATE, ONLY_ROW, INDEX] {
            let statement = statement.replace("{uuid}", if on_postgres { "uuid" } else { "blob" });
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["insight_state", "insight_attempts", "insight_calls"];
        for statement in tables.map(|table| format!("DROP TABLE {table}")) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        manager.get_connection().execute_unprepared("DROP INDEX attempts_by_claim").await?;
        Ok(())
    }
}

/// `bucket` is the instant at which its quarter of an hour begins.
const CALLS: &str = "CREATE TABLE insight_calls (
    team_id {uuid} NOT NULL REFERENCES teams (id),
    bucket bigint NOT NULL,
    workflow text NOT NULL,
    completed integer NOT NULL,
    busy integer NOT NULL,
    no_answer integer NOT NULL,
    failed integer NOT NULL,
    missed integer NOT NULL,
    unknown integer NOT NULL,
    canceled integer NOT NULL,
    PRIMARY KEY (team_id, bucket, workflow))";

const STATE: &str = "CREATE TABLE insight_state (
    id integer PRIMARY KEY CHECK (id = 1),
    version bigint NOT NULL,
    place text,
    fill_from bigint,
    frozen_until bigint NOT NULL,
    counted_at bigint)";

const ONLY_ROW: &str = "INSERT INTO insight_state (id, version, frozen_until) VALUES (1, 0, 0)";
const INDEX: &str = "CREATE INDEX attempts_by_claim ON call_attempts (claimed_at)";

/// How many slots each measure's histogram has.
const SLOTS: [(&str, usize); 3] = [("answer", 12), ("talk", 12), ("late", 13)];

fn attempts_table() -> String {
    let slots = SLOTS.iter().flat_map(|(name, slots)| {
        (0..*slots).map(move |slot| format!("    {name}_{slot} integer NOT NULL,\n"))
    });
    format!(
        "CREATE TABLE insight_attempts (
    team_id {{uuid}} NOT NULL REFERENCES teams (id),
    bucket bigint NOT NULL,
    workflow text NOT NULL,
    placed integer NOT NULL,
    answered integer NOT NULL,
{}    PRIMARY KEY (team_id, bucket, workflow))",
        slots.collect::<String>()
    )
}
