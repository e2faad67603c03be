//! End by hand: a person knows better than the provider how a call ended.

use super::{
    cancel::{closed, with_hangup},
    change::{Change, Decision, change},
};
use crate::{
    domain::{
        actor::Actor,
        call::Call,
        event::{EventKind, NewEvent},
        id::CallId,
        status::{AttemptStatus, EndedReason},
        timestamp::Timestamp,
        transition::{Cause, Command, Step, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};

/// Ends the call as `ending`. An attempt that is under way stays open until the provider confirms that it has
/// hung up.
///
/// # Errors
/// A refusal when the call has ended, or `ending` is no end; [`AppError::PreconditionFailed`] when the call
/// has another version than `version`.
pub async fn end_by_hand(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    ending: AttemptStatus,
    version: Option<i64>,
    now: Timestamp,
) -> Result<Written<Call>, AppError> {
    let written = change(tx, actor, id, now, |before| {
        if version.is_some_and(|seen| seen != before.call.version) {
            return Err(AppError::PreconditionFailed);
        }
        let Step::To(status) = transition(before.call.status, Cause::Asked(Command::EndByHand(ending)))?
        else {
            return Ok(Decision::Leave(()));
        };
        let mut call = before.call.clone();
        call.end(status, Some(EndedReason::EndedByHand), now);
        let event = NewEvent::new(EventKind::EndedByHand, now).with(serde_json::json!({"status": ending}));
        let mut change = Change::of(call, event).and(closed(before, now));
        if let Some(attempt) = before.open_attempt().filter(|attempt| attempt.is_in_flight()) {
            change.events.push(NewEvent::new(EventKind::HangupRequested, now).about(attempt.id));
            change.attempts.push(with_hangup(attempt, now));
        }
        Ok(Decision::write(change, ()))
    });
    Ok(written.await?.map(|(call, ())| call))
}
