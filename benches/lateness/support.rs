//! A fresh database on either server, as the integration tests have it.
#![allow(dead_code, clippy::unwrap_used, reason = "they are the integration tests' own; these use the rest")]

#[path = "../../tests/it/support/postgres.rs"]
pub mod postgres;
#[path = "../../tests/it/support/postgres_process.rs"]
pub mod postgres_process;
#[path = "../../tests/it/support/test_db.rs"]
pub mod test_db;
