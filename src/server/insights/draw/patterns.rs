//! Patterns: what each outcome is filled with. They can be told apart in print and without colour.

use crate::domain::insights::Outcome;
use leptos::prelude::*;

/// The definitions, once a page.
pub fn definitions() -> AnyView {
    let patterns = Outcome::ALL.iter().map(|outcome| {
        let lines = lines(*outcome);
        view! {
            <pattern
                class="outcome"
                data-outcome=outcome.as_str()
                id=id(*outcome)
                width="8"
                height="8"
                patternUnits="userSpaceOnUse"
            >
                <rect width="8" height="8" fill="currentColor" fill-opacity=wash(*outcome)/>
                <path d=lines stroke="currentColor" stroke-width="2" stroke-linecap="round" fill="none"/>
            </pattern>
        }
    });
    view! {
        <svg class="visually-hidden" width="0" height="0" aria-hidden="true" focusable="false">
            <defs>{patterns.collect_view()}</defs>
        </svg>
    }
    .into_any()
}

/// What a shape of this outcome is filled with.
pub fn fill(outcome: Outcome) -> String {
    format!("url(#{})", id(outcome))
}

/// A small square of it, for the legend.
pub fn swatch(outcome: Outcome) -> AnyView {
    view! {
        <svg class="outcome" data-outcome=outcome.as_str() width="16" height="16" aria-hidden="true" focusable="false">
            <rect x="1" y="1" width="14" height="14" fill=fill(outcome) stroke="currentColor"/>
        </svg>
    }
    .into_any()
}

fn id(outcome: Outcome) -> String {
    format!("outcome-{outcome}")
}

/// How strongly the ground is tinted.
fn wash(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "1",
        Outcome::Canceled => "0",
        _ => "0.15",
    }
}

/// In a square of eight: nothing, diagonals, dots, a lattice, lines across, lines down, one dot.
fn lines(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "",
        Outcome::Busy => "M-2 2L2 -2M0 8L8 0M6 10L10 6",
        Outcome::NoAnswer => "M2 2h0M6 6h0",
        Outcome::Failed => "M-2 2L2 -2M0 8L8 0M6 10L10 6M-2 6L2 10M0 0L8 8M6 -2L10 2",
        Outcome::Missed => "M0 2H8M0 6H8",
        Outcome::Unknown => "M2 0V8M6 0V8",
        Outcome::Canceled => "M4 4h0",
    }
}
