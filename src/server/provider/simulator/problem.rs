//! How the simulator says no: RFC 9457, `application/problem+json`.

use crate::error::AppError;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal, or a failure of the simulator itself (5xx).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word that programs can compare: `invalid_number`.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// How long to wait before it is worth trying again, in seconds, if that is said.
    pub retry_after_secs: Option<i64>,
}

impl Problem {
    /// A refusal with this status.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after_secs: None }
    }

    /// 400: the request can't be read.
    pub fn unreadable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 422: well-formed, but refused.
    pub fn refused(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 404: there is no such call here.
    pub fn unknown_call() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_call", "There is no such call here.")
    }

    /// 401: the bearer token is missing or wrong.
    pub fn unauthorized() -> Self {
        let detail = "Send the provider's token as `Authorization: Bearer …`.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }
}

impl From<AppError> for Problem {
    /// Whatever fails inside says nothing about whether the call was taken, so it is never a 4xx, which a
    /// caller would believe to be a refusal.
    fn from(_: AppError) -> Self {
        let detail = "Something went wrong here. Ask later what became of the call.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Refused"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.retry_after_secs.map(|secs| (header::RETRY_AFTER, secs.into())));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
