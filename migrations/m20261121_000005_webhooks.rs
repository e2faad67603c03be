//! Outgoing webhooks: the endpoints that want to be told, and what they are told.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// `webhook_endpoints` and `webhook_deliveries`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in TABLES.iter().chain(INDEXES) {
            manager.get_connection().execute_unprepared(&spelled(statement, on_postgres)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["webhook_deliveries", "webhook_endpoints"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// One text for both databases: only these words differ between them.
fn spelled(statement: &str, on_postgres: bool) -> String {
    let words: [(&str, &str, &str); 3] = [
        ("{uuid}", "uuid", "blob"),
        ("{json}", "jsonb", "text"),
        (
            "{position}",
            "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            "integer PRIMARY KEY AUTOINCREMENT",
        ),
    ];
    words.iter().fold(statement.to_owned(), |text, (word, postgres, sqlite)| {
        text.replace(word, if on_postgres { postgres } else { sqlite })
    })
}

const TABLES: &[&str] = &[
    "CREATE TABLE webhook_endpoints (
        id {uuid} PRIMARY KEY,
        team_id {uuid} NOT NULL REFERENCES teams (id),
        version bigint NOT NULL,
        url text NOT NULL,
        description text NOT NULL,
        events {json} NOT NULL,
        secret text NOT NULL,
        old_secret text,
        old_secret_until bigint,
        disabled_at bigint,
        disabled_reason text CHECK (disabled_reason IN ('by_hand', 'gone', 'failing')),
        failing_since bigint,
        created_by text NOT NULL,
        created_at bigint NOT NULL,
        updated_at bigint NOT NULL)",
    "CREATE TABLE webhook_deliveries (
        position {position},
        id {uuid} NOT NULL UNIQUE,
        endpoint_id {uuid} NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
        event text NOT NULL,
        call_id {uuid},
        body text NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
        attempts integer NOT NULL,
        tries integer NOT NULL,
        next_at bigint,
        lease_until bigint,
        last_attempt_at bigint,
        answer_status integer,
        answer text,
        error text,
        duration_ms bigint,
        delivered_at bigint,
        created_at bigint NOT NULL)",
];

const INDEXES: &[&str] = &[
    "CREATE INDEX webhook_endpoints_of_team ON webhook_endpoints (team_id, id)",
    "CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, position)",
    "CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (endpoint_id, status, position)",
    // What is still to be sent; most rows are done with and stay out of it.
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at, position)
        WHERE next_at IS NOT NULL",
    "CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (endpoint_id, lease_until)
        WHERE lease_until IS NOT NULL",
];
