//! `/control/reset`: everything as at the first start, for the next test.

use super::super::{
    Simulator,
    problem::Problem,
    table::{call, order, placing, setting},
    time::Course,
};
use crate::server::db::Written;
use axum::{extract::State, http::StatusCode};
use sea_orm::EntityTrait;

/// Forgets everything: calls, callbacks, faults, outcomes, how often each number was placed. The speed is again what the
/// simulator was started with, and the clock the machine's.
///
/// A caller whose calls are under way finds them unknown, and may place them anew.
#[utoipa::path(
    post, path = "/control/reset", tag = "overview", operation_id = "reset",
    responses((status = 204, description = "Everything is as at the first start")),
)]
pub async fn reset(State(sim): State<Simulator>) -> Result<StatusCode, Problem> {
    // What is being sent is sent to its end: it would otherwise arrive in the next test.
    let _sending = sim.sending.lock().await;
    let write = sim.db.write(async |tx| {
        // Their callbacks go with them.
        call::Entity::delete_many().exec(tx.conn()).await?;
        order::Entity::delete_many().exec(tx.conn()).await?;
        placing::Entity::delete_many().exec(tx.conn()).await?;
        setting::Entity::delete_many().exec(tx.conn()).await?;
        Ok(Written::new(()))
    });
    write.await?;
    sim.clock.set(Course::Ahead(0));
    Ok(StatusCode::NO_CONTENT)
}
