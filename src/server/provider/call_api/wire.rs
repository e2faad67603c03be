//! What the Call API's answers surely mean. Pure.

use super::super::{
    PlacingAnswer, StatusAnswer,
    answer::{ambiguous, in_words_of},
};
use crate::domain::{
    attempt::Report,
    status::{AttemptStatus, EndedReason},
    timestamp::Timestamp,
};
use reqwest::StatusCode;
use serde_json::Value;

/// The longest id that is believed, in bytes.
const LONGEST_ID: usize = 200;

/// What an answer to `POST /api/call` means. Taken is a success that names the call. Surely refused is only what
/// the service says in its own words; whatever may come from something in between leaves open whether it dials.
pub fn placed(status: StatusCode, retry_after_secs: Option<i64>, body: &[u8]) -> PlacingAnswer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = error(&body);
    if status.is_success() {
        return match call(&body).and_then(id) {
            Some(provider_call_id) if error.is_none() => PlacingAnswer::Accepted { provider_call_id },
            _ => ambiguous(status, "and an answer that can't be read"),
        };
    }
    let detail = in_words_of(status, error.as_deref().unwrap_or_default());
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PlacingAnswer::LockedOut { detail },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if retry_after_secs.is_some() => {
            PlacingAnswer::NotNow { retry_after_secs, detail }
        }
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => match error {
            Some(words) => PlacingAnswer::Refused { reason: reason(&words), detail },
            None => ambiguous(status, "in words that are not its own"),
        },
        other => ambiguous(other, "which leaves open whether it dials"),
    }
}

/// What an answer to `GET /api/call/:id` means, asked about `id` and read at `now`.
pub fn standing(status: StatusCode, body: &[u8], asked: &str, now: Timestamp) -> StatusAnswer {
    let no_answer = |detail: String| StatusAnswer::NoAnswer { detail };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = error(&body);
    if status == StatusCode::NOT_FOUND && error.is_some() {
        return StatusAnswer::Unknown;
    }
    if status != StatusCode::OK || error.is_some() {
        return no_answer(in_words_of(status, error.as_deref().unwrap_or_default()));
    }
    // Some answer a question with the call alone, without the envelope.
    let told = call(&body).unwrap_or(&body);
    let (Some(id), Some(word)) = (id(told), told["status"].as_str()) else {
        return no_answer("The provider's answer can't be read.".to_owned());
    };
    if id != asked {
        return no_answer("The provider answered about another call.".to_owned());
    }
    let Some(status) = stands_at(word) else {
        return no_answer(in_words_of(status, &format!("The provider says {word:?}, which is no status.")));
    };
    StatusAnswer::Known(Report {
        provider_call_id: id,
        status,
        sequence: None,
        occurred_at: instant(&told["updated_at"]).unwrap_or(now),
        ended_reason: None,
        duration_secs: secs(&told["duration"]),
        answered_by: None,
        recording_url: None,
    })
}

/// Its words for where a call stands, in ours; none for a word that it is not known to say.
pub fn stands_at(word: &str) -> Option<AttemptStatus> {
    Some(match word.trim().to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
        "queued" | "pending" | "initiated" | "dialing" => AttemptStatus::Initiated,
        "ringing" => AttemptStatus::Ringing,
        "connected" | "answered" | "in_progress" => AttemptStatus::InProgress,
        "completed" | "ended" => AttemptStatus::Completed,
        "busy" => AttemptStatus::Busy,
        "no_answer" | "unanswered" => AttemptStatus::NoAnswer,
        "failed" | "error" => AttemptStatus::Failed,
        "canceled" | "cancelled" => AttemptStatus::Canceled,
        _ => return None,
    })
}

/// The service's own no: an object that says so. Its words, which may be empty.
fn error(body: &Value) -> Option<String> {
    let words = [&body["error"], &body["message"]].into_iter().find_map(Value::as_str);
    let says_no = body["success"] == false || body["error"].is_string();
    says_no.then(|| words.unwrap_or_default().to_owned())
}

fn call(body: &Value) -> Option<&Value> {
    body.get("call").filter(|call| call.is_object())
}

/// An id that can be kept, compared and put into an address. Some count their calls.
fn id(call: &Value) -> Option<String> {
    let id = match &call["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let is_sound = !id.is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control);
    // As a part of an address these two would lead elsewhere.
    (is_sound && id != "." && id != "..").then_some(id)
}

fn reason(words: &str) -> EndedReason {
    let words = words.to_lowercase();
    let names_it = words.contains("number") && words.contains("invalid");
    if names_it { EndedReason::InvalidNumber } else { EndedReason::ProviderRefused }
}

/// Without an offset it is the time of a place that nobody knows, and not believed.
fn instant(value: &Value) -> Option<Timestamp> {
    let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

#[expect(clippy::cast_possible_truncation, reason = "it is brought into range before")]
fn secs(value: &Value) -> Option<i32> {
    value.as_f64().map(|secs| secs.round().clamp(0.0, f64::from(i32::MAX)) as i32)
}

#[cfg(test)]
mod tests;
