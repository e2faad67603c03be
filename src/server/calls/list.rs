//! The list of calls: a page of it, and how many match.

mod access_path;

use super::{counts::counts, dispatch_state, entity::calls, stream};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, Counts, ListedCall},
        cursor::{Cursor, Direction},
        event_cursor::EventCursor,
        filter::{CallFilter, Sort},
        status::{CallStatus, Phase},
        timestamp::Timestamp,
        waiting::{Limits, Reason, waiting},
    },
    error::AppError,
    server::db::Db,
};
use access_path::{AccessPath, Conditions, Lane, Narrowing, merged};
use sea_orm::{
    ConnectionTrait, DbBackend, IdenStatic, Order, QueryOrder, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType, extension::postgres::PgFunc},
};

/// Of what the tabs don't count, so many calls are looked at.
pub const COUNTED_TO: u64 = 10_000;

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
    pub total: Option<Total>,
    /// The place in the stream of events behind which nothing of this answer lies.
    pub events_cursor: EventCursor,
}

/// How many calls match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// How many at least.
    pub calls: i64,
    /// Whether all calls were looked at: there are no more than that.
    pub is_exact: bool,
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
    let conditions = Conditions { backend: db.backend(), actor, filter };
    let path = conditions.access_path(db).await?;
    let (found, more) = page(db, &conditions, &path, place).await?;
    let mut total = if filter.include_total { Some(total(db, &conditions, &path).await?) } else { None };
    if let Some(total) = &mut total {
        // What is shown is there, however little was looked at.
        total.calls = std::cmp::max(total.calls, i64::try_from(found.len()).unwrap_or(0));
    }
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

/// The rows of one page in the list's order, and whether there are more beyond it in the reading's direction.
async fn page(
    db: &Db,
    conditions: &Conditions<'_>,
    path: &AccessPath,
    place: Option<Cursor>,
) -> Result<(Vec<Call>, bool), AppError> {
    let size = usize::try_from(conditions.filter.page_size()).unwrap_or(usize::MAX);
    let reading = Reading::of(conditions.filter, place, size as u64 + 1);
    let query = match path {
        AccessPath::Nothing => return Ok((Vec::new(), false)),
        AccessPath::Few(ids) => {
            let these = calls::Entity::find().filter(is_one_of(db.backend(), *ids.clone()));
            reading.part(these.filter(conditions.compared()), false)
        }
        AccessPath::Ordered(lanes) if lanes.len() == 1 => lane(conditions, &lanes[0], &reading),
        AccessPath::Ordered(lanes) => {
            let pages = lanes.iter().map(|it| {
                lane(conditions, it, &reading).select_only().column(calls::Column::Id).into_query()
            });
            let Some(ids) = merged(pages) else { return Ok((Vec::new(), false)) };
            reading.part(calls::Entity::find().filter(is_one_of(db.backend(), ids)), false)
        }
    };
    let rows = query.all(db.read()).await?;
    let mut found = rows.into_iter().map(Call::try_from).collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > size;
    found.truncate(size);
    if reading.backwards {
        found.reverse();
    }
    Ok((found, more))
}

fn lane(conditions: &Conditions<'_>, lane: &Lane, reading: &Reading) -> Select<calls::Entity> {
    let rows = of_team(conditions).filter(lane.leads.clone()).filter(conditions.compared());
    reading.part(rows, lane.is_ordered)
}

fn of_team(conditions: &Conditions<'_>) -> Select<calls::Entity> {
    calls::Entity::find().filter(calls::Column::TeamId.eq(conditions.actor.team_id.0))
}

/// Whether a call is among a few. PostgreSQL would join all calls to as many as two thousand; of an array's length it
/// knows nothing, and looks each one up.
fn is_one_of(backend: DbBackend, ids: SelectStatement) -> Expr {
    let id = Expr::col(calls::Column::Id);
    if backend == DbBackend::Postgres {
        let array = Expr::cust_with_expr("ARRAY $1", Expr::SubQuery(None, Box::new(ids.into())));
        return id.eq(PgFunc::any(array));
    }
    id.in_subquery(ids)
}

/// From where to where a list is read.
struct Reading {
    sort: Sort,
    place: Option<Cursor>,
    backwards: bool,
    most: u64,
}

impl Reading {
    fn of(filter: &CallFilter, place: Option<Cursor>, most: u64) -> Self {
        let backwards = place.is_some_and(|cursor| cursor.direction == Direction::Before);
        Self { sort: filter.order(), place, backwards, most }
    }

    /// The first of `rows` behind the place, in order; along an index, if there is one in that order.
    fn part(&self, rows: Select<calls::Entity>, along_index: bool) -> Select<calls::Entity> {
        let key = match self.sort {
            Sort::Created => None,
            Sort::Due => Some(calls::Column::DueAt),
            Sort::Ended => Some(calls::Column::EndedAt),
        };
        // No index fits a sum.
        let sorted = |column: calls::Column| Expr::cust(format!("({} + 0)", column.as_str()));
        let key = key.map(|column| if along_index { Expr::col(column) } else { sorted(column) });
        let ascends = (self.sort == Sort::Due) != self.backwards;
        let order = if ascends { Order::Asc } else { Order::Desc };
        let rows = match self.place {
            Some(cursor) => rows.filter(beyond(cursor, key.clone(), ascends)),
            None => rows,
        };
        // Ids alone order what is sorted by creation.
        let rows = match key {
            Some(key) => rows.order_by(key, order.clone()),
            None => rows,
        };
        rows.order_by(calls::Column::Id, order).limit(self.most)
    }
}

/// What lies beyond the cursor.
fn beyond(cursor: Cursor, key: Option<Expr>, ascends: bool) -> Expr {
    let (column, id) = (Expr::col(calls::Column::Id), Expr::value(cursor.id.0));
    let (row, place) = match key {
        None => (column, id),
        Some(key) => (Expr::tuple([key, column]), Expr::tuple([Expr::value(cursor.key), id])),
    };
    if ascends { row.gt(place) } else { row.lt(place) }
}

/// How many calls match. What the tabs show is counted already; of anything else there may be more than can be counted
/// while somebody waits.
async fn total(db: &Db, conditions: &Conditions<'_>, path: &AccessPath) -> Result<Total, AppError> {
    if matches!(path, AccessPath::Nothing) {
        return Ok(Total { calls: 0, is_exact: true });
    }
    let narrowings: Vec<_> = conditions.narrowings().collect();
    if let Some(tab) = tab_of(conditions, &narrowings) {
        return Ok(Total { calls: tab(&counts(db, conditions.actor).await?), is_exact: true });
    }
    // Matches among the first rows, and how many rows those were.
    let rows = match path {
        AccessPath::Nothing => return Ok(Total { calls: 0, is_exact: true }),
        AccessPath::Few(ids) => {
            examined(conditions, calls::Entity::find().filter(is_one_of(db.backend(), *ids.clone())))
        }
        // One condition alone has its own index, which holds no others.
        AccessPath::Ordered(_)
            if let [only] = narrowings.as_slice()
                && conditions.is_all_of(*only) =>
        {
            let ids = conditions.ids_of(*only, COUNTED_TO + 1).ok_or(AppError::Internal)?;
            Query::select().expr_as(Expr::cust("1"), MATCHES).from_subquery(ids, "ids").to_owned()
        }
        AccessPath::Ordered(lanes) => {
            let reading = Reading::of(conditions.filter, None, COUNTED_TO + 1);
            let parts = lanes.iter().map(|lane| {
                let rows = reading.part(of_team(conditions).filter(lane.leads.clone()), lane.is_ordered);
                let part = examined(conditions, rows);
                Query::select().column(MATCHES).from_subquery(part, "part").to_owned()
            });
            let all = parts.reduce(|mut all, part| all.union(UnionType::All, part).to_owned());
            all.ok_or(AppError::Internal)?
        }
    };
    let first = Query::select().column(MATCHES).from_subquery(rows, "found").limit(COUNTED_TO + 1).to_owned();
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "examined")
        .expr_as(Expr::cust(format!("CAST(COALESCE(SUM({MATCHES}), 0) AS bigint)")), "matching")
        .from_subquery(first, "first")
        .to_owned();
    let row = db.read().query_one(&count).await?.ok_or(AppError::Internal)?;
    let (examined, matching): (i64, i64) = (row.try_get("", "examined")?, row.try_get("", "matching")?);
    let most = i64::try_from(COUNTED_TO).unwrap_or(i64::MAX);
    Ok(Total { calls: std::cmp::min(matching, most), is_exact: examined <= most })
}

/// The column of what [`examined`] says.
const MATCHES: &str = "matches";

/// Of each of `rows` whether it matches, 1 or 0.
fn examined(conditions: &Conditions<'_>, rows: Select<calls::Entity>) -> SelectStatement {
    let matches = Expr::case(conditions.all(), Expr::cust("1")).finally(Expr::cust("0"));
    rows.select_only().expr_as(matches, MATCHES).into_query()
}

/// What counts this list, if it is that of a tab.
fn tab_of(conditions: &Conditions<'_>, narrowings: &[Narrowing]) -> Option<fn(&Counts) -> i64> {
    // Open calls have no end.
    if conditions.filter.order() == Sort::Ended {
        return None;
    }
    match narrowings {
        [] => Some(Counts::total),
        [Narrowing::Attention] => Some(|counts| counts.needs_attention),
        [Narrowing::Statuses] => {
            let asked = conditions.statuses()?;
            let is_whole = |phase: &&Phase| phase.statuses().collect::<Vec<CallStatus>>() == asked;
            Phase::ALL.iter().find(is_whole).map(|phase| match phase {
                Phase::Pending => |counts: &Counts| counts.pending,
                Phase::Active => |counts: &Counts| counts.active,
                Phase::Completed => |counts: &Counts| counts.completed,
                Phase::Failed => |counts: &Counts| counts.failed,
                Phase::Canceled => |counts: &Counts| counts.canceled,
            })
        }
        _ => None,
    }
}
