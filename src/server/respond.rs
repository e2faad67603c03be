//! How errors are answered over HTTP: RFC 9457 problem details, in the user's words.

use super::telemetry::request_id;
use crate::error::AppError;
use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Since when older clients' requests are deprecated: 21 November 2026.
const SINCE: &str = "@1795219200";

/// The problem in a response, so that the layer that knows the request's id can add it.
#[derive(Clone, Debug)]
struct Problem(Value);

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        problem(&self)
    }
}

/// The problem details of `error`: `type, title, status, detail, code`, and what belongs to single codes.
pub fn problem(error: &AppError) -> Response {
    let status = status_of(error);
    let mut response = respond(status, details_of(error));
    let headers = response.headers_mut();
    headers.extend(error.retry_after_secs().map(|secs| (header::RETRY_AFTER, secs.into())));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What [`problem`] says of `error` in its body, but for the request's id.
pub fn details_of(error: &AppError) -> Value {
    let mut detail = error.to_string();
    if matches!(error, AppError::Unavailable | AppError::Unconfirmed) {
        detail.push_str(" A POST with an Idempotency-Key can safely be sent again as it was.");
    }
    let mut details = details(status_of(error), error.code(), &detail);
    match error {
        AppError::Invalid { errors, .. } => {
            let pointers = errors.iter().map(
                |error| json!({"pointer": pointer(&error.field), "code": error.code, "detail": error.detail}),
            );
            details["errors"] = pointers.collect();
        }
        AppError::ExternalIdTaken { by } => {
            details["call_id"] = json!(by);
            details["call_url"] = json!(format!("/api/calls/{by}"));
        }
        _ => {}
    }
    details
}

fn status_of(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The problem details of a status that no [`AppError`] stands for.
pub fn plain_problem(status: StatusCode, code: &str, detail: &str) -> Response {
    respond(status, details(status, code, detail))
}

/// Marks the answer to an older client's request as RFC 9745 has it, and names what takes that address's place.
pub fn deprecated(mut response: Response, successor: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert("deprecation", HeaderValue::from_static(SINCE));
    if let Ok(link) = HeaderValue::from_str(&format!("<{successor}>; rel=\"successor-version\"")) {
        headers.append(header::LINK, link);
    }
    response
}

/// The same answer; if it is a problem, older clients find in it what they look for: `success` and `error`.
pub fn in_older_words(mut response: Response) -> Response {
    if let Some(Problem(details)) = response.extensions_mut().get_mut() {
        details["success"] = json!(false);
        details["error"] = details["detail"].clone();
    }
    response
}

/// Adds the request's id to every problem that is answered.
pub async fn name_the_request(request: Request, next: Next) -> Response {
    let id = request_id(request.headers()).map(str::to_owned);
    let mut response = next.run(request).await;
    if let (Some(Problem(mut details)), Some(id)) = (response.extensions_mut().remove(), id) {
        details["request_id"] = json!(id);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(details.to_string());
    }
    response
}

/// For programs: whatever went wrong is answered with a problem, also where the library has words of its own; and no
/// answer is kept by anybody without asking.
pub async fn as_for_programs(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let went_wrong = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if went_wrong && !kind.is_some_and(|kind| kind.contains("json")) {
        let is_theirs = status.is_client_error();
        let unreadable = || AppError::BadRequest("The address can't be read.".to_owned());
        response = problem(&if is_theirs { unreadable() } else { AppError::Internal });
    }
    let policy = HeaderValue::from_static("private, no-cache");
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(policy);
    response
}

/// Answers 408 for a request that takes longer than `patience`. What it has begun to write may still be written.
pub async fn in_time(patience: Duration, answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(patience, answer).await.unwrap_or_else(|_| {
        let detail =
            "The request took too long. What it asked for may still be done: look before you try again.";
        plain_problem(StatusCode::REQUEST_TIMEOUT, "timeout", detail)
    })
}

/// What a handler that broke is answered.
pub fn broke_off(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler broke off");
    problem(&AppError::Internal)
}

fn details(status: StatusCode, code: &str, detail: &str) -> Value {
    let title = status.canonical_reason().unwrap_or("Error");
    let kind = format!("/problems/{code}");
    json!({"type": kind, "title": title, "status": status.as_u16(), "detail": detail, "code": code})
}

/// Answers with problem details.
pub fn respond(status: StatusCode, details: Value) -> Response {
    let mut response = (status, Json(&details)).into_response();
    let problem_json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, problem_json);
    response.extensions_mut().insert(Problem(details));
    response
}

/// A JSON pointer (RFC 6901) to a field of the body; empty for the body itself.
fn pointer(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("/{}", field.replace('~', "~0").replace('/', "~1")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[tokio::test]
    async fn what_takes_too_long_is_answered_408() {
        let late = in_time(Duration::ZERO, std::future::pending()).await;
        assert_eq!(late.status(), StatusCode::REQUEST_TIMEOUT);
        let Problem(details) = late.extensions().get().expect("a problem");
        assert_eq!((&details["code"], &details["type"]), (&json!("timeout"), &json!("/problems/timeout")));
        let in_time = in_time(Duration::ZERO, async { StatusCode::OK.into_response() }).await;
        assert_eq!(in_time.status(), StatusCode::OK);
    }

    #[rstest]
    #[case("", "")]
    #[case("customer_name", "/customer_name")]
    #[case("a/b~c", "/a~1b~0c")]
    fn a_pointer_leads_to_a_field(#[case] field: &str, #[case] expected: &str) {
        assert_eq!(pointer(field), expected);
    }

    #[test]
    fn only_what_is_worth_it_says_when_to_try_again() {
        let retry_after = |error: AppError| problem(&error).headers().get(header::RETRY_AFTER).cloned();
        assert_eq!(retry_after(AppError::Unavailable), Some(HeaderValue::from_static("1")));
        assert_eq!(retry_after(AppError::KeyInUse), Some(HeaderValue::from_static("1")));
        assert_eq!(retry_after(AppError::Changed), None);
    }
}
