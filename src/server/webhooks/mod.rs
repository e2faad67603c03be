//! The status callback door: the provider's signed reports come in here, and older clients' at [`seeds`].

pub mod seeds;

use super::{
    calls::record_report::{Incoming, Recorded, record_report},
    respond::{deprecated, plain_problem, problem},
    signing::SignatureError,
    state::AppState,
    telemetry::request_id,
    wire::{Signed, WireReport},
};
use crate::{
    domain::{actor::Actor, id::AttemptId},
    error::AppError,
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tracing::Instrument;

/// Takes in a report of the provider, at the attempt's own address.
///
/// Reports may come late, twice and in any order: a repeat changes nothing. The signature is checked over the raw body
/// before anything in it is read.
#[utoipa::path(
    post, path = "/api/webhooks/provider-status/{attempt_id}", tag = "provider", operation_id = "report_attempt",
    params(
        ("attempt_id" = String, Path, format = "uuid", description = "The attempt's id, as it was given to the provider"),
        Signed,
    ),
    request_body = WireReport,
    responses(
        (status = 204, description = "Taken in, or known already"),
        (status = 401, description = "It carries no signature"),
        (status = 403, description = "The signature does not fit, or is older than five minutes"),
    ),
)]
pub async fn of_attempt(
    State(state): State<AppState>,
    Path(attempt): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    receive(&state, Some(&attempt), &headers, &body).await
}

/// Takes in a report of the provider, with the attempt named in the body.
#[utoipa::path(
    post, path = "/api/webhooks/provider-status", tag = "provider", operation_id = "report",
    params(Signed),
    request_body = WireReport,
    responses(
        (status = 204, description = "Taken in, or known already"),
        (status = 401, description = "It carries no signature"),
        (status = 403, description = "The signature does not fit, or is older than five minutes"),
    ),
)]
pub async fn of_any(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    receive(&state, None, &headers, &body).await
}

/// 204 also for a repeat; 401 unsigned, 403 for a signature that does not fit or is older than five minutes.
/// The signature is checked over the raw body before anything in it is read.
async fn receive(state: &AppState, in_path: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Response {
    let now = state.clock.now();
    let webhook_id = match state.secrets.verify(headers, body, now.as_millis() / 1_000) {
        Ok(id) => id.to_owned(),
        Err(error @ SignatureError::Unsigned(_)) => {
            state.metrics.reported("unsigned");
            return plain_problem(StatusCode::UNAUTHORIZED, "unsigned", &error.to_string());
        }
        Err(error) => {
            state.metrics.reported("bad_signature");
            return plain_problem(StatusCode::FORBIDDEN, "bad_signature", &error.to_string());
        }
    };
    match take(state, in_path, webhook_id, headers, body).await {
        Ok(answer) => answer,
        Err(error) => {
            state.metrics.reported("error");
            problem(&error)
        }
    }
}

async fn take(
    state: &AppState,
    in_path: Option<&str>,
    webhook_id: String,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, AppError> {
    let payload = json(body)?;
    let is_older = in_path.is_none() && seeds::names_a_call(&payload);
    let incoming = if is_older {
        seeds::incoming(state, webhook_id, payload, "callId").await?
    } else {
        parse(state, in_path, webhook_id, payload)?
    };
    record(state, headers, incoming).await?;
    let answer = StatusCode::NO_CONTENT.into_response();
    Ok(if is_older { deprecated(answer, "/api/webhooks/provider-status") } else { answer })
}

/// Writes down what was reported by the request with these headers.
async fn record(state: &AppState, headers: &HeaderMap, incoming: Incoming) -> Result<Recorded, AppError> {
    let now = state.clock.now();
    let overdue = state.overdue_secs(now, now);
    let (provider_call_id, attempt_id) = (&incoming.report.provider_call_id, incoming.attempt_id.as_ref());
    let attempt_id = attempt_id.map(tracing::field::display);
    let span = tracing::info_span!("report", %provider_call_id, attempt_id, node = %state.node);
    let actor = Actor::provider().by_request(request_id(headers));
    let work = async move |tx| record_report(&tx, &actor, &incoming, now, overdue).await;
    let recorded = state.db.write(work).instrument(span.clone()).await?;
    state.metrics.reported(match recorded {
        Recorded::New(verdict) => verdict.as_str(),
        Recorded::Repeat => "repeat",
    });
    span.in_scope(|| tracing::debug!(?recorded, "a report was recorded"));
    Ok(recorded)
}

/// The body's JSON, if it can be kept.
fn json(body: &[u8]) -> Result<Value, AppError> {
    let payload: Value = serde_json::from_slice(body)
        .map_err(|why| AppError::BadRequest(format!("The body is not JSON: {why}.")))?;
    if has_nul(&payload) {
        return Err(AppError::field("", "malformed", "A report can't have the character U+0000 in it."));
    }
    Ok(payload)
}

fn parse(
    state: &AppState,
    in_path: Option<&str>,
    webhook_id: String,
    payload: Value,
) -> Result<Incoming, AppError> {
    let report: WireReport = serde_json::from_value(payload.clone())
        .map_err(|why| AppError::field("", "malformed", format!("This is not a report: {why}.")))?;
    let named = report.attempt_id;
    let attempt_id = match in_path {
        Some(text) => {
            let id: AttemptId = text.parse().map_err(|_| AppError::NotFound("attempt".to_owned()))?;
            if named.is_some_and(|named| named != id) {
                let why = "The attempt in the body is not the one in the address.";
                return Err(AppError::field("attempt_id", "mismatch", why));
            }
            Some(id)
        }
        None => named,
    };
    let provider = state.provider.name().to_owned();
    Ok(Incoming { provider, attempt_id, webhook_id, report: report.into_report(), payload })
}

/// Whether U+0000 is anywhere in it: PostgreSQL can't keep such a text.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}
