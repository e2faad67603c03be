//! GET /metrics: for whoever may use the API, or holds `METRICS_TOKEN`.

use crate::{
    error::AppError,
    server::{
        auth::{bearer, who},
        state::AppState,
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use prometheus_client::encoding::text::encode;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

/// OpenMetrics 1.0, which Prometheus reads.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics of this process, in OpenMetrics' text.
///
/// With `METRICS_TOKEN` set, that token opens this address and nothing else.
///
/// # Errors
/// 401.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((
        status = 200, description = "The metrics", body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
        example = json!("# HELP switchboard_calls Open calls of the installation, by status.\n# TYPE switchboard_calls gauge\nswitchboard_calls{status=\"pending\"} 3\n# EOF\n"),
    )),
)]
pub async fn show(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, AppError> {
    if !may_read(&state, &headers) {
        return Err(AppError::Unauthorized);
    }
    state.metrics.standing.look(&state).await;
    let mut text = String::new();
    encode(&mut text, &state.metrics.registry).map_err(|error| {
        tracing::error!(%error, "the metrics can't be written");
        AppError::Internal
    })?;
    let kind = [(header::CONTENT_TYPE, OPEN_METRICS), (header::CACHE_CONTROL, "no-store")];
    Ok((kind, text).into_response())
}

/// A scraper need not hold the token that places calls.
fn may_read(state: &AppState, headers: &HeaderMap) -> bool {
    let Some(token) = &state.config.metrics_token else { return who(state, headers).is_some() };
    let shown = bearer(headers).unwrap_or_default();
    let is_token: bool = token.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into();
    is_token || (state.config.api_token.is_some() && who(state, headers).is_some())
}
