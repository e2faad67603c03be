//! GET /api/insights and its CSV: how calls ended and how attempts went, counted over days.

use super::insight_views::{InsightsQuery, InsightsView, TableQuery};
use crate::{
    domain::{actor::Actor, form::FieldError, insights::Figure},
    error::AppError,
    server::{
        auth::admit::Caller,
        insights::{
            numbers::{Numbers, numbers},
            range::{Asked, Range},
            tables::{Table, table},
        },
        state::AppState,
    },
};
use ::csv::{Terminator, WriterBuilder};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use std::borrow::Cow;

/// Counts calls and attempts over days.
///
/// Calls are counted at the instant at which they ended, attempts at the instant at which they were claimed and once
/// they are over. Without a range: the last seven days in the installation's time zone.
///
/// # Errors
/// 400 for a query that can't be understood.
#[utoipa::path(
    get, path = "/api/insights", tag = "insights", operation_id = "get_insights",
    params(InsightsQuery),
    responses((status = 200, description = "The numbers of these days", body = InsightsView)),
)]
pub async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let range = range(&state, &pairs(query.as_deref().unwrap_or_default())?)?;
    let numbers = counted(&state, &actor, &range).await?;
    Ok(Json(InsightsView::of(&numbers, &range)).into_response())
}

/// Exports one of the tables behind the charts, as CSV.
///
/// # Errors
/// 400 for a query that can't be understood.
#[utoipa::path(
    get, path = "/api/insights.csv", tag = "insights", operation_id = "export_insights",
    params(TableQuery, InsightsQuery),
    responses((
        status = 200, content_type = "text/csv", body = String,
        description = "The table as RFC 4180 has it, with the same rows as on the page. Percentages are whole numbers, and empty where there is nothing to share",
        headers(("Content-Disposition" = String, description = "The name of a file to keep it under")),
        example = json!("from,completed,busy,no_answer,failed,missed,unknown,canceled,total\r\n2026-11-21,41,3,5,1,0,0,2,52\r\n"),
    )),
)]
pub async fn export(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let mut pairs = pairs(query.as_deref().unwrap_or_default())?;
    let at = pairs.iter().position(|(name, _)| name == "table");
    let figure = at.map(|at| pairs.remove(at).1.parse::<Figure>()).transpose();
    let figure =
        figure.map_err(|why| AppError::BadRequest(format!("table: {why}")))?.unwrap_or(Figure::Calls);
    let range = range(&state, &pairs)?;
    let numbers = counted(&state, &actor, &range).await?;
    let text = written(&table(figure, &numbers, &range))?;
    let name = format!("insights-{figure}-{}-{}.csv", range.from, range.to);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, text).into_response())
}

async fn counted(state: &AppState, actor: &Actor, range: &Range) -> Result<Numbers, AppError> {
    numbers(&state.db, actor, range, state.clock.now()).await
}

/// A query's names and values.
type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

fn pairs(query: &str) -> Result<Pairs<'_>, AppError> {
    let pairs: Pairs = form_urlencoded::parse(query.as_bytes()).collect();
    // A form leaves fields empty; a program that does so has lost a value, and would be shown other days.
    match pairs.iter().find(|(_, value)| value.is_empty()) {
        Some((name, _)) => {
            Err(AppError::BadRequest(format!("{name}: it has no value. Leave it out, or give one.")))
        }
        None => Ok(pairs),
    }
}

fn range(state: &AppState, pairs: &Pairs) -> Result<Range, AppError> {
    let asked = Asked::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    let range = asked
        .map_err(|error| vec![error])
        .and_then(|asked| asked.read(&state.config.default_time_zone, state.clock.now()));
    range.map_err(|errors| in_one_line(&errors))
}

fn in_one_line(errors: &[FieldError]) -> AppError {
    let lines = errors.iter().map(|error| format!("{}: {}", error.field, error.detail));
    AppError::BadRequest(lines.collect::<Vec<_>>().join(" "))
}

fn written(table: &Table) -> Result<Vec<u8>, AppError> {
    let failed = |why: &dyn std::fmt::Display| {
        tracing::error!(%why, "a table can't be written as CSV");
        AppError::Internal
    };
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.head.iter().map(|heading| heading.code)).map_err(|why| failed(&why))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| cell.plain.as_str())).map_err(|why| failed(&why))?;
    }
    writer.into_inner().map_err(|why| failed(&why))
}
