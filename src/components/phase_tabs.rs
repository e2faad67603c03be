//! The counts per phase, which are also the way to each phase's calls.

use super::compact::{Erase, Signal, changing};
use crate::domain::{call::Counts, query::Query, status::Phase};
use leptos::prelude::*;

/// What a tab chooses, and what belongs to the tab that is left.
const CHOSEN: [&str; 5] = ["phase", "needs_attention", "status", "cursor", "sort"];

/// The tabs: all, one for each phase, and those that need a look. The other filters stay as they are.
#[component]
pub fn PhaseTabs(
    /// The query in force.
    #[prop(into)]
    query: Signal<Query>,
    /// The counts, whatever the filter.
    #[prop(into)]
    counts: Signal<Counts>,
) -> impl IntoView {
    let phases = Phase::ALL.iter().map(|phase| (phase.label(), "phase", phase.as_str()));
    let tabs = std::iter::once(("All", "phase", "")).chain(phases);
    let tabs = tabs.chain([("Needs a look", "needs_attention", "true")]);
    view! {
        <nav class="phase-tabs" aria-label="Calls by phase">
            <ul class="phase-tabs-list">
                {tabs.map(|(words, name, value)| tab(query, counts, words, (name, value))).collect_view()}
            </ul>
        </nav>
    }
    .erase()
}

fn tab(
    query: Signal<Query>,
    counts: Signal<Counts>,
    words: &'static str,
    (name, value): (&'static str, &'static str),
) -> AnyView {
    let href = move || query.get().without(&CHOSEN).with(name, value).at("/");
    let is_here = move || {
        let query = query.get();
        let chosen = CHOSEN[..3].iter().find_map(|name| Some((*name, query.get(name)?)));
        chosen.unwrap_or(("phase", "")) == (name, value)
    };
    let count = move || {
        let counts = counts.get();
        match value.parse() {
            Ok(phase) => counts.of(phase),
            Err(_) if value.is_empty() => counts.total(),
            Err(_) => counts.needs_attention,
        }
        .to_string()
    };
    let shown = match value {
        "" => "all",
        "true" => "attention",
        phase => phase,
    };
    view! {
        <li>
            <a
                class="phase-tab"
                data-phase=shown
                href=href
                aria-current=move || is_here().then_some("page")
            >
                {words}
                " "
                <span class="phase-tab-count">{changing(count)}</span>
            </a>
        </li>
    }
    .erase()
}
