//! `/control/faults`: what goes wrong from now on.

use super::{
    super::{
        Simulator,
        fault::{Fault, Kind},
        internal,
        orders::{self, About, NewOrder, what},
        problem::Problem,
        table::order,
        wire::rfc3339,
    },
    body, unknown_order,
};
use crate::error::AppError;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fault to switch on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What goes wrong.
    kind: Kind,
    /// The number that it is for; absent = every number.
    to: Option<String>,
    /// For how many more placings it holds, 1 to 1000000; absent = until it is switched off.
    next: Option<i64>,
    /// By how much, in milliseconds: 1 to 86400000 for `callbacks_late`, to 60000 for `placing_slow`.
    by_ms: Option<i64>,
    /// Which part of the callbacks is lost, over 0 and up to 1; absent = every one after a call's first.
    share: Option<f64>,
    /// The status of a refusal: 409, 422 (unless said), 429 or 503.
    status: Option<u16>,
    /// What a refusal with 429 or 503 says in `Retry-After`, in seconds: 0 to 86400, 30 unless said.
    retry_after_secs: Option<i64>,
}

/// A fault that is switched on.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
pub struct FaultView {
    /// By which it is switched off.
    id: String,
    /// The number that it is for; null = every number.
    to: Option<String>,
    /// For how many more placings it holds; null = until it is switched off.
    next: Option<i64>,
    /// When it was switched on, by the simulator's clock.
    #[schema(format = "date-time")]
    made_at: String,
    #[serde(flatten)]
    fault: Fault,
}

/// Every fault that is switched on.
#[derive(Serialize, ToSchema)]
pub struct FaultList {
    /// Oldest first.
    faults: Vec<FaultView>,
}

impl FaultView {
    fn of(order: order::Model) -> Result<Self, AppError> {
        let fault = what(&order)?;
        let made_at = rfc3339(order.made_at);
        Ok(Self { id: order.id, to: order.to_number, next: order.remaining, made_at, fault })
    }
}

/// Lists the faults that are switched on.
#[utoipa::path(
    get, path = "/control/faults", tag = "faults", operation_id = "list_faults",
    responses((status = 200, description = "Every fault that is switched on", body = FaultList)),
)]
pub async fn list(State(sim): State<Simulator>) -> Result<Json<FaultList>, Problem> {
    let faults = orders::all(&sim, About::Faults).await?;
    let faults = faults.into_iter().map(FaultView::of).collect::<Result<_, _>>()?;
    Ok(Json(FaultList { faults }))
}

/// Switches a fault on. It holds for calls that are placed from now on, and stays with them.
#[utoipa::path(
    post, path = "/control/faults", tag = "faults", operation_id = "switch_fault_on",
    request_body = NewFault,
    responses(
        (status = 201, description = "It is switched on", body = FaultView),
        (status = 422, description = "It makes no sense; `detail` says why"),
    ),
)]
pub async fn switch_on(
    State(sim): State<Simulator>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<FaultView>), Problem> {
    let NewFault { kind, to, next, by_ms, share, status, retry_after_secs } = body::read(body)?;
    let fault = Fault { kind, by_ms, share, status, retry_after_secs }.checked()?;
    let order = NewOrder {
        about: About::Faults,
        to: body::number(to.as_deref())?,
        next: body::count(next)?,
        what: serde_json::to_string(&fault).map_err(internal)?,
    };
    let order = orders::give(&sim, order).await?;
    Ok((StatusCode::CREATED, Json(FaultView::of(order)?)))
}

/// Reads one fault that is switched on.
#[utoipa::path(
    get, path = "/control/faults/{id}", tag = "faults", operation_id = "read_fault",
    params(("id" = String, Path, description = "The fault's id")),
    responses(
        (status = 200, description = "The fault", body = FaultView),
        (status = 404, description = "It is not switched on"),
    ),
)]
pub async fn read(State(sim): State<Simulator>, Path(id): Path<String>) -> Result<Json<FaultView>, Problem> {
    let order = orders::one(&sim, About::Faults, &id).await?.ok_or_else(unknown_order)?;
    Ok(Json(FaultView::of(order)?))
}

/// Switches a fault off. Calls that were placed under it keep it.
#[utoipa::path(
    delete, path = "/control/faults/{id}", tag = "faults", operation_id = "switch_fault_off",
    params(("id" = String, Path, description = "The fault's id")),
    responses(
        (status = 204, description = "It is switched off"),
        (status = 404, description = "It was not switched on"),
    ),
)]
pub async fn switch_off(State(sim): State<Simulator>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    match orders::take_back(&sim, About::Faults, Some(id)).await? {
        0 => Err(unknown_order()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// Switches every fault off.
#[utoipa::path(
    delete, path = "/control/faults", tag = "faults", operation_id = "switch_all_faults_off",
    responses((status = 204, description = "None is switched on")),
)]
pub async fn switch_all_off(State(sim): State<Simulator>) -> Result<StatusCode, Problem> {
    orders::take_back(&sim, About::Faults, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
