//! Calls over time: a column for each hour, day or week, its parts the outcomes.

use super::{
    columns::{Bar, Chart, Part, chart},
    figures::{beside, section},
    patterns,
    table::table,
};
use crate::{
    domain::insights::{Figure, Outcome},
    server::insights::{
        numbers::{Column, Numbers, day_of, wall_of},
        range::{Range, Unit},
        tables::{self, name_of},
        words::{counted, grouped, share},
    },
};
use leptos::prelude::*;

/// Calls by outcome.
pub(super) fn calls(numbers: &Numbers, range: &Range, query: &str) -> AnyView {
    let (title, totals) = ("Calls by outcome", numbers.totals());
    let all: i64 = totals.iter().sum();
    let per = match range.unit() {
        Unit::Hour => "hour",
        Unit::Day => "day",
        Unit::Week => "week",
    };
    let legend = Outcome::ALL.iter().zip(totals).map(|(outcome, total)| {
        view! {
            <li class="legend-item">
                {patterns::swatch(*outcome)}
                <span>{outcome.label()}" "<strong>{grouped(total)}</strong>" "<span class="muted">{share(total, all)}</span></span>
            </li>
        }
    });
    let drawn = Chart {
        label: format!("Columns: calls that ended, by {per} and outcome. The table has the numbers."),
        unit: "",
        top: numbers.columns.iter().map(Column::total).max().unwrap_or(0),
        columns: numbers.columns.iter().map(|column| stacked(column, range)).collect(),
    };
    section(
        Figure::Calls,
        title,
        query,
        view! {
            <p>{format!("{} ended, by the {per} in which they did.", counted(all, "call"))}</p>
            <ul class="legend">{legend.collect_view()}</ul>
            {beside(chart(drawn), table(tables::table(Figure::Calls, numbers, range), title), title)}
        }
        .into_any(),
    )
}

fn stacked(column: &Column, range: &Range) -> Bar {
    let name = name_of(column, range);
    let parts = Outcome::ALL.iter().zip(column.counts);
    let told: Vec<_> = parts
        .clone()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{} {}", outcome.label().to_lowercase(), grouped(count)))
        .collect();
    let about = if told.is_empty() { "no calls".to_owned() } else { told.join(", ") };
    let parts = parts.map(|(outcome, value)| Part {
        value,
        fill: patterns::fill(*outcome),
        outcome: Some(outcome.as_str()),
    });
    let short = match range.unit() {
        Unit::Hour => wall_of(column, range).strftime("%H:%M").to_string(),
        Unit::Day | Unit::Week => day_of(column, range).strftime("%-d %b").to_string(),
    };
    Bar { about: format!("{name}: {about}"), name: short, value: String::new(), parts: parts.collect() }
}
