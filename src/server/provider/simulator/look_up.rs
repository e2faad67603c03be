//! The truth about a call: what has happened to it by now, whether or not it could be reported.

use super::{
    Simulator,
    fault::{self, Kind},
    internal,
    problem::Problem,
    scenario::Script,
    table::{call, callback},
    wire::{CallView, Report},
};
use crate::error::AppError;
use axum::http::StatusCode;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// The call with this id, as it stands.
pub async fn by_id(sim: &Simulator, provider_call_id: &str) -> Result<Option<CallView>, Problem> {
    let call = call::Entity::find_by_id(provider_call_id).one(sim.db.read()).await.map_err(AppError::from)?;
    view_of(sim, call).await
}

/// The call that was placed with this key, as it stands.
///
/// It is known from the moment it was taken, also while its placing is still unanswered or it has yet to be
/// dialed: a caller who is told "unknown here" may place it anew.
pub async fn by_attempt(sim: &Simulator, attempt_id: &str) -> Result<Option<CallView>, Problem> {
    let call = placed_with(sim.db.read(), attempt_id).await?;
    view_of(sim, call).await
}

/// The call that was placed with this key.
pub async fn placed_with(
    db: &impl ConnectionTrait,
    attempt_id: &str,
) -> Result<Option<call::Model>, AppError> {
    Ok(call::Entity::find().filter(call::Column::AttemptId.eq(attempt_id)).one(db).await?)
}

/// The newest thing that has happened to a call by `now`.
pub async fn newest(
    db: &impl ConnectionTrait,
    provider_call_id: &str,
    now: i64,
) -> Result<Option<callback::Model>, AppError> {
    let newest = callback::Entity::find()
        .filter(callback::Column::ProviderCallId.eq(provider_call_id))
        .filter(callback::Column::OccurredAt.lte(now))
        .order_by_desc(callback::Column::Sequence)
        .one(db)
        .await?;
    Ok(newest)
}

/// The call with this id, and what the newest thing that has happened to it tells of it.
pub async fn told_of(
    sim: &Simulator,
    provider_call_id: &str,
) -> Result<Option<(call::Model, Option<Report>)>, Problem> {
    let call = call::Entity::find_by_id(provider_call_id).one(sim.db.read()).await.map_err(AppError::from)?;
    let Some(call) = call else { return Ok(None) };
    unless_silent(&call)?;
    let newest = newest(sim.db.read(), &call.provider_call_id, sim.now()).await?;
    let report = newest.map(|row| serde_json::from_str(&row.payload)).transpose().map_err(internal)?;
    Ok(Some((call, report)))
}

/// Nothing is said of a call that is to be silent. The answer tells neither that it is known nor that it is not.
pub fn unless_silent(call: &call::Model) -> Result<(), Problem> {
    let script: Script = serde_json::from_str(&call.script).map_err(internal)?;
    if fault::has(&script.faults, Kind::CallSilent) {
        let detail = "Nothing is said of this call: a fault was switched on when it was placed.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "silent", detail));
    }
    Ok(())
}

async fn view_of(sim: &Simulator, call: Option<call::Model>) -> Result<Option<CallView>, Problem> {
    let Some(call) = call else { return Ok(None) };
    unless_silent(&call)?;
    let newest = newest(sim.db.read(), &call.provider_call_id, sim.now()).await?;
    Ok(CallView::of(&call, newest.as_ref()).map(Some).map_err(internal)?)
}
