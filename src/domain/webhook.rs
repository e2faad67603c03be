//! Outgoing webhooks: who wants to be told of what, and one telling of one event.

pub mod filter;
pub mod form;
pub mod happened;
pub mod schedule;

use super::{
    id::{CallId, DeliveryId, EndpointId},
    timestamp::Timestamp,
    words::words,
};
use serde::{Deserialize, Serialize};

/// The type of an event that somebody sends to try an endpoint; it need not be asked for.
pub const TEST_EVENT: &str = "webhook.test";
/// How long a secret that was replaced goes on signing beside its successor, in seconds: a day.
pub const OLD_SECRET_SIGNS_SECS: i64 = 86_400;
/// The most endpoints that a team may have.
pub const MAX_ENDPOINTS: u64 = 50;

words! {
    /// What an endpoint can ask to be told of.
    WebhookEvent {
        /// Somebody asked for a call.
        CallCreated = "call.created",
        /// The provider has taken an attempt of it.
        CallInitiated = "call.initiated",
        /// Somebody or something has answered.
        CallAnswered = "call.answered",
        /// It came to its end, whether it was ever connected or not.
        CallEnded = "call.ended",
        /// It will be tried again: by itself, or because somebody asked for it.
        CallRetryPlanned = "call.retry_planned",
    }
}

words! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// It is sent now, or again at `next_at`.
        Pending = "pending",
        /// The endpoint took it.
        Delivered = "delivered",
        /// The endpoint did not take it, and it is not sent again by itself.
        Failed = "failed",
    }
}

words! {
    /// Why nothing is sent to an endpoint any more.
    DisabledReason {
        /// Somebody disabled it.
        ByHand = "by_hand",
        /// It answered 410: it wants nothing more.
        Gone = "gone",
        /// For five days it took nothing that was sent to it.
        Failing = "failing",
    }
}

words! {
    /// What the buttons of an endpoint's page do.
    EndpointCommand {
        /// Send an event that tells of nothing.
        SendTest = "send_test",
        /// Make a new secret; the old one signs beside it for a day.
        RotateSecret = "rotate_secret",
        /// Send to it again, first of all what waited.
        Enable = "enable",
        /// Send nothing to it.
        Disable = "disable",
        /// Forget it and what it was told.
        Delete = "delete",
    }
}

/// An address that wants to be told what happens. Its secret is not in here: only who signs sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Rises with each change: the `ETag`.
    pub version: i64,
    /// Where events are posted.
    pub url: String,
    /// What its people call it; may be empty.
    pub description: String,
    /// What it wants to be told of, in the order of the words.
    pub events: Vec<WebhookEvent>,
    /// Since when nothing is sent to it; none while it is enabled.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when it has taken nothing; none when it took the newest that was sent.
    pub failing_since: Option<Timestamp>,
    /// Until when the secret before this one signs too.
    pub old_secret_until: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One telling of one event to one endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The `webhook-id`.
    pub id: DeliveryId,
    /// Whom it is told.
    pub endpoint_id: EndpointId,
    /// What is told: a [`WebhookEvent`] or [`TEST_EVENT`].
    pub event: String,
    /// The call that it tells of.
    pub call_id: Option<CallId>,
    /// What is sent: the event as it was when it happened, as JSON.
    pub body: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was sent, or about to be.
    pub attempts: i32,
    /// When it is sent next.
    pub next_at: Option<Timestamp>,
    /// When it was last sent.
    pub last_attempt_at: Option<Timestamp>,
    /// The HTTP status of the last answer.
    pub answer_status: Option<u16>,
    /// What the last answer said, as far as it was read.
    pub answer: Option<String>,
    /// Why there was no answer, in words.
    pub error: Option<String>,
    /// How long the last answer took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// When the endpoint took it.
    pub delivered_at: Option<Timestamp>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// An endpoint that was asked for and may be made: every value has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEndpoint {
    /// Where events are posted.
    pub url: String,
    /// What its people call it.
    pub description: String,
    /// What it wants to be told of; at least one.
    pub events: Vec<WebhookEvent>,
}

/// What may be changed of an endpoint; none = as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EndpointEdit {
    /// Another address.
    pub url: Option<String>,
    /// Another name.
    pub description: Option<String>,
    /// Other events.
    pub events: Option<Vec<WebhookEvent>>,
    /// Whether anything is sent to it.
    pub enabled: Option<bool>,
}

impl Endpoint {
    /// Whether anything is sent to it.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// The endpoint with the edit in it. Enabling it again forgets how it failed before.
    #[must_use]
    pub fn edited(&self, edit: EndpointEdit, now: Timestamp) -> Self {
        let mut after = self.clone();
        after.url = edit.url.unwrap_or(after.url);
        after.description = edit.description.unwrap_or(after.description);
        after.events = edit.events.unwrap_or(after.events);
        match edit.enabled {
            Some(true) if !self.is_enabled() => {
                (after.disabled_at, after.disabled_reason, after.failing_since) = (None, None, None);
            }
            Some(false) if self.is_enabled() => {
                (after.disabled_at, after.disabled_reason) = (Some(now), Some(DisabledReason::ByHand));
            }
            _ => {}
        }
        after
    }
}

impl WebhookEvent {
    /// What it means, in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::CallCreated => "A call was asked for",
            Self::CallInitiated => "The provider has taken it",
            Self::CallAnswered => "It was answered",
            Self::CallEnded => "It ended, connected or not",
            Self::CallRetryPlanned => "It will be tried again",
        }
    }
}

impl DeliveryStatus {
    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Waiting",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
        }
    }
}

impl DisabledReason {
    /// Why, as a sentence for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::ByHand => "It was disabled by hand.",
            Self::Gone => "It answered 410 Gone: it wants nothing more.",
            Self::Failing => "It took nothing of what was sent to it for five days.",
        }
    }
}
