//! Delete: a call that was never attempted disappears from the lists; its events stay.

use super::{
    change::{append, load},
    entity::calls,
};
use crate::{
    domain::{
        actor::Actor,
        event::{EventKind, NewEvent},
        id::CallId,
        timestamp::Timestamp,
        transition::{Cause, Command, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};
use sea_orm::entity::prelude::*;

/// Deletes the call. `version` is the version that the caller has seen, if it says so.
///
/// # Errors
/// A refusal when it was ever attempted; [`AppError::PreconditionFailed`] when it has another version.
pub async fn delete(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    version: Option<i64>,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    let before = load(tx, actor.team_id, id).await?;
    if version.is_some_and(|seen| seen != before.call.version) {
        return Err(AppError::PreconditionFailed);
    }
    transition(before.call.status, Cause::Asked(Command::Delete))?;
    if !before.attempts.is_empty() {
        let why = "The call was attempted before, so it stays as history. Cancel it instead.";
        return Err(AppError::refused("has_history", why));
    }
    let deleted = calls::Entity::delete_many()
        .filter(calls::Column::Id.eq(id.0))
        .filter(calls::Column::Version.eq(before.call.version))
        .exec(tx.conn())
        .await?;
    if deleted.rows_affected == 0 {
        return Err(AppError::Changed);
    }
    let event = NewEvent::new(EventKind::Deleted, now);
    append(tx, actor, &before.call, before.call.version, vec![event], now).await?;
    Ok(Written::new(()).changed(id))
}
