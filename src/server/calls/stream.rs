//! The stream of all events, as live readers are told of it: in one order, which is the same for everybody and at any
//! time, so that a reader who knows the last event that it saw can go on behind it.
//!
//! On PostgreSQL positions are given out before their transactions commit, so a reader of "everything behind position
//! N" would miss what commits late. An event can be read here only when every transaction that began to write before
//! its own has ended, and events are ordered by (transaction, position): nothing can come to stand before what was
//! read. On SQLite there is one writer, and the order is that of the positions.

use super::{
    dispatch_state,
    entity::{calls, events},
};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, ListedCall},
        event::CallEvent,
        event_cursor::EventCursor,
        event_filter::{EventFacts, EventFilter},
        id::{CallId, TeamId},
        timestamp::Timestamp,
        waiting::{Limits, waiting},
    },
    error::AppError,
    server::db::{Db, Written},
};
use sea_orm::{
    ConnectionTrait, DbBackend, QueryOrder, QueryResult, QuerySelect, Select, Statement,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use std::collections::HashMap;

/// On PostgreSQL: nothing can come to stand before it any more.
const SETTLED: &str = "xid < pg_snapshot_xmin(pg_current_snapshot())";
/// On PostgreSQL: it is there, and something may still come to stand before it.
const UNSETTLED: &str = "SELECT EXISTS (SELECT 1 FROM call_events \
    WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS held_back";
/// On PostgreSQL: some of it was written by transactions that this server has not begun yet.
const FOREIGN: &str = "EXISTS (SELECT 1 FROM call_events WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) \
    OR EXISTS (SELECT 1 FROM events_pruned WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))";

/// So many events are looked through at once for those that a filter lets through.
const LOOKED_THROUGH: u64 = 5_000;

/// An event, and its call as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Whose it is.
    pub team_id: TeamId,
    /// The event.
    pub event: CallEvent,
    /// Its call; none if there is no such call (any more).
    pub listed: Option<ListedCall>,
}

impl Happening {
    /// What filters look at.
    pub fn facts(&self) -> EventFacts {
        EventFacts::of(&self.event, self.listed.as_ref().map(|listed| &listed.call))
    }
}

/// Which calls a part of the stream speaks of.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// The calls, of whatever team.
    pub calls: Vec<CallId>,
    /// The place of the part's last event; none if there is none.
    pub last: Option<EventCursor>,
}

/// How a place stands to the events that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything behind it is there.
    Whole,
    /// Events behind it have been removed.
    TooOld,
    /// It is of a history that this database does not know, as after a restore.
    Ahead,
}

/// The newest place in the stream: whatever was told by now stands at it or before it. What is read after this was
/// asked shows all of that.
///
/// # Errors
/// What the database says.
pub async fn head(db: &Db) -> Result<EventCursor, AppError> {
    let [newest, pruned] = bounds(db).await?;
    Ok(newest.max(pruned))
}

/// Whether a reader can go on behind `place`.
///
/// # Errors
/// What the database says.
pub async fn standing(db: &Db, place: EventCursor) -> Result<Standing, AppError> {
    let [newest, pruned] = bounds(db).await?;
    Ok(match place {
        _ if place < pruned => Standing::TooOld,
        _ if place > newest.max(pruned) => Standing::Ahead,
        _ => Standing::Whole,
    })
}

/// A part of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What is told.
    pub happenings: Vec<Happening>,
    /// How far was read.
    pub reached: EventCursor,
    /// Whether that was everything.
    pub is_last: bool,
}

/// What the caller's team is told behind `place`, at most `most` events, in order. Of `filter` only what concerns the
/// event itself is applied: the rest is the reader's. For a filter that lets little through no more than 5,000 events are
/// looked through at once.
///
/// # Errors
/// What the database says.
pub async fn after(
    db: &Db,
    actor: &Actor,
    filter: &EventFilter,
    place: EventCursor,
    most: u64,
    as_of: (Limits, Timestamp),
) -> Result<Part, AppError> {
    let mut query = behind(db, place).filter(events::Column::TeamId.eq(actor.team_id.0));
    let is_narrow = !filter.call_ids.is_empty() || !filter.kinds.is_empty();
    let window = if is_narrow { end_of_window(db, place).await? } else { None };
    if let Some(end) = window {
        query = query.filter(up_to(db, end));
    }
    if !filter.call_ids.is_empty() {
        query = query.filter(events::Column::CallId.is_in(filter.call_ids.iter().map(|id| id.0)));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(events::Column::Kind.is_in(filter.kinds.iter().map(|kind| kind.as_str())));
    }
    let rows = query.limit(most).all(db.read()).await?;
    let is_full = rows.len() as u64 >= most;
    let happenings = with_calls(db, rows, as_of.0, as_of.1).await?;
    let last = happenings.last().map(|happening| happening.event.id);
    let reached = if is_full { last } else { window.or(last) };
    Ok(Part { happenings, reached: reached.unwrap_or(place), is_last: !is_full && window.is_none() })
}

/// The place of the last event that is looked through at once; none if there are no more events than that.
async fn end_of_window(db: &Db, place: EventCursor) -> Result<Option<EventCursor>, AppError> {
    let end: Option<(String, i64)> = behind(db, place)
        .select_only()
        .column_as(Expr::col(events::Column::Xid).cast_as("text"), "xid")
        .column(events::Column::Position)
        .offset(LOOKED_THROUGH - 1)
        .limit(1)
        .into_tuple()
        .one(db.read())
        .await?;
    end.map(|(xid, position)| Ok(EventCursor { xid: xid.parse().map_err(|_| AppError::Internal)?, position }))
        .transpose()
}

/// What all teams are told behind `place`, at most `most` events, in order: for the one reader that reads for all.
///
/// # Errors
/// What the database says.
pub async fn after_for_all_teams(
    db: &Db,
    place: EventCursor,
    most: u64,
    (limits, now): (Limits, Timestamp),
) -> Result<Vec<Happening>, AppError> {
    with_calls(db, behind(db, place).limit(most).all(db.read()).await?, limits, now).await
}

/// Which calls the next events behind `place` speak of, at most `most` events, of whatever team.
///
/// # Errors
/// What the database says.
pub async fn touched(db: &Db, place: EventCursor, most: u64) -> Result<Touched, AppError> {
    let rows: Vec<(String, i64, Option<Uuid>)> = behind(db, place)
        .select_only()
        .column_as(Expr::col(events::Column::Xid).cast_as("text"), "xid")
        .column(events::Column::Position)
        .column(events::Column::CallId)
        .limit(most)
        .into_tuple()
        .all(db.read())
        .await?;
    let last = match rows.last() {
        Some((xid, position, _)) => {
            Some(EventCursor { xid: xid.parse().map_err(|_| AppError::Internal)?, position: *position })
        }
        None => None,
    };
    let mut calls: Vec<_> = rows.into_iter().filter_map(|(_, _, id)| id.map(CallId)).collect();
    calls.sort_unstable();
    calls.dedup();
    Ok(Touched { calls, last })
}

/// Whether there are events that can't be told yet, because an older transaction is still open. Its end may come
/// without a commit that anybody hears of.
///
/// # Errors
/// What the database says.
pub async fn is_held_back(db: &Db) -> Result<bool, AppError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(false);
    }
    let row = db.read().query_one_raw(Statement::from_string(db.backend(), UNSETTLED)).await?;
    Ok(row.ok_or(AppError::Internal)?.try_get("", "held_back")?)
}

/// Makes events readable that came from another PostgreSQL server, as out of a dump: that one's transactions may be
/// ahead of this one's for a long time. They come to stand before everything that is written here. Answers how many.
///
/// # Errors
/// What the database says.
pub async fn adopt(db: &Db) -> Result<u64, AppError> {
    if db.backend() != DbBackend::Postgres {
        return Ok(0);
    }
    db.write(async |tx| {
        // The mark first: its own row may be all that is foreign, and what says so is still there for the events.
        let mark = format!("UPDATE events_pruned SET xid = '0' WHERE {FOREIGN}");
        tx.conn().execute_unprepared(&mark).await?;
        let events = format!("UPDATE call_events SET xid = '0' WHERE {FOREIGN}");
        let adopted = tx.conn().execute_unprepared(&events).await?;
        Ok(Written::new(adopted.rows_affected()))
    })
    .await
}

/// The newest event that can be read, and the newest that was removed.
async fn bounds(db: &Db) -> Result<[EventCursor; 2], AppError> {
    let newest = match db.backend() {
        DbBackend::Postgres => format!("WHERE {SETTLED} ORDER BY xid DESC, position DESC"),
        _ => "ORDER BY position DESC".to_owned(),
    };
    let sql = format!(
        "SELECT 0 AS of, CAST(xid AS text) AS xid, position \
         FROM (SELECT xid, position FROM call_events {newest} LIMIT 1) AS newest \
         UNION ALL SELECT 1, CAST(xid AS text), position FROM events_pruned"
    );
    let mut bounds = [EventCursor::default(); 2];
    for row in db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await? {
        let which: i32 = row.try_get("", "of")?;
        bounds[usize::from(which == 1)] = cursor_of(&row)?;
    }
    Ok(bounds)
}

fn cursor_of(row: &QueryResult) -> Result<EventCursor, AppError> {
    let xid: String = row.try_get("", "xid")?;
    let position = row.try_get("", "position")?;
    Ok(EventCursor { xid: xid.parse().map_err(|_| AppError::Internal)?, position })
}

/// The events behind `place`, in order.
fn behind(db: &Db, place: EventCursor) -> Select<events::Entity> {
    let query = events::Entity::find();
    if db.backend() != DbBackend::Postgres {
        // Every event's first number is 0 there; whoever brings another one is told so beforehand.
        return query
            .filter(events::Column::Position.gt(place.position))
            .order_by_asc(events::Column::Position);
    }
    let (row, place) = in_order(place);
    query
        .filter(row.gt(place))
        .filter(Expr::cust(SETTLED))
        .order_by_asc(events::Column::Xid)
        .order_by_asc(events::Column::Position)
}

/// The events up to `place`, that one included.
fn up_to(db: &Db, place: EventCursor) -> Expr {
    if db.backend() != DbBackend::Postgres {
        return events::Column::Position.lte(place.position);
    }
    let (row, place) = in_order(place);
    row.lte(place)
}

/// On PostgreSQL: an event's place, and this one.
fn in_order(place: EventCursor) -> (Expr, Expr) {
    let xid = Expr::value(place.xid.to_string()).cast_as("xid8");
    let row = Expr::tuple([Expr::col(events::Column::Xid), Expr::col(events::Column::Position)]);
    (row, Expr::tuple([xid, Expr::value(place.position)]))
}

/// Adds to each event its call as it stands now, and why that waits.
async fn with_calls(
    db: &Db,
    rows: Vec<events::Model>,
    limits: Limits,
    now: Timestamp,
) -> Result<Vec<Happening>, AppError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<_> = rows.iter().filter_map(|row| row.call_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = calls::Entity::find().filter(calls::Column::Id.is_in(ids)).all(db.read()).await?;
    let state = dispatch_state::read(db.read(), limits).await?;
    let mut listed: HashMap<CallId, ListedCall> = HashMap::with_capacity(found.len());
    for row in found {
        let call = Call::try_from(row)?;
        listed.insert(call.id, ListedCall { waiting: waiting(&call, &state, now), call });
    }
    let happening = |row: events::Model| {
        let team_id = TeamId(row.team_id);
        let event = CallEvent::try_from(row)?;
        let listed = event.call_id.and_then(|id| listed.get(&id).cloned());
        Ok(Happening { team_id, event, listed })
    };
    rows.into_iter().map(happening).collect()
}
