//! The finders of one call and of what is known of it, and when the next one is due. None that answers a person can be
//! called without a team.

use super::{
    dispatch_state,
    entity::{attempts, calls, events, status_is},
    stream,
};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::{Call, CallDetails},
        event::CallEvent,
        id::{AttemptId, CallId},
        status::CallStatus,
        timestamp::Timestamp,
        waiting::{Limits, waiting},
    },
    error::AppError,
    server::db::Db,
};
use sea_orm::{
    Condition, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, IntoCondition, Query},
};
use std::collections::HashMap;

/// All that is known of one call.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(
    db: &Db,
    actor: &Actor,
    id: CallId,
    limits: Limits,
    now: Timestamp,
) -> Result<CallDetails, AppError> {
    let events_cursor = stream::head(db).await?;
    let call = find(db, actor, id).await?;
    let attempts = attempts::Entity::find()
        .filter(attempts::Column::CallId.eq(id.0))
        .order_by_asc(attempts::Column::Number)
        .all(db.read())
        .await?;
    let events = events::Entity::find()
        .filter(events::Column::CallId.eq(id.0))
        .filter(events::Column::TeamId.eq(actor.team_id.0))
        .order_by_asc(events::Column::Seq)
        .all(db.read())
        .await?;
    let state = dispatch_state::read(db.read(), limits).await?;
    Ok(CallDetails {
        waiting: waiting(&call, &state, now),
        call,
        attempts: attempts.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?,
        events: events.into_iter().map(CallEvent::try_from).collect::<Result<_, _>>()?,
        events_cursor,
    })
}

/// Whose these attempts are, as far as they are the team's.
///
/// # Errors
/// What the database says.
pub async fn calls_of(
    db: &Db,
    actor: &Actor,
    of: &[AttemptId],
) -> Result<HashMap<AttemptId, CallId>, AppError> {
    // Looked up for each attempt: a list of all calls of the team would be read whole.
    let of_team = Query::select()
        .expr(Expr::cust("1"))
        .from(calls::Entity)
        .and_where(
            Expr::col((calls::Entity, calls::Column::Id))
                .equals((attempts::Entity, attempts::Column::CallId)),
        )
        .and_where(calls::Column::TeamId.eq(actor.team_id.0))
        .to_owned();
    let rows: Vec<(Uuid, Uuid)> = attempts::Entity::find()
        .select_only()
        .columns([attempts::Column::Id, attempts::Column::CallId])
        .filter(attempts::Column::Id.is_in(of.iter().map(|id| id.0)))
        .filter(Expr::exists(of_team))
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|(attempt, call)| (AttemptId(attempt), CallId(call))).collect())
}

/// One call alone.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &Db, actor: &Actor, id: CallId) -> Result<Call, AppError> {
    let row = calls::Entity::find_by_id(id.0)
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .one(db.read())
        .await?;
    row.ok_or_else(|| AppError::NotFound("call".to_owned()))?.try_into()
}

/// The provider's id of each call's newest attempt, where it is known.
///
/// # Errors
/// What the database says.
pub async fn provider_call_ids(
    db: &Db,
    actor: &Actor,
    ids: &[CallId],
) -> Result<HashMap<CallId, String>, AppError> {
    let of_team = calls::Entity::find()
        .select_only()
        .column(calls::Column::Id)
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(calls::Column::Id.is_in(ids.iter().map(|id| id.0)));
    let rows: Vec<(Uuid, Option<String>)> = attempts::Entity::find()
        .select_only()
        .columns([attempts::Column::CallId, attempts::Column::ProviderCallId])
        .filter(attempts::Column::CallId.in_subquery(of_team.into_query()))
        .order_by_asc(attempts::Column::Number)
        .into_tuple()
        .all(db.read())
        .await?;
    // A later attempt takes an earlier one's place.
    let newest: HashMap<_, _> = rows.into_iter().collect();
    Ok(newest.into_iter().filter_map(|(id, known)| Some((CallId(id), known?))).collect())
}

/// When the next pending call is due, of whatever team: for the dispatcher's loop.
///
/// # Errors
/// What the database says.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, AppError> {
    first_due(db, Condition::all()).await
}

/// The same of the caller's team.
///
/// # Errors
/// What the database says.
pub async fn next_due_of(db: &Db, actor: &Actor) -> Result<Option<Timestamp>, AppError> {
    first_due(db, calls::Column::TeamId.eq(actor.team_id.0).into_condition()).await
}

async fn first_due(db: &Db, of: Condition) -> Result<Option<Timestamp>, AppError> {
    let earliest: Option<i64> = calls::Entity::find()
        .select_only()
        .column(calls::Column::DueAt)
        .filter(status_is(CallStatus::Pending))
        .filter(of)
        .order_by_asc(calls::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(earliest.map(Timestamp::from_millis))
}
