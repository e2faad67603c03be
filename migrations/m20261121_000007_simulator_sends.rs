//! Calls that the simulator took through its older door `/provider/send`, whose callbacks name the caller's own id.

use sea_orm_migration::{prelude::*, schema::text_null};

/// `sim_calls.callers_id`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let callers_id = text_null("callers_id");
        manager.alter_table(Table::alter().table("sim_calls").add_column(callers_id).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("sim_calls").drop_column("callers_id").to_owned()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
