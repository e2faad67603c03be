//! The simulator's older interface, the Call API: a number is dialed, and then one can ask. There is no key and no
//! callback; the numbers do what they do elsewhere. Whoever asks from this machine needs no token.

use super::{
    Simulator, look_up,
    place::place,
    problem::Problem,
    router::{answered, is_token, not_this_way, router, shown_token},
    scenario::Status,
    table::call,
    wire::{NO_NUMBER, Placing, Report, rfc3339, typed_number},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use uuid::Uuid;

/// How long a caller is thought to wait for the answer to a placing, in milliseconds: it does not say.
pub const PATIENCE: i64 = 10_000;
/// What a placing may be long, in bytes.
const LONGEST_BODY: usize = 4 * 1024;
/// What proxies add: behind one, a neighbouring address says nothing of who asks.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// `POST /api/call` and `GET /api/call/:id`. Served without the peer's address, every request needs the token.
pub fn call_api(sim: Simulator) -> Router {
    Router::new()
        .route("/api/call", post(place_call))
        .route("/api/call/{id}", get(get_call))
        .method_not_allowed_fallback(async || Refusal(not_this_way().await))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(sim.clone(), admit))
        .with_state(sim)
}

/// All of the simulator, for a process that serves nothing else.
pub fn alone(sim: Simulator) -> Router {
    call_api(sim.clone())
        .nest("/provider", router(sim))
        .route("/health", get(async || Json(json!({"status": "ok"}))))
}

/// A no in this interface's envelope.
struct Refusal(Problem);

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(Problem { status, code, detail, retry_after_secs }) = self;
        let body = json!({"success": false, "error": detail, "code": code});
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().extend(retry_after_secs.map(|secs| (header::RETRY_AFTER, secs.into())));
        response
    }
}

async fn place_call(
    State(sim): State<Simulator>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // A page of another site may send anything but this without being asked.
    if !kind.starts_with("application/json") {
        return Err(Problem::unreadable("not_json", "Send JSON, and say so in Content-Type.").into());
    }
    let body = body.map_err(|_| Problem::unreadable("unreadable_body", "The body can't be read."))?;
    let placed = answered(&sim, place(&sim, placing(&body, sim.clock.machine_now())?).await?).await?;
    Ok((StatusCode::CREATED, Json(told_of(&sim, &placed.provider_call_id).await?)))
}

async fn get_call(State(sim): State<Simulator>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(told_of(&sim, &id).await?))
}

async fn told_of(sim: &Simulator, id: &str) -> Result<Value, Refusal> {
    let (call, report) = look_up::told_of(sim, id).await?.ok_or_else(Problem::unknown_call)?;
    Ok(json!({"success": true, "call": view(&call, report)}))
}

/// Each request is a call of its own, so each gets a key of its own.
fn placing(body: &[u8], now: i64) -> Result<Placing, Problem> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Problem::unreadable("malformed_json", format!("The body is not JSON: {error}")))?;
    let number = body["phone_number"].as_str().unwrap_or_default();
    let to = typed_number(number).ok_or_else(|| Problem::unreadable("invalid_number", NO_NUMBER))?;
    Ok(Placing {
        attempt_id: format!("call_api_{}", Uuid::now_v7()),
        to,
        customer_name: String::new(),
        workflow: String::new(),
        callback_url: None,
        place_by: now.saturating_add(PATIENCE),
        callers_id: None,
    })
}

fn view(call: &call::Model, report: Option<Report>) -> Value {
    let placed_at = rfc3339(call.placed_at);
    let (status, updated_at, duration) = match report {
        Some(it) => (it.status, it.occurred_at, it.duration_secs),
        None => (Status::Initiated, placed_at.clone(), None),
    };
    let word = if status == Status::InProgress { "connected" } else { status.word() };
    json!({
        "id": call.provider_call_id,
        "phone_number": call.to_number,
        "status": word,
        "created_at": placed_at,
        "updated_at": updated_at,
        "duration": duration,
    })
}

/// Lets in whoever has the token, and without one whoever is on this machine.
async fn admit(State(sim): State<Simulator>, request: Request, next: Next) -> Response {
    let is_admitted = match shown_token(request.headers()) {
        Some(shown) => is_token(&sim, shown),
        None => is_neighbour(&request),
    };
    if is_admitted {
        next.run(request).await
    } else {
        let detail = "Send the provider's token as `Authorization: Bearer …`, or ask from the same machine.";
        Refusal(Problem { detail: detail.to_owned(), ..Problem::unauthorized() }).into_response()
    }
}

fn is_neighbour(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_here = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
    is_here && !FORWARDED.iter().any(|name| request.headers().contains_key(*name))
}
