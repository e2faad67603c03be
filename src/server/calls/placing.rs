//! What the provider answered to a placing: taken, refused, or something that leaves it open.

use super::{
    cancel::with_hangup,
    change::{Change, Decision, Snapshot, change},
    claim::Claimed,
    record_report::{Heard, absorb, is_of_another},
};
use crate::{
    domain::{
        actor::Actor,
        attempt::{Attempt, Report},
        call::{Call, DelayedBy},
        event::{EventKind, NewEvent},
        retry::ask_again_secs,
        status::{AttemptStatus, CallStatus, EndedReason},
        timestamp::Timestamp,
        transition::{Cause, Step, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};
use serde_json::json;

/// A definite no.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacingRefused {
    /// The call ends for this reason; none = "not now".
    pub ends: Option<EndedReason>,
    /// Why a call that was refused for now waits.
    pub delayed_by: DelayedBy,
    /// How long it waits, in milliseconds.
    pub delay_millis: i64,
    /// What the provider said, in words.
    pub detail: String,
}

/// The provider has taken the attempt. Finding that a report came first, and that there is nothing left to
/// do, is no error.
///
/// # Errors
/// What the database says.
pub async fn accepted(
    tx: &Tx,
    claimed: &Claimed,
    provider_call_id: &str,
    now: Timestamp,
    overdue_secs: i64,
) -> Result<Written<Call>, AppError> {
    let report = Report {
        provider_call_id: provider_call_id.to_owned(),
        status: AttemptStatus::Initiated,
        sequence: None,
        occurred_at: now,
        ended_reason: None,
        duration_secs: None,
        answered_by: None,
        recording_url: None,
    };
    let is_foreign = is_of_another(tx, &report, claimed.attempt.id, &claimed.attempt.provider).await?;
    if is_foreign {
        let detail = "The provider answered with the id of another attempt.";
        return ambiguous(tx, claimed, detail, now, overdue_secs).await;
    }
    decide(tx, claimed, now, |before, attempt| {
        // An answer that comes after the attempt was given up still tells of whom to ask, or contradicts what is known.
        if attempt.status.is_ended() && attempt.provider_call_id.as_deref() == Some(provider_call_id) {
            return None;
        }
        let event = NewEvent::new(EventKind::Placed, now)
            .with(json!({"provider": attempt.provider, "provider_call_id": provider_call_id}));
        let heard = Heard { report: &report, is_foreign, event, now, overdue_secs };
        Some(absorb(before, attempt, heard).0)
    })
    .await
}

/// The provider definitely refused the attempt: no phone rings.
///
/// # Errors
/// What the database says.
pub async fn refused(
    tx: &Tx,
    claimed: &Claimed,
    refusal: &PlacingRefused,
    now: Timestamp,
) -> Result<Written<Call>, AppError> {
    decide(tx, claimed, now, |before, attempt| {
        if attempt.is_accepted() || attempt.status.is_ended() {
            return None;
        }
        Some(refusal_of(before, attempt, refusal, now))
    })
    .await
}

/// The answer leaves open whether the provider dials: the call keeps its slot, and the provider is asked.
///
/// # Errors
/// What the database says.
pub async fn ambiguous(
    tx: &Tx,
    claimed: &Claimed,
    detail: &str,
    now: Timestamp,
    overdue_secs: i64,
) -> Result<Written<Call>, AppError> {
    decide(tx, claimed, now, |before, attempt| {
        if attempt.is_accepted() || attempt.status.is_ended() {
            return None;
        }
        let check_at = now.plus_secs(ask_again_secs(0, overdue_secs));
        let asked = Attempt { check_at: Some(check_at), checks: 0, ..attempt.clone() };
        let event =
            NewEvent::new(EventKind::Ambiguous, now).about(attempt.id).with(json!({"detail": detail}));
        // Nobody is placing it any more.
        let mut call = before.call.clone();
        call.release();
        Some(Change::of(call, event).and(Some(asked)))
    })
    .await
}

/// Ends an attempt that the provider has never seen, and the call with it, because nobody wants it any more.
pub fn given_up(before: &Snapshot, attempt: &Attempt, now: Timestamp) -> Change {
    let ended = attempt.ended(AttemptStatus::Canceled, EndedReason::Canceled, now);
    let mut call = before.call.clone();
    if call.status.is_open() {
        call.end(CallStatus::Canceled, Some(EndedReason::Canceled), now);
    }
    let event = NewEvent::new(EventKind::Canceled, now).about(attempt.id);
    Change::of(call, event).and(Some(ended))
}

fn refusal_of(before: &Snapshot, attempt: &Attempt, refusal: &PlacingRefused, now: Timestamp) -> Change {
    let unwanted = before.call.cancel_requested_at.is_some() || before.call.status.is_ended();
    let payload = json!({"detail": refusal.detail, "ended_reason": refusal.ends});
    let event = NewEvent::new(EventKind::Refused, now).about(attempt.id).with(payload);
    if unwanted {
        let mut change = given_up(before, attempt, now);
        change.events.insert(0, event);
        return change;
    }
    let mut call = before.call.clone();
    if let Some(reason) = refusal.ends {
        let ended = attempt.ended(AttemptStatus::Failed, reason, now);
        call.end(CallStatus::Failed, Some(reason), now);
        return Change::of(call, event).and(Some(ended));
    }
    if let Ok(Step::To(status)) = transition(call.status, Cause::NotNow) {
        call.status = status;
        call.due_at = now.plus_millis(refusal.delay_millis);
        call.delayed_by = Some(refusal.delayed_by);
        call.release();
    }
    // Nothing is being asked any more: the attempt waits under the same id and takes no slot.
    let refusals = attempt.refusals + 1;
    let waiting = Attempt { place_by: None, check_at: None, checks: 0, refusals, ..attempt.clone() };
    Change::of(call, event).and(Some(waiting))
}

/// Decides over the claimed attempt, unless another node has taken the call over: then this one writes nothing.
async fn decide(
    tx: &Tx,
    claimed: &Claimed,
    now: Timestamp,
    decide: impl Fn(&Snapshot, &Attempt) -> Option<Change>,
) -> Result<Written<Call>, AppError> {
    let actor = Actor { team_id: claimed.call.team_id, ..Actor::system() };
    let written = change(tx, &actor, claimed.call.id, now, |before| {
        let attempt = before.attempt(claimed.attempt.id);
        let mine = before.call.lease_epoch == claimed.call.lease_epoch;
        let Some(change) = attempt.filter(|_| mine).and_then(|attempt| decide(before, attempt)) else {
            return Ok(Decision::Leave(()));
        };
        Ok(Decision::write(change, ()))
    });
    Ok(written.await?.map(|(call, ())| call))
}

/// The attempt with the wish to hang up, if the call is no longer wanted and the provider has just taken it.
pub(super) fn hung_up_if_unwanted(
    call: &Call,
    attempt: Attempt,
    now: Timestamp,
) -> (Attempt, Option<NewEvent>) {
    let unwanted = call.cancel_requested_at.is_some() || call.status.is_ended();
    if !unwanted
        || attempt.status.is_ended()
        || !attempt.is_accepted()
        || attempt.hangup_requested_at.is_some()
    {
        return (attempt, None);
    }
    let event = NewEvent::new(EventKind::HangupRequested, now).about(attempt.id);
    (with_hangup(&attempt, now), Some(event))
}
