//! Requests of older clients, answered in their own envelopes and words by the verbs that everybody uses. Deprecated:
//! each answer says so and names what takes its place. Two more come in through other doors, `/api/webhook` (the
//! status callbacks') and `/provider/send` (the simulator's).

pub mod bodies;

use self::bodies::{
    CallNowBody, DeletedView, EnvelopeView, OlderCallView, OlderListQuery, ScheduleBody, SendCallBody,
    SentView,
};
use super::{
    bodies::CallPath,
    input::{Fields, JsonBody},
    list::{call_id, read_filter},
    wrong_method,
};
use crate::{
    domain::{
        actor::Actor,
        call::{NewCall, Workflow},
        filter::{CallFilter, Sort},
        form::{self, FieldError, Reading},
        status::{CallStatus, Phase},
        timestamp::Timestamp,
        trace::Trace,
    },
    error::AppError,
    server::{
        auth::admit::Caller,
        calls::{create::create, delete::delete as delete_call, list, queries},
        reading::{Reader, rfc3339},
        respond::{deprecated, in_older_words},
        state::AppState,
    },
};
use axum::{
    Extension, Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde_json::json;

/// What takes the place of all of them.
const SUCCESSOR: &str = "/api/calls";

/// The routes of older clients.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/api/schedule", post(schedule))
        .route("/api/call-now", post(call_now))
        .route("/api/scheduled-calls", get(scheduled).post(schedule_alone))
        .route("/api/scheduled-calls/{id}", delete(unschedule))
        .route("/api/call-history", get(history))
        .route("/api/provider/send-call", post(send_call))
        .method_not_allowed_fallback(wrong_method)
        .layer(map_response(async |answer: Response| deprecated(in_older_words(answer), SUCCESSOR)))
}

/// Schedules a call, in an older envelope.
///
/// Use `POST /api/calls`.
#[utoipa::path(
    post, path = "/api/schedule", tag = "older clients", operation_id = "older_schedule",
    request_body = ScheduleBody,
    responses((status = 201, description = "The call", body = EnvelopeView)),
)]
pub async fn schedule(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Extension(trace): Extension<Trace>,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let new = read(Fields::parse(&body)?, &state, When::Said)?;
    let call = created(&state, actor, new, trace).await?;
    Ok((StatusCode::CREATED, Json(EnvelopeView { success: true, call })).into_response())
}

/// Calls at once, in an older envelope.
///
/// Use `POST /api/calls`.
#[utoipa::path(
    post, path = "/api/call-now", tag = "older clients", operation_id = "older_call_now",
    request_body = CallNowBody,
    responses((status = 201, description = "The call", body = EnvelopeView)),
)]
pub async fn call_now(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Extension(trace): Extension<Trace>,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let new = read(Fields::parse(&body)?, &state, When::Now)?;
    let call = created(&state, actor, new, trace).await?;
    Ok((StatusCode::CREATED, Json(EnvelopeView { success: true, call })).into_response())
}

/// Schedules a call, without an envelope.
///
/// Use `POST /api/calls`.
#[utoipa::path(
    post, path = "/api/scheduled-calls", tag = "older clients", operation_id = "older_schedule_alone",
    request_body = ScheduleBody,
    responses((status = 201, description = "The call", body = OlderCallView)),
)]
pub async fn schedule_alone(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Extension(trace): Extension<Trace>,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let new = read(Fields::parse(&body)?, &state, When::Said)?;
    Ok((StatusCode::CREATED, Json(created(&state, actor, new, trace).await?)).into_response())
}

/// The pending calls, what goes out next first, as a bare array.
///
/// Use `GET /api/calls?phase=pending`.
#[utoipa::path(
    get, path = "/api/scheduled-calls", tag = "older clients", operation_id = "older_scheduled_calls",
    params(OlderListQuery),
    responses((
        status = 200, description = "One page of calls", body = Vec<OlderCallView>,
        headers(("Link" = String, description = "The next page's address, as `<…>; rel=\"next\"` (RFC 8288)")),
        example = json!([{
            "id": "0193501d-5a01-7c5e-8a52-4e2f6d1b9c11", "phone_number": "+14155550101",
            "scheduled_time": "2026-11-22T15:30:00.000Z", "status": "pending", "call_api_id": null,
            "call_status": null, "created_at": "2026-11-21T09:00:00.000Z",
            "updated_at": "2026-11-21T09:00:00.000Z", "error_message": null
        }]),
    )),
)]
pub async fn scheduled(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let filter = read_filter(query.as_deref().unwrap_or_default())?;
    let pending = CallFilter { phase: Some(Phase::Pending), ..filter };
    listed(&state, &actor, "/api/scheduled-calls", pending).await
}

/// The ended calls, what ended last first, as a bare array.
///
/// Use `GET /api/calls?sort=ended`.
#[utoipa::path(
    get, path = "/api/call-history", tag = "older clients", operation_id = "older_call_history",
    params(OlderListQuery),
    responses((
        status = 200, description = "One page of calls", body = Vec<OlderCallView>,
        headers(("Link" = String, description = "The next page's address, as `<…>; rel=\"next\"` (RFC 8288)")),
        example = json!([{
            "id": "0193501d-5a01-7c5e-8a52-4e2f6d1b9c11", "phone_number": "+14155550101",
            "scheduled_time": "2026-11-22T15:30:00.000Z", "status": "failed", "call_api_id": "sim_4f1c",
            "call_status": "busy", "created_at": "2026-11-21T09:00:00.000Z",
            "updated_at": "2026-11-21T09:00:00.000Z", "error_message": "the line was busy"
        }]),
    )),
)]
pub async fn history(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let filter = read_filter(query.as_deref().unwrap_or_default())?;
    let ended = CallFilter { sort: Some(Sort::Ended), ..filter };
    listed(&state, &actor, "/api/call-history", ended).await
}

/// Deletes a call that was never attempted.
///
/// Use `DELETE /api/calls/{id}`.
#[utoipa::path(
    delete, path = "/api/scheduled-calls/{id}", tag = "older clients", operation_id = "older_unschedule",
    params(CallPath),
    responses(
        (status = 200, description = "Deleted", body = DeletedView),
        (status = 409, description = "It was attempted, or has ended: history stays"),
    ),
)]
pub async fn unschedule(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let (id, now) = (call_id(&id)?, state.clock.now());
    state.db.write(async move |tx| delete_call(&tx, &actor, id, None, now).await).await?;
    Ok(Json(DeletedView { message: "The scheduled call was deleted." }).into_response())
}

/// The provider's id of the attempt under way, and when it goes out.
///
/// Nothing is dialed by asking. Use `GET /api/calls/{id}`.
#[utoipa::path(
    post, path = "/api/provider/send-call", tag = "older clients", operation_id = "older_send_call",
    request_body = SendCallBody,
    responses(
        (status = 200, description = "The attempt", body = SentView),
        (status = 404, description = "There is no such call"),
        (status = 409, description = "The call has ended"),
    ),
)]
pub async fn send_call(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let mut fields = Fields::parse(&body)?;
    let id = fields.required("call_id", "Say which call.");
    fields.finish()?;
    let (id, now) = (call_id(&id.unwrap_or_default())?, state.clock.now());
    let details = queries::get(&state.db, &actor, id, state.config.limits(), now).await?;
    if details.call.status.is_ended() {
        return Err(AppError::refused(
            "already_ended",
            "The call has ended; retry it to have it placed once more.",
        ));
    }
    let open = details.attempts.last().filter(|attempt| !attempt.status.is_ended());
    let scheduled_in_ms = match details.call.status {
        CallStatus::Pending => details.call.due_at.millis_since(now).max(0),
        _ => 0,
    };
    let provider_id = open.and_then(|attempt| attempt.provider_call_id.clone());
    Ok(Json(SentView { provider_id, scheduled_in_ms }).into_response())
}

/// When an older client wants its call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Now,
    Said,
}

/// The call that the fields ask for: the number stands in for the name, and a reminder it is.
fn read(mut fields: Fields, state: &AppState, when: When) -> Result<NewCall, AppError> {
    let reader = Reader(&state.config);
    let number = fields.required("phone_number", "Say which number to call.");
    let number = number.and_then(|number| fields.check(reader.number(&number, "")));
    let mut scheduled_at = None;
    if when == When::Said {
        let time = fields.required("scheduled_at", "Say when, as 2026-11-21T15:30:00.");
        let at = time.and_then(|time| fields.check(instant(&reader, &time)));
        let now = state.clock.now();
        scheduled_at = at.and_then(|at| fields.check(form::scheduled_at("scheduled_at", at, now))).flatten();
    }
    fields.finish()?;
    let (phone_number, warnings) = number.ok_or(AppError::Internal)?;
    Ok(NewCall {
        customer_name: phone_number.to_string(),
        phone_number,
        workflow: Workflow::Reminder,
        scheduled_at,
        max_attempts: 1,
        metadata: json!({}),
        external_id: None,
        warnings,
    })
}

/// An instant with its offset, or the bare value of a datetime-local field, which is read in `DEFAULT_TIME_ZONE`.
fn instant(reader: &Reader<'_>, time: &str) -> Result<Timestamp, FieldError> {
    let read = || reader.instant(time.trim(), "");
    let error = |error: FieldError| FieldError { field: "scheduled_at".to_owned(), ..error };
    rfc3339(time).map_or_else(|| read().map_err(error), Ok)
}

async fn created(
    state: &AppState,
    actor: Actor,
    new: NewCall,
    trace: Trace,
) -> Result<OlderCallView, AppError> {
    let clock = state.clock.clone();
    let work = async move |tx| create(&tx, &actor, new, Some(trace), &clock).await;
    let made = state.db.write(work).await?;
    Ok(OlderCallView::of(&made, None))
}

async fn listed(
    state: &AppState,
    actor: &Actor,
    path: &str,
    filter: CallFilter,
) -> Result<Response, AppError> {
    let listing = list::list(&state.db, actor, &filter, state.config.limits(), state.clock.now()).await?;
    let ids: Vec<_> = listing.calls.iter().map(|listed| listed.call.id).collect();
    let mut known = queries::provider_call_ids(&state.db, actor, &ids).await?;
    let rows =
        listing.calls.iter().map(|listed| OlderCallView::of(&listed.call, known.remove(&listed.call.id)));
    let mut response = Json(rows.collect::<Vec<_>>()).into_response();
    if let Some(older) = listing.older {
        let further = CallFilter { cursor: Some(older.to_string()), ..filter };
        let link = format!("<{path}?{}>; rel=\"next\"", further.to_query());
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().append(header::LINK, link);
        }
    }
    Ok(response)
}
