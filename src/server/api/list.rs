//! GET /api/calls, one call, its timeline.

use super::{
    bodies::{CallPath, FilterQuery, IfNoneMatch, PageQuery},
    etag,
    view::{CallListView, CallView, EventListView, EventView},
};
use crate::{
    domain::{filter::CallFilter, id::CallId},
    error::AppError,
    server::{
        auth::admit::Caller,
        calls::{list, queries},
        reading::instant_or_day,
        state::AppState,
    },
};
use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Lists calls, a page at a time.
///
/// The newest come first unless `sort` says otherwise; among pending ones, what goes out next. An unknown filter is an
/// error, so that nobody is shown more than was asked for.
///
/// # Errors
/// 400 for a query that can't be understood.
#[utoipa::path(
    get, path = "/api/calls", tag = "calls", operation_id = "list_calls",
    params(FilterQuery, PageQuery),
    responses((
        status = 200, description = "One page of calls", body = CallListView,
        headers(("Link" = String, description = "The next page's address, as `<…>; rel=\"next\"` (RFC 8288)")),
    )),
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let filter = read_filter(query.as_deref().unwrap_or_default())?;
    let now = state.clock.now();
    let listing = list::list(&state.db, &actor, &filter, state.config.limits(), now).await?;
    let next = listing.older.map(|cursor| cursor.to_string());
    let calls = listing.calls.into_iter().map(|listed| CallView::of(listed.call, listed.waiting));
    let link = next.as_ref().map(|next| {
        let further = CallFilter { cursor: Some(next.clone()), ..filter };
        format!("</api/calls?{}>; rel=\"next\"", further.to_query())
    });
    let body = CallListView {
        calls: calls.collect(),
        next_cursor: next,
        total: listing.total.map(|total| total.calls),
        total_is_exact: listing.total.map(|total| total.is_exact),
        events_cursor: listing.events_cursor,
    };
    let mut response = Json(body).into_response();
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Reads a call with its attempts.
///
/// # Errors
/// 404.
#[utoipa::path(
    get, path = "/api/calls/{id}", tag = "calls", operation_id = "get_call",
    params(CallPath, IfNoneMatch),
    responses(
        (status = 200, description = "The call", body = CallView),
        (status = 304, description = "It is still as you know it"),
    ),
)]
pub async fn get_one(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let details =
        queries::get(&state.db, &actor, call_id(&id)?, state.config.limits(), state.clock.now()).await?;
    let tag = etag::of(details.call.version, details.waiting.as_ref());
    let known = etag::is_known(&headers, &tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let view = CallView::of(details.call, details.waiting)
            .with_attempts(details.attempts)
            .with_cursor(details.events_cursor);
        Json(view).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Reads a call's timeline.
///
/// # Errors
/// 404.
#[utoipa::path(
    get, path = "/api/calls/{id}/events", tag = "calls", operation_id = "list_call_events",
    params(CallPath),
    responses((status = 200, description = "The timeline, oldest first", body = EventListView)),
)]
pub async fn events(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let details =
        queries::get(&state.db, &actor, call_id(&id)?, state.config.limits(), state.clock.now()).await?;
    let events = details.events.into_iter().map(EventView::of).collect();
    Ok(Json(EventListView { events }).into_response())
}

/// The id in a path. One that can't be an id names nothing.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn call_id(text: &str) -> Result<CallId, AppError> {
    text.parse().map_err(|_| AppError::NotFound("call".to_owned()))
}

/// Reads a list's query.
///
/// # Errors
/// [`AppError::BadRequest`] for one that can't be understood.
pub fn read_filter(query: &str) -> Result<CallFilter, AppError> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    // A form leaves fields empty; a program that does so has lost a value, and would be shown too much.
    if let Some((name, _)) = pairs.iter().find(|(_, value)| value.is_empty()) {
        return Err(AppError::BadRequest(format!("{name}: it has no value. Leave it out, or give one.")));
    }
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    Ok(CallFilter::from_pairs(pairs, instant_or_day)?)
}
