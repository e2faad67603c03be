//! Every `code` of a problem, and what it means. A test finds those that the sources answer with and holds the list
//! to them. The `type` of a problem leads here.

use crate::{error::AppError, server::respond::problem};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};

/// The codes with their meanings, in the order of their statuses.
pub const CODES: &[(&str, &str)] = &[
    ("bad_request", "400: the JSON, the query or a cursor can't be read"),
    ("unauthorized", "401: the token or the session is missing or wrong"),
    ("unsigned", "401: a status callback carries no signature"),
    ("bad_signature", "403: a status callback's signature does not fit, or is older than five minutes"),
    ("cross_site", "403: another site made a browser send it"),
    ("forbidden", "403: not allowed"),
    ("not_enabled", "404: the door for older clients is shut; a setting opens it"),
    ("not_found", "404: there is no such thing"),
    ("method_not_allowed", "405: the address knows other methods; `Allow` names them"),
    ("timeout", "408: the request took too long; what it asked for may still be done"),
    ("already_ended", "409: the call has ended"),
    ("attempt_open", "409: an attempt is still open"),
    ("being_placed", "409: the provider is being asked at this moment"),
    ("changed", "409: it changed while this was being done, five times in a row"),
    ("dispatching", "409: the provider is being asked right now, so the call can't be changed"),
    ("delivery_under_way", "409: the delivery is being sent at this moment"),
    ("endpoint_disabled", "409: nothing is sent to a disabled endpoint"),
    ("external_id_taken", "409: another call has this `external_id`"),
    ("has_history", "409: it was attempted, so it can't be deleted"),
    ("not_an_end", "409: a call can't be set to this status by hand"),
    ("not_placed_yet", "409: the call has not been placed yet, so nothing can be reported of it"),
    ("not_pending", "409: the call does not wait any more"),
    (
        "key_in_use",
        "409: a request with this `Idempotency-Key` is still being carried out; `Retry-After` says when to repeat it",
    ),
    ("nothing_selected", "409: several calls were to be changed at once, and none or too many were named"),
    ("nothing_to_ask", "409: the provider has nothing to be asked about"),
    ("partly_done", "409: of several calls some were changed; the others are named with their reasons"),
    ("still_open", "409: the call has not ended yet"),
    ("too_many_endpoints", "409: the team has as many webhook endpoints as it may have"),
    ("under_way", "409: the call is under way, so it can't be changed"),
    ("precondition_failed", "412: it has another version than `If-Match` names"),
    ("too_large", "413: the body is over 64 kB"),
    ("not_json", "415: the body does not say that it is JSON"),
    ("misdirected", "421: this server does not answer under that name"),
    ("invalid", "422: well-formed but wrong; `errors` says what"),
    ("key_reused", "422: this `Idempotency-Key` belongs to a request with another body"),
    (
        "too_many_requests",
        "429: over the limit that `RateLimit-Policy` tells; `Retry-After` says how long to wait",
    ),
    ("too_many_streams", "429: the caller has too many streams of events open"),
    ("internal", "500: our fault; the log has the details under `request_id`"),
    ("unavailable", "503: the database does not answer; nothing was changed"),
    ("too_many_readers", "503: the server has too many streams of events open"),
    (
        "not_writable",
        "503: the database takes no writes, most often because a disk is full; nothing was changed",
    ),
    ("unconfirmed", "503: the database failed before it said whether this was done"),
];

/// GET /problems/{code}: what it means, for people who follow a problem's `type`.
pub async fn meaning(Path(code): Path<String>) -> Response {
    match CODES.iter().find(|(known, _)| *known == code) {
        Some((code, meaning)) => format!("{code}\n\n{meaning}\n").into_response(),
        None => problem(&AppError::NotFound("problem".to_owned())),
    }
}
