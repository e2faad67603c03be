//! The company that dials, as the dispatcher sees it. [`http`] speaks the provider protocol to any of them,
//! [`call_api`] an interface that can do less; [`simulator`] is one, answers both, and stands behind HTTP like
//! every other.

mod answer;
pub mod call_api;
pub mod http;
pub mod simulator;
pub mod timed;

use crate::domain::{
    attempt::Report, call::Workflow, id::AttemptId, phone_number::PhoneNumber, status::EndedReason,
    timestamp::Timestamp, trace::Trace,
};
use async_trait::async_trait;

/// One placing: what the provider is asked to dial.
#[derive(Clone, Debug, PartialEq)]
pub struct Placing {
    /// The attempt's id: the `Idempotency-Key`.
    pub attempt_id: AttemptId,
    /// The number to dial.
    pub to: PhoneNumber,
    /// Who is phoned.
    pub customer_name: String,
    /// Why we phone.
    pub workflow: Workflow,
    /// The instant after which the provider must refuse what it has not seen before.
    pub place_by: Timestamp,
    /// By what it is traced: the provider's part of the request that asked for the call.
    pub trace: Trace,
}

/// What came of asking the provider to dial.
#[derive(Clone, Debug, PartialEq)]
pub enum PlacingAnswer {
    /// It has taken it.
    Accepted {
        /// Its id for the attempt.
        provider_call_id: String,
    },
    /// It will not take this one, now or later.
    Refused {
        /// The reason that ends the call.
        reason: EndedReason,
        /// What it said, in words.
        detail: String,
    },
    /// It will not take this one now.
    NotNow {
        /// How long it asks us to wait, in seconds.
        retry_after_secs: Option<i64>,
        /// What it said, in words.
        detail: String,
    },
    /// It was not asked: this is not the moment for it.
    NotAsked {
        /// Why, in words.
        detail: String,
    },
    /// Nothing listens there: it was never asked.
    Unreachable {
        /// What happened, in words.
        detail: String,
    },
    /// It does not accept our credentials, so it would refuse every call.
    LockedOut {
        /// What it said, in words.
        detail: String,
    },
    /// Whether it dials is open: it must be asked.
    Ambiguous {
        /// What happened, in words.
        detail: String,
    },
}

/// An attempt that the provider is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Our id for it.
    pub attempt_id: AttemptId,
    /// The provider's id for it, if it ever told us.
    pub provider_call_id: Option<String>,
}

/// What came of asking the provider where an attempt stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StatusAnswer {
    /// It knows it.
    Known(Report),
    /// It has never heard of it.
    Unknown,
    /// It did not say.
    NoAnswer {
        /// What happened, in words.
        detail: String,
    },
    /// It has no way of saying, now or later.
    Unknowable {
        /// Why not, in words.
        detail: String,
    },
}

/// What came of asking the provider to hang up.
#[derive(Clone, Debug, PartialEq)]
pub enum HangUpAnswer {
    /// It has heard the wish.
    Heard,
    /// It has not, or did not say.
    NotHeard,
    /// It has no way of doing so.
    Impossible {
        /// Why not, in words.
        detail: String,
    },
}

/// What a company that dials can do.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name, kept with each attempt.
    fn name(&self) -> &str;

    /// How soon it is asked again about an attempt that has been open for `open_secs`, in seconds; none if it
    /// reports by itself, so that only its silence is a reason to ask.
    fn ask_every_secs(&self, open_secs: i64) -> Option<i64>;

    /// Asks it to dial. Whatever is not surely a yes or a no is [`PlacingAnswer::Ambiguous`].
    async fn place(&self, placing: &Placing) -> PlacingAnswer;

    /// Asks it where an attempt stands.
    async fn status_of(&self, asked: &Asked) -> StatusAnswer;

    /// Asks it to hang up.
    async fn hang_up(&self, provider_call_id: &str) -> HangUpAnswer;
}
