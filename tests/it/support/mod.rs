//! What all tests stand on: a fresh database each, on either kind.

pub mod app;
pub mod asking;
mod both;
pub mod call_api;
pub mod company;
pub mod dispatcher;
mod postgres;
mod postgres_process;
pub mod receiver;
pub mod speaker;
pub mod stream;
mod test_db;

pub(crate) use both::{both_databases, tell};
pub use test_db::{Backend, OnDatabase, TestDb};
