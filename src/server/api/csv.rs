//! GET /api/calls.csv: the filtered list as a file for spreadsheets (RFC 4180).

use super::{bodies::FilterQuery, list::read_filter};
use crate::{
    domain::{
        actor::Actor,
        call::ListedCall,
        filter::{CallFilter, MAX_LIMIT},
        status::EndedReason,
        timestamp::Timestamp,
    },
    error::AppError,
    server::{
        auth::admit::Caller,
        calls::list::{self, Listing},
        state::AppState,
    },
};
use ::csv::{Terminator, WriterBuilder};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use std::borrow::Cow;

/// The first line.
const HEADER: [&str; 18] = [
    "id",
    "customer_name",
    "phone_number",
    "workflow",
    "status",
    "phase",
    "scheduled_at",
    "due_at",
    "waiting",
    "attempts_made",
    "max_attempts",
    "ended_at",
    "ended_reason",
    "external_id",
    "metadata",
    "created_by",
    "created_at",
    "updated_at",
];
/// What makes a spreadsheet read a cell as a formula when it comes first (OWASP, CSV Injection).
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The calls that the query names, as CSV: all of them, read and sent a page at a time.
///
/// # Errors
/// 400 for a query that can't be understood.
#[utoipa::path(
    get, path = "/api/calls.csv", tag = "calls", operation_id = "export_calls",
    params(FilterQuery),
    responses((
        status = 200, content_type = "text/csv", body = String,
        description = "The list as RFC 4180 has it. A text that a spreadsheet would take for a formula is led by an apostrophe",
        headers(("Content-Disposition" = String, description = "The name of a file to keep it under")),
        example = json!("id,customer_name,phone_number,…\r\n0193501d-5a01-7c5e-8a52-4e2f6d1b9c11,Ada Lovelace,+14155550101,…\r\n"),
    )),
)]
pub async fn export(
    State(state): State<AppState>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let filter = read_filter(query.as_deref().unwrap_or_default())?;
    if filter.limit.is_some() || filter.cursor.is_some() || filter.include_total {
        let why = "limit, cursor, include_total: a file holds the whole list, so leave them out";
        return Err(AppError::BadRequest(why.to_owned()));
    }
    let filter = CallFilter { limit: Some(MAX_LIMIT), ..filter };
    let today = &state.clock.now().to_rfc3339()[..10];
    let disposition = format!("attachment; filename=\"calls-{today}.csv\"");
    // The first page is read before anything is answered: what is wrong can still be said.
    let first = read(&state, &actor, &filter).await?;
    let begun = Some((Some(first), filter, lines([HEADER.map(Cow::Borrowed)])?));
    let pages = stream::try_unfold(begun, move |place| {
        let (state, actor) = (state.clone(), actor.clone());
        async move {
            let Some((ready, filter, mut text)) = place else { return Ok::<_, AppError>(None) };
            let listing = match ready {
                Some(listing) => listing,
                None => read(&state, &actor, &filter).await?,
            };
            text.extend(lines(listing.calls.iter().map(line))?);
            let next = listing.older.map(|place| CallFilter { cursor: Some(place.to_string()), ..filter });
            Ok(Some((text, next.map(|filter| (None, filter, Vec::new())))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

async fn read(state: &AppState, actor: &Actor, filter: &CallFilter) -> Result<Listing, AppError> {
    list::list(&state.db, actor, filter, state.config.limits(), state.clock.now()).await
}

/// One call. What others typed is kept from being a formula; a phone number, which begins with + too, is digits only.
fn line(listed: &ListedCall) -> [Cow<'_, str>; HEADER.len()] {
    let call = &listed.call;
    let instant = |at: Option<Timestamp>| Cow::Owned(at.map(Timestamp::to_rfc3339).unwrap_or_default());
    let reasons = listed.waiting.iter().flat_map(|waiting| &waiting.reasons);
    let waiting = reasons.map(|reason| reason.detail.as_str()).collect::<Vec<_>>().join("; ");
    [
        call.id.to_string().into(),
        harmless(&call.customer_name),
        call.phone_number.as_str().into(),
        call.workflow.as_str().into(),
        call.status.as_str().into(),
        call.phase().as_str().into(),
        instant(call.scheduled_at),
        instant(Some(call.due_at)),
        harmless(&waiting).into_owned().into(),
        call.attempts_made.to_string().into(),
        call.max_attempts.to_string().into(),
        instant(call.ended_at),
        call.ended_reason.map_or("", EndedReason::as_str).into(),
        harmless(call.external_id.as_deref().unwrap_or_default()),
        call.metadata.to_string().into(),
        harmless(&call.created_by),
        instant(Some(call.created_at)),
        instant(Some(call.updated_at)),
    ]
}

/// The text, led by an apostrophe if a spreadsheet would take it for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

fn lines<'a>(lines: impl IntoIterator<Item = [Cow<'a, str>; HEADER.len()]>) -> Result<Vec<u8>, AppError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let failed = |why: &dyn std::fmt::Display| {
        tracing::error!(%why, "a list can't be written as CSV");
        AppError::Internal
    };
    for line in lines {
        writer.write_record(line.iter().map(|cell| cell.as_bytes())).map_err(|why| failed(&why))?;
    }
    writer.into_inner().map_err(|why| failed(&why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Ada Lovelace", "Ada Lovelace")]
    #[case("=1+1", "'=1+1")]
    #[case("+1", "'+1")]
    #[case("-1", "'-1")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\tx", "'\tx")]
    #[case("＝1", "'＝1")]
    #[case("a=1", "a=1")]
    #[case("", "")]
    fn no_cell_is_a_formula(#[case] text: &str, #[case] cell: &str) {
        assert_eq!(harmless(text), cell);
    }
}
