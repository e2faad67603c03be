//! What the API says of itself: the OpenAPI 3.1 document. Each handler describes itself beside its code with
//! `#[utoipa::path]` and is listed here; `finish` adds what holds for all of them, so that a new handler need
//! not say it.

mod codes;
mod examples;
mod finish;
pub mod page;
mod problem;

pub use codes::{CODES, meaning};

use super::{
    api, metrics, webhooks,
    words::{FigureWord, RangeWord, SortWord},
};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;
use utoipa::OpenApi;

/// Every operation, in the order in which a reader meets them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = include_str!("about.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This installation")),
    tags(
        (name = "calls", description = "One wish to phone one customer, from its creation to its outcome"),
        (name = "dispatch", description = "Whether calls go out, for the whole installation"),
        (name = "insights", description = "How calls ended and how attempts went, counted over days"),
        (name = "webhooks", description = "Who is told what happens, and how they answered"),
        (name = "provider", description = "The provider's signed reports"),
        (name = "operations", description = "For whoever keeps it running"),
        (name = "older clients", description = "Requests of programs written for earlier call managers. Deprecated: each answer says so (RFC 9745) and names what takes its place"),
    ),
    paths(
        api::create::create,
        api::list::list,
        api::csv::export,
        api::list::get_one,
        api::list::events,
        api::change::patch,
        api::change::delete,
        api::change::cancel,
        api::change::retry,
        api::change::note,
        api::change::reconcile,
        api::events::events,
        api::dispatch::read,
        api::dispatch::write,
        api::insights::read,
        api::insights::export,
        api::hooks::create,
        api::hooks::list,
        api::hooks::get_one,
        api::hooks::patch,
        api::hooks::delete,
        api::hooks::rotate_secret,
        api::hook_deliveries::test,
        api::hook_deliveries::list,
        api::hook_deliveries::replay,
        webhooks::of_attempt,
        webhooks::of_any,
        api::health::alive,
        api::health::ready,
        metrics::door::show,
        api::seeds::schedule,
        api::seeds::call_now,
        api::seeds::schedule_alone,
        api::seeds::scheduled,
        api::seeds::unschedule,
        api::seeds::history,
        api::seeds::send_call,
        webhooks::seeds::of_call,
    ),
    components(schemas(problem::Problem, SortWord, RangeWord, FigureWord, api::view::StreamedEventView)),
)]
struct Described;

/// The document, whole.
pub fn document() -> utoipa::openapi::OpenApi {
    finish::finish(Described::openapi())
}

/// The document as it is served and committed: indented JSON with a line break at its end.
///
/// # Panics
/// Never: nothing in it can't be written as JSON.
pub fn json() -> String {
    #[expect(clippy::expect_used, reason = "the document holds nothing that JSON can't say")]
    let mut text = document().to_pretty_json().expect("JSON");
    text.push('\n');
    text
}

/// GET /openapi.json
pub async fn served() -> Response {
    static JSON: LazyLock<String> = LazyLock::new(json);
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}
