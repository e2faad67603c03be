//! Note: somebody writes something down in a call's timeline.

use super::change::{Change, Decision, change};
use crate::{
    domain::{
        actor::Actor,
        call::Call,
        event::{EventKind, NewEvent},
        id::CallId,
        timestamp::Timestamp,
    },
    error::AppError,
    server::db::{Tx, Written},
};

/// Writes `note` into the timeline; it has been checked by [`crate::domain::form::note`].
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn note(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    note: &str,
    now: Timestamp,
) -> Result<Written<Call>, AppError> {
    let written = change(tx, actor, id, now, |before| {
        let event = NewEvent::new(EventKind::Note, now).with(serde_json::json!({ "note": note }));
        Ok(Decision::write(Change::of(before.call.clone(), event), ()))
    });
    Ok(written.await?.map(|(call, ())| call))
}
