//! The answer to a request that was carried out: status, headers, body.

use super::{etag, view::CallView};
use crate::{
    domain::{
        call::Call,
        timestamp::Timestamp,
        waiting::{DispatchState, Limits, waiting},
    },
    error::AppError,
    server::{
        calls::dispatch_state,
        db::Tx,
        idempotency::{Answer, ToldOnce},
        respond,
        state::AppState,
    },
};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Done {
    /// A call, which is shown with why it waits.
    Call {
        /// The call as it was written.
        call: Box<Call>,
        /// How it went.
        status: StatusCode,
    },
    /// Something else, and how it is answered.
    Ready(Answer),
}

impl Done {
    /// A call that was made.
    pub fn created(call: Call) -> Self {
        Self::Call { call: call.into(), status: StatusCode::CREATED }
    }

    /// A call that was changed.
    pub fn ok(call: Call) -> Self {
        Self::Call { call: call.into(), status: StatusCode::OK }
    }

    /// A call with which something will be done.
    pub fn accepted(call: Call) -> Self {
        Self::Call { call: call.into(), status: StatusCode::ACCEPTED }
    }

    /// The answer, as a part of the transaction that did it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn answer_within(&self, tx: &Tx, limits: Limits, now: Timestamp) -> Result<Answer, AppError> {
        match self {
            Self::Call { call, status } => {
                let dispatch = dispatch_state::read(tx.conn(), limits).await?;
                Ok(of_call(call, *status, &dispatch, now))
            }
            Self::Ready(answer) => Ok(answer.clone()),
        }
    }
}

/// The call, why it waits, its `ETag`, and where it is if it is new.
fn of_call(call: &Call, status: StatusCode, dispatch: &DispatchState, now: Timestamp) -> Answer {
    let waiting = waiting(call, dispatch, now);
    let is_new = status == StatusCode::CREATED;
    let etag = etag::of(call.version, waiting.as_ref());
    let location = is_new.then(|| format!("/api/calls/{}", call.id));
    let body = json(&CallView::of(call.clone(), waiting));
    Answer { status: status.as_u16(), location, etag: Some(etag), body, told_once: None }
}

/// A view as it is sent. It holds texts and numbers, so it can always be written.
pub fn json(view: &impl Serialize) -> String {
    serde_json::to_string(view).unwrap_or_default()
}

/// Answers with what was just done. What was written stays written: when the database has gone away since, the
/// answer tells less, and never that nothing was changed.
pub async fn shown(state: &AppState, done: Done) -> Response {
    match done {
        Done::Call { call, status } => {
            let limits = state.config.limits();
            let dispatch = dispatch_state::read(state.db.read(), limits).await;
            let dispatch = dispatch.unwrap_or_else(|_| DispatchState { limits, ..DispatchState::default() });
            respond(of_call(&call, status, &dispatch, state.clock.now()))
        }
        Done::Ready(answer) => respond(answer),
    }
}

/// The answer over HTTP.
pub fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_client_error() {
        return respond::respond(status, serde_json::from_str(&answer.body).unwrap_or_default());
    }
    // A secret must not lie in anybody's cache.
    let cache = answer.told_once.is_some().then(|| "no-store".to_owned());
    let body = answer.told_once.map_or(answer.body, |ToldOnce(body)| body);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, Some("application/json".to_owned())),
        (header::LOCATION, answer.location),
        (header::ETAG, answer.etag),
        (header::CACHE_CONTROL, cache),
    ] {
        set_header(&mut response, name, value);
    }
    response
}

fn set_header(response: &mut Response, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        response.headers_mut().insert(name, value);
    }
}
