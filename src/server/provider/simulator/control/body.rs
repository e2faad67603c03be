//! What is asked for in a body or a query, read strictly: a word that is misspelt must not mean "as usual".

use super::super::{
    problem::Problem,
    router::unreadable_body,
    wire::{NO_NUMBER, typed_number},
};
use axum::{body::Bytes, extract::rejection::BytesRejection};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// For how many placings an order may hold.
const MOST: i64 = 1_000_000;

/// Reads a body of JSON; one without a byte is read like `{}`.
pub fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Problem> {
    let body = body.map_err(unreadable_body)?;
    let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => {
            Problem::refused("invalid_body", format!("The body is not what is wanted: {error}."))
        }
        _ => Problem::unreadable("malformed_json", format!("The body is not JSON: {error}.")),
    })
}

/// The number that an order is for, as E.164.
pub fn number(typed: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(typed) = typed else { return Ok(None) };
    let wrong = || Problem::refused("invalid_number", NO_NUMBER.replace("phone_number", "to"));
    typed_number(typed).map(Some).ok_or_else(wrong)
}

/// For how many placings an order holds.
pub fn count(next: Option<i64>) -> Result<Option<i64>, Problem> {
    match next {
        Some(next) if !(1..=MOST).contains(&next) => {
            Err(Problem::refused("invalid_next", format!("next must be 1 to {MOST}, or be left out.")))
        }
        next => Ok(next),
    }
}

/// An instant as RFC 3339 has it, in milliseconds since the epoch.
pub fn instant(name: &str, text: &str) -> Result<i64, Problem> {
    let instant: Timestamp = text.parse().map_err(|_| {
        let detail = format!("{name} is not an instant as RFC 3339 has it: 2026-11-21T09:00:00Z.");
        Problem::refused("invalid_instant", detail)
    })?;
    Ok(instant.as_millisecond())
}
