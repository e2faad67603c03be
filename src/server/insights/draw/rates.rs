//! Answer rates: how many attempts of a hundred were answered.

use super::{
    columns::{Bar, Chart, Part, chart},
    figures::{beside, section},
    table::table,
};
use crate::{
    domain::insights::Figure,
    server::insights::{
        numbers::{Numbers, Rate},
        range::Range,
        tables,
        words::{counted, share},
    },
};
use leptos::prelude::*;

/// By the hour of the day.
pub(super) fn hours(numbers: &Numbers, range: &Range, query: &str) -> AnyView {
    let title = "Answer rate by hour of the day";
    let drawn = Chart {
        label: "Columns: how many of a hundred attempts were answered, by the hour of the day at which they \
                went out. The table has the numbers."
            .to_owned(),
        unit: "%",
        top: 100,
        columns: numbers.hours.iter().enumerate().map(|(hour, rate)| rated(hour, *rate)).collect(),
    };
    let words = match best_hour(numbers) {
        Some((hour, rate)) => format!(
            "The best hour begins at {hour:02}:00: {} of {} answered.",
            share(rate.answered, rate.placed),
            counted(rate.placed, "attempt")
        ),
        None => "No attempt went out.".to_owned(),
    };
    section(
        Figure::Hours,
        title,
        query,
        view! {
            <p>{words}</p>
            {beside(chart(drawn), table(tables::table(Figure::Hours, numbers, range), title), title)}
        }
        .into_any(),
    )
}

/// The hour with the highest rate, of those that have a tenth of the busiest one's attempts: one call at night that was
/// answered says little.
fn best_hour(numbers: &Numbers) -> Option<(usize, Rate)> {
    let most = numbers.hours.iter().map(|rate| rate.placed).max().filter(|most| *most > 0)?;
    let rates = numbers.hours.iter().copied().enumerate().filter(|(_, rate)| rate.placed * 10 >= most);
    rates.max_by_key(|(_, rate)| (rate.percent(), rate.placed))
}

fn rated(hour: usize, rate: Rate) -> Bar {
    let percent = rate.percent();
    let about = match percent {
        Some(_) => {
            format!("{} of {} answered", share(rate.answered, rate.placed), counted(rate.placed, "attempt"))
        }
        None => "no attempts".to_owned(),
    };
    let name = format!("{hour:02}:00");
    Bar {
        about: format!("{name}: {about}"),
        name,
        value: percent.map(|percent| percent.to_string()).unwrap_or_default(),
        parts: vec![Part { value: percent.unwrap_or(0), fill: "currentColor".to_owned(), outcome: None }],
    }
}

/// By workflow.
pub(super) fn workflows(numbers: &Numbers, range: &Range, query: &str) -> AnyView {
    let (title, rate) = ("Answer rate by workflow", numbers.rate());
    let words =
        format!("{} of {} answered.", share(rate.answered, rate.placed), counted(rate.placed, "attempt"));
    section(
        Figure::Workflows,
        title,
        query,
        view! {
            <p>{words}</p>
            <p class="muted">"Attempts that the provider took and that are over."</p>
            {table(tables::table(Figure::Workflows, numbers, range), title)}
        }
        .into_any(),
    )
}
