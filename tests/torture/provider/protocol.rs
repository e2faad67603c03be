//! The company's first face: the provider protocol, as ARCHITECTURE.md tells it.

use super::{
    Company, TOKEN, callbacks,
    fate::{self, Phone, Reception},
};
use crate::base::{instant, now_ms};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

pub fn router(company: Company) -> Router {
    Router::new()
        .route("/provider/calls", post(place).get(look_up))
        .route("/provider/calls/{id}", get(one))
        .route("/provider/calls/{id}/hangup", post(hang_up))
        .layer(middleware::from_fn(only_with_the_token))
        .with_state(company)
}

#[derive(Deserialize)]
struct Wanted {
    attempt_id: String,
    to: String,
    callback_url: String,
    place_by: String,
}

async fn only_with_the_token(request: Request, next: Next) -> Response {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if sent == Some(&format!("Bearer {TOKEN}")) {
        return next.run(request).await;
    }
    problem(StatusCode::UNAUTHORIZED, "unauthorized", "Who are you?")
}

async fn place(State(company): State<Company>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(wanted) = serde_json::from_slice::<Wanted>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "unreadable", "This is no placing.");
    };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    if key != Some(wanted.attempt_id.as_str()) {
        return problem(StatusCode::BAD_REQUEST, "no_key", "The key must be the attempt's id.");
    }
    let Ok(latest) = wanted.place_by.parse::<jiff::Timestamp>() else {
        return problem(StatusCode::BAD_REQUEST, "unreadable", "place_by is no instant.");
    };
    // What was accepted before is answered as before.
    if let Some(known) = company.phone_of(&wanted.attempt_id) {
        return taken(&known);
    }
    let mut chance = company.chance_for(&wanted.to);
    let reception = fate::reception(&mut chance);
    if let Some(no) = refusal(reception) {
        return no;
    }
    let phone = Phone {
        attempt_id: Some(wanted.attempt_id),
        to: wanted.to,
        callback_url: Some(wanted.callback_url),
        steps: fate::steps(&mut chance),
        ..Phone::default()
    };
    let Some((phone, rings)) = company.dial(phone, latest.as_millisecond()) else {
        return problem(StatusCode::GONE, "too_late", "It was first seen after its place_by.");
    };
    if rings {
        callbacks::report(&company, &phone, chance);
    }
    match reception {
        Reception::FailedAfter => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Reception::Nonsense => Html("<h1>Welcome to our website!</h1>").into_response(),
        _ => taken(&phone),
    }
}

/// The answer of a placing that is not dialed; none if it is.
fn refusal(reception: Reception) -> Option<Response> {
    let not_now = |status| ([(header::RETRY_AFTER, "1")], problem(status, "not_now", "Not now."));
    match reception {
        Reception::Refused => {
            Some(problem(StatusCode::UNPROCESSABLE_ENTITY, "refused", "We don't call there."))
        }
        Reception::InvalidNumber => {
            Some(problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid_number", "There is no such number."))
        }
        Reception::TooMany => Some(not_now(StatusCode::TOO_MANY_REQUESTS).into_response()),
        Reception::OutOfService => Some(not_now(StatusCode::SERVICE_UNAVAILABLE).into_response()),
        Reception::FailedBefore => Some(StatusCode::BAD_GATEWAY.into_response()),
        _ => None,
    }
}

async fn look_up(State(company): State<Company>, Query(query): Query<HashMap<String, String>>) -> Response {
    let found = query.get("attempt_id").and_then(|attempt| company.phone_of(attempt));
    let calls: Vec<Value> = found.iter().map(view).collect();
    Json(json!({ "calls": calls })).into_response()
}

async fn one(State(company): State<Company>, Path(id): Path<String>) -> Response {
    match company.phone(&id) {
        Some(phone) => Json(view(&phone)).into_response(),
        None => problem(StatusCode::NOT_FOUND, "unknown_call", "There is no such call."),
    }
}

async fn hang_up(State(company): State<Company>, Path(id): Path<String>) -> Response {
    match company.hang_up(&id) {
        Some(()) => (StatusCode::ACCEPTED, Json(json!({}))).into_response(),
        None => problem(StatusCode::NOT_FOUND, "unknown_call", "There is no such call."),
    }
}

fn taken(phone: &Phone) -> Response {
    let body = json!({"provider_call_id": phone.provider_call_id, "status": "initiated"});
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

fn view(phone: &Phone) -> Value {
    let (sequence, step) = phone.newest(now_ms());
    let mut view = json!({
        "provider_call_id": phone.provider_call_id,
        "attempt_id": phone.attempt_id,
        "status": step.status,
        "sequence": sequence,
        "updated_at": instant(step.at),
    });
    if let Some(reason) = step.reason {
        view["ended_reason"] = json!(reason);
    }
    view
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let body = json!({"status": status.as_u16(), "title": "Refused", "detail": detail, "code": code});
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
