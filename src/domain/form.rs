//! The one validator of what people and programs ask for. The browser runs it as one types, the server for
//! certain; only the server can tell whether a number exists and which instant a wall time is.

mod when;

pub use when::When;

use super::{
    call::{NewCall, Warning, Workflow},
    phone_number::{NumberError, PhoneNumber, compact},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The longest name, in characters.
pub const MAX_NAME: usize = 200;
/// The longest delay, in seconds: 366 days.
pub const MAX_DELAY_SECS: i64 = 31_622_400;
/// The farthest a call may be scheduled ahead, in seconds: five years.
pub const MAX_AHEAD_SECS: i64 = 5 * 31_622_400;
/// How far in the past a wish still means "now", in seconds.
pub const PAST_GRACE_SECS: i64 = 60;
/// The most attempts a call may ask for.
pub const MAX_ATTEMPTS: i32 = 10;
/// The longest metadata, in bytes of JSON.
pub const MAX_METADATA: usize = 4_096;
/// The longest external id, in characters.
pub const MAX_EXTERNAL_ID: usize = 200;
/// The longest note, in characters.
pub const MAX_NOTE: usize = 2_000;

/// One thing that is wrong with one field of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's wire name: `customer_name`, `phone_number`. The API makes a JSON pointer of it.
    pub field: String,
    /// A word that programs can compare: `required`, `too_long`, `in_the_past`.
    pub code: String,
    /// A sentence for people: what is wrong and how to mend it.
    pub detail: String,
}

impl FieldError {
    /// An error of `field`, with a `code` for programs and a sentence for people.
    pub fn new(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }
    }
}

/// The form as it was typed: nothing is checked yet, nothing is lost.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallForm {
    /// The key that the server put into the form, so that sending it twice makes one call.
    pub form_key: String,
    /// Who is phoned.
    pub customer_name: String,
    /// The number as typed.
    pub phone_number: String,
    /// The country of a national number, two letters; empty = none.
    pub country: String,
    /// Why we phone.
    pub workflow: String,
    /// `now`, `later`, or one of the other choices of [`When`].
    pub when: String,
    /// The wall time, `2026-11-21T09:00`.
    pub wall_time: String,
    /// The zone of the wall time, `Europe/Berlin`.
    pub time_zone: String,
}

/// What only the server can read.
pub trait Reading {
    /// Reads a number as typed, national if `country` is given.
    ///
    /// # Errors
    /// What is wrong with it.
    fn number(&self, typed: &str, country: &str) -> Result<(PhoneNumber, Vec<Warning>), FieldError>;

    /// Reads a wall time in a zone.
    ///
    /// # Errors
    /// What is wrong with it: no such time, no such zone.
    fn instant(&self, wall_time: &str, time_zone: &str) -> Result<Timestamp, FieldError>;

    /// Nine o'clock on the day after the one that it is in a zone at `now`.
    ///
    /// # Errors
    /// That there is no such zone.
    fn tomorrow_at_nine(&self, time_zone: &str, now: Timestamp) -> Result<Timestamp, FieldError>;
}

impl CallForm {
    /// What anybody can see is wrong with the form, without a clock or a directory of numbers.
    pub fn check(&self) -> Vec<FieldError> {
        let checks = [
            customer_name(&self.customer_name).err(),
            number_shape(&self.phone_number, &self.country).err(),
            workflow(&self.workflow).err(),
            self.check_when().err(),
        ];
        checks.into_iter().flatten().collect()
    }

    /// The call that the form asks for.
    ///
    /// # Errors
    /// One error for each field that is wrong, in the form's order.
    pub fn read(&self, reading: &impl Reading, now: Timestamp) -> Result<NewCall, Vec<FieldError>> {
        let name = customer_name(&self.customer_name);
        let number = number_shape(&self.phone_number, &self.country)
            .and_then(|()| reading.number(&self.phone_number, &self.country));
        let workflow = workflow(&self.workflow);
        let scheduled_at = self.wish(reading, now);
        match (name, number, workflow, scheduled_at) {
            (Ok(customer_name), Ok((phone_number, warnings)), Ok(workflow), Ok(scheduled_at)) => {
                Ok(NewCall {
                    customer_name,
                    phone_number,
                    workflow,
                    scheduled_at,
                    max_attempts: 1,
                    metadata: serde_json::json!({}),
                    external_id: None,
                    warnings,
                })
            }
            (name, number, workflow, at) => {
                Err([name.err(), number.err(), workflow.err(), at.err()].into_iter().flatten().collect())
            }
        }
    }

    /// The instant that the form wishes for; none = at once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn wish(&self, reading: &impl Reading, now: Timestamp) -> Result<Option<Timestamp>, FieldError> {
        let when = self.check_when()?;
        let at = match when {
            When::Now => return Ok(None),
            When::Later => reading.instant(self.wall_time.trim(), &self.time_zone)?,
            When::Tomorrow => reading.tomorrow_at_nine(&self.time_zone, now)?,
            When::In15Minutes | When::In1Hour => now.plus_secs(when.delay_secs().unwrap_or_default()),
        };
        scheduled_at("wall_time", at, now)
    }

    fn check_when(&self) -> Result<When, FieldError> {
        match self.when.parse() {
            Ok(When::Later) if self.wall_time.trim().is_empty() => {
                Err(FieldError::new("wall_time", "required", "Choose a day and a time, or call now."))
            }
            Ok(when) => Ok(when),
            Err(_) if self.when.is_empty() => Ok(When::Now),
            Err(_) => Err(FieldError::new("when", "unknown", "Choose now or later.")),
        }
    }
}

/// A customer's name: trimmed, 1 to 200 characters, no control characters.
///
/// # Errors
/// What is wrong with it.
pub fn customer_name(typed: &str) -> Result<String, FieldError> {
    let name = typed.trim();
    let error = |code, detail: &str| Err(FieldError::new("customer_name", code, detail));
    if name.is_empty() {
        return error("required", "Enter the customer's name.");
    }
    if name.chars().count() > MAX_NAME {
        return error("too_long", "The name is too long: at most 200 characters.");
    }
    if name.chars().any(char::is_control) {
        return error(
            "control_characters",
            "The name holds characters that can't be shown, such as a line break.",
        );
    }
    Ok(name.to_owned())
}

/// A workflow in any case.
///
/// # Errors
/// That it is none of those we know.
pub fn workflow(typed: &str) -> Result<Workflow, FieldError> {
    if typed.trim().is_empty() {
        return Err(FieldError::new(
            "workflow",
            "required",
            "Choose why you call: support, sales or reminder.",
        ));
    }
    typed
        .parse()
        .map_err(|_| FieldError::new("workflow", "unknown", "Choose one of support, sales and reminder."))
}

/// The wish's instant: up to a minute past counts as now, earlier is refused, and so is the far future.
///
/// # Errors
/// What is wrong with it, as an error of `field`.
pub fn scheduled_at(field: &str, at: Timestamp, now: Timestamp) -> Result<Option<Timestamp>, FieldError> {
    if at.plus_secs(PAST_GRACE_SECS) < now {
        let detail = format!("This time is past: {}. Choose a later one, or call now.", at.to_utc_words());
        return Err(FieldError::new(field, "in_the_past", detail));
    }
    if at > now.plus_secs(MAX_AHEAD_SECS) {
        return Err(FieldError::new(field, "too_far", "This is too far ahead: at most five years."));
    }
    Ok(Some(at).filter(|at| *at > now))
}

/// How many attempts the provider may take, 1 to 10.
///
/// # Errors
/// That it is out of range.
pub fn max_attempts(asked: i64) -> Result<i32, FieldError> {
    match i32::try_from(asked) {
        Ok(attempts @ 1..=MAX_ATTEMPTS) => Ok(attempts),
        _ => Err(FieldError::new("max_attempts", "out_of_range", "Say a number of attempts from 1 to 10.")),
    }
}

/// Metadata: a JSON object of at most 4 kB.
///
/// # Errors
/// That it is something else, holds what can't be stored, or is too large.
pub fn metadata(value: serde_json::Value) -> Result<serde_json::Value, FieldError> {
    if !value.is_object() {
        return Err(FieldError::new("metadata", "not_an_object", "Metadata is a JSON object."));
    }
    if holds_nul(&value) {
        let detail = "Metadata can't hold the character NUL.";
        return Err(FieldError::new("metadata", "control_characters", detail));
    }
    if value.to_string().len() > MAX_METADATA {
        return Err(FieldError::new("metadata", "too_long", "Metadata is too large: at most 4 kB of JSON."));
    }
    Ok(value)
}

/// PostgreSQL can't store NUL, in a text or in JSON.
fn holds_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(holds_nul),
        Value::Object(object) => object.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// The caller's own id: 1 to 200 characters, no control characters.
///
/// # Errors
/// What is wrong with it.
pub fn external_id(typed: &str) -> Result<String, FieldError> {
    let id = typed.trim();
    if id.is_empty() || id.chars().count() > MAX_EXTERNAL_ID || id.chars().any(char::is_control) {
        return Err(FieldError::new(
            "external_id",
            "malformed",
            "An external id has 1 to 200 printable characters.",
        ));
    }
    Ok(id.to_owned())
}

/// A note: 1 to 2,000 characters, on as many lines as it takes.
///
/// # Errors
/// That it is empty, holds control characters, or is too long.
pub fn note(typed: &str) -> Result<String, FieldError> {
    let note = typed.trim();
    if note.is_empty() {
        return Err(FieldError::new("note", "required", "Write something down first."));
    }
    if note.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let detail = "The note holds characters that can't be shown.";
        return Err(FieldError::new("note", "control_characters", detail));
    }
    if note.chars().count() > MAX_NOTE {
        return Err(FieldError::new("note", "too_long", "The note is too long: at most 2,000 characters."));
    }
    Ok(note.to_owned())
}

/// The error of a number with the wrong shape.
pub fn number_error(error: NumberError) -> FieldError {
    FieldError::new("phone_number", error.code(), error.to_string())
}

/// Whether a number has a shape that the server can read: E.164, or digits with a country.
fn number_shape(typed: &str, country: &str) -> Result<(), FieldError> {
    match PhoneNumber::parse(typed) {
        Err(NumberError::NoCountry) if !country.trim().is_empty() && compact(typed).len() >= 3 => Ok(()),
        Ok(_) => Ok(()),
        Err(error) => Err(number_error(error)),
    }
}

#[cfg(test)]
mod tests;
