//! Which request made something happen.

use sea_orm_migration::{prelude::*, schema::text_null};

/// `call_events.request_id`: as the request's answer told it in `X-Request-Id`; null where Switchboard acted by itself.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let asked = Table::alter().table("call_events").add_column(text_null("request_id")).to_owned();
        manager.alter_table(asked).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unasked = Table::alter().table("call_events").drop_column("request_id").to_owned();
        manager.alter_table(unasked).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
