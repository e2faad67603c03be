//! What stands around the figures: that there are none yet, that not all is counted, and of when they are.

use crate::{
    domain::insights::Preset,
    server::insights::{
        numbers::Numbers,
        range::{Range, instant},
    },
};
use leptos::prelude::*;

/// What to do when there is nothing to show.
pub(super) fn nothing(numbers: &Numbers, range: &Range) -> AnyView {
    if numbers.filled_to.is_some() {
        return ().into_any();
    }
    let words = match range.workflow {
        Some(workflow) => format!("No {} call ended in these days.", workflow.label().to_lowercase()),
        None => "No call ended in these days.".to_owned(),
    };
    let wider = format!("/insights?{}", range.query_of(Preset::Quarter, ""));
    let is_widest = range.preset == Some(Preset::Quarter);
    view! {
        <section class="empty-state">
            <h2 class="empty-state-title">"Nothing to show yet"</h2>
            <p class="empty-state-text">
                {words}" A call is counted when it ends, an attempt when it is over."
            </p>
            <div class="empty-state-actions">
                {(!is_widest).then(|| view! { <a class="button" href=wider>"Show 90 days"</a> })}
                <a class="button" href="/">"Show all calls"</a>
            </div>
        </section>
    }
    .into_any()
}

/// Says so while not everything is counted.
pub(super) fn still_counting(numbers: &Numbers, range: &Range) -> Option<impl IntoView + use<>> {
    let filled_to = numbers.filled_to?;
    let words = if filled_to.as_millis() <= 0 {
        "The calls of this installation are being counted for the first time.".to_owned()
    } else {
        format!(
            "The calls of this installation are being counted for the first time: up to {} all are in.",
            at(filled_to.as_millis(), range)
        )
    };
    Some(view! {
        <div class="notice" data-tone="warning">
            <p class="notice-title">"Not all calls are counted yet"</p>
            <div class="notice-body"><p>{words}" Look again in a moment."</p></div>
        </div>
    })
}

/// What the numbers are of, and of when.
pub(super) fn as_of(numbers: &Numbers, range: &Range) -> impl IntoView + use<> {
    let counted = numbers.as_of.map(|as_of| format!(" Counted up to {}.", at(as_of.as_millis(), range)));
    view! {
        <p class="muted figures-note">
            "Calls are counted when they end, attempts when they went out. Calls that are still open are not in."
            {counted}
        </p>
    }
}

fn at(millis: i64, range: &Range) -> String {
    instant(millis).to_zoned(range.zone.clone()).strftime("%-d %b %Y, %H:%M:%S %Z").to_string()
}
