//! One append-only line in a call's timeline.

use super::{
    event_cursor::EventCursor,
    id::{AttemptId, CallId},
    timestamp::Timestamp,
    words::words,
};
use serde::{Deserialize, Serialize};

words! {
    /// What happened.
    EventKind {
        /// Somebody asked for the call.
        Created = "created",
        /// Name, number, workflow or time were changed.
        Edited = "edited",
        /// A node took it to place it.
        Claimed = "claimed",
        /// The provider has taken it.
        Placed = "placed",
        /// The provider said no.
        Refused = "refused",
        /// The provider's answer leaves open whether it dials.
        Ambiguous = "ambiguous",
        /// The provider reported.
        Report = "report",
        /// The provider was asked, and answered.
        Reconciled = "reconciled",
        /// It will be tried again by itself.
        RetryPlanned = "retry_planned",
        /// Somebody asked for one attempt more.
        Retried = "retried",
        /// Somebody took the wish back while the provider was being asked or dialing.
        CancelRequested = "cancel_requested",
        /// The provider is to hang up.
        HangupRequested = "hangup_requested",
        /// The provider has no way of hanging up: the call goes on to its end.
        HangupImpossible = "hangup_impossible",
        /// It was taken back before it went out.
        Canceled = "canceled",
        /// Somebody set its end by hand.
        EndedByHand = "ended_by_hand",
        /// It waited past its latest instant.
        Missed = "missed",
        /// The provider no longer knows of it, or does not answer.
        LostContact = "lost_contact",
        /// Whether it went out can't be found out.
        Unknown = "unknown",
        /// Somebody wrote something down.
        Note = "note",
        /// The call was deleted before it was ever attempted.
        Deleted = "deleted",
    }
}

words! {
    /// What became of an authentic report.
    Verdict {
        /// It moved the attempt on.
        Applied = "applied",
        /// The attempt was already as far, or farther; it may have filled a detail.
        Stale = "stale",
        /// The attempt had ended before; it may have filled a detail.
        AlreadyEnded = "already_ended",
        /// No such attempt is known here.
        UnknownAttempt = "unknown_attempt",
        /// It contradicts what is known.
        Invalid = "invalid",
    }
}

/// One line in a call's timeline, as it is kept.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CallEvent {
    /// Its place in the stream of all events of the installation.
    pub id: EventCursor,
    /// The call; none only for a report of an unknown attempt.
    pub call_id: Option<CallId>,
    /// Its place in the call's timeline, which is the call's version after it.
    pub seq: Option<i64>,
    /// The attempt that it speaks of.
    pub attempt_id: Option<AttemptId>,
    /// What happened.
    pub kind: EventKind,
    /// Who did it: `token`, `provider`, `system`.
    pub actor: String,
    /// The id of the request that made it happen, where one did.
    pub request_id: Option<String>,
    /// What became of it, if it is a report.
    pub verdict: Option<Verdict>,
    /// How often the same report came again.
    pub repeats: i32,
    /// The details, as JSON.
    pub payload: serde_json::Value,
    /// When it happened, by the clock of whoever says so.
    pub occurred_at: Timestamp,
    /// When it was written down here.
    pub created_at: Timestamp,
}

/// A line about to be written; place and seq are given when it is.
#[derive(Clone, PartialEq, Debug)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// The attempt that it speaks of.
    pub attempt_id: Option<AttemptId>,
    /// What became of it, if it is a report.
    pub verdict: Option<Verdict>,
    /// By which a repeated report is known again.
    pub dedupe_key: Option<String>,
    /// The details, as JSON.
    pub payload: serde_json::Value,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl NewEvent {
    /// An event of `kind` that happened at `occurred_at`, with nothing more to say.
    pub fn new(kind: EventKind, occurred_at: Timestamp) -> Self {
        let payload = serde_json::Value::Object(serde_json::Map::new());
        Self { kind, attempt_id: None, verdict: None, dedupe_key: None, payload, occurred_at }
    }

    /// The same with details.
    #[must_use]
    pub fn with(mut self, payload: serde_json::Value) -> Self {
        self.payload = payload;
        self
    }

    /// The same about one attempt.
    #[must_use]
    pub fn about(mut self, attempt: AttemptId) -> Self {
        self.attempt_id = Some(attempt);
        self
    }
}
