//! What a form asks while it is being filled in: who is called so, whose number that is, and what is open to it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// The indexes of names and numbers lead to the newest call of each; open calls have one by number.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            run(manager, statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in DOWN {
            run(manager, statement).await?;
        }
        Ok(())
    }
}

const UP: &[&str] = &[
    "DROP INDEX calls_by_name",
    "DROP INDEX calls_by_number",
    "CREATE INDEX calls_by_name ON calls (team_id, name_folded {prefix}, id)",
    "CREATE INDEX calls_by_number ON calls (team_id, phone_number {prefix}, id)",
    "CREATE INDEX calls_open_by_number ON calls (team_id, phone_number) WHERE ended_at IS NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX calls_open_by_number",
    "DROP INDEX calls_by_name",
    "DROP INDEX calls_by_number",
    "CREATE INDEX calls_by_name ON calls (team_id, name_folded {prefix})",
    "CREATE INDEX calls_by_number ON calls (team_id, phone_number {prefix})",
];

/// One text for both databases: on PostgreSQL an index serves the start of a text only by its own operators.
async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
    let statement = statement.replace("{prefix}", if on_postgres { "text_pattern_ops" } else { "" });
    manager.get_connection().execute_unprepared(&statement).await?;
    Ok(())
}
