//! What live readers go by: the order of all events, and how far the oldest were removed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// `call_events.xid` also on SQLite, so that one entity fits both; the table `events_pruned` with its one row, which
/// the database keeps by itself whoever removes events; on PostgreSQL the index by which the stream is read, in the
/// place of one that nothing asks for.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ON_SQLITE_UP, ON_POSTGRES_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, ON_SQLITE_DOWN, ON_POSTGRES_DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn run(manager: &SchemaManager<'_>, sqlite: &[&str], postgres: &[&str]) -> Result<(), DbErr> {
    let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
    for statement in if on_postgres { postgres } else { sqlite } {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

const ON_SQLITE_UP: &[&str] = &[
    "ALTER TABLE call_events ADD COLUMN xid bigint NOT NULL DEFAULT 0",
    "CREATE TABLE events_pruned (
        id integer PRIMARY KEY CHECK (id = 1), xid bigint NOT NULL, position bigint NOT NULL)",
    "INSERT INTO events_pruned (id, xid, position) VALUES (1, 0, 0)",
    "CREATE TRIGGER call_events_pruned AFTER DELETE ON call_events
     BEGIN UPDATE events_pruned SET position = max(position, OLD.position); END",
];

const ON_SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER call_events_pruned",
    "DROP TABLE events_pruned",
    "ALTER TABLE call_events DROP COLUMN xid",
];

const ON_POSTGRES_UP: &[&str] = &[
    "CREATE INDEX events_in_order ON call_events (xid, position)",
    "DROP INDEX events_of_team",
    "CREATE TABLE events_pruned (
        id integer PRIMARY KEY CHECK (id = 1), xid xid8 NOT NULL, position bigint NOT NULL)",
    "INSERT INTO events_pruned (id, xid, position) VALUES (1, '0', 0)",
    "CREATE FUNCTION remember_pruned_events() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
         UPDATE events_pruned SET xid = newest.xid, position = newest.position
         FROM (SELECT xid, position FROM pruned ORDER BY xid DESC, position DESC LIMIT 1) AS newest
         WHERE (newest.xid, newest.position) > (events_pruned.xid, events_pruned.position);
         RETURN NULL;
     END $$",
    "CREATE TRIGGER call_events_pruned AFTER DELETE ON call_events REFERENCING OLD TABLE AS pruned
     FOR EACH STATEMENT EXECUTE FUNCTION remember_pruned_events()",
];

const ON_POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER call_events_pruned ON call_events",
    "DROP FUNCTION remember_pruned_events()",
    "DROP TABLE events_pruned",
    "CREATE INDEX events_of_team ON call_events (team_id, position)",
    "DROP INDEX events_in_order",
];
