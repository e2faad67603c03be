//! The REST API: calls, the switch for all placing, and who is told by webhook. Each handler reads its input, calls
//! one verb, and shows what became of it.

pub mod answer;
pub mod bodies;
pub mod change;
pub mod create;
pub mod csv;
pub mod dispatch;
pub mod etag;
pub mod events;
pub mod health;
pub mod hook_bodies;
pub mod hook_deliveries;
pub mod hook_views;
pub mod hooks;
pub mod input;
pub mod insight_views;
pub mod insights;
pub mod list;
pub mod once;
pub mod seeds;

pub use super::view;

use super::{
    respond::{as_for_programs, plain_problem, problem},
    state::AppState,
};
use crate::error::AppError;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::{MethodRouter, get, post},
};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The routes under `/api` that want a caller.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/api/calls", get(list::list).merge(bare(post(create::create))))
        .route("/api/calls.csv", get(csv::export))
        .route("/api/calls/{id}", bare(get(list::get_one).patch(change::patch).delete(change::delete)))
        .route("/api/calls/{id}/events", bare(get(list::events)))
        .route("/api/calls/{id}/cancel", bare(post(change::cancel)))
        .route("/api/calls/{id}/reconcile", bare(post(change::reconcile)))
        .route("/api/calls/{id}/retry", bare(post(change::retry)))
        .route("/api/calls/{id}/notes", bare(post(change::note)))
        .route("/api/events", get(events::events))
        .route("/api/dispatch", bare(get(dispatch::read).put(dispatch::write)))
        .route("/api/insights", get(insights::read))
        .route("/api/insights.csv", get(insights::export))
        .route("/api/webhook-endpoints", bare(get(hooks::list).post(hooks::create)))
        .route(
            "/api/webhook-endpoints/{id}",
            bare(get(hooks::get_one).patch(hooks::patch).delete(hooks::delete)),
        )
        .route("/api/webhook-endpoints/{id}/rotate-secret", bare(post(hooks::rotate_secret)))
        .route("/api/webhook-endpoints/{id}/test", bare(post(hook_deliveries::test)))
        .route("/api/webhook-endpoints/{id}/deliveries", get(hook_deliveries::list))
        .route(
            "/api/webhook-endpoints/{id}/deliveries/{delivery_id}/replay",
            bare(post(hook_deliveries::replay)),
        )
        .merge(seeds::router())
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(as_for_programs))
}

/// Routes that take no query: one that is sent all the same is a mistake that should not go unseen.
fn bare(routes: MethodRouter<AppState>) -> MethodRouter<AppState> {
    routes.layer(middleware::from_fn(no_query))
}

async fn no_query(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    match form_urlencoded::parse(query.as_bytes()).next() {
        Some((name, _)) => {
            let name: String = name.chars().take(40).collect();
            problem(&AppError::BadRequest(format!("{name}: this address takes no parameters")))
        }
        None => next.run(request).await,
    }
}

async fn wrong_method() -> Response {
    let detail = "This address does not know that method; Allow names those that it knows.";
    plain_problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
