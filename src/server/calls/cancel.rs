//! Cancel: the wish is taken back, at once while the call waits, else as soon as the provider can be told.

use super::change::{Change, Decision, Snapshot, change};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
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

/// Whether a wish is done or still being carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is done.
    Done,
    /// It is remembered, and a loop carries it out.
    UnderWay,
}

/// Cancels the call.
///
/// # Errors
/// A refusal when it has ended otherwise.
pub async fn cancel(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    now: Timestamp,
) -> Result<Written<(Call, Progress)>, AppError> {
    change(tx, actor, id, now, |before| {
        match transition(before.call.status, Cause::Asked(Command::Cancel))? {
            Step::To(status) => {
                let mut call = before.call.clone();
                call.end(status, Some(EndedReason::Canceled), now);
                let change = Change::of(call, NewEvent::new(EventKind::Canceled, now));
                Ok(Decision::write(change.and(closed(before, now)), Progress::Done))
            }
            Step::Remembered if before.call.cancel_requested_at.is_some() => {
                Ok(Decision::Leave(Progress::UnderWay))
            }
            Step::Remembered => Ok(Decision::write(remembered(before, now), Progress::UnderWay)),
            // Its end may have been somebody's word alone, while a phone of it can still ring.
            _ if before.open_attempt().is_some() => Ok(Decision::Leave(Progress::UnderWay)),
            _ => Ok(Decision::Leave(Progress::Done)),
        }
    })
    .await
}

/// The wish to cancel, kept with the call; and with the attempt the wish to hang up, once the provider has it.
fn remembered(before: &Snapshot, now: Timestamp) -> Change {
    let mut call = before.call.clone();
    call.cancel_requested_at = Some(now);
    let mut change = Change::of(call, NewEvent::new(EventKind::CancelRequested, now));
    if let Some(attempt) = before.open_attempt().filter(|attempt| attempt.is_accepted()) {
        change.events.push(NewEvent::new(EventKind::HangupRequested, now).about(attempt.id));
        change.attempts.push(with_hangup(attempt, now));
    }
    change
}

/// The attempt with the wish to hang it up; asking begins at once.
#[must_use]
pub fn with_hangup(attempt: &Attempt, now: Timestamp) -> Attempt {
    Attempt {
        hangup_requested_at: attempt.hangup_requested_at.or(Some(now)),
        hangup_next_at: Some(now),
        ..attempt.clone()
    }
}

/// The call's open attempt, ended, when nothing is being asked of the provider for it.
pub fn closed(before: &Snapshot, now: Timestamp) -> Option<Attempt> {
    let parked = before.open_attempt().filter(|attempt| !attempt.is_in_flight())?;
    Some(parked.ended(AttemptStatus::Canceled, EndedReason::Canceled, now))
}
