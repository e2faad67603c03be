//! The control API: what other people's test suites tell the simulator to do, and what they ask it about what it did.
//! It lies under the provider protocol's own address and wants the same token.

mod body;
mod call_line;
mod callback_view;
mod callbacks;
mod calls;
mod clock;
mod faults;
mod openapi;
mod outcomes;
mod overview;
mod page;
mod reset;
mod speed;

use super::{Simulator, problem::Problem, router::not_this_way};
use axum::{
    Router,
    routing::{get, post, put},
};

pub use openapi::json as openapi_json;

/// Every address of the control API, under `/control`.
pub fn router() -> Router<Simulator> {
    Router::new()
        .route("/", get(overview::read))
        .route("/openapi.json", get(openapi::served))
        .route("/faults", get(faults::list).post(faults::switch_on).delete(faults::switch_all_off))
        .route("/faults/{id}", get(faults::read).delete(faults::switch_off))
        .route("/outcomes", get(outcomes::list).post(outcomes::set).delete(outcomes::forget_all))
        .route("/outcomes/{id}", get(outcomes::read).delete(outcomes::forget))
        .route("/speed", get(speed::read).merge(put(speed::set)))
        .route("/clock", get(clock::read).merge(put(clock::hold)))
        .route("/clock/advance", post(clock::advance))
        .route("/calls", get(calls::list).delete(calls::forget))
        .route("/calls/{provider_call_id}", get(calls::read))
        .route("/callbacks", get(callbacks::list))
        .route("/callbacks/{webhook_id}", get(callbacks::read))
        .route("/reset", post(reset::reset))
        .method_not_allowed_fallback(not_this_way)
}

/// 404: there is no such order.
fn unknown_order() -> Problem {
    let detail = "There is no such order here: it was taken back, or used up.";
    Problem::new(axum::http::StatusCode::NOT_FOUND, "unknown_order", detail)
}
