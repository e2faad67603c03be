//! GET and PUT /api/dispatch: whether calls go out, what keeps them, and the switch that stops all placing.

use super::{
    bodies::DispatchBody,
    input::{Fields, JsonBody},
    view::ReasonView,
};
use crate::{
    domain::{timestamp::Timestamp, waiting::DispatchState},
    error::AppError,
    server::{auth::admit::Caller, calls::dispatch_state, state::AppState},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// Where dispatching stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dispatch)]
pub struct DispatchView {
    /// Whether all placing is stopped by hand.
    paused: bool,
    /// Who stopped it.
    #[schema(required)]
    paused_by: Option<String>,
    /// Since when.
    #[schema(required, format = "date-time")]
    paused_at: Option<String>,
    /// Why the provider lets nothing through, as after 401.
    #[schema(required)]
    blocked_reason: Option<String>,
    breaker: BreakerView,
    /// Attempts that are open now.
    in_flight: i64,
    limits: LimitsView,
    /// What stops every call now; empty = nothing. A limit that is reached is told by `in_flight`, and by each call that
    /// waits for it.
    reasons: Vec<ReasonView>,
}

/// After failures in a row the provider is left alone for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Breaker)]
pub struct BreakerView {
    /// How often in a row the provider has failed.
    failures: i32,
    /// Since when.
    #[schema(required, format = "date-time")]
    failing_since: Option<String>,
    /// Until when it is left alone.
    #[schema(required, format = "date-time")]
    open_until: Option<String>,
}

/// The installation's limits. 0 = none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits)]
pub struct LimitsView {
    /// Attempts open at once.
    max_calls_in_flight: i64,
    /// Placings per second.
    calls_per_second: i64,
    /// How long a call may wait past its wish before it counts as missed, in seconds.
    max_lateness_secs: i64,
}

/// Reads whether calls go out, and what keeps them.
///
/// # Errors
/// What the database says.
#[utoipa::path(
    get, path = "/api/dispatch", tag = "dispatch", operation_id = "get_dispatch",
    responses((status = 200, description = "Where it stands", body = DispatchView)),
)]
pub async fn read(State(state): State<AppState>, Caller(_): Caller) -> Result<Response, AppError> {
    shown(&state).await
}

/// Stops all placing, or lets it go on.
///
/// Calls under way go on to their end.
///
/// # Errors
/// 422 for anything else.
#[utoipa::path(
    put, path = "/api/dispatch", tag = "dispatch", operation_id = "set_dispatch",
    request_body = DispatchBody,
    responses((status = 200, description = "Where it stands now", body = DispatchView)),
)]
pub async fn write(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let mut fields = Fields::parse(&body)?;
    let paused = fields.required_flag("paused", "Say whether placing is to be paused.");
    fields.finish()?;
    let (paused, now) = (paused.ok_or(AppError::Internal)?, state.clock.now());
    state.db.write(async move |tx| dispatch_state::set_paused(&tx, &actor, paused, now).await).await?;
    shown(&state).await
}

async fn shown(state: &AppState) -> Result<Response, AppError> {
    let now = state.clock.now();
    let dispatch = dispatch_state::read(state.db.read(), state.config.limits()).await?;
    let stops = dispatch.stops(now);
    let instant = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let DispatchState { paused_by, paused_at, blocked_reason, failures, limits, in_flight, .. } = dispatch;
    let body = DispatchView {
        paused: paused_at.is_some(),
        paused_by,
        paused_at: instant(paused_at),
        blocked_reason,
        breaker: BreakerView {
            failures,
            failing_since: instant(dispatch.failing_since),
            open_until: instant(dispatch.breaker_until.filter(|until| *until > now)),
        },
        in_flight,
        limits: LimitsView {
            max_calls_in_flight: limits.max_calls_in_flight,
            calls_per_second: limits.calls_per_second,
            max_lateness_secs: limits.max_lateness_secs,
        },
        reasons: stops.into_iter().map(ReasonView::of).collect(),
    };
    Ok(Json(body).into_response())
}
