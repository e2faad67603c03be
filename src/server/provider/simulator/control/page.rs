//! Lists, a page at a time: newest first, and the place of the last one leads to those behind it.

use super::{
    super::{
        problem::Problem,
        table::{call, callback},
    },
    body,
};
use axum::extract::{Query, rejection::QueryRejection};
use sea_orm::{Condition, ExprTrait, sea_query::Expr};
use serde::Deserialize;
use utoipa::IntoParams;

const USUAL: u64 = 50;
const MOST: u64 = 200;

/// What a list is narrowed to.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only this number.
    to: Option<String>,
    /// Only this call of the simulator's.
    call: Option<String>,
    /// Only the call that was placed with this id of the caller's.
    attempt_id: Option<String>,
    /// From this instant of the simulator's clock on: when a call was placed, when a callback was due.
    #[param(format = "date-time")]
    since: Option<String>,
    /// Until this instant, and no later.
    #[param(format = "date-time")]
    until: Option<String>,
    /// How many at most, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// Where the page before has ended: its `next_cursor`.
    cursor: Option<String>,
}

/// The same, read.
pub struct Asked {
    /// Only this number, as E.164.
    pub to: Option<String>,
    /// Only this call.
    pub call: Option<String>,
    /// Only the call with this id of the caller's.
    pub attempt_id: Option<String>,
    /// From here on, in milliseconds since the epoch.
    since: Option<i64>,
    /// Until then.
    until: Option<i64>,
    /// How many at most.
    pub limit: u64,
    behind: Option<Place>,
}

/// The place of a row in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    at: i64,
    id: String,
}

impl Asked {
    /// Reads what is wanted, or says what can't be understood of it.
    pub fn read(wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Self, Problem> {
        let Query(wanted) = wanted.map_err(|why| Problem::unreadable("invalid_query", why.body_text()))?;
        let limit = wanted.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::unreadable("invalid_query", format!("limit must be 1 to {MOST}.")));
        }
        let instant = |name, text: Option<String>| text.map(|text| body::instant(name, &text)).transpose();
        let behind = wanted.cursor.map(|cursor| Place::read(&cursor)).transpose()?;
        Ok(Self {
            to: body::number(wanted.to.as_deref())?,
            call: wanted.call,
            attempt_id: wanted.attempt_id,
            since: instant("since", wanted.since)?,
            until: instant("until", wanted.until)?,
            limit,
            behind,
        })
    }

    /// Calls in this page's bounds.
    pub fn calls(&self) -> Condition {
        self.bounds((call::Entity, call::Column::PlacedAt), (call::Entity, call::Column::ProviderCallId))
    }

    /// Callbacks in this page's bounds.
    pub fn callbacks(&self) -> Condition {
        self.bounds(
            (callback::Entity, callback::Column::DueAt),
            (callback::Entity, callback::Column::WebhookId),
        )
    }

    fn bounds<T, C>(&self, at: (T, C), id: (T, C)) -> Condition
    where
        (T, C): sea_orm::sea_query::IntoColumnRef + Copy,
    {
        let mut all = Condition::all();
        if let Some(since) = self.since {
            all = all.add(Expr::col(at).gte(since));
        }
        if let Some(until) = self.until {
            all = all.add(Expr::col(at).lte(until));
        }
        if let Some(Place { at: before, id: of }) = &self.behind {
            let same = Condition::all().add(Expr::col(at).eq(*before)).add(Expr::col(id).lt(of.as_str()));
            all = all.add(Condition::any().add(Expr::col(at).lt(*before)).add(same));
        }
        all
    }

    /// The rows of this page, and the cursor of the one behind it, out of one row more than the page holds.
    pub fn cut<R>(&self, mut rows: Vec<R>, place: impl Fn(&R) -> Place) -> (Vec<R>, Option<String>) {
        let fits = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= fits {
            return (rows, None);
        }
        rows.truncate(fits);
        let next = rows.last().map(|row| place(row).to_string());
        (rows, next)
    }
}

impl Place {
    /// The place of a row with this instant and this id.
    pub fn of(at: i64, id: &str) -> Self {
        Self { at, id: id.to_owned() }
    }

    fn read(cursor: &str) -> Result<Self, Problem> {
        let place = cursor.split_once('-').and_then(|(at, id)| Some(Self::of(at.parse().ok()?, id)));
        place.ok_or_else(|| {
            Problem::unreadable("invalid_cursor", "Take the cursor as the page before has it.")
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}
