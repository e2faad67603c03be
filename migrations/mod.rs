//! The database's history, oldest first. README.md beside this file tells how to add to it and how to undo.

mod m20261121_000001_core;
mod m20261121_000002_simulator;
mod m20261121_000003_breaker;
mod m20261121_000004_idempotency;
mod m20261121_000005_webhooks;
mod m20261121_000006_live;
mod m20261121_000007_simulator_sends;
mod m20261121_000008_asking_the_lost;
mod m20261121_000009_traceparent;
mod m20261121_000010_insights;
mod m20261121_000011_simulator_control;
mod m20261121_000012_customers;
mod m20261122_000013_request_id;
mod m20261130_000014_history;

use sea_orm_migration::prelude::*;

/// Every migration, in order.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_core::Migration),
            Box::new(m20261121_000002_simulator::Migration),
            Box::new(m20261121_000003_breaker::Migration),
            Box::new(m20261121_000004_idempotency::Migration),
            Box::new(m20261121_000005_webhooks::Migration),
            Box::new(m20261121_000006_live::Migration),
            Box::new(m20261121_000007_simulator_sends::Migration),
            Box::new(m20261121_000008_asking_the_lost::Migration),
            Box::new(m20261121_000009_traceparent::Migration),
            Box::new(m20261121_000010_insights::Migration),
            Box::new(m20261121_000011_simulator_control::Migration),
            Box::new(m20261121_000012_customers::Migration),
            Box::new(m20261122_000013_request_id::Migration),
            Box::new(m20261130_000014_history::Migration),
        ]
    }
}
