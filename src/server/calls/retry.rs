//! Retry: an ended call goes back to pending, with one attempt more.

use super::change::{Change, Decision, change};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::Call,
        event::{EventKind, NewEvent},
        id::CallId,
        timestamp::Timestamp,
        transition::{Cause, Command, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};

/// Opens the call once more, due at once.
///
/// # Errors
/// A refusal when it has not ended, or while an older attempt of it is still open.
pub async fn retry(tx: &Tx, actor: &Actor, id: CallId, now: Timestamp) -> Result<Written<Call>, AppError> {
    let written = change(tx, actor, id, now, |before| {
        transition(before.call.status, Cause::Asked(Command::Retry))?;
        if before.attempts.iter().any(Attempt::is_in_flight) {
            let why = "The last attempt has not been confirmed as ended by the provider yet. Try again in a moment.";
            return Err(AppError::refused("attempt_open", why));
        }
        let mut call = before.call.clone();
        call.reopen(now, None);
        // At least one more; what was left of the budget stays.
        call.max_attempts = call.max_attempts.max(call.attempts_made + 1);
        let event = NewEvent::new(EventKind::Retried, now);
        Ok(Decision::write(Change::of(call, event), ()))
    });
    Ok(written.await?.map(|(call, ())| call))
}
