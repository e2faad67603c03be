//! The integration tests: a module per room, on both databases wherever one is touched.

#![allow(clippy::unwrap_used, reason = "a story that can't go on fails, and says where")]

mod admitting;
mod architecture;
mod asking;
mod commanding;
mod conventions;
mod creating;
mod database;
mod dispatching;
mod fuzzing;
mod hanging_up;
mod helping;
mod history;
mod hooking;
mod insights;
mod keeping;
mod lab;
mod listing;
mod model;
mod openapi;
mod polling;
mod quick_start;
mod repeating;
mod reporting;
mod seeds;
mod setting;
mod sharing;
mod simulator;
mod starting;
mod stopping;
mod streaming;
mod styles;
mod support;
mod titles;
mod watching;
