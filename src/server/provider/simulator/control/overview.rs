//! `/control`: how the simulator is set, and what its numbers do.

use super::{
    super::{
        Simulator,
        claim::{count_due, next_due},
        fault::Kind,
        problem::Problem,
        scenario::Scenario,
        settings,
        wire::rfc3339,
    },
    clock::ClockView,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// How the simulator is set, and what its numbers do.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    /// The version of the program.
    version: &'static str,
    /// What divides the normal times.
    speed: f64,
    /// What chance is drawn from: the same seed gives the same outcomes.
    seed: u64,
    /// Which part of the calls to ordinary numbers is not completed, 0 to 1.
    fail_rate: f64,
    clock: ClockView,
    /// How many callbacks are due and have not been sent yet.
    due: u64,
    /// When the next callback is to be sent; null if none is.
    #[schema(format = "date-time")]
    next_at: Option<String>,
    /// What the numbers of the fictional range do.
    scenarios: Vec<Numbers>,
    /// What can be switched on.
    faults: Vec<Possible>,
}

/// What the numbers `+1 NPA 555 01NN` with these last digits do.
#[derive(Serialize, ToSchema)]
pub struct Numbers {
    scenario: Scenario,
    /// The last two digits.
    last_digits: &'static str,
    /// One of these numbers.
    number: String,
    /// What a call to it does, in words.
    does: &'static str,
}

/// A fault that can be switched on.
#[derive(Serialize, ToSchema)]
pub struct Possible {
    kind: Kind,
    /// What goes wrong, in words.
    does: &'static str,
}

/// Says how the simulator is set, and what its numbers do.
#[utoipa::path(
    get, path = "/control", tag = "overview", operation_id = "overview",
    responses((status = 200, description = "How it is set, and what its numbers do", body = Overview)),
)]
pub async fn read(State(sim): State<Simulator>) -> Result<Json<Overview>, Problem> {
    let numbers = |(scenario, last_digits, does)| {
        let number = format!("+141555501{last_digits}");
        Numbers { scenario, last_digits, number, does }
    };
    Ok(Json(Overview {
        version: env!("CARGO_PKG_VERSION"),
        speed: settings::speed(&sim, sim.db.read()).await?,
        seed: sim.config.seed,
        fail_rate: sim.config.fail_rate,
        clock: ClockView::of(&sim),
        due: count_due(&sim, sim.now()).await?,
        next_at: next_due(&sim).await?.map(rfc3339),
        scenarios: Scenario::CHOSEN.into_iter().map(numbers).collect(),
        faults: Kind::ALL.into_iter().map(|kind| Possible { kind, does: kind.does() }).collect(),
    }))
}
