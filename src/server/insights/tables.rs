//! Tables: the numbers behind each chart. The page shows them beside it and the CSV holds the same.

use super::{
    numbers::{Column, Numbers, Rate, day_of, wall_of},
    range::{Range, Unit},
    spread::{Measure, Spread},
    words::{grouped, percent, share, span},
};
use crate::domain::insights::{Figure, Outcome};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The headings of its columns.
    pub head: Vec<Heading>,
    /// Its rows; the first cell of each names the row.
    pub rows: Vec<Vec<Cell>>,
}

/// The heading of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// As people read it.
    pub label: &'static str,
    /// As programs read it.
    pub code: &'static str,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// As people read it.
    pub shown: String,
    /// As programs read it; empty for what there is not.
    pub plain: String,
    /// How long a bar it is drawn as, of a hundred.
    pub bar: Option<i64>,
}

/// The table behind a chart.
pub fn table(figure: Figure, numbers: &Numbers, range: &Range) -> Table {
    match figure {
        Figure::Calls => calls(numbers, range),
        Figure::Hours => hours(numbers),
        Figure::Workflows => workflows(numbers),
        Figure::TimeToAnswer => spread(&numbers.spread(Measure::TimeToAnswer)),
        Figure::Duration => spread(&numbers.spread(Measure::Duration)),
        Figure::Lateness => spread(&numbers.spread(Measure::Lateness)),
    }
}

fn calls(numbers: &Numbers, range: &Range) -> Table {
    let first = match range.unit() {
        Unit::Hour => "Hour",
        Unit::Day => "Day",
        Unit::Week => "Week from",
    };
    let outcomes = Outcome::ALL.iter().map(|outcome| heading(outcome.label(), outcome.as_str()));
    let head = [heading(first, "from")].into_iter().chain(outcomes).chain([heading("All", "total")]);
    let row = |column: &Column| {
        let name = Cell { shown: name_of(column, range), plain: plain_name_of(column, range), bar: None };
        let counts = column.counts.iter().copied().chain([column.total()]).map(count);
        [name].into_iter().chain(counts).collect()
    };
    Table { head: head.collect(), rows: numbers.columns.iter().map(row).collect() }
}

/// A column's name as people read it: `Sat 21 Nov`.
pub fn name_of(column: &Column, range: &Range) -> String {
    let day = day_of(column, range);
    match range.unit() {
        // Where the clocks go back, an hour comes twice.
        Unit::Hour if range.offsets().len() > 1 => wall_of(column, range).strftime("%H:%M %Z").to_string(),
        Unit::Hour => wall_of(column, range).strftime("%H:%M").to_string(),
        Unit::Day => day.strftime("%a %-d %b").to_string(),
        Unit::Week => day.strftime("%-d %b %Y").to_string(),
    }
}

fn plain_name_of(column: &Column, range: &Range) -> String {
    match range.unit() {
        Unit::Hour => wall_of(column, range).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        Unit::Day | Unit::Week => day_of(column, range).to_string(),
    }
}

fn hours(numbers: &Numbers) -> Table {
    let rows = numbers.hours.iter().enumerate();
    let rows = rows.map(|(hour, rate)| rated(format!("{hour:02}:00"), hour.to_string(), *rate));
    Table { head: rates("Hour", "hour"), rows: rows.collect() }
}

fn workflows(numbers: &Numbers) -> Table {
    let rows = numbers.workflows.iter();
    let rows = rows.map(|(workflow, rate)| {
        let mut row = rated(workflow.label().to_owned(), workflow.to_string(), *rate);
        if let Some(cell) = row.last_mut() {
            cell.bar = Some(rate.percent().unwrap_or(0));
        }
        row
    });
    Table { head: rates("Workflow", "workflow"), rows: rows.collect() }
}

fn rates(label: &'static str, code: &'static str) -> Vec<Heading> {
    vec![
        heading(label, code),
        heading("Attempts", "attempts"),
        heading("Answered", "answered"),
        heading("Rate", "answered_percent"),
    ]
}

fn rated(shown: String, plain: String, rate: Rate) -> Vec<Cell> {
    let rate_cell = part(rate.answered, rate.placed);
    vec![Cell { shown, plain, bar: None }, count(rate.placed), count(rate.answered), rate_cell]
}

fn spread(spread: &Spread) -> Table {
    let (total, most) = (spread.total(), spread.counts.iter().copied().max().unwrap_or(0));
    let last = spread.measure.bounds().last().copied().unwrap_or_default();
    let row = |(bound, how_many): (Option<i64>, i64)| {
        let shown =
            bound.map_or_else(|| format!("over {}", span(last)), |bound| format!("to {}", span(bound)));
        let plain = bound.map(|bound| bound.to_string()).unwrap_or_default();
        let mut share = part(how_many, total);
        share.bar = Some(percent(how_many, most).unwrap_or(0));
        vec![Cell { shown, plain, bar: None }, count(how_many), share]
    };
    let head =
        vec![heading("Time", "up_to_ms"), heading("Attempts", "attempts"), heading("Share", "share_percent")];
    Table { head, rows: spread.slots().map(row).collect() }
}

fn heading(label: &'static str, code: &'static str) -> Heading {
    Heading { label, code }
}

fn count(count: i64) -> Cell {
    Cell { shown: grouped(count), plain: count.to_string(), bar: None }
}

fn part(part: i64, whole: i64) -> Cell {
    let plain = percent(part, whole).map(|percent| percent.to_string()).unwrap_or_default();
    Cell { shown: share(part, whole), plain, bar: None }
}
