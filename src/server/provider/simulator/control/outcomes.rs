//! `/control/outcomes`: what numbers will do instead of what they do by themselves.

use super::{
    super::{
        Simulator, internal,
        orders::{self, About, NewOrder, what},
        problem::Problem,
        scenario::Scenario,
        story::{Outcome, Story},
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

/// What a number is to do: what the numbers of a scenario do, or a story of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOutcome {
    /// The number that it is for; absent = every number.
    to: Option<String>,
    /// For how many more placings it holds, 1 to 1000000; absent = until it is forgotten.
    next: Option<i64>,
    /// What the numbers of this scenario do.
    scenario: Option<Scenario>,
    /// A story of its own.
    story: Option<Story>,
}

/// What a number will do.
#[derive(Serialize, ToSchema)]
#[schema(as = Outcome)]
pub struct OutcomeView {
    /// By which it is forgotten.
    id: String,
    /// The number that it is for; null = every number.
    to: Option<String>,
    /// For how many more placings it holds; null = until it is forgotten.
    next: Option<i64>,
    /// When it was set, by the simulator's clock.
    #[schema(format = "date-time")]
    made_at: String,
    /// What the numbers of this scenario do.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<Scenario>,
    /// A story of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<Story>,
}

/// Every outcome that is set.
#[derive(Serialize, ToSchema)]
pub struct OutcomeList {
    /// Oldest first.
    outcomes: Vec<OutcomeView>,
}

impl OutcomeView {
    fn of(order: order::Model) -> Result<Self, AppError> {
        let (scenario, story) = match what(&order)? {
            Outcome::Scenario(scenario) => (Some(scenario), None),
            Outcome::Story(story) => (None, Some(story)),
        };
        let made_at = rfc3339(order.made_at);
        Ok(Self { id: order.id, to: order.to_number, next: order.remaining, made_at, scenario, story })
    }
}

/// Lists the outcomes that are set.
#[utoipa::path(
    get, path = "/control/outcomes", tag = "outcomes", operation_id = "list_outcomes",
    responses((status = 200, description = "Every outcome that is set", body = OutcomeList)),
)]
pub async fn list(State(sim): State<Simulator>) -> Result<Json<OutcomeList>, Problem> {
    let outcomes = orders::all(&sim, About::Outcomes).await?;
    let outcomes = outcomes.into_iter().map(OutcomeView::of).collect::<Result<_, _>>()?;
    Ok(Json(OutcomeList { outcomes }))
}

/// Sets what a number, or the next placings, will do.
///
/// An outcome for the next placings goes before one without a count, one for a number before one for every number, and
/// an earlier one before a later. Without a count, a later one for the same number takes the place of the one before.
#[utoipa::path(
    post, path = "/control/outcomes", tag = "outcomes", operation_id = "set_outcome",
    request_body = NewOutcome,
    responses(
        (status = 201, description = "It is set", body = OutcomeView),
        (status = 422, description = "It makes no sense; `detail` says why"),
    ),
)]
pub async fn set(
    State(sim): State<Simulator>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<OutcomeView>), Problem> {
    let NewOutcome { to, next, scenario, story } = body::read(body)?;
    let wrong = |detail: &str| Err(Problem::refused("invalid_outcome", detail));
    let outcome = match (scenario, story) {
        (Some(Scenario::OwnStory), _) => return wrong("Tell the story itself, in story."),
        (Some(scenario), None) => Outcome::Scenario(scenario),
        (None, Some(story)) => Outcome::Story(story.checked()?),
        _ => return wrong("Say either a scenario or a story."),
    };
    let order = NewOrder {
        about: About::Outcomes,
        to: body::number(to.as_deref())?,
        next: body::count(next)?,
        what: serde_json::to_string(&outcome).map_err(internal)?,
    };
    let order = orders::give(&sim, order).await?;
    Ok((StatusCode::CREATED, Json(OutcomeView::of(order)?)))
}

/// Reads one outcome that is set.
#[utoipa::path(
    get, path = "/control/outcomes/{id}", tag = "outcomes", operation_id = "read_outcome",
    params(("id" = String, Path, description = "The outcome's id")),
    responses(
        (status = 200, description = "The outcome", body = OutcomeView),
        (status = 404, description = "It is not set"),
    ),
)]
pub async fn read(
    State(sim): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Json<OutcomeView>, Problem> {
    let order = orders::one(&sim, About::Outcomes, &id).await?.ok_or_else(unknown_order)?;
    Ok(Json(OutcomeView::of(order)?))
}

/// Forgets an outcome: the number does what it does by itself again.
#[utoipa::path(
    delete, path = "/control/outcomes/{id}", tag = "outcomes", operation_id = "forget_outcome",
    params(("id" = String, Path, description = "The outcome's id")),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 404, description = "It was not set"),
    ),
)]
pub async fn forget(State(sim): State<Simulator>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    match orders::take_back(&sim, About::Outcomes, Some(id)).await? {
        0 => Err(unknown_order()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// Forgets every outcome.
#[utoipa::path(
    delete, path = "/control/outcomes", tag = "outcomes", operation_id = "forget_all_outcomes",
    responses((status = 204, description = "None is set")),
)]
pub async fn forget_all(State(sim): State<Simulator>) -> Result<StatusCode, Problem> {
    orders::take_back(&sim, About::Outcomes, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
