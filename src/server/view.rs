//! What answers show. The comments of the fields are what the OpenAPI document says of them.

use crate::{
    domain::{
        attempt::Attempt,
        call::{Call, Warning},
        event::CallEvent,
        event_cursor::EventCursor,
        timestamp::Timestamp,
        waiting::{Reason, Waiting},
    },
    server::words::{
        AttemptStatusWord, CallStatusWord, EndedReasonWord, EventKindWord, PhaseWord, VerdictWord,
        WorkflowWord,
    },
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A call as every answer shows it. Instants are RFC 3339 in UTC with milliseconds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// Its id; later calls have later ids.
    #[schema(format = "uuid")]
    id: String,
    /// Who is phoned.
    customer_name: String,
    /// The number that is dialed, in E.164.
    phone_number: String,
    #[schema(value_type = WorkflowWord)]
    workflow: &'static str,
    #[schema(value_type = CallStatusWord)]
    status: &'static str,
    #[schema(value_type = PhaseWord)]
    phase: &'static str,
    /// The instant that was wished for; null = at once.
    #[schema(required, format = "date-time")]
    scheduled_at: Option<String>,
    /// The instant from which it may be placed next.
    #[schema(format = "date-time")]
    due_at: String,
    /// Why it has not gone out; null unless it waits.
    #[schema(required)]
    waiting: Option<WaitingView>,
    /// How many attempts the provider has taken.
    attempts_made: i32,
    /// How many attempts the provider may take.
    max_attempts: i32,
    /// Since when it is to be canceled, while the provider is at it.
    #[schema(required, format = "date-time")]
    cancel_requested_at: Option<String>,
    /// When it ended.
    #[schema(required, format = "date-time")]
    ended_at: Option<String>,
    /// Why it ended.
    #[schema(required, value_type = Option<EndedReasonWord>)]
    ended_reason: Option<&'static str>,
    /// What is odd about it, as a number that no numbering plan has.
    warnings: Vec<WarningView>,
    /// What a program wants to find again.
    #[schema(value_type = Object)]
    metadata: Value,
    /// The caller's own id for it.
    #[schema(required)]
    external_id: Option<String>,
    /// Who asked for it: `token`, `anonymous`.
    created_by: String,
    /// When it was asked for.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it last changed.
    #[schema(format = "date-time")]
    updated_at: String,
    /// Rises by one with each event: the ETag, and the rule to ignore what is older.
    version: i64,
    /// Its attempts; only where one call is read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempts: Option<Vec<AttemptView>>,
    /// The place in the stream of events that was reached before it was read; only where one call is read by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = String)]
    events_cursor: Option<EventCursor>,
}

/// Why a call has not gone out, and when it may.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Waiting)]
pub struct WaitingView {
    /// The earliest instant at which it may go out, as far as it is known.
    #[schema(required, format = "date-time")]
    not_before: Option<String>,
    /// The instant at which it ends as missed.
    #[schema(required, format = "date-time")]
    missed_at: Option<String>,
    /// What stands in its way; empty = it goes out now.
    reasons: Vec<ReasonView>,
}

/// One thing that keeps calls from going out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonView {
    /// A word that programs can compare: `scheduled`, `retry_delay`, `in_flight_limit`.
    code: String,
    /// The reason in words, with instants in UTC.
    detail: String,
}

/// Something odd that did not keep the call from being created.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Warning)]
pub struct WarningView {
    /// A word that programs can compare: `number_not_valid`, `number_not_possible`.
    code: String,
    /// What is odd, in words.
    detail: String,
}

/// One placing of a call with a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct AttemptView {
    /// Its id, which the provider is given as the Idempotency-Key.
    #[schema(format = "uuid")]
    id: String,
    /// Which one of the call's attempts, from 1.
    number: i32,
    #[schema(value_type = AttemptStatusWord)]
    status: &'static str,
    /// The provider's name.
    provider: String,
    /// The provider's id for it, once known.
    #[schema(required)]
    provider_call_id: Option<String>,
    /// When it was claimed.
    #[schema(format = "date-time")]
    claimed_at: String,
    /// When the provider took it.
    #[schema(required, format = "date-time")]
    accepted_at: Option<String>,
    /// When the phone rang.
    #[schema(required, format = "date-time")]
    ringing_at: Option<String>,
    /// When it was answered.
    #[schema(required, format = "date-time")]
    answered_at: Option<String>,
    /// When it ended.
    #[schema(required, format = "date-time")]
    ended_at: Option<String>,
    /// Why it ended.
    #[schema(required, value_type = Option<EndedReasonWord>)]
    ended_reason: Option<&'static str>,
    /// Whether its end is our guess, which a later report may correct once.
    provisional: bool,
    /// Since when it is to be hung up.
    #[schema(required, format = "date-time")]
    hangup_requested_at: Option<String>,
    /// How long the conversation was, in seconds.
    #[schema(required)]
    duration_secs: Option<i32>,
    /// Who answered: `human`, `machine`.
    #[schema(required)]
    answered_by: Option<String>,
    /// Where the recording is.
    #[schema(required)]
    recording_url: Option<String>,
}

/// One line of a call's timeline, alone and in the stream of all events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    /// Its place in the stream of all events.
    #[schema(value_type = String)]
    id: EventCursor,
    /// The call; null only for a report of an unknown attempt.
    #[schema(required, format = "uuid")]
    call_id: Option<String>,
    /// Its place in the call's timeline, which is the call's version after it.
    #[schema(required)]
    seq: Option<i64>,
    #[schema(value_type = EventKindWord)]
    kind: &'static str,
    /// Who did it: `token`, `provider`, `system`.
    actor: String,
    /// The id of the request that made it happen, as its answer's `X-Request-Id` told; null where Switchboard acted by
    /// itself, and in what earlier versions wrote down.
    #[schema(required)]
    request_id: Option<String>,
    /// The attempt that it speaks of.
    #[schema(required, format = "uuid")]
    attempt_id: Option<String>,
    /// What became of it, if it is a report.
    #[schema(required, value_type = Option<VerdictWord>)]
    verdict: Option<&'static str>,
    /// How often the same report came again.
    repeats: i32,
    /// The details.
    #[schema(value_type = Object)]
    payload: Value,
    /// When it happened, by the clock of whoever says so.
    #[schema(format = "date-time")]
    occurred_at: String,
    /// When it was written down here.
    #[schema(format = "date-time")]
    created_at: String,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallList)]
pub struct CallListView {
    /// The calls, in the order of the list.
    pub calls: Vec<CallView>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_cursor: Option<String>,
    /// How many calls match, where `include_total` asked for it; at least so many where
    /// `total_is_exact` is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<i64>,
    /// Beside `total`: false when the first 10,000 calls were looked at, and there may be more that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_is_exact: Option<bool>,
    /// The place in the stream of events that was reached before the calls were read.
    #[schema(value_type = String)]
    pub events_cursor: EventCursor,
}

/// What a live reader is told: an event, and its call as it stands in the list at that moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StreamedEvent)]
pub struct StreamedEventView {
    /// The event.
    pub event: EventView,
    /// Its call, which may have gone on since; null once it is deleted.
    #[schema(required)]
    pub call: Option<CallView>,
}

/// A call's timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventList)]
pub struct EventListView {
    /// The events, oldest first.
    pub events: Vec<EventView>,
}

impl CallView {
    /// Shows `call`, with why it waits.
    pub fn of(call: Call, waiting: Option<Waiting>) -> Self {
        Self {
            id: call.id.to_string(),
            phase: call.phase().as_str(),
            customer_name: call.customer_name,
            phone_number: call.phone_number.into(),
            workflow: call.workflow.as_str(),
            status: call.status.as_str(),
            scheduled_at: instant(call.scheduled_at),
            due_at: call.due_at.to_rfc3339(),
            waiting: waiting.map(|waiting| WaitingView {
                not_before: instant(waiting.not_before),
                missed_at: instant(waiting.missed_at),
                reasons: waiting.reasons.into_iter().map(ReasonView::of).collect(),
            }),
            attempts_made: call.attempts_made,
            max_attempts: call.max_attempts,
            cancel_requested_at: instant(call.cancel_requested_at),
            ended_at: instant(call.ended_at),
            ended_reason: call.ended_reason.map(crate::domain::status::EndedReason::as_str),
            warnings: call.warnings.into_iter().map(WarningView::of).collect(),
            metadata: call.metadata,
            external_id: call.external_id,
            created_by: call.created_by,
            created_at: call.created_at.to_rfc3339(),
            updated_at: call.updated_at.to_rfc3339(),
            version: call.version,
            attempts: None,
            events_cursor: None,
        }
    }

    /// The same with the place in the stream of events behind which nothing of it was read.
    #[must_use]
    pub fn with_cursor(mut self, events_cursor: EventCursor) -> Self {
        self.events_cursor = Some(events_cursor);
        self
    }

    /// The same with its attempts.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.attempts = Some(attempts.into_iter().map(AttemptView::of).collect());
        self
    }
}

impl ReasonView {
    /// Shows `reason`.
    pub fn of(reason: Reason) -> Self {
        Self { code: reason.code, detail: reason.detail }
    }
}

impl WarningView {
    fn of(warning: Warning) -> Self {
        Self { code: warning.code, detail: warning.detail }
    }
}

impl AttemptView {
    fn of(attempt: Attempt) -> Self {
        Self {
            id: attempt.id.to_string(),
            number: attempt.number,
            status: attempt.status.as_str(),
            provider: attempt.provider,
            provider_call_id: attempt.provider_call_id,
            claimed_at: attempt.claimed_at.to_rfc3339(),
            accepted_at: instant(attempt.accepted_at),
            ringing_at: instant(attempt.ringing_at),
            answered_at: instant(attempt.answered_at),
            ended_at: instant(attempt.ended_at),
            ended_reason: attempt.ended_reason.map(crate::domain::status::EndedReason::as_str),
            provisional: attempt.provisional,
            hangup_requested_at: instant(attempt.hangup_requested_at),
            duration_secs: attempt.duration_secs,
            answered_by: attempt.answered_by,
            recording_url: attempt.recording_url,
        }
    }
}

impl EventView {
    /// Shows `event`.
    pub fn of(event: CallEvent) -> Self {
        Self {
            id: event.id,
            call_id: event.call_id.map(|id| id.to_string()),
            seq: event.seq,
            kind: event.kind.as_str(),
            actor: event.actor,
            request_id: event.request_id,
            attempt_id: event.attempt_id.map(|id| id.to_string()),
            verdict: event.verdict.map(crate::domain::event::Verdict::as_str),
            repeats: event.repeats,
            payload: event.payload,
            occurred_at: event.occurred_at.to_rfc3339(),
            created_at: event.created_at.to_rfc3339(),
        }
    }
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
