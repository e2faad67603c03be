//! GET /livez, /readyz, /health.

use crate::server::{config::Role, state::AppState};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A sign of life.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alive)]
pub struct AliveView {
    /// `alive`
    status: &'static str,
}

/// Whether this node is able to work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ready)]
pub struct ReadyView {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// This node's name.
    node: String,
    /// What was looked at: `database`, `migrations`, `writes`, `dispatcher`, each `ok` or `failing`.
    checks: BTreeMap<&'static str, &'static str>,
}

/// After how long without a sign of life the dispatcher counts as stopped, in milliseconds.
const HEARTBEAT_MILLIS: i64 = 60_000;

/// Says that the process is alive.
#[utoipa::path(
    get, path = "/livez", tag = "operations", operation_id = "alive",
    responses((status = 200, description = "Alive", body = AliveView)),
)]
pub async fn alive() -> Response {
    Json(AliveView { status: "alive" }).into_response()
}

/// Says whether this node is able to work.
///
/// The database answers, is up to date and takes writes, and the dispatcher gives signs of life. `/health` is another
/// name of it.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", operation_id = "ready",
    responses(
        (status = 200, description = "Able to work", body = ReadyView),
        (status = 503, description = "Not able to work; `checks` says why", body = ReadyView),
    ),
)]
pub async fn ready(State(state): State<AppState>) -> Response {
    let pending = state.db.pending_migrations().await;
    let silence = state.clock.now().millis_since(state.heartbeat.last());
    let mut checks = vec![
        ("database", pending.is_ok()),
        ("migrations", matches!(pending, Ok(0))),
        ("writes", state.db.write_failure().is_none()),
    ];
    if state.config.runs(Role::Dispatcher) {
        checks.push(("dispatcher", silence < HEARTBEAT_MILLIS));
    }
    let able = checks.iter().all(|(_, ok)| *ok);
    let words = |ok: bool| if ok { "ok" } else { "failing" };
    let checks = checks.iter().map(|(name, ok)| (*name, words(*ok))).collect();
    let status = if able { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let overall = if able { "ready" } else { "not_ready" };
    (status, Json(ReadyView { status: overall, node: state.node.to_string(), checks })).into_response()
}
