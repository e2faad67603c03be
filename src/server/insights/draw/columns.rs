//! Columns: a chart of upright bars. Its parts are placed in percent of the width and in pixels of the height, so that
//! it fits every window and its words keep their size.
#![expect(clippy::cast_precision_loss, reason = "a screen has fewer points than 52 bits")]

use crate::server::insights::words::grouped;
use leptos::prelude::*;

/// How high the tallest column is, in pixels.
const HEIGHT: f64 = 180.0;
/// What stands above it: the words of the highest line.
const ABOVE: f64 = 24.0;
/// What stands below it: the words of the columns.
const BELOW: f64 = 28.0;
/// How much of its place a column takes.
const SHARE: f64 = 0.8;
/// So few columns are all named below; of more about as many are.
const NAMES: usize = 7;
/// A name that begins behind this share of the width would stand out on the right.
const LAST_NAME: f64 = 86.0;

/// A chart.
pub struct Chart {
    /// What it shows, in a sentence, for whoever can't see it.
    pub label: String,
    /// What stands behind each number of the scale: `%`.
    pub unit: &'static str,
    /// What the scale goes up to, at least.
    pub top: i64,
    /// From left to right.
    pub columns: Vec<Bar>,
}

/// A column.
pub struct Bar {
    /// What is below it.
    pub name: String,
    /// What is told of it when one points at it.
    pub about: String,
    /// What is above it, where there is room.
    pub value: String,
    /// From the ground up.
    pub parts: Vec<Part>,
}

/// A part of a column.
pub struct Part {
    /// Its height on the scale.
    pub value: i64,
    /// What it is filled with.
    pub fill: String,
    /// The word of its outcome, which gives it its colour; none for the usual one.
    pub outcome: Option<&'static str>,
}

/// Draws the chart.
pub fn chart(chart: Chart) -> AnyView {
    let Chart { label, unit, top, columns } = chart;
    let top = round_up(top);
    let width = 100.0 / columns.len().max(1) as f64;
    let has_room = columns.len() <= NAMES;
    let named_each = if has_room { 1 } else { columns.len().div_ceil(NAMES - 1) };
    let bars = columns.into_iter().enumerate().map(|(at, bar)| {
        let left = width * at as f64;
        let is_named = at.is_multiple_of(named_each) && (has_room || left < LAST_NAME);
        column(bar, left, width, top, is_named)
    });
    view! {
        <svg class="chart" width="100%" height=pixels(ABOVE + HEIGHT + BELOW) role="img" aria-label=label>
            {scale(top, unit)}
            {bars.collect_view()}
        </svg>
    }
    .into_any()
}

/// Lines across with their numbers: the ground, the top, and the middle where it is a whole number.
fn scale(top: i64, unit: &'static str) -> impl IntoView {
    let middle = (top % 2 == 0).then_some(top / 2);
    let lines = [Some(top), middle, Some(0)].into_iter().flatten().map(|value| {
        let y = ABOVE + HEIGHT - height_of(value, top);
        let words = format!("{}{unit}", grouped(value));
        let words =
            (value > 0).then(|| view! { <text class="chart-text" x="0" y=pixels(y - 5.0)>{words}</text> });
        view! {
            <line class="chart-line" x1="0" x2="100%" y1=pixels(y) y2=pixels(y)></line>
            {words}
        }
    });
    lines.collect_view()
}

fn column(bar: Bar, left: f64, width: f64, top: i64, is_named: bool) -> impl IntoView {
    let (inset, ground) = (left + width * (1.0 - SHARE) / 2.0, ABOVE + HEIGHT);
    let mut y = ground;
    let mut parts = Vec::new();
    for part in bar.parts.into_iter().filter(|part| part.value > 0) {
        let height = height_of(part.value, top);
        y -= height;
        parts.push(view! {
            <rect
                class="outcome"
                data-outcome=part.outcome.unwrap_or("any")
                x=percent(inset)
                width=percent(width * SHARE)
                y=pixels(y)
                height=pixels(height)
                fill=part.fill
                stroke="currentColor"
            ></rect>
        });
    }
    let value = (!bar.value.is_empty()).then(|| {
        view! {
            <text class="chart-value" x=percent(left + width / 2.0) y=pixels(y - 4.0) text-anchor="middle">{bar.value}</text>
        }
    });
    let name = is_named.then(|| {
        view! { <text class="chart-text" x=percent(inset) y=pixels(ground + 18.0)>{bar.name}</text> }
    });
    view! {
        <g>
            {parts}
            {value}
            {name}
            // What is pointed at is as high as the chart, however low the column.
            <rect
                x=percent(left)
                width=percent(width)
                y=pixels(ABOVE)
                height=pixels(HEIGHT)
                fill="transparent"
            >
                <title>{bar.about}</title>
            </rect>
        </g>
    }
}

fn height_of(value: i64, top: i64) -> f64 {
    HEIGHT * value as f64 / top as f64
}

/// The next number that people like to read on a scale, not far above.
fn round_up(value: i64) -> i64 {
    const SMALL: [i64; 9] = [1, 2, 3, 4, 5, 6, 8, 10, 12];
    const STEPS: [i64; 10] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80];
    if let Some(round) = SMALL.into_iter().find(|round| *round >= value) {
        return round;
    }
    let mut unit: i64 = 1;
    loop {
        if let Some(round) =
            STEPS.into_iter().map(|step| unit.saturating_mul(step)).find(|round| *round >= value)
        {
            return round;
        }
        unit = unit.saturating_mul(10);
    }
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, 1)]
    #[case(1, 1)]
    #[case(7, 8)]
    #[case(13, 15)]
    #[case(100, 100)]
    #[case(104, 120)]
    #[case(4_321, 5_000)]
    #[case(i64::MAX, i64::MAX)]
    fn a_scale_ends_in_a_round_number(#[case] value: i64, #[case] top: i64) {
        assert_eq!(round_up(value), top);
    }

    #[test]
    fn whatever_is_written_is_escaped() {
        let name = "<script>".to_owned();
        let bar = Bar { name: name.clone(), about: name.clone(), value: name.clone(), parts: Vec::new() };
        let drawn = chart(Chart { label: "\"<script>".to_owned(), unit: "", top: 1, columns: vec![bar] });
        assert!(!drawn.to_html().contains("<script>"));
    }
}
