//! How times are spread: a bar for each slot, and in words within what time most of them lie.

use super::{figures::section, table::table};
use crate::{
    domain::insights::Figure,
    server::insights::{numbers::Numbers, range::Range, spread::Measure, tables, words::within},
};
use leptos::prelude::*;

/// Time to answer, duration and lateness.
pub(super) fn all(numbers: &Numbers, range: &Range, query: &str) -> AnyView {
    let spreads = [
        (Figure::TimeToAnswer, Measure::TimeToAnswer, "Time to answer", "From the first ring to the answer."),
        (Figure::Duration, Measure::Duration, "Duration", "How long conversations were."),
        (
            Figure::Lateness,
            Measure::Lateness,
            "Lateness",
            "From the instant an attempt was due to the instant it was taken up to be placed.",
        ),
    ];
    let spreads = spreads.map(|(figure, measure, title, about)| {
        let words = spread_words(numbers, measure);
        section(
            figure,
            title,
            query,
            view! {
                <p>{words}</p>
                <p class="muted">{about}</p>
                {table(tables::table(figure, numbers, range), title)}
            }
            .into_any(),
        )
    });
    spreads.into_iter().collect_view().into_any()
}

fn spread_words(numbers: &Numbers, measure: Measure) -> String {
    let spread = numbers.spread(measure);
    if spread.total() == 0 {
        return "Nothing was measured.".to_owned();
    }
    let [half, most, nearly_all] = [50, 90, 99].map(|percent| within(spread.within(percent)));
    format!("Half {half} (p50), 9 of 10 {most} (p90), 99 of 100 {nearly_all} (p99).")
}
