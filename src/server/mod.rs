//! Everything native. Doors ([`api`], [`webhooks`], server functions) and loops ([`dispatcher`]) call the
//! verbs in [`calls`] and [`hooks`]; these write through [`db`]. This file starts and stops it all.

pub mod alone;
pub mod api;
pub mod assemble;
pub mod auth;
pub mod calls;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
pub mod dispatcher;
pub mod doctor;
pub mod door;
pub mod feed;
pub mod form_check;
pub mod form_lists;
pub mod given;
pub mod hooks;
pub mod hooks_page;
pub mod idempotency;
pub mod insights;
pub mod lab;
pub mod metrics;
pub mod openapi;
pub mod page;
pub mod phone;
pub mod provider;
pub mod reading;
pub mod respond;
pub mod retention;
pub mod router;
pub mod settings_page;
pub mod signals;
pub mod signing;
pub mod site_files;
pub mod start;
pub mod start_error;
pub mod state;
pub mod stdout;
pub mod telemetry;
pub mod theme;
pub mod view;
pub mod webhooks;
pub mod whole_page;
pub mod wire;
pub mod words;

#[path = "../../migrations/mod.rs"]
pub mod migrations;

pub use alone::run_simulator;
pub use start::{Loops, Running, run, start};
pub use start_error::StartError;
