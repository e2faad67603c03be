//! Log lines: each carries the ids of the request and of its trace, numbers are masked, query strings never appear.

use super::config::LogFormat;
use crate::domain::trace::Trace;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, header::HeaderName},
    middleware::Next,
    response::Response,
};
use tower_http::request_id::{MakeRequestId, RequestId};
use tracing::{Span, info_span};
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

/// The header with a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header of W3C Trace Context.
const TRACEPARENT: &str = "traceparent";
/// The longest id that a request may bring, in characters.
const LONGEST_ID: usize = 64;

/// Starts writing log lines to the standard error. `RUST_LOG` chooses which.
pub fn init(format: LogFormat) {
    let usual = "info,sqlx=warn,sea_orm_migration=warn,tower_http=info";
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A line that can't be written, as onto a full disk, is lost. Its writer would panic over saying so.
    let lines = lines.log_internal_errors(false);
    // Being called twice, as by tests, is no error.
    let _ = match format {
        LogFormat::Pretty => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}

/// Makes ids for requests that bring none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).ok().map(RequestId::new)
    }
}

/// Looks at the ids that a request brings: an id that can't stand in a log is dropped, and its trace is taken on, or
/// a new one begun.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let mut ids = headers.get_all(&REQUEST_ID).iter();
    let is_fine = ids.next().is_none_or(is_id) && ids.next().is_none();
    if !is_fine {
        headers.remove(&REQUEST_ID);
    }
    let trace = trace_in(headers).map_or_else(new_trace, next_step);
    request.extensions_mut().insert(trace);
    next.run(request).await
}

/// A request's id is 1 to 64 characters that need no quotes anywhere.
fn is_id(value: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(byte);
    (1..=LONGEST_ID).contains(&value.len()) && value.as_bytes().iter().all(is_plain)
}

/// The id of the request with these headers, as [`identify`] and the layer behind it have left it.
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(&REQUEST_ID)?.to_str().ok()
}

/// The trace that a request is a part of. More than one is none.
fn trace_in(headers: &HeaderMap) -> Option<Trace> {
    let mut all = headers.get_all(TRACEPARENT).iter();
    let (first, more) = (all.next()?, all.next());
    first.to_str().ok().filter(|_| more.is_none())?.parse().ok()
}

/// The first step of a new trace.
pub fn new_trace() -> Trace {
    Trace::begin(rand::random(), rand::random())
}

/// The next step of a trace.
pub fn next_step(trace: Trace) -> Trace {
    trace.next(rand::random())
}

/// The span of one request to `node`. Its path is shown without the query, which may hold names and numbers.
pub fn request_span(node: &str, request: &Request) -> Span {
    let id = request_id(request.headers()).unwrap_or_default();
    let trace_id = request.extensions().get::<Trace>().map(|trace| trace.id()).unwrap_or_default();
    let path = request.uri().path();
    info_span!("request", method = %request.method(), path, request_id = %id, trace_id, node)
}

#[cfg(test)]
mod tests;
