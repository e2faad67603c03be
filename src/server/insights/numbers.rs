//! Numbers: what the ledger says of some days. Only the ledger is read, along its key, and the database adds up: a
//! year of calls comes to a few hundred numbers.

use super::{
    bucket,
    count::columns,
    ledger,
    range::{Range, Unit, date_of, instant},
    spread::{Measure, Spread},
    words::percent,
};
use crate::{
    domain::{actor::Actor, call::Workflow, insights::Outcome, timestamp::Timestamp},
    error::AppError,
    server::{calls::stream, db::Db},
};
use jiff::{Span, ToSpan, civil::Date};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

const HOUR: i64 = 3_600_000;
const HOUR_STEP: usize = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Day 0.
const EPOCH: Date = Date::constant(1970, 1, 1);
/// How many outcomes there are.
pub const OUTCOMES: usize = Outcome::ALL.len();

/// What the insights say of some days.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// Calls by outcome, for each hour, day or week, none left out.
    pub columns: Vec<Column>,
    /// The answer rate of each hour of the day.
    pub hours: [Rate; 24],
    /// The answer rate of each workflow that was asked for.
    pub workflows: Vec<(Workflow, Rate)>,
    /// How times are spread.
    pub spreads: Vec<Spread>,
    /// Up to when it was counted; none before everything was.
    pub as_of: Option<Timestamp>,
    /// While everything is counted for the first time: what ended before this instant is in.
    pub filled_to: Option<Timestamp>,
}

/// Calls that ended in one hour, day or week, by outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The first instant.
    pub starts_at: Timestamp,
    /// The first instant behind it.
    pub ends_at: Timestamp,
    /// How many there are of each outcome.
    pub counts: [i64; OUTCOMES],
}

/// Attempts, and those among them that were answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Rate {
    /// Attempts that the provider took and that are over.
    pub placed: i64,
    /// Those that somebody or something answered.
    pub answered: i64,
}

impl Column {
    /// How many calls there are.
    pub fn total(&self) -> i64 {
        self.counts.iter().sum()
    }
}

impl Rate {
    /// How many of a hundred were answered, rounded; none of nothing.
    pub fn percent(self) -> Option<i64> {
        percent(self.answered, self.placed)
    }

    fn add(&mut self, other: Self) {
        self.placed += other.placed;
        self.answered += other.answered;
    }
}

impl Numbers {
    /// How many calls there are of each outcome.
    pub fn totals(&self) -> [i64; OUTCOMES] {
        let mut totals = [0; OUTCOMES];
        for column in &self.columns {
            for (total, count) in totals.iter_mut().zip(column.counts) {
                *total += count;
            }
        }
        totals
    }

    /// All attempts.
    pub fn rate(&self) -> Rate {
        let mut all = Rate::default();
        self.workflows.iter().for_each(|(_, rate)| all.add(*rate));
        all
    }

    /// How a measure's times are spread.
    pub fn spread(&self, measure: Measure) -> Spread {
        let found = self.spreads.iter().find(|spread| spread.measure == measure).cloned();
        found.unwrap_or_else(|| Spread { measure, counts: vec![0; measure.bounds().len() + 1] })
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(|column| column.total() == 0) && self.spreads.iter().all(|s| s.total() == 0)
    }
}

/// What the ledger says of the range to the caller's team.
///
/// # Errors
/// What the database says.
pub async fn numbers(db: &Db, actor: &Actor, range: &Range, now: Timestamp) -> Result<Numbers, AppError> {
    let progress = ledger::read(db).await?;
    let is_level = progress.fill_from.is_none() && progress.place == Some(stream::head(db).await?);
    let (workflows, spreads) = by_workflow(db, actor, range).await?;
    Ok(Numbers {
        columns: columns_over_time(db, actor, range).await?,
        hours: by_hour(db, actor, range).await?,
        workflows,
        spreads,
        as_of: if is_level {
            Some(now)
        } else {
            progress.counted_at.filter(|_| progress.fill_from.is_none())
        },
        filled_to: progress.fill_from.or(progress.place.is_none().then_some(0)).map(Timestamp::from_millis),
    })
}

async fn columns_over_time(db: &Db, actor: &Actor, range: &Range) -> Result<Vec<Column>, AppError> {
    let mut columns = empty_columns(range);
    let key = match range.unit() {
        Unit::Hour => format!("(bucket - {}) / {HOUR}", range.start()),
        Unit::Day | Unit::Week => format!("{} / {DAY}", local(range)),
    };
    let names = columns::of_calls();
    for row in sums(db, actor, range, "insight_calls", &key, &names).await? {
        let key: i64 = row.try_get("", "part")?;
        let at = match range.unit() {
            Unit::Hour => usize::try_from(key).ok(),
            Unit::Day | Unit::Week => place_of(&columns, range.midnight(day(key))),
        };
        let Some(column) = at.and_then(|at| columns.get_mut(at)) else { continue };
        for (count, name) in column.counts.iter_mut().zip(&names) {
            *count += row.try_get::<i64>("", name)?;
        }
    }
    Ok(columns)
}

/// The column in which an instant lies.
fn place_of(columns: &[Column], millis: i64) -> Option<usize> {
    columns.partition_point(|column| column.starts_at.as_millis() <= millis).checked_sub(1)
}

/// The range's hours, days or weeks, with nothing in them.
fn empty_columns(range: &Range) -> Vec<Column> {
    let mut starts = vec![];
    match range.unit() {
        Unit::Hour => starts.extend((range.start()..range.end()).step_by(HOUR_STEP)),
        Unit::Day => starts.extend(days(range, 1.day()).map(|day| range.midnight(day))),
        Unit::Week => {
            // The first and the last week may be cut short.
            let monday =
                range.from.saturating_sub(i32::from(range.from.weekday().to_monday_zero_offset()).days());
            let first = Range { from: monday, ..range.clone() };
            starts.extend(days(&first, 1.week()).map(|day| range.midnight(day.max(range.from))));
        }
    }
    let ends: Vec<i64> = starts.iter().skip(1).copied().chain([range.end()]).collect();
    let column = |(start, end)| Column {
        starts_at: Timestamp::from_millis(start),
        ends_at: Timestamp::from_millis(end),
        counts: [0; OUTCOMES],
    };
    starts.into_iter().zip(ends).map(column).collect()
}

fn days(range: &Range, apart: Span) -> impl Iterator<Item = Date> {
    let to = range.to;
    range.from.series(apart).take_while(move |day| *day <= to)
}

async fn by_hour(db: &Db, actor: &Actor, range: &Range) -> Result<[Rate; 24], AppError> {
    let key = format!("{} % {DAY} / {HOUR}", local(range));
    let mut hours = [Rate::default(); 24];
    for row in sums(db, actor, range, "insight_attempts", &key, &["placed".into(), "answered".into()]).await?
    {
        let hour = usize::try_from(row.try_get::<i64>("", "part")?).ok();
        if let Some(hour) = hour.and_then(|hour| hours.get_mut(hour)) {
            *hour = rate_of(&row)?;
        }
    }
    Ok(hours)
}

async fn by_workflow(
    db: &Db,
    actor: &Actor,
    range: &Range,
) -> Result<(Vec<(Workflow, Rate)>, Vec<Spread>), AppError> {
    let asked =
        Workflow::ALL.iter().filter(|workflow| range.workflow.is_none_or(|asked| asked == **workflow));
    let mut workflows: Vec<_> = asked.map(|workflow| (*workflow, Rate::default())).collect();
    let mut spreads: Vec<_> = Measure::ALL
        .iter()
        .map(|measure| Spread { measure: *measure, counts: vec![0; measure.bounds().len() + 1] })
        .collect();
    for row in sums(db, actor, range, "insight_attempts", "workflow", &columns::of_attempts()).await? {
        let workflow: String = row.try_get("", "part")?;
        for (known, rate) in &mut workflows {
            if known.as_str() == workflow {
                *rate = rate_of(&row)?;
            }
        }
        for spread in &mut spreads {
            for (count, name) in spread.counts.iter_mut().zip(spread.measure.columns()) {
                *count += row.try_get::<i64>("", &name)?;
            }
        }
    }
    Ok((workflows, spreads))
}

fn rate_of(row: &QueryResult) -> Result<Rate, AppError> {
    Ok(Rate { placed: row.try_get("", "placed")?, answered: row.try_get("", "answered")? })
}

/// The sums of `names` over the range, for each `part`.
async fn sums(
    db: &Db,
    actor: &Actor,
    range: &Range,
    table: &str,
    part: &str,
    names: &[String],
) -> Result<Vec<QueryResult>, AppError> {
    let sums: Vec<_> = names.iter().map(|name| format!("CAST(SUM({name}) AS bigint) AS {name}")).collect();
    let sums = sums.join(", ");
    let mut values: Vec<Value> =
        vec![actor.team_id.0.into(), bucket::floor(range.start()).into(), range.end().into()];
    let mut narrowed = "";
    if let Some(workflow) = range.workflow {
        values.push(workflow.as_str().into());
        narrowed = " AND workflow = $4";
    }
    let sql = format!(
        "SELECT {part} AS part, {sums} FROM {table} \
         WHERE team_id = $1 AND bucket >= $2 AND bucket < $3{narrowed} GROUP BY 1"
    );
    Ok(db.read().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?)
}

/// A quarter's local time, as milliseconds since the beginning of day 0 there, in SQL.
fn local(range: &Range) -> String {
    let offsets = range.offsets();
    let last = offsets.last().map_or(0, |offset| offset.millis);
    let earlier: String = offsets
        .iter()
        .filter_map(|offset| Some(format!(" WHEN bucket < {} THEN {}", offset.until?, offset.millis)))
        .collect();
    if earlier.is_empty() {
        format!("(bucket + {last})")
    } else {
        format!("(bucket + CASE{earlier} ELSE {last} END)")
    }
}

/// The day with this number.
fn day(number: i64) -> Date {
    EPOCH.saturating_add(i32::try_from(number).unwrap_or(i32::MAX).days())
}

/// The day on which a column begins.
pub fn day_of(column: &Column, range: &Range) -> Date {
    date_of(column.starts_at, &range.zone)
}

/// The wall clock at which a column begins, with its zone's offset.
pub fn wall_of(column: &Column, range: &Range) -> jiff::Zoned {
    instant(column.starts_at.as_millis()).to_zoned(range.zone.clone())
}
