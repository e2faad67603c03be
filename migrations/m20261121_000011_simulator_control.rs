//! What the simulator's control API keeps: what it was told to do, how it is set, and each sending of a callback.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, string, string_null, text, text_null},
};

/// `sim_orders`, `sim_settings` and `sim_callbacks.posts`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(orders()).await?;
        manager.create_table(settings()).await?;
        let posts = text_null("posts");
        manager.alter_table(Table::alter().table("sim_callbacks").add_column(posts).to_owned()).await?;
        manager.create_index(newest_callbacks()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let newest = Index::drop().name("sim_callbacks_newest").table("sim_callbacks").to_owned();
        manager.drop_index(newest).await?;
        manager.alter_table(Table::alter().table("sim_callbacks").drop_column("posts").to_owned()).await?;
        for table in ["sim_settings", "sim_orders"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn orders() -> TableCreateStatement {
    Table::create()
        .table("sim_orders")
        .col(string("id").primary_key())
        .col(string("kind"))
        .col(string_null("to_number"))
        .col(big_integer_null("remaining"))
        .col(text("what"))
        .col(big_integer("made_at"))
        .to_owned()
}

fn settings() -> TableCreateStatement {
    Table::create().table("sim_settings").col(string("name").primary_key()).col(text("value")).to_owned()
}

/// For listing what was sent lately.
fn newest_callbacks() -> IndexCreateStatement {
    Index::create()
        .name("sim_callbacks_newest")
        .table("sim_callbacks")
        .col("due_at")
        .col("webhook_id")
        .to_owned()
}
