//! `/control/speed`: how many times faster than life the calls to come will be.

use super::{
    super::{
        Simulator,
        problem::Problem,
        settings::{self, SPEED},
    },
    body,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The bounds of the speed, as those of the setting.
const BOUNDS: std::ops::RangeInclusive<f64> = 0.01..=1_000.0;

/// The speed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Speed {
    /// What divides the normal times, 0.01 to 1000.
    speed: f64,
}

/// Reads the speed.
#[utoipa::path(
    get, path = "/control/speed", tag = "time", operation_id = "read_speed",
    responses((status = 200, description = "The speed", body = Speed)),
)]
pub async fn read(State(sim): State<Simulator>) -> Result<Json<Speed>, Problem> {
    Ok(Json(Speed { speed: settings::speed(&sim, sim.db.read()).await? }))
}

/// Changes the speed of the calls that are placed from now on. It outlives a restart.
#[utoipa::path(
    put, path = "/control/speed", tag = "time", operation_id = "set_speed",
    request_body = Speed,
    responses(
        (status = 200, description = "The speed", body = Speed),
        (status = 422, description = "It is out of bounds"),
    ),
)]
pub async fn set(
    State(sim): State<Simulator>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Speed>, Problem> {
    let wanted: Speed = body::read(body)?;
    if !BOUNDS.contains(&wanted.speed) {
        return Err(Problem::refused("invalid_speed", "speed must be 0.01 to 1000."));
    }
    settings::set(&sim.db, SPEED, &wanted.speed).await?;
    Ok(Json(wanted))
}
