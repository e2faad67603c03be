//! The provider protocol's bodies. Instants are RFC 3339 in UTC with milliseconds.

use super::{
    problem::Problem,
    scenario::{EndedReason, Status},
    table::{call, callback},
};
use axum::http::StatusCode;
use jiff::Timestamp;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

/// What a placing asks for, as it was sent.
#[derive(Deserialize)]
struct PlacingBody {
    attempt_id: String,
    to: String,
    customer_name: String,
    workflow: String,
    callback_url: String,
    place_by: String,
}

/// What a placing asks for, once it is understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placing {
    /// The caller's id for it, and its `Idempotency-Key`.
    pub attempt_id: String,
    /// Whom to call, as E.164.
    pub to: String,
    /// The customer's name.
    pub customer_name: String,
    /// Why they are called.
    pub workflow: String,
    /// Where the callbacks go; none for a caller who wants none.
    pub callback_url: Option<Url>,
    /// When the caller gives up waiting, in milliseconds since the epoch: what is first seen later is refused.
    pub place_by: i64,
    /// The caller's own id in JSON, if it came through `/send`.
    pub callers_id: Option<String>,
}

/// The answer to a placing that was taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Placed {
    /// The id of the call here.
    pub provider_call_id: String,
    /// Always the first status, so that a repeated placing is answered like the first.
    pub status: Status,
}

/// What one callback says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The caller's id.
    pub attempt_id: String,
    /// The id here.
    pub provider_call_id: String,
    /// The status from then on.
    pub status: Status,
    /// Its place in what happens to the call, from 1.
    pub sequence: i64,
    /// When it happened.
    pub occurred_at: String,
    /// Why the call ended, if this ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_reason: Option<EndedReason>,
    /// How long they talked, in seconds, if this ends an answered call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<i64>,
    /// Who answered, once somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
}

/// The answer to a status query.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CallView {
    provider_call_id: String,
    attempt_id: String,
    status: Status,
    sequence: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_reason: Option<EndedReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_secs: Option<i64>,
    updated_at: String,
}

impl Placing {
    /// Reads a placing, or says what is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let raw: PlacingBody = serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Data => Problem::refused("invalid_body", format!("The body is not a placing: {error}")),
            _ => Problem::unreadable("malformed_json", format!("The body is not JSON: {error}")),
        })?;
        if !is_e164(&raw.to) {
            return Err(Problem::refused("invalid_number", "to must be + and 7 to 15 digits."));
        }
        let callback_url = Url::parse(&raw.callback_url)
            .map_err(|_| Problem::refused("invalid_callback_url", "callback_url is not a URL."))?;
        let place_by: Timestamp = raw.place_by.parse().map_err(|_| {
            Problem::refused("invalid_place_by", "place_by is not an instant as RFC 3339 has it.")
        })?;
        Ok(Self {
            attempt_id: raw.attempt_id,
            to: raw.to,
            customer_name: raw.customer_name,
            workflow: raw.workflow,
            callback_url: Some(callback_url),
            place_by: place_by.as_millisecond(),
            callers_id: None,
        })
    }

    /// The refusal of what comes too late.
    pub fn too_late() -> Problem {
        let detail = "This placing was first seen after its place_by; nothing was dialed.";
        Problem::new(StatusCode::GONE, "too_late", detail)
    }
}

impl CallView {
    /// How a call stands, from the newest thing that has happened to it. A call that was taken but not yet
    /// dialed has no such thing: it is `initiated`, with sequence 0, since it was placed.
    pub fn of(call: &call::Model, newest: Option<&callback::Model>) -> Result<Self, serde_json::Error> {
        let report = newest.map(|row| serde_json::from_str::<Report>(&row.payload)).transpose()?;
        let (status, sequence, ended_reason, duration_secs, updated_at) = match report {
            Some(it) => (it.status, it.sequence, it.ended_reason, it.duration_secs, it.occurred_at),
            None => (Status::Initiated, 0, None, None, rfc3339(call.placed_at)),
        };
        Ok(Self {
            provider_call_id: call.provider_call_id.clone(),
            attempt_id: call.attempt_id.clone(),
            status,
            sequence,
            ended_reason,
            duration_secs,
            updated_at,
        })
    }
}

/// An instant in milliseconds since the epoch, as RFC 3339 in UTC with milliseconds.
pub fn rfc3339(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|instant| format!("{instant:.3}")).unwrap_or_default()
}

/// What is said of a number that [`typed_number`] can't read.
pub const NO_NUMBER: &str = "This phone_number is invalid: write + and 7 to 15 digits.";

/// A number as people type it, as E.164; none if it is no number.
pub fn typed_number(typed: &str) -> Option<String> {
    let number: String = typed.chars().filter(|c| !" ()-./".contains(*c)).collect();
    is_e164(&number).then_some(number)
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn body() -> Value {
        json!({
            "attempt_id": "a1", "to": "+14155550101", "customer_name": "Ada", "workflow": "support",
            "callback_url": "http://127.0.0.1:3000/hook", "place_by": "2026-11-21T09:00:10.000Z",
        })
    }

    #[test]
    fn a_placing_is_understood() {
        let placing = Placing::parse(body().to_string().as_bytes()).expect("a placing");
        assert_eq!(placing.to, "+14155550101");
        assert_eq!(rfc3339(placing.place_by), "2026-11-21T09:00:10.000Z");
    }

    #[rstest]
    #[case::a_missing_field("to", Value::Null, 422, "invalid_body")]
    #[case::a_wrong_type("attempt_id", json!(7), 422, "invalid_body")]
    #[case::a_national_number("to", json!("0301234567"), 422, "invalid_number")]
    #[case::a_short_number("to", json!("+123456"), 422, "invalid_number")]
    #[case::a_long_number("to", json!("+1234567890123456"), 422, "invalid_number")]
    #[case::letters("to", json!("+1415555CALL"), 422, "invalid_number")]
    #[case::no_url("callback_url", json!("hook"), 422, "invalid_callback_url")]
    #[case::no_instant("place_by", json!("soon"), 422, "invalid_place_by")]
    #[case::no_offset("place_by", json!("2026-11-21T09:00:10"), 422, "invalid_place_by")]
    fn what_is_wrong_is_said(
        #[case] field: &str,
        #[case] value: Value,
        #[case] status: u16,
        #[case] code: &str,
    ) {
        let mut body = body();
        body[field] = value;
        let problem = Placing::parse(body.to_string().as_bytes()).expect_err("a refusal");
        assert_eq!((problem.status.as_u16(), problem.code), (status, code));
    }

    #[rstest]
    #[case::empty("")]
    #[case::cut_off("{\"to\": ")]
    #[case::no_json("to=1")]
    fn what_is_no_json_is_unreadable(#[case] body: &str) {
        let problem = Placing::parse(body.as_bytes()).expect_err("a refusal");
        assert_eq!((problem.status.as_u16(), problem.code), (400, "malformed_json"));
    }

    #[test]
    fn instants_are_written_with_milliseconds() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_251_600_120), "2026-11-21T09:00:00.120Z");
    }
}
