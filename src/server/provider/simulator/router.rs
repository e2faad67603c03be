//! The provider protocol's address book.

use super::{
    Simulator, control, hang_up, look_up,
    place::{Answer, Taken, place},
    problem::Problem,
    send,
    wire::{CallView, Placed, Placing},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, Query, Request, State,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a placing may be long, in bytes.
const LONGEST_BODY: usize = 64 * 1024;
const KEY_HEADER: &str = "idempotency-key";

/// The provider protocol, to be nested where `PROVIDER_URL` points. Every request needs the token.
pub fn router(sim: Simulator) -> Router {
    Router::new()
        .route("/calls", post(place_call).get(find_calls))
        .route("/calls/{provider_call_id}", get(get_call))
        .route("/calls/{provider_call_id}/hangup", post(hang_up_call))
        .route("/send", post(send::send))
        .nest("/control", control::router())
        .fallback(not_here)
        .method_not_allowed_fallback(not_this_way)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(sim.clone(), admit))
        .with_state(sim)
}

async fn place_call(
    State(sim): State<Simulator>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Placed>), Problem> {
    let key = headers.get(KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > 200 {
        let detail = "Send the attempt's id as Idempotency-Key, in 1 to 200 characters.";
        return Err(Problem::unreadable("idempotency_key_missing", detail));
    }
    let placing = Placing::parse(&body.map_err(unreadable_body)?)?;
    if placing.attempt_id != key {
        let detail = "attempt_id and Idempotency-Key must be the same.";
        return Err(Problem::refused("idempotency_key_differs", detail));
    }

    let placed = answered(&sim, place(&sim, placing).await?).await?;
    Ok((StatusCode::ACCEPTED, Json(placed)))
}

/// Waits as long as the scenario has the caller wait for its answer.
pub async fn answered(sim: &Simulator, taken: Taken) -> Result<Placed, Problem> {
    match taken.answer {
        Answer::AtOnce => {}
        Answer::Late(until) => sim.hold_until(until).await,
        Answer::TimesOut(until) => {
            sim.hold_until(until).await;
            return Err(timed_out());
        }
    }
    Ok(taken.placed)
}

#[derive(Deserialize)]
struct Wanted {
    attempt_id: String,
}

async fn find_calls(
    State(sim): State<Simulator>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Ok(Query(wanted)) = wanted else {
        return Err(Problem::unreadable("attempt_id_missing", "Say which call: ?attempt_id=…"));
    };
    let found = look_up::by_attempt(&sim, &wanted.attempt_id).await?;
    Ok(Json(json!({ "calls": found.as_slice() })))
}

async fn get_call(
    State(sim): State<Simulator>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<CallView>, Problem> {
    let Ok(Path(id)) = id else { return Err(Problem::unknown_call()) };
    look_up::by_id(&sim, &id).await?.map(Json).ok_or_else(Problem::unknown_call)
}

async fn hang_up_call(
    State(sim): State<Simulator>,
    id: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<CallView>), Problem> {
    let Ok(Path(id)) = id else { return Err(Problem::unknown_call()) };
    let call = hang_up::hang_up(&sim, id).await?.ok_or_else(Problem::unknown_call)?;
    Ok((StatusCode::ACCEPTED, Json(call)))
}

/// Lets in whoever has the token.
async fn admit(State(sim): State<Simulator>, request: Request, next: Next) -> Response {
    if shown_token(request.headers()).is_some_and(|shown| is_token(&sim, shown)) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}

/// The bearer token that a request shows, if any: something else in its place is a wrong one.
pub fn shown_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let shown = value.split_once(' ').filter(|(scheme, _)| is_bearer(scheme));
    Some(shown.map_or("", |(_, token)| token.trim()))
}

/// Whether `shown` is the token. Hashes are compared, so that the time it takes tells neither where a wrong
/// token differs nor how long the right one is.
pub fn is_token(sim: &Simulator, shown: &str) -> bool {
    let (given, expected) = (Sha256::digest(shown), Sha256::digest(sim.config.token.expose_secret()));
    bool::from(given.ct_eq(&expected))
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
}

async fn not_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
}

/// The refusal of a method that an address does not take.
pub async fn not_this_way() -> Problem {
    let detail = "This address does not take that method.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// The failure to answer a placing in time.
fn timed_out() -> Problem {
    let detail = "The answer took too long. Ask later what became of the call.";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "timed_out", detail)
}

/// The refusal of a body that did not come in whole.
pub fn unreadable_body(rejection: BytesRejection) -> Problem {
    let detail = rejection.body_text();
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("The body is longer than {LONGEST_BODY} bytes.");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
        }
        _ => Problem::unreadable("unreadable_body", detail),
    }
}
