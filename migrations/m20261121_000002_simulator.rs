//! The simulator's own tables. Nothing else reads them, and they refer to nothing of ours: the simulator is
//! another company.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, double, small_integer, string, text, text_null},
};

/// The calls it has taken, their planned and sent callbacks, and how often each number was placed.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(placings()).await?;
        manager.create_table(calls()).await?;
        manager.create_index(newest_calls()).await?;
        manager.create_table(callbacks()).await?;
        manager.create_index(reports_of_a_call()).await?;
        manager.create_index(callbacks_to_send()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["sim_callbacks", "sim_calls", "sim_placings"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn placings() -> TableCreateStatement {
    Table::create()
        .table("sim_placings")
        .col(string("to_number").primary_key())
        .col(big_integer("placings"))
        .to_owned()
}

fn calls() -> TableCreateStatement {
    Table::create()
        .table("sim_calls")
        .col(string("provider_call_id").primary_key())
        .col(string("attempt_id").unique_key())
        .col(string("to_number"))
        .col(text("customer_name"))
        .col(text("workflow"))
        .col(text("callback_url"))
        .col(big_integer("nth"))
        .col(text("script"))
        .col(double("speed"))
        .col(big_integer("placed_at"))
        .col(big_integer_null("hangup_requested_at"))
        .to_owned()
}

fn callbacks() -> TableCreateStatement {
    Table::create()
        .table("sim_callbacks")
        .col(string("webhook_id").primary_key())
        .col(string("provider_call_id"))
        .col(big_integer("sequence"))
        .col(string("status"))
        .col(text("payload"))
        .col(big_integer("occurred_at"))
        .col(big_integer("due_at"))
        .col(small_integer("copies"))
        .col(big_integer("tries"))
        .col(big_integer_null("next_try_at"))
        .col(big_integer_null("delivered_at"))
        .col(text_null("last_answer"))
        .foreign_key(
            ForeignKey::create()
                .from("sim_callbacks", "provider_call_id")
                .to("sim_calls", "provider_call_id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

/// For listing what was placed lately.
fn newest_calls() -> IndexCreateStatement {
    Index::create()
        .name("sim_calls_placed_at")
        .table("sim_calls")
        .col("placed_at")
        .col("provider_call_id")
        .to_owned()
}

/// For the truth about one call; and no call can have two reports of the same number.
fn reports_of_a_call() -> IndexCreateStatement {
    Index::create()
        .name("sim_callbacks_call")
        .table("sim_callbacks")
        .col("provider_call_id")
        .col("sequence")
        .unique()
        .to_owned()
}

/// For the sender: what is still to be sent, soonest first. Most rows are done with and stay out of it.
fn callbacks_to_send() -> IndexCreateStatement {
    Index::create()
        .name("sim_callbacks_to_send")
        .table("sim_callbacks")
        .col("next_try_at")
        .and_where(Expr::col("next_try_at").is_not_null())
        .to_owned()
}
