//! The simulator's older door, `POST /send`: a call is taken under the caller's own id, and the callbacks say no more
//! than that id and a status, signed as `X-Hub-Signature-256`. It is open only where `SEED_WEBHOOK_SECRET` is set.

use super::{
    Simulator,
    call_api::PATIENCE,
    place::place,
    problem::Problem,
    router::{answered, unreadable_body},
    scenario::Status,
    wire::{NO_NUMBER, Placing, typed_number},
};
use crate::server::respond::deprecated;
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What takes this door's place.
const SUCCESSOR: &str = "/provider/calls";
/// The longest id of a caller's own, in bytes of JSON.
const LONGEST_ID: usize = 200;

#[derive(Deserialize)]
struct SendBody {
    call_id: Value,
    phone_number: String,
    workflow: String,
    callback_url: String,
}

/// Takes a call: 200 with its id here, then callbacks.
pub async fn send(State(sim): State<Simulator>, body: Result<Bytes, BytesRejection>) -> Response {
    let taken = match body {
        Ok(body) => take(&sim, &body).await,
        Err(rejection) => Err(unreadable_body(rejection)),
    };
    deprecated(taken.into_response(), SUCCESSOR)
}

async fn take(sim: &Simulator, body: &[u8]) -> Result<Json<Value>, Problem> {
    if sim.config.seed_secret.is_none() {
        let detail = "This door is shut: it opens when SEED_WEBHOOK_SECRET is set.";
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_enabled", detail));
    }
    let placed = answered(sim, place(sim, placing(body, sim.clock.machine_now())?).await?).await?;
    Ok(Json(json!({"id": placed.provider_call_id, "status": "queued"})))
}

/// Each request is a call of its own, so each gets a key of its own: the caller's ids begin anew with its database.
fn placing(body: &[u8], now: i64) -> Result<Placing, Problem> {
    let body: SendBody = serde_json::from_slice(body)
        .map_err(|error| Problem::refused("invalid_body", format!("The body is not a call: {error}")))?;
    let callers_id = body.call_id.to_string();
    let is_id = (body.call_id.is_i64() || body.call_id.is_string()) && callers_id.len() <= LONGEST_ID;
    if !is_id || callers_id.contains("\\u0000") {
        return Err(Problem::refused("invalid_call_id", "call_id must be a whole number or a short text."));
    }
    let to = typed_number(&body.phone_number).ok_or_else(|| Problem::refused("invalid_number", NO_NUMBER))?;
    let callback_url = Url::parse(&body.callback_url)
        .map_err(|_| Problem::refused("invalid_callback_url", "callback_url is not a URL."))?;
    Ok(Placing {
        attempt_id: format!("send_{}", Uuid::now_v7()),
        to,
        customer_name: String::new(),
        workflow: body.workflow.chars().filter(|c| !c.is_control()).take(40).collect(),
        callback_url: Some(callback_url),
        place_by: now.saturating_add(PATIENCE),
        callers_id: Some(callers_id),
    })
}

/// Whether this door's callers know a word for `status`: they have heard of neither ringing nor answering.
pub fn is_told(status: Status) -> bool {
    !matches!(status, Status::Ringing | Status::InProgress)
}

/// The body of a callback, in the three words that this door's callers know.
pub fn told(callers_id: &str, status: &str) -> String {
    let word = match status {
        "initiated" | "completed" => status,
        _ => "failed",
    };
    let call_id: Value = serde_json::from_str(callers_id).unwrap_or_default();
    json!({"call_id": call_id, "status": word}).to_string()
}
