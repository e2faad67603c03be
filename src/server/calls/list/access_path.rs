//! The access path of a list: along which index its page is read, so that a page costs what a page is, however many
//! calls there are.
//!
//! In the list's own order there is an index for each status, for each workflow, for what needs attention, and for all
//! calls: a page is read from one of them, or merged from the pages of several statuses ([`AccessPath::Ordered`]). What
//! else is asked for is compared row by row on the way. That would be a walk through all of history where it fits few
//! calls, so whatever has an index of its own is counted first, as far as [`FEW`]: where there are no more, those are
//! read and sorted ([`AccessPath::Few`]), and where there are, the walk meets them soon, unless they all lie at its end.
//!
//! Neither database guesses this well by itself: SQLite knows no values, and PostgreSQL plans prepared statements
//! without them. So conditions that are only compared are written in a way that no index fits.

use crate::{
    domain::{
        actor::Actor,
        filter::{CallFilter, Sort, fold},
        phone_number::compact,
        status::{CallStatus, EndedReason},
        timestamp::Timestamp,
    },
    error::AppError,
    server::{
        calls::entity::{calls, status_is, workflow_is},
        db::Db,
    },
};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{BinOper, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType},
};

/// So many calls are read and sorted for one page.
pub(super) const FEW: u64 = 2_000;
/// By so much an id may be older or younger than the instant at which its call was created, in milliseconds: ids never go
/// back, also where a clock is set back while the process runs.
const IDS_APART: i64 = 3_600_000;

/// Along which index a page is read.
#[derive(Debug)]
pub(super) enum AccessPath {
    /// Nothing can match.
    Nothing,
    /// These ids are all that can match; they are few.
    Few(Box<SelectStatement>),
    /// One page of each of these, merged.
    Ordered(Vec<Lane>),
}

/// What leads to one stretch of an index.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Beside the team.
    pub leads: Condition,
    /// Whether the index holds the stretch in the list's order. If not, it is of the size of the calls in flight.
    pub is_ordered: bool,
}

/// What a filter narrows the list by, if there is an index for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Narrowing {
    Attention,
    Search,
    Statuses,
    Workflow,
    Created,
    Scheduled,
}

const NARROWINGS: [Narrowing; 6] = [
    Narrowing::Attention,
    Narrowing::Search,
    Narrowing::Statuses,
    Narrowing::Workflow,
    Narrowing::Created,
    Narrowing::Scheduled,
];

/// A list's filter, on its way to SQL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'a> {
    pub backend: DbBackend,
    pub actor: &'a Actor,
    pub filter: &'a CallFilter,
}

impl Conditions<'_> {
    /// Finds the access path; asks the database how much some of the conditions match, as far as [`FEW`].
    pub async fn access_path(&self, db: &Db) -> Result<AccessPath, AppError> {
        if self.statuses().is_some_and(|statuses| statuses.is_empty()) {
            return Ok(AccessPath::Nothing);
        }
        let leading = self.leading();
        let is_along = |narrowing: Narrowing| match narrowing {
            // A bound of the order itself.
            Narrowing::Created => self.filter.order() == Sort::Created,
            other => Some(other) == leading,
        };
        let asked: Vec<SelectStatement> = NARROWINGS
            .into_iter()
            .filter(|narrowing| !is_along(*narrowing))
            .filter_map(|narrowing| self.ids_of(narrowing, FEW + 1))
            .collect();
        if let Some(few) = fewest(db, asked).await? {
            return Ok(AccessPath::Few(Box::new(few)));
        }
        Ok(AccessPath::Ordered(self.lanes(leading)))
    }

    /// The statuses that are left by phase and statuses; none = all.
    pub fn statuses(&self) -> Option<Vec<CallStatus>> {
        let CallFilter { phase, statuses, .. } = self.filter;
        if phase.is_none() && statuses.is_empty() {
            return None;
        }
        let is_in = |status: &CallStatus| {
            phase.is_none_or(|phase| status.phase() == phase)
                && (statuses.is_empty() || statuses.contains(status))
        };
        Some(CallStatus::ALL.iter().copied().filter(is_in).collect())
    }

    /// By what the filter narrows the list.
    pub fn narrowings(&self) -> impl Iterator<Item = Narrowing> {
        NARROWINGS.into_iter().filter(|narrowing| self.ids_of(*narrowing, 1).is_some())
    }

    /// Whether what one condition matches is the list, if there is no other.
    pub fn is_all_of(&self, only: Narrowing) -> bool {
        // Ids tell roughly when a call was created, and open calls have no end.
        only != Narrowing::Created && self.filter.order() != Sort::Ended
    }

    /// The ids of what one condition alone matches, along its index, at most `most` by each part of it; none where the
    /// filter does not ask for it.
    pub fn ids_of(&self, narrowing: Narrowing, most: u64) -> Option<SelectStatement> {
        let filter = self.filter;
        let part = |condition: Condition, order| self.part(condition, order, most);
        let parts = match narrowing {
            Narrowing::Attention => filter
                .needs_attention
                .then(|| vec![part(needs_attention().into(), Some(calls::Column::Id))])?,
            Narrowing::Statuses => {
                let by_id = |status| part(status_is(status).into(), Some(calls::Column::Id));
                self.statuses()?.into_iter().map(by_id).collect()
            }
            Narrowing::Workflow => {
                vec![part(workflow_is(filter.workflow?).into(), Some(calls::Column::Id))]
            }
            Narrowing::Created => vec![part(self.created_ids()?, Some(calls::Column::Id))],
            Narrowing::Scheduled => {
                let bounds = between(calls::Column::ScheduledAt, filter.scheduled_from, filter.scheduled_to)?;
                vec![part(bounds, Some(calls::Column::ScheduledAt))]
            }
            Narrowing::Search => {
                let starts = self.searched()?.into_iter().map(|start| part(start.into(), None));
                // A name may be a number.
                return union(starts, UnionType::Distinct);
            }
        };
        merged(parts)
    }

    /// All of the filter's conditions, to be compared row by row: no index fits a CASE, and PostgreSQL takes it for true
    /// of every second row, so that it walks along the list's order until the page is full.
    pub fn compared(&self) -> Expr {
        Expr::case(self.all(), Expr::cust("TRUE")).finally(Expr::cust("FALSE")).into()
    }

    /// All of the filter's conditions.
    pub fn all(&self) -> Condition {
        let filter = self.filter;
        let mut all = Condition::all();
        if let Some(statuses) = self.statuses() {
            all = all.add(calls::Column::Status.is_in(statuses.into_iter().map(CallStatus::as_str)));
        }
        if let Some(workflow) = filter.workflow {
            all = all.add(calls::Column::Workflow.eq(workflow.as_str()));
        }
        if let Some(starts) = self.searched() {
            all = all.add(starts.into_iter().fold(Condition::any(), Condition::add));
        }
        if filter.needs_attention {
            all = all.add(calls::Column::EndedReason.is_in(attention_words()));
        }
        if filter.order() == Sort::Ended {
            all = all.add(calls::Column::EndedAt.is_not_null());
        }
        all.add_option(between(calls::Column::CreatedAt, filter.created_from, filter.created_to))
            .add_option(between(calls::Column::ScheduledAt, filter.scheduled_from, filter.scheduled_to))
    }

    /// How names and numbers must start for the search.
    fn searched(&self) -> Option<Vec<Expr>> {
        let q = self.filter.q.as_deref()?;
        let name = starts_with(self.backend, calls::Column::NameFolded, &fold(q));
        let number = digits(q).map(|digits| starts_with(self.backend, calls::Column::PhoneNumber, &digits));
        Some([name].into_iter().chain(number).collect())
    }

    /// The condition whose own index holds the list's order.
    fn leading(&self) -> Option<Narrowing> {
        let is_open = |statuses: Vec<CallStatus>| statuses.iter().all(|status| status.is_open());
        match self.filter.order() {
            Sort::Created if self.filter.needs_attention => Some(Narrowing::Attention),
            Sort::Created if self.statuses().is_some() => Some(Narrowing::Statuses),
            Sort::Created if self.filter.workflow.is_some() => Some(Narrowing::Workflow),
            Sort::Due if self.statuses().is_some_and(is_open) => Some(Narrowing::Statuses),
            _ => None,
        }
    }

    fn lanes(&self, leading: Option<Narrowing>) -> Vec<Lane> {
        let order = self.filter.order();
        let lane = |condition: SimpleExpr| Lane { leads: Condition::all().add(condition), is_ordered: true };
        let mut lanes = match leading {
            Some(Narrowing::Attention) => vec![lane(needs_attention())],
            Some(Narrowing::Statuses) => self
                .statuses()
                .unwrap_or_default()
                .into_iter()
                .map(|status| Lane {
                    is_ordered: order == Sort::Created || status == CallStatus::Pending,
                    ..lane(status_is(status))
                })
                .collect(),
            Some(Narrowing::Workflow) => {
                self.filter.workflow.map(|workflow| lane(workflow_is(workflow))).into_iter().collect()
            }
            _ if order == Sort::Ended => vec![lane(calls::Column::EndedAt.is_not_null())],
            _ => vec![Lane { leads: Condition::all(), is_ordered: true }],
        };
        if let Some(bounds) = self.created_ids().filter(|_| order == Sort::Created) {
            for lane in &mut lanes {
                lane.leads = lane.leads.clone().add(bounds.clone());
            }
        }
        lanes
    }

    /// The ids of a stretch of an index. That it is read in the index's order tells the database which one is meant.
    fn part(&self, condition: Condition, order: Option<calls::Column>, most: u64) -> SelectStatement {
        let ids = calls::Entity::find()
            .select_only()
            .column(calls::Column::Id)
            .filter(calls::Column::TeamId.eq(self.actor.team_id.0))
            .filter(condition);
        let ids = match order {
            Some(column) => ids.order_by_asc(column),
            None => ids,
        };
        ids.limit(most).into_query()
    }

    /// Ids begin with the instant at which they were made: what was created within bounds has an id within these.
    fn created_ids(&self) -> Option<Condition> {
        let CallFilter { created_from, created_to, .. } = self.filter;
        let from = created_from.map(|at| calls::Column::Id.gte(first_id(at.plus_millis(-IDS_APART))));
        let to = created_to.map(|at| calls::Column::Id.lt(first_id(at.plus_millis(IDS_APART))));
        (from.is_some() || to.is_some()).then(|| Condition::all().add_option(from).add_option(to))
    }
}

/// Which of these matches least, if that is few.
async fn fewest(db: &Db, mut asked: Vec<SelectStatement>) -> Result<Option<SelectStatement>, AppError> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut counts = Query::select();
    for (at, ids) in asked.iter().enumerate() {
        let count =
            Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(ids.clone(), "found").to_owned();
        counts.expr_as(Expr::SubQuery(None, Box::new(count.into())), format!("count_{at}"));
    }
    let row = db.read().query_one(&counts).await?.ok_or(AppError::Internal)?;
    let mut fewest: Option<(i64, usize)> = None;
    for at in 0..asked.len() {
        let count: i64 = row.try_get("", &format!("count_{at}"))?;
        if fewest.is_none_or(|(least, _)| count < least) {
            fewest = Some((count, at));
        }
    }
    let few = fewest.filter(|(count, _)| u64::try_from(*count).is_ok_and(|count| count <= FEW));
    // By the limit PostgreSQL knows that they are few; some may have come since they were counted.
    let few = few.map(|(_, at)| asked.swap_remove(at));
    Ok(few.map(|ids| {
        Query::select().column(calls::Column::Id).from_subquery(ids, "few").limit(2 * FEW).to_owned()
    }))
}

/// The ids of all parts, which have none in common; none if there are none.
pub(super) fn merged(parts: impl IntoIterator<Item = SelectStatement>) -> Option<SelectStatement> {
    union(parts, UnionType::All)
}

fn union(parts: impl IntoIterator<Item = SelectStatement>, kind: UnionType) -> Option<SelectStatement> {
    // A part may have an order and a limit of its own only within.
    let ids = |part| Query::select().column(calls::Column::Id).from_subquery(part, "part").to_owned();
    parts.into_iter().map(ids).reduce(|mut all, part| all.union(kind, part).to_owned())
}

/// With the words themselves, as the index holds no other calls.
fn needs_attention() -> SimpleExpr {
    let words: Vec<_> = attention_words().map(|word| format!("'{word}'")).collect();
    Expr::cust(format!("ended_reason IN ({})", words.join(", ")))
}

fn attention_words() -> impl Iterator<Item = &'static str> {
    EndedReason::ALL.iter().filter(|reason| reason.needs_attention()).map(|reason| reason.as_str())
}

fn between(column: calls::Column, from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Condition> {
    let from = from.map(|at| column.gte(at.as_millis()));
    let to = to.map(|at| column.lt(at.as_millis()));
    (from.is_some() || to.is_some()).then(|| Condition::all().add_option(from).add_option(to))
}

/// The start of a number, where somebody typed digits.
fn digits(q: &str) -> Option<String> {
    let typed = compact(q);
    let digits = typed.trim_start_matches('+');
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

/// Whether a text starts so, in a form that the database's index serves: a range of bytes. PostgreSQL compares so by
/// operators of their own.
fn starts_with(backend: DbBackend, column: calls::Column, prefix: &str) -> Expr {
    let behind = format!("{prefix}\u{10ffff}");
    if backend == DbBackend::Postgres {
        let compare = |operator, with| Expr::col(column).binary(BinOper::Custom(operator), with);
        return compare("~>=~", prefix.to_owned()).and(compare("~<~", behind));
    }
    column.gte(prefix).and(column.lt(behind))
}

/// No id of that instant or later sorts before it.
fn first_id(at: Timestamp) -> Uuid {
    let millis = at.as_millis().clamp(0, (1 << 48) - 1).cast_unsigned();
    Uuid::from_u128(u128::from(millis) << 80)
}
