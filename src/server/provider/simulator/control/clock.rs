//! `/control/clock`: the instant of what happens to calls, which a test suite may hold and move on instead of waiting.

use super::{
    super::{
        Simulator,
        deliver::{self, Advanced},
        problem::Problem,
        settings::{self, CLOCK},
        time::{Course, Timekeeping},
        wire::rfc3339,
    },
    body,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// How far the clock may be moved on at once, in milliseconds: 366 days.
const FARTHEST: i64 = 31_622_400_000;
/// How long the answer to an advance waits for what is being sent on the way.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the clock stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Clock)]
pub struct ClockView {
    /// What it shows.
    #[schema(format = "date-time")]
    pub now: String,
    /// Whether it stands still.
    pub held: bool,
    /// Whether it may be held and moved: only where the simulator is a process of its own.
    pub can_be_held: bool,
}

/// Whether the clock is to stand still.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// True: it stands still. False: it runs from where it stands.
    held: bool,
}

/// How far the clock is to be moved on: one of both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// By so many milliseconds, up to 366 days.
    by_ms: Option<i64>,
    /// To this instant, as RFC 3339 has it.
    #[schema(format = "date-time")]
    to: Option<String>,
}

/// How the clock stands, and what was sent on the way.
#[derive(Serialize, ToSchema)]
#[schema(as = Advanced)]
pub struct AdvancedView {
    /// What it shows.
    #[schema(format = "date-time")]
    now: String,
    /// Whether it stands still.
    held: bool,
    /// How many times a callback was taken by its receiver on the way.
    delivered: usize,
    /// How many times one was not; what is not taken is sent again later.
    failed: usize,
    /// How many callbacks became due and are still being sent: none, unless receivers take very long.
    still_due: u64,
    /// When the next callback is to be sent; null if none is.
    #[schema(format = "date-time")]
    next_at: Option<String>,
}

impl ClockView {
    /// How the simulator's clock stands.
    pub fn of(sim: &Simulator) -> Self {
        let can_be_held = sim.config.timekeeping == Timekeeping::Own;
        Self { now: rfc3339(sim.now()), held: is_held(sim), can_be_held }
    }
}

/// Reads the clock.
#[utoipa::path(
    get, path = "/control/clock", tag = "time", operation_id = "read_clock",
    responses((status = 200, description = "How the clock stands", body = ClockView)),
)]
pub async fn read(State(sim): State<Simulator>) -> Json<ClockView> {
    Json(ClockView::of(&sim))
}

/// Holds the clock, or lets it run. It never goes back, and how it stands outlives a restart.
#[utoipa::path(
    put, path = "/control/clock", tag = "time", operation_id = "hold_clock",
    request_body = Hold,
    responses(
        (status = 200, description = "How the clock stands", body = ClockView),
        (status = 409, description = "The simulator runs inside Switchboard, whose clock it shares"),
    ),
)]
pub async fn hold(
    State(sim): State<Simulator>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ClockView>, Problem> {
    let wanted: Hold = body::read(body)?;
    only_alone(&sim)?;
    let course = match (wanted.held, is_held(&sim)) {
        (true, false) => sim.clock.hold(),
        (false, true) => sim.clock.release(),
        _ => sim.clock.how(),
    };
    settings::set(&sim.db, CLOCK, &course).await?;
    sim.woken.notify_one();
    Ok(Json(ClockView::of(&sim)))
}

/// Moves the clock on, held or not, and sends the callbacks that become due before it answers.
///
/// Each is sent at its own instant, and so are repetitions of what was not taken. After 10 seconds the clock is moved to
/// its end, and the answer says how many are still being sent.
#[utoipa::path(
    post, path = "/control/clock/advance", tag = "time", operation_id = "advance_clock",
    request_body = Advance,
    responses(
        (status = 200, description = "How the clock stands, and what was sent", body = AdvancedView),
        (status = 409, description = "The simulator runs inside Switchboard, whose clock it shares"),
        (status = 422, description = "That is no instant ahead"),
    ),
)]
pub async fn advance(
    State(sim): State<Simulator>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AdvancedView>, Problem> {
    let wanted: Advance = body::read(body)?;
    only_alone(&sim)?;
    let now = sim.now();
    let to = match (wanted.by_ms, wanted.to) {
        (Some(by), None) => now.saturating_add(by),
        (None, Some(to)) => body::instant("to", &to)?,
        _ => return Err(Problem::refused("invalid_advance", "Say either by_ms or to.")),
    };
    if !(0..=FARTHEST).contains(&to.saturating_sub(now)) {
        let detail = "The clock moves ahead only, at most 366 days at once. A reset sets it right.";
        return Err(Problem::refused("invalid_advance", detail));
    }
    let Advanced { sent, still_due } = deliver::advance(&sim, to, PATIENCE).await?;
    settings::set(&sim.db, CLOCK, &sim.clock.how()).await?;
    Ok(Json(AdvancedView {
        now: rfc3339(sim.now()),
        held: is_held(&sim),
        delivered: sent.delivered,
        failed: sent.failed,
        still_due,
        next_at: deliver::next_due(&sim).await?.map(rfc3339),
    }))
}

fn is_held(sim: &Simulator) -> bool {
    matches!(sim.clock.how(), Course::HeldAt(_))
}

/// Whoever is called back compares the instants with their own. A test suite knows what it does; the Switchboard around
/// this simulator would take a call for one that ended tomorrow.
fn only_alone(sim: &Simulator) -> Result<(), Problem> {
    if sim.config.timekeeping == Timekeeping::Own {
        return Ok(());
    }
    let detail = "This simulator runs inside Switchboard and shares its clock, which can't be held or moved. \
        Start one of its own with `switchboard simulator`, or change the speed.";
    Err(Problem::new(StatusCode::CONFLICT, "clock_is_shared", detail))
}
