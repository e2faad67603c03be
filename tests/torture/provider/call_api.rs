//! The company's second face: the Call API. No callbacks, no idempotency: each POST dials.

use super::{
    Company,
    fate::{self, Phone, Reception},
};
use crate::base::{instant, now_ms};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

pub fn router(company: Company) -> Router {
    Router::new().route("/api/call", post(place)).route("/api/call/{id}", get(one)).with_state(company)
}

#[derive(Deserialize)]
struct Wanted {
    phone_number: String,
}

async fn place(State(company): State<Company>, Json(wanted): Json<Wanted>) -> Response {
    let mut chance = company.chance_for(&wanted.phone_number);
    let reception = fate::reception(&mut chance);
    match reception {
        Reception::Refused | Reception::InvalidNumber => return no(StatusCode::BAD_REQUEST),
        Reception::TooMany => return not_now(StatusCode::TOO_MANY_REQUESTS),
        Reception::OutOfService => return not_now(StatusCode::SERVICE_UNAVAILABLE),
        Reception::FailedBefore => return StatusCode::BAD_GATEWAY.into_response(),
        _ => {}
    }
    let phone = Phone { to: wanted.phone_number, steps: fate::steps(&mut chance), ..Phone::default() };
    let Some((phone, _)) = company.dial(phone, i64::MAX) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    match reception {
        Reception::FailedAfter => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Reception::Nonsense => "Welcome to our website!".into_response(),
        _ => {
            let body = json!({"success": true, "call": view(&phone, phone.dialed_at)});
            (StatusCode::CREATED, Json(body)).into_response()
        }
    }
}

async fn one(State(company): State<Company>, Path(id): Path<String>) -> Response {
    match company.phone(&id) {
        Some(phone) => Json(json!({"success": true, "call": view(&phone, now_ms())})).into_response(),
        None => no(StatusCode::NOT_FOUND),
    }
}

/// The call in that API's words: what others call in progress is `connected` there.
fn view(phone: &Phone, now: i64) -> Value {
    let (_, step) = phone.newest(now);
    let status = if step.status == "in_progress" { "connected" } else { step.status };
    json!({
        "id": phone.provider_call_id,
        "phone_number": phone.to,
        "status": status,
        "created_at": instant(phone.dialed_at),
        "updated_at": instant(step.at),
        "duration": i32::from(status == "completed"),
    })
}

fn not_now(status: StatusCode) -> Response {
    ([(header::RETRY_AFTER, "1")], no(status)).into_response()
}

fn no(status: StatusCode) -> Response {
    (status, Json(json!({"success": false, "error": "No."}))).into_response()
}
