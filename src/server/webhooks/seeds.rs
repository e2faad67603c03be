//! Reports as older clients send them: of a call instead of an attempt, which then means the call's newest one.

use super::record;
use crate::{
    domain::{
        actor::Actor,
        attempt::{Attempt, Report},
        id::CallId,
        status::{AttemptStatus, CallStatus, Phase},
    },
    error::AppError,
    server::{
        calls::{queries, record_report::Incoming},
        respond::{deprecated, in_older_words, plain_problem, problem},
        signing::{SignatureError, hub},
        state::AppState,
        words::ReportedWord,
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// What takes this door's place.
const SUCCESSOR: &str = "/api/webhooks/provider-status";

/// A report as older clients send it.
#[derive(ToSchema)]
#[schema(as = OlderReport)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub struct OlderReportBody {
    /// The call's id; its newest attempt is meant.
    #[schema(format = "uuid")]
    call_id: String,
    /// Where it stands.
    status: ReportedWord,
}

/// What older clients are answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderReported)]
pub struct OlderReportedView {
    /// `updated`, also where nothing had to be.
    status: &'static str,
    /// The call's id.
    call_id: Value,
    /// Where the call now stands: `pending`, `initiated`, `completed` or `failed`.
    new_status: &'static str,
}

/// A report of a call's newest attempt, with an older signature.
///
/// The signature knows no time of sending, so the same body counts once and never again. The door is shut (404) unless
/// `SEED_WEBHOOK_SECRET` is set. Use `POST /api/webhooks/provider-status`.
#[utoipa::path(
    post, path = "/api/webhook", tag = "older clients", operation_id = "older_report",
    params(("X-Hub-Signature-256" = String, Header, description = "`sha256=` and the body's HMAC-SHA256 in hexadecimal")),
    request_body = OlderReportBody,
    responses(
        (status = 200, description = "Taken in, or known already", body = OlderReportedView),
        (status = 401, description = "It carries no signature"),
        (status = 403, description = "The signature does not fit"),
        (status = 404, description = "There is no such call, or the door is shut"),
        (status = 409, description = "The call has not been placed yet"),
    ),
)]
pub async fn of_call(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let answered = receive(&state, &headers, &body).await.unwrap_or_else(|refusal| refusal);
    deprecated(in_older_words(answered), SUCCESSOR)
}

async fn receive(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Response> {
    let Some(secret) = &state.config.seed_webhook_secret else {
        let detail = "This door is shut: it opens when SEED_WEBHOOK_SECRET is set.";
        return Err(plain_problem(StatusCode::NOT_FOUND, "not_enabled", detail));
    };
    hub::verify(secret, headers, body).map_err(|error| {
        let (status, code) = match error {
            SignatureError::Unsigned(_) => (StatusCode::UNAUTHORIZED, "unsigned"),
            _ => (StatusCode::FORBIDDEN, "bad_signature"),
        };
        state.metrics.reported(code);
        plain_problem(status, code, &error.to_string())
    })?;
    update(state, headers, body).await.map_err(|error| {
        state.metrics.reported("error");
        problem(&error)
    })
}

async fn update(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<Response, AppError> {
    let payload = super::json(body)?;
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(body));
    let incoming = incoming(state, format!("body:{hash}"), payload.clone(), "call_id").await?;
    record(state, headers, incoming).await?;
    let call = queries::find(&state.db, &Actor::provider(), call_id(&payload, "call_id")?).await?;
    let call_id = payload["call_id"].clone();
    let answer = OlderReportedView { status: "updated", call_id, new_status: four_words(call.status) };
    Ok(Json(answer).into_response())
}

/// Whether this is `{callId, providerId?, status}`, which names no attempt.
pub fn names_a_call(payload: &Value) -> bool {
    payload.get("callId").is_some() && payload.get("attempt_id").is_none()
}

/// What such a payload reports.
///
/// # Errors
/// 404 for an unknown call, 409 for one that no provider has taken yet, 422 for another status.
pub async fn incoming(
    state: &AppState,
    webhook_id: String,
    payload: Value,
    id_field: &str,
) -> Result<Incoming, AppError> {
    let status = reported_status(&payload)?;
    let attempt = newest_attempt(state, call_id(&payload, id_field)?).await?;
    let named = payload.get("providerId").filter(|id| !id.is_null());
    let provider_call_id = match named.map(Value::as_str) {
        Some(Some(named)) => named.to_owned(),
        Some(None) => return Err(AppError::field("providerId", "wrong_type", "This must be a text.")),
        None => attempt.provider_call_id.clone().ok_or_else(|| {
            let why =
                "The provider has not taken the call yet, so nothing can be reported of it. Send it again.";
            AppError::refused("not_placed_yet", why)
        })?,
    };
    let report = Report {
        provider_call_id,
        status,
        sequence: None,
        occurred_at: state.clock.now(),
        ended_reason: None,
        duration_secs: None,
        answered_by: None,
        recording_url: None,
    };
    let provider = state.provider.name().to_owned();
    Ok(Incoming { provider, attempt_id: Some(attempt.id), webhook_id, report, payload })
}

async fn newest_attempt(state: &AppState, id: CallId) -> Result<Attempt, AppError> {
    let (limits, now) = (state.config.limits(), state.clock.now());
    let mut details = queries::get(&state.db, &Actor::provider(), id, limits, now).await?;
    details.attempts.pop().ok_or_else(|| {
        AppError::refused(
            "not_placed_yet",
            "The call has not been placed yet, so nothing can be reported of it.",
        )
    })
}

fn call_id(payload: &Value, field: &str) -> Result<CallId, AppError> {
    let id = payload[field].as_str().and_then(|text| text.parse().ok());
    id.ok_or_else(|| AppError::NotFound("call".to_owned()))
}

fn reported_status(payload: &Value) -> Result<AttemptStatus, AppError> {
    let status = payload["status"].as_str().and_then(|word| word.parse().ok());
    status.filter(|status| *status != AttemptStatus::Dispatching).ok_or_else(|| {
        let detail =
            "Report initiated, ringing, in_progress, completed, busy, no_answer, failed or canceled.";
        AppError::field("status", "unknown", detail)
    })
}

/// A status in the four words that this door's clients know.
fn four_words(status: CallStatus) -> &'static str {
    match status.phase() {
        Phase::Pending => "pending",
        Phase::Active => "initiated",
        Phase::Completed => "completed",
        Phase::Failed | Phase::Canceled => "failed",
    }
}
