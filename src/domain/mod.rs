//! The rules. No IO, no clock, no randomness, no web framework, no database, no date library:
//! whatever these need comes in as an argument, so that the browser and the server decide alike.

pub mod actor;
pub mod attempt;
pub mod breaker;
pub mod call;
pub mod call_check;
pub mod call_row;
pub mod country;
pub mod cursor;
pub mod event;
pub mod event_cursor;
pub mod event_filter;
pub mod filter;
pub mod form;
pub mod grouping;
pub mod id;
pub mod insights;
pub mod installation;
pub mod length;
pub mod phone_number;
pub mod query;
pub mod relative;
pub mod retry;
pub mod row_command;
pub mod status;
pub mod theme;
pub mod timestamp;
pub mod trace;
pub mod transition;
pub mod waiting;
pub mod webhook;
pub mod words;
