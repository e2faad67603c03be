//! `/control/callbacks`: what was and will be sent, and what was answered.

use super::{
    super::{
        Simulator,
        problem::Problem,
        table::{call, callback},
    },
    callback_view::CallbackView,
    page::{Asked, Place, Wanted},
};
use crate::error::AppError;
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A page of callbacks.
#[derive(Serialize, ToSchema)]
pub struct CallbackList {
    /// Newest first, by when they were or are due.
    callbacks: Vec<CallbackView>,
    /// The cursor of the page behind this one; null on the last.
    next_cursor: Option<String>,
}

/// Lists the callbacks, newest first: what was sent and what was answered, and what is still to be sent.
#[utoipa::path(
    get, path = "/control/callbacks", tag = "callbacks", operation_id = "list_callbacks",
    params(Wanted),
    responses(
        (status = 200, description = "A page of callbacks", body = CallbackList),
        (status = 400, description = "The query can't be understood"),
    ),
)]
pub async fn list(
    State(sim): State<Simulator>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<CallbackList>, Problem> {
    let asked = Asked::read(wanted)?;
    let mut query = callback::Entity::find().filter(asked.callbacks());
    if let Some(call) = &asked.call {
        query = query.filter(callback::Column::ProviderCallId.eq(call));
    }
    for (column, wanted) in
        [(call::Column::ToNumber, &asked.to), (call::Column::AttemptId, &asked.attempt_id)]
    {
        if let Some(wanted) = wanted {
            let calls = call::Entity::find().select_only().column(call::Column::ProviderCallId);
            let calls = calls.filter(column.eq(wanted)).into_query();
            query = query.filter(callback::Column::ProviderCallId.in_subquery(calls));
        }
    }
    let rows = query
        .order_by_desc(callback::Column::DueAt)
        .order_by_desc(callback::Column::WebhookId)
        .limit(asked.limit + 1)
        .all(sim.db.read())
        .await
        .map_err(AppError::from)?;
    let (rows, next_cursor) = asked.cut(rows, |row| Place::of(row.due_at, &row.webhook_id));
    Ok(Json(CallbackList { callbacks: views(&sim, rows).await?, next_cursor }))
}

/// Reads one callback.
#[utoipa::path(
    get, path = "/control/callbacks/{webhook_id}", tag = "callbacks", operation_id = "read_callback",
    params(("webhook_id" = String, Path, description = "The callback's `webhook-id`")),
    responses(
        (status = 200, description = "The callback", body = CallbackView),
        (status = 404, description = "There is no such callback"),
    ),
)]
pub async fn read(
    State(sim): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<CallbackView>, Problem> {
    let row = callback::Entity::find_by_id(id).one(sim.db.read()).await.map_err(AppError::from)?;
    let views = views(&sim, row.into_iter().collect()).await?;
    let unknown =
        || Problem::new(StatusCode::NOT_FOUND, "unknown_callback", "There is no such callback here.");
    views.into_iter().next().map(Json).ok_or_else(unknown)
}

async fn views(sim: &Simulator, rows: Vec<callback::Model>) -> Result<Vec<CallbackView>, AppError> {
    let ids = rows.iter().map(|row| &row.provider_call_id);
    let calls = call::Entity::find().filter(call::Column::ProviderCallId.is_in(ids));
    let calls = calls.all(sim.db.read()).await?.into_iter().map(|call| (call.provider_call_id.clone(), call));
    let calls: HashMap<_, _> = calls.collect();
    // A call that was forgotten between both questions has taken its callbacks with it.
    let known = rows.into_iter().filter_map(|row| calls.get(&row.provider_call_id).map(|call| (row, call)));
    known.map(|(row, call)| CallbackView::of(row, call)).collect()
}
