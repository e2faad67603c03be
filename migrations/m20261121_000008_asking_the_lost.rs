//! Attempts are asked about as long as `check_at` says when: also those that had been given up and were heard of again.

use sea_orm_migration::prelude::*;

/// The index `attempts_to_check`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index_where(manager, "check_at IS NOT NULL").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        index_where(manager, "ended_at IS NULL AND place_by IS NOT NULL").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn index_where(manager: &SchemaManager<'_>, condition: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    connection.execute_unprepared("DROP INDEX attempts_to_check").await?;
    let create = format!("CREATE INDEX attempts_to_check ON call_attempts (check_at) WHERE {condition}");
    connection.execute_unprepared(&create).await?;
    Ok(())
}
