//! Miss: a call that waited past its latest instant ends, whatever kept it waiting.

use super::{
    cancel::closed,
    change::{Change, Decision, change},
    entity::{calls, status_is},
};
use crate::{
    domain::{
        actor::Actor,
        event::{EventKind, NewEvent},
        id::{CallId, TeamId},
        status::{CallStatus, EndedReason},
        timestamp::Timestamp,
        transition::{Cause, Step, transition},
        waiting::missed_at,
    },
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

/// The calls that have waited too long, each with its team, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn too_late(
    db: &Db,
    max_lateness_secs: i64,
    now: Timestamp,
    most: u64,
) -> Result<Vec<(CallId, TeamId)>, AppError> {
    if max_lateness_secs <= 0 {
        return Ok(Vec::new());
    }
    let found: Vec<(Uuid, Uuid)> = calls::Entity::find()
        .select_only()
        .column(calls::Column::Id)
        .column(calls::Column::TeamId)
        .filter(status_is(CallStatus::Pending))
        .filter(calls::Column::WantedAt.lte(now.plus_secs(-max_lateness_secs).as_millis()))
        .order_by_asc(calls::Column::WantedAt)
        .limit(most)
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(found.into_iter().map(|(id, team)| (CallId(id), TeamId(team))).collect())
}

/// Ends the call as missed if it still waits and its latest instant has passed.
///
/// # Errors
/// What the database says.
pub async fn miss(
    tx: &Tx,
    (id, team_id): (CallId, TeamId),
    max_lateness_secs: i64,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    let actor = Actor { team_id, ..Actor::system() };
    let written = change(tx, &actor, id, now, |before| {
        let late = missed_at(&before.call, max_lateness_secs).is_some_and(|at| at <= now);
        match transition(before.call.status, Cause::Missed)? {
            Step::To(status) if late => {
                let mut call = before.call.clone();
                call.end(status, Some(EndedReason::Missed), now);
                let change = Change::of(call, NewEvent::new(EventKind::Missed, now));
                Ok(Decision::write(change.and(closed(before, now)), ()))
            }
            _ => Ok(Decision::Leave(())),
        }
    });
    Ok(written.await?.map(|_| ()))
}
