//! Which events a change of a call means to those who are told.

use super::WebhookEvent;
use crate::domain::{
    attempt::Attempt,
    call::Call,
    event::EventKind,
    status::{AttemptStatus, CallStatus},
};

/// A call with its newest attempt, before or after a change.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The call.
    pub call: &'a Call,
    /// Its newest attempt.
    pub newest: Option<&'a Attempt>,
}

/// What a change from `before` to `after`, written down as `kinds`, is to be told as, in the order in which it
/// happened.
///
/// A report may skip what lies before it, so an attempt that is first heard of when it has been answered was
/// initiated too. Each is told once per attempt, an end once per ending; an end that was a guess and is corrected is
/// told again. What is heard of an attempt after its call has ended changes nothing for the call, and is not told.
pub fn happened(before: Seen, after: Seen, kinds: &[EventKind]) -> Vec<WebhookEvent> {
    let (was, is) = (before.call, after.call);
    let moved = was.status.is_open() || was.status != is.status || was.ended_reason != is.ended_reason;
    if !moved {
        // An ended call that stays as it is.
        return Vec::new();
    }
    let is_new = |what: fn(&Attempt) -> bool| {
        after.newest.is_some_and(|attempt| {
            let known = before.newest.is_some_and(|known| known.id == attempt.id && what(known));
            what(attempt) && !known
        })
    };
    let planned = is.status == CallStatus::Pending
        && kinds.iter().any(|kind| matches!(kind, EventKind::RetryPlanned | EventKind::Retried));
    [
        (WebhookEvent::CallInitiated, is_new(Attempt::is_accepted)),
        (WebhookEvent::CallAnswered, is_new(was_answered)),
        (WebhookEvent::CallEnded, is.status.is_ended()),
        (WebhookEvent::CallRetryPlanned, planned),
    ]
    .into_iter()
    .filter_map(|(event, is_told)| is_told.then_some(event))
    .collect()
}

/// Only what was answered completes.
fn was_answered(attempt: &Attempt) -> bool {
    matches!(attempt.status, AttemptStatus::InProgress | AttemptStatus::Completed)
        || attempt.answered_at.is_some()
}
