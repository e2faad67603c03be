//! GET /api/events: everything that happens, told as it happens. Server-sent events (WHATWG HTML, section 9.2).
//!
//! [`hub`] reads what is new once for all readers and puts it into a ring; a [`reader`] catches up from the database
//! and then follows the ring, with no gap and no repeat between the two; [`frame`] is what goes over the wire.

pub mod frame;
pub mod hub;
pub mod reader;
pub mod seats;

use self::{
    reader::{Reader, Start},
    seats::NoSeat,
};
use super::bodies::{EventsQuery, LastEventId};
use crate::{
    domain::{
        actor::{self, Actor},
        event_filter::EventFilter,
        filter::FilterError,
    },
    error::AppError,
    server::{auth::admit::Caller, respond::plain_problem, state::AppState},
};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use std::convert::Infallible;

/// What a browser sends when it comes back: the id of the last event that it was told.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks nginx, and what else knows it, to pass each event on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// When to come back if there is no seat, in seconds.
const COME_BACK_AFTER_SECS: u32 = 30;

/// Tells the caller's team's events from now on, or from behind a place in the stream, until it goes away.
///
/// The router's time limit holds for the beginning of the answer only, and its compression leaves event streams
/// alone: it would hold events back until a block of them is full.
///
/// # Errors
/// 400 for a query that can't be understood, 429 and 503 when there are too many readers.
#[utoipa::path(
    get, path = "/api/events", tag = "calls", operation_id = "stream_events",
    params(EventsQuery, LastEventId),
    responses(
        (
            status = 200,
            description = "Server-sent events that never end: each `data` is a StreamedEvent, or of an event named \
                           `resync` why the list must be read anew",
            body = String, content_type = "text/event-stream",
            example = json!("retry: 2000\nid: 0-41\n\nid: 0-42\ndata: {\"event\":{\"id\":\"0-42\",…},\"call\":{…}}\n\n"),
        ),
        (status = 429, description = "The caller has too many streams open, or asks too often; `Retry-After` says how long to wait"),
    ),
)]
pub async fn events(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let (filter, after) = read_query(query.as_deref().unwrap_or_default())?;
    // When a browser comes back it sends the old query again, and how far it came beside it.
    let start = match headers.get(LAST_EVENT_ID) {
        Some(seen) if !seen.is_empty() => {
            seen.to_str().ok().and_then(|seen| seen.parse().ok()).map_or(Start::Unreadable, Start::Behind)
        }
        _ => after,
    };
    let seat = match state.live.take_seat(&actor.name(), &state.config) {
        Ok(seat) => seat,
        Err(why) => return Ok(no_seat(&why, &actor)),
    };
    let reader = Reader::begin(state, actor, &headers, filter, start, seat).await?;
    let frames = stream::unfold(reader, async |mut reader| {
        let bytes = reader.next().await?;
        Some((Ok::<_, Infallible>(bytes), reader))
    });
    let mut response = Body::from_stream(frames).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (X_ACCEL_BUFFERING, "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// What is to be told, and from where on.
fn read_query(query: &str) -> Result<(EventFilter, Start), AppError> {
    let (mut filter, mut start) = (EventFilter::default(), Start::Now);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        if name != "after" {
            filter.read(&name, &value)?;
            continue;
        }
        let place = value.parse().map_err(|_| FilterError {
            parameter: "after".to_owned(),
            why: "it is no events_cursor and no event's id, as 0-41 is".to_owned(),
        })?;
        start = Start::Behind(place);
    }
    Ok((filter, start))
}

fn no_seat(why: &NoSeat, actor: &Actor) -> Response {
    let mut response = match why {
        NoSeat::Caller(most) => {
            let who = actor::in_words(&actor.name());
            let detail = format!("{who} has {most} streams open already. Close one first.");
            plain_problem(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", &detail)
        }
        NoSeat::Process(most) => {
            let detail =
                format!("This server has {most} live readers already. Try again later, or on another node.");
            plain_problem(StatusCode::SERVICE_UNAVAILABLE, "too_many_readers", &detail)
        }
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(COME_BACK_AFTER_SECS));
    response
}
