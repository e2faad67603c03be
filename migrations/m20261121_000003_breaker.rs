//! How often in a row the provider has failed: what opens the circuit breaker.

use sea_orm_migration::{prelude::*, schema::integer};

/// `dispatch_state.failures`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let failures = integer("failures").default(0).to_owned();
        manager.alter_table(Table::alter().table("dispatch_state").add_column(failures).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("dispatch_state").drop_column("failures").to_owned()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
