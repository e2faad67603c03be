//! By what the request that asked for a call is traced.

use sea_orm_migration::{prelude::*, schema::text_null};

/// `calls.traceparent`: the W3C header, as it is handed on to the provider.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let traced = Table::alter().table("calls").add_column(text_null("traceparent")).to_owned();
        manager.alter_table(traced).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let untraced = Table::alter().table("calls").drop_column("traceparent").to_owned();
        manager.alter_table(untraced).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
