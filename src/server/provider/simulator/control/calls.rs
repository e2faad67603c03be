//! `/control/calls`: the calls that were taken, and what will happen to them next.

use super::{
    super::{
        Simulator,
        problem::Problem,
        table::{call, callback},
    },
    call_line::CallLine,
    page::{Asked, Place, Wanted},
};
use crate::{error::AppError, server::db::Written};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A page of calls.
#[derive(Serialize, ToSchema)]
pub struct CallList {
    /// Newest first.
    calls: Vec<CallLine>,
    /// The cursor of the page behind this one; null on the last.
    next_cursor: Option<String>,
}

/// Lists the calls that were taken, newest first.
#[utoipa::path(
    get, path = "/control/calls", tag = "calls", operation_id = "list_calls",
    params(Wanted),
    responses(
        (status = 200, description = "A page of calls", body = CallList),
        (status = 400, description = "The query can't be understood"),
    ),
)]
pub async fn list(
    State(sim): State<Simulator>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<CallList>, Problem> {
    let asked = Asked::read(wanted)?;
    let mut query = call::Entity::find().filter(asked.calls());
    for (column, wanted) in [
        (call::Column::ToNumber, &asked.to),
        (call::Column::ProviderCallId, &asked.call),
        (call::Column::AttemptId, &asked.attempt_id),
    ] {
        if let Some(wanted) = wanted {
            query = query.filter(column.eq(wanted));
        }
    }
    let rows = query
        .order_by_desc(call::Column::PlacedAt)
        .order_by_desc(call::Column::ProviderCallId)
        .limit(asked.limit + 1)
        .all(sim.db.read())
        .await
        .map_err(AppError::from)?;
    let (rows, next_cursor) = asked.cut(rows, |row| Place::of(row.placed_at, &row.provider_call_id));
    Ok(Json(CallList { calls: lines(&sim, rows).await?, next_cursor }))
}

/// Reads one call that was taken.
#[utoipa::path(
    get, path = "/control/calls/{provider_call_id}", tag = "calls", operation_id = "read_call",
    params(("provider_call_id" = String, Path, description = "The simulator's id for the call")),
    responses(
        (status = 200, description = "The call", body = CallLine),
        (status = 404, description = "There is no such call"),
    ),
)]
pub async fn read(State(sim): State<Simulator>, Path(id): Path<String>) -> Result<Json<CallLine>, Problem> {
    let call = call::Entity::find_by_id(id).one(sim.db.read()).await.map_err(AppError::from)?;
    let lines = lines(&sim, call.into_iter().collect()).await?;
    lines.into_iter().next().map(Json).ok_or_else(Problem::unknown_call)
}

/// Forgets every call and every callback. Faults, outcomes and how often each number was placed stay.
#[utoipa::path(
    delete, path = "/control/calls", tag = "calls", operation_id = "forget_calls",
    responses((status = 204, description = "None is left, and nothing more is sent")),
)]
pub async fn forget(State(sim): State<Simulator>) -> Result<StatusCode, Problem> {
    let write = sim.db.write(async |tx| {
        // Their callbacks go with them.
        call::Entity::delete_many().exec(tx.conn()).await?;
        Ok(Written::new(()))
    });
    write.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn lines(sim: &Simulator, calls: Vec<call::Model>) -> Result<Vec<CallLine>, AppError> {
    let ids = calls.iter().map(|call| &call.provider_call_id);
    let all = callback::Entity::find().filter(callback::Column::ProviderCallId.is_in(ids));
    let mut happens = HashMap::<String, Vec<callback::Model>>::new();
    for row in all.all(sim.db.read()).await? {
        happens.entry(row.provider_call_id.clone()).or_default().push(row);
    }
    let now = sim.now();
    let line = |call: call::Model| {
        let happens = happens.get(&call.provider_call_id).map(Vec::as_slice).unwrap_or_default();
        CallLine::of(call, happens, now)
    };
    calls.into_iter().map(line).collect()
}
