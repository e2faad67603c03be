//! The finders: lists, one call with all that is known of it, counts. None can be called without a team.

use super::{
    dispatch_state,
    entity::{attempts, calls, events},
    stream,
};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::{Call, CallDetails, Counts, ListedCall},
        cursor::{Cursor, Direction},
        event::CallEvent,
        event_cursor::EventCursor,
        filter::{CallFilter, Sort, fold},
        id::{AttemptId, CallId},
        status::{CallStatus, EndedReason, Phase},
        timestamp::Timestamp,
        waiting::{Limits, Reason, waiting},
    },
    error::AppError,
    server::db::Db,
};
use sea_orm::{
    Condition, DbBackend, Order, QueryOrder, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, IntoCondition, LikeExpr},
};
use std::collections::HashMap;

/// A page of calls, as they stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The calls, in the filter's order.
    pub calls: Vec<ListedCall>,
    /// Why nothing of the installation goes out now.
    pub stops: Vec<Reason>,
    /// Where the page before this one ends, if there is one.
    pub newer: Option<Cursor>,
    /// Where the page behind this one begins, if there is one.
    pub older: Option<Cursor>,
    /// How many match in all, if that was asked.
    pub total: Option<i64>,
    /// The place in the stream of events behind which nothing of this answer lies.
    pub events_cursor: EventCursor,
}

/// The calls that `filter` names, with why each waits.
///
/// # Errors
/// [`AppError::BadRequest`] for a cursor that does not belong here.
pub async fn list(
    db: &Db,
    actor: &Actor,
    filter: &CallFilter,
    limits: Limits,
    now: Timestamp,
) -> Result<Listing, AppError> {
    let place = filter.place()?;
    let events_cursor = stream::head(db).await?;
    let total = match filter.include_total.then(|| matching(db, actor, filter).count(db.read())) {
        Some(count) => Some(i64::try_from(count.await?).unwrap_or(i64::MAX)),
        None => None,
    };
    let (found, more) = page(db, actor, filter, place).await?;
    let state = dispatch_state::read(db.read(), limits).await?;
    let backwards = place.is_some_and(|cursor| cursor.direction == Direction::Before);
    let edge = |call: Option<&Call>, direction, there: bool| {
        call.filter(|_| there).map(|call| filter.cursor_at(call, direction))
    };
    let newer = edge(found.first(), Direction::Before, if backwards { more } else { place.is_some() });
    let older = edge(found.last(), Direction::After, if backwards { true } else { more });
    let calls =
        found.into_iter().map(|call| ListedCall { waiting: waiting(&call, &state, now), call }).collect();
    Ok(Listing { calls, stops: state.stops(now), newer, older, total, events_cursor })
}

/// All that is known of one call.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn get(
    db: &Db,
    actor: &Actor,
    id: CallId,
    limits: Limits,
    now: Timestamp,
) -> Result<CallDetails, AppError> {
    let events_cursor = stream::head(db).await?;
    let call = find(db, actor, id).await?;
    let attempts = attempts::Entity::find()
        .filter(attempts::Column::CallId.eq(id.0))
        .order_by_asc(attempts::Column::Number)
        .all(db.read())
        .await?;
    let events = events::Entity::find()
        .filter(events::Column::CallId.eq(id.0))
        .filter(events::Column::TeamId.eq(actor.team_id.0))
        .order_by_asc(events::Column::Seq)
        .all(db.read())
        .await?;
    let state = dispatch_state::read(db.read(), limits).await?;
    Ok(CallDetails {
        waiting: waiting(&call, &state, now),
        call,
        attempts: attempts.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?,
        events: events.into_iter().map(CallEvent::try_from).collect::<Result<_, _>>()?,
        events_cursor,
    })
}

/// Whose these attempts are, as far as they are the team's.
///
/// # Errors
/// What the database says.
pub async fn calls_of(
    db: &Db,
    actor: &Actor,
    of: &[AttemptId],
) -> Result<HashMap<AttemptId, CallId>, AppError> {
    let of_team = calls::Entity::find()
        .select_only()
        .column(calls::Column::Id)
        .filter(calls::Column::TeamId.eq(actor.team_id.0));
    let rows: Vec<(Uuid, Uuid)> = attempts::Entity::find()
        .select_only()
        .columns([attempts::Column::Id, attempts::Column::CallId])
        .filter(attempts::Column::Id.is_in(of.iter().map(|id| id.0)))
        .filter(attempts::Column::CallId.in_subquery(of_team.into_query()))
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|(attempt, call)| (AttemptId(attempt), CallId(call))).collect())
}

/// One call alone.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &Db, actor: &Actor, id: CallId) -> Result<Call, AppError> {
    let row = calls::Entity::find_by_id(id.0)
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .one(db.read())
        .await?;
    row.ok_or_else(|| AppError::NotFound("call".to_owned()))?.try_into()
}

/// The provider's id of each call's newest attempt, where it is known.
///
/// # Errors
/// What the database says.
pub async fn provider_call_ids(
    db: &Db,
    actor: &Actor,
    ids: &[CallId],
) -> Result<HashMap<CallId, String>, AppError> {
    let of_team = calls::Entity::find()
        .select_only()
        .column(calls::Column::Id)
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(calls::Column::Id.is_in(ids.iter().map(|id| id.0)));
    let rows: Vec<(Uuid, Option<String>)> = attempts::Entity::find()
        .select_only()
        .columns([attempts::Column::CallId, attempts::Column::ProviderCallId])
        .filter(attempts::Column::CallId.in_subquery(of_team.into_query()))
        .order_by_asc(attempts::Column::Number)
        .into_tuple()
        .all(db.read())
        .await?;
    // A later attempt takes an earlier one's place.
    let newest: HashMap<_, _> = rows.into_iter().collect();
    Ok(newest.into_iter().filter_map(|(id, known)| Some((CallId(id), known?))).collect())
}

/// How many calls there are in each phase, and when the next one is due.
///
/// # Errors
/// What the database says.
pub async fn counts(db: &Db, actor: &Actor) -> Result<Counts, AppError> {
    count(db, actor, Condition::all()).await
}

/// The same of open calls alone: history is not looked at, and counts as nothing.
///
/// # Errors
/// What the database says.
pub async fn open_counts(db: &Db, actor: &Actor) -> Result<Counts, AppError> {
    count(db, actor, is_open()).await
}

fn is_open() -> Condition {
    let open = CallStatus::ALL.iter().filter(|status| status.is_open()).map(|status| status.as_str());
    Condition::all().add(calls::Column::Status.is_in(open))
}

async fn count(db: &Db, actor: &Actor, which: Condition) -> Result<Counts, AppError> {
    let rows: Vec<(String, Option<String>, i64)> = calls::Entity::find()
        .select_only()
        .column(calls::Column::Status)
        .column(calls::Column::EndedReason)
        .column_as(calls::Column::Id.count(), "how_many")
        .filter(calls::Column::TeamId.eq(actor.team_id.0))
        .filter(which)
        .group_by(calls::Column::Status)
        .group_by(calls::Column::EndedReason)
        .into_tuple()
        .all(db.read())
        .await?;
    let next_due_at = first_due(db, calls::Column::TeamId.eq(actor.team_id.0)).await?;
    let mut counts = Counts { next_due_at, ..Counts::default() };
    for (status, reason, how_many) in rows {
        let Ok(status) = status.parse::<CallStatus>() else { continue };
        let reason = reason.and_then(|reason| reason.parse::<EndedReason>().ok());
        *slot(&mut counts, status.phase()) += how_many;
        if status == CallStatus::Dispatching {
            counts.dispatching += how_many;
        }
        if reason.is_some_and(EndedReason::needs_attention) {
            counts.needs_attention += how_many;
        }
    }
    Ok(counts)
}

/// How many open calls there are in each status, of whatever team. History is not looked at.
///
/// # Errors
/// What the database says.
pub async fn open_by_status(db: &Db) -> Result<HashMap<CallStatus, i64>, AppError> {
    let rows: Vec<(String, i64)> = calls::Entity::find()
        .select_only()
        .column(calls::Column::Status)
        .column_as(calls::Column::Id.count(), "how_many")
        // The index begins with the team.
        .filter(Expr::cust("team_id IN (SELECT id FROM teams)"))
        .filter(is_open())
        .group_by(calls::Column::Status)
        .into_tuple()
        .all(db.read())
        .await?;
    Ok(rows.into_iter().filter_map(|(status, count)| Some((status.parse().ok()?, count))).collect())
}

/// When the next pending call is due, of whatever team: for the dispatcher's loop.
///
/// # Errors
/// What the database says.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, AppError> {
    first_due(db, Condition::all()).await
}

async fn first_due(db: &Db, of: impl IntoCondition) -> Result<Option<Timestamp>, AppError> {
    let earliest: Option<i64> = calls::Entity::find()
        .select_only()
        .column(calls::Column::DueAt)
        .filter(calls::Column::Status.eq(CallStatus::Pending.as_str()))
        .filter(of)
        .order_by_asc(calls::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(earliest.map(Timestamp::from_millis))
}

fn slot(counts: &mut Counts, phase: Phase) -> &mut i64 {
    match phase {
        Phase::Pending => &mut counts.pending,
        Phase::Active => &mut counts.active,
        Phase::Completed => &mut counts.completed,
        Phase::Failed => &mut counts.failed,
        Phase::Canceled => &mut counts.canceled,
    }
}

/// The rows of one page in the list's order, and whether there are more beyond it in the reading's direction.
async fn page(
    db: &Db,
    actor: &Actor,
    filter: &CallFilter,
    place: Option<Cursor>,
) -> Result<(Vec<Call>, bool), AppError> {
    let size = usize::try_from(filter.page_size()).unwrap_or(usize::MAX);
    let backwards = place.is_some_and(|cursor| cursor.direction == Direction::Before);
    let mut query = ordered(matching(db, actor, filter), filter.order(), backwards);
    if let Some(cursor) = place {
        query = query.filter(beyond(cursor, filter.order(), backwards));
    }
    let rows = query.limit(size as u64 + 1).all(db.read()).await?;
    let mut found = rows.into_iter().map(Call::try_from).collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > size;
    found.truncate(size);
    if backwards {
        found.reverse();
    }
    Ok((found, more))
}

fn key_of(sort: Sort) -> calls::Column {
    match sort {
        Sort::Created => calls::Column::Id,
        Sort::Due => calls::Column::DueAt,
        Sort::Ended => calls::Column::EndedAt,
    }
}

fn ordered(query: Select<calls::Entity>, sort: Sort, backwards: bool) -> Select<calls::Entity> {
    let ascends = (sort == Sort::Due) != backwards;
    let order = if ascends { Order::Asc } else { Order::Desc };
    match sort {
        Sort::Created => query.order_by(calls::Column::Id, order),
        _ => query.order_by(key_of(sort), order.clone()).order_by(calls::Column::Id, order),
    }
}

/// What lies beyond the cursor. Ids alone order what is sorted by creation.
fn beyond(cursor: Cursor, sort: Sort, backwards: bool) -> Expr {
    let ascends = (sort == Sort::Due) != backwards;
    let id = Expr::value(cursor.id.0);
    if sort == Sort::Created {
        let column = Expr::col(calls::Column::Id);
        return if ascends { column.gt(id) } else { column.lt(id) };
    }
    let row = Expr::tuple([Expr::col(key_of(sort)), Expr::col(calls::Column::Id)]);
    let place = Expr::tuple([Expr::value(cursor.key), id]);
    if ascends { row.gt(place) } else { row.lt(place) }
}

fn matching(db: &Db, actor: &Actor, filter: &CallFilter) -> Select<calls::Entity> {
    let mut all = Condition::all().add(calls::Column::TeamId.eq(actor.team_id.0));
    if let Some(phase) = filter.phase {
        all = all.add(calls::Column::Status.is_in(phase.statuses().map(CallStatus::as_str)));
    }
    if !filter.statuses.is_empty() {
        all = all.add(calls::Column::Status.is_in(filter.statuses.iter().map(|status| status.as_str())));
    }
    if let Some(workflow) = filter.workflow {
        all = all.add(calls::Column::Workflow.eq(workflow.as_str()));
    }
    if filter.needs_attention {
        let reasons = EndedReason::ALL.iter().filter(|reason| reason.needs_attention());
        all = all.add(calls::Column::EndedReason.is_in(reasons.map(|reason| reason.as_str())));
    }
    if filter.order() == Sort::Ended {
        all = all.add(calls::Column::EndedAt.is_not_null());
    }
    if let Some(q) = &filter.q {
        all = all.add(starts_so(db.backend(), q));
    }
    let bounds = [
        filter.created_from.map(|at| calls::Column::CreatedAt.gte(at.as_millis())),
        filter.created_to.map(|at| calls::Column::CreatedAt.lt(at.as_millis())),
        filter.scheduled_from.map(|at| calls::Column::ScheduledAt.gte(at.as_millis())),
        filter.scheduled_to.map(|at| calls::Column::ScheduledAt.lt(at.as_millis())),
    ];
    calls::Entity::find().filter(bounds.into_iter().flatten().fold(all, Condition::add))
}

/// The start of the folded name, or of the number's digits where digits were typed.
fn starts_so(backend: DbBackend, q: &str) -> Expr {
    let digits = crate::domain::phone_number::compact(q);
    let number = digits.trim_start_matches('+');
    let name = starts_with(backend, calls::Column::NameFolded, &fold(q));
    if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) {
        return name.or(starts_with(backend, calls::Column::PhoneNumber, &format!("+{number}")));
    }
    name
}

/// A prefix in a form that the database's index serves: LIKE with its pattern operators on PostgreSQL, a
/// range of the binary collation on SQLite.
fn starts_with(backend: DbBackend, column: calls::Column, prefix: &str) -> Expr {
    if backend == DbBackend::Postgres {
        let escaped = prefix.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        return column.like(LikeExpr::new(format!("{escaped}%")).escape('\\'));
    }
    column.gte(prefix).and(column.lt(format!("{prefix}\u{10ffff}")))
}
