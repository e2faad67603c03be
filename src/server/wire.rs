//! What the provider writes: its reports, as they stand in a status callback or an answered status query.

use super::{reading::whole, words::ReportedWord};
use crate::domain::{
    attempt::Report,
    id::AttemptId,
    status::{AttemptStatus, EndedReason},
    timestamp::Timestamp,
};
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::{IntoParams, ToSchema};

/// The longest id that a provider may give, in characters.
const LONGEST_ID: usize = 200;

/// The headers of a signed message (Standard Webhooks 1.0), for the OpenAPI document: `Secrets::verify`
/// reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Signed {
    /// The message's id, the same each time it is sent again.
    #[param(rename = "webhook-id", min_length = 1)]
    pub id: String,
    /// When it was sent, in seconds since the Unix epoch.
    #[param(rename = "webhook-timestamp", minimum = 0)]
    pub timestamp: i64,
    /// One or more signatures, `v1,` and base64, separated by spaces.
    #[param(rename = "webhook-signature", min_length = 1)]
    pub signature: String,
}

/// A report in the provider protocol's JSON.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = Report)]
pub struct WireReport {
    /// The attempt that it speaks of.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub attempt_id: Option<AttemptId>,
    /// The provider's id for it.
    #[serde(deserialize_with = "provider_call_id")]
    #[schema(min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]+$")]
    pub provider_call_id: String,
    /// Where it stands.
    #[serde(deserialize_with = "reported_status")]
    #[schema(value_type = ReportedWord)]
    pub status: AttemptStatus,
    /// Rises with each report of an attempt.
    #[serde(default, deserialize_with = "whole_number")]
    pub sequence: Option<i64>,
    /// When it happened (callbacks) or last changed (queries).
    #[serde(alias = "updated_at")]
    #[schema(value_type = String, format = "date-time")]
    pub occurred_at: jiff::Timestamp,
    /// Why it ended. A word that we don't know counts as none, and so do our words for a guess of ours.
    pub ended_reason: Option<String>,
    /// How long the conversation was, in seconds.
    #[serde(default, deserialize_with = "whole_number")]
    pub duration_secs: Option<i32>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
}

impl WireReport {
    /// The report in our words.
    pub fn into_report(self) -> Report {
        Report {
            provider_call_id: self.provider_call_id,
            status: self.status,
            sequence: self.sequence,
            occurred_at: Timestamp::from_millis(self.occurred_at.as_millisecond()),
            ended_reason: self.ended_reason.and_then(reason),
            duration_secs: self.duration_secs.map(|secs| secs.max(0)),
            answered_by: self.answered_by.map(visible),
            recording_url: self.recording_url.map(visible),
        }
    }
}

fn reason(word: String) -> Option<EndedReason> {
    word.parse::<EndedReason>().ok().filter(|reason| !reason.is_guess())
}

/// A text without what can't be seen; U+0000 could not even be kept.
fn visible(text: String) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

/// The provider's id for an attempt: something that can be kept, compared and put into an address.
pub fn provider_call_id<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let id = String::deserialize(input)?;
    if id.is_empty() || id.chars().count() > LONGEST_ID || id.chars().any(char::is_control) {
        return Err(Error::custom(format!(
            "provider_call_id is 1 to {LONGEST_ID} characters that can be seen"
        )));
    }
    Ok(id)
}

fn whole_number<'de, D: Deserializer<'de>, N: TryFrom<i64>>(input: D) -> Result<Option<N>, D::Error> {
    let Some(value) = Option::<serde_json::Value>::deserialize(input)? else { return Ok(None) };
    let number = whole(&value).and_then(|number| N::try_from(number).ok());
    number.map(Some).ok_or_else(|| Error::custom(format!("{value} is not a whole number, or too large")))
}

/// `dispatching` is our own word for an attempt of which the provider has said nothing yet.
fn reported_status<'de, D: Deserializer<'de>>(input: D) -> Result<AttemptStatus, D::Error> {
    match AttemptStatus::deserialize(input)? {
        AttemptStatus::Dispatching => Err(Error::custom("dispatching is no status that a provider reports")),
        reported => Ok(reported),
    }
}
