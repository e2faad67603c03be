//! What can go wrong, in the user's words. It crosses the wire as it is, so nothing secret and
//! nothing of our insides may be in it: the server logs those where it makes an [`AppError::Internal`].

use crate::domain::{
    cursor::BadCursor,
    filter::FilterError,
    form::{CallForm, FieldError},
    id::CallId,
    transition::Refusal,
    webhook::form::EndpointForm,
};
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::PostcardEncoding;
use serde::{Deserialize, Serialize};

/// A form as it was typed, on its way back to whoever typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typed {
    /// A call's.
    Call(CallForm),
    /// A webhook endpoint's.
    Endpoint(EndpointForm),
}

impl From<CallForm> for Typed {
    fn from(form: CallForm) -> Self {
        Self::Call(form)
    }
}

impl From<EndpointForm> for Typed {
    fn from(form: EndpointForm) -> Self {
        Self::Endpoint(form)
    }
}

/// Every way in which Switchboard says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Well-formed but wrong: one message per field, and the form as it was typed so that nothing is lost.
    #[error("{}", summary(.errors))]
    Invalid {
        /// What is wrong, field by field.
        errors: Vec<FieldError>,
        /// What was typed, when it came from a form.
        form: Option<Box<Typed>>,
    },
    /// The request itself can't be read: malformed JSON, an unknown filter.
    #[error("{0}")]
    BadRequest(String),
    /// There is no such thing, or not for this caller.
    #[error("There is no such {0}.")]
    NotFound(String),
    /// The rules forbid it now; the sentence says why.
    #[error("{why}")]
    Refused {
        /// A word that programs can compare: `already_ended`.
        code: String,
        /// Why, in words.
        why: String,
    },
    /// Another call of the team has this `external_id`.
    #[error("This external_id is already used by call {by}.")]
    ExternalIdTaken {
        /// The call that has it.
        by: CallId,
    },
    /// A request with the same `Idempotency-Key` has not been answered yet.
    #[error(
        "A request with this Idempotency-Key is still being carried out. Send it again in a moment, under the \
         same key, to hear what became of it."
    )]
    KeyInUse,
    /// The `Idempotency-Key` belongs to a request with another body.
    #[error("This Idempotency-Key was sent with another body before. Take a new key for a new request.")]
    KeyReused,
    /// Too many requests of one caller.
    #[error("Too many requests: at most {per_minute} a minute. Try again in {retry_after_secs} s.")]
    TooManyRequests {
        /// How many there may be.
        per_minute: u32,
        /// How long to wait, in seconds.
        retry_after_secs: u64,
    },
    /// It changed between reading and writing, five times in a row.
    #[error("The call changed while this was being done. Look at it again, then try once more.")]
    Changed,
    /// The caller's `If-Match` names a version that is not the newest.
    #[error("It has changed since you read it.")]
    PreconditionFailed,
    /// Nobody has signed in, or the token is wrong.
    #[error("Sign in first: this installation asks for its token.")]
    Unauthorized,
    /// Signed in or not, this is not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// The database can't be reached just now.
    #[error("The database does not answer. Nothing was changed; try again in a moment.")]
    Unavailable,
    /// The database can be read, perhaps, but takes no writes just now.
    #[error(
        "Switchboard can't write to its database at the moment, most often because a disk is full. Nothing was \
         changed; try again in a moment."
    )]
    NotWritable,
    /// The database failed while it was to make the change last: it may have, or not.
    #[error("The database failed before it said whether this was done. Look before you try again.")]
    Unconfirmed,
    /// Our fault. The log has the details under the request's id.
    #[error("Something went wrong on our side. Nothing was changed by this request.")]
    Internal,
    /// The server could not be reached from the browser, or answered something unreadable.
    #[error("The server could not be reached: {0}")]
    Network(String),
}

impl AppError {
    /// A refusal with its `code` and its reason in words.
    pub fn refused(code: &str, why: impl Into<String>) -> Self {
        Self::Refused { code: code.to_owned(), why: why.into() }
    }

    /// An error of one field.
    pub fn field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid { errors: vec![FieldError::new(field, code, detail)], form: None }
    }

    /// The same error, carrying the form as it was typed.
    #[must_use]
    pub fn with_form(self, form: impl Into<Typed>) -> Self {
        match self {
            Self::Invalid { errors, .. } => Self::Invalid { errors, form: Some(Box::new(form.into())) },
            other => other,
        }
    }

    /// After how many seconds it is worth trying again, where that is known.
    pub fn retry_after_secs(&self) -> Option<u64> {
        match self {
            Self::KeyInUse | Self::Unavailable | Self::NotWritable | Self::Unconfirmed => Some(1),
            Self::TooManyRequests { retry_after_secs, .. } => Some(*retry_after_secs),
            _ => None,
        }
    }

    /// The HTTP status that says it: 422 for wrong fields, 409 for refusals, and so on.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Unauthorized => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Refused { .. } | Self::ExternalIdTaken { .. } | Self::KeyInUse | Self::Changed => 409,
            Self::PreconditionFailed => 412,
            Self::Invalid { .. } | Self::KeyReused => 422,
            Self::TooManyRequests { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::NotWritable | Self::Unconfirmed | Self::Network(_) => 503,
        }
    }

    /// A word that programs can compare.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::BadRequest(_) => "bad_request",
            Self::NotFound(_) => "not_found",
            Self::Refused { code, .. } => code,
            Self::ExternalIdTaken { .. } => "external_id_taken",
            Self::KeyInUse => "key_in_use",
            Self::KeyReused => "key_reused",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Changed => "changed",
            Self::PreconditionFailed => "precondition_failed",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::Unavailable => "unavailable",
            Self::NotWritable => "not_writable",
            Self::Unconfirmed => "unconfirmed",
            Self::Internal => "internal",
            Self::Network(_) => "network",
        }
    }
}

fn summary(errors: &[FieldError]) -> String {
    match errors {
        [one] => one.detail.clone(),
        many => format!("{} fields need another look.", many.len()),
    }
}

impl FromServerFnError for AppError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(why)
            | ServerFnErrorErr::MissingArg(why)
            | ServerFnErrorErr::Deserialization(why) => {
                Self::BadRequest(format!("The request could not be read: {why}"))
            }
            other => Self::Network(other.to_string()),
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.code, refusal.why)
    }
}

impl From<Vec<FieldError>> for AppError {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Invalid { errors, form: None }
    }
}

impl From<FieldError> for AppError {
    fn from(error: FieldError) -> Self {
        vec![error].into()
    }
}

impl From<FilterError> for AppError {
    fn from(error: FilterError) -> Self {
        Self::BadRequest(error.to_string())
    }
}

impl From<BadCursor> for AppError {
    fn from(error: BadCursor) -> Self {
        Self::BadRequest(error.to_string())
    }
}
