//! Views of the list that somebody keeps under a name, in this browser alone.

use super::{
    by_id::by_id,
    compact::{Erase, RwSignal, Signal, changing, effect},
};
use crate::domain::query::Query;
use leptos::{ev, prelude::*};
use web_sys::HtmlInputElement;

/// Under what they are kept: a query whose names are the views' names and whose values are their queries.
const KEPT_UNDER: &str = "switchboard.views";
/// The id of the field for a view's name.
const NAME: &str = "view-name";
/// What is not part of a view: it is a place in it.
const PASSING: [&str; 1] = ["cursor"];

/// A menu of the kept views, with a field to keep the one on the screen. The server knows none of them, so there is
/// nothing before the browser's code runs.
#[component]
pub fn SavedViews(
    /// The query in force.
    #[prop(into)]
    query: Signal<Query>,
) -> impl IntoView {
    let views = RwSignal::new(Query::default());
    effect(move || views.set(kept()));
    let change = move |name: &str, view: &str| {
        let changed = kept().with(name, view);
        if let Some(storage) = storage() {
            // A browser that keeps nothing still shows them until the page is left.
            let _ = storage.set_item(KEPT_UNDER, &changed.to_string());
        }
        views.set(changed);
    };
    let keep = move |event: ev::SubmitEvent| {
        event.prevent_default();
        event.stop_propagation();
        let Some(input) = by_id::<HtmlInputElement>(NAME) else { return };
        let words = input.value().trim().to_owned();
        if !words.is_empty() {
            // An empty query would be no value; the list of all calls is asked for by its usual order.
            let view = query.get_untracked().without(&PASSING);
            let view = if view.is_empty() { "sort=created".to_owned() } else { view.to_string() };
            change(&words, &view);
            input.set_value("");
        }
    };
    let line = move |(name, view): (&str, &str)| {
        let (name, href) = (name.to_owned(), format!("/?{view}"));
        let label = format!("Forget the view {name}");
        let words = name.clone();
        view! {
            <li class="saved-view">
                <a class="menu-item" href=href>{words}</a>
                <button class="button" data-size="small" type="button" aria-label=label on:click=move |_| change(&name, "")>
                    "✕"
                </button>
            </li>
        }
        .erase()
    };
    view! {
        <details class="menu saved-views live-only">
            <summary class="button">"Views"</summary>
            <div class="menu-items">
                <ul>{changing(move || views.with(|views| views.pairs().map(line).collect_view()))}</ul>
                <form class="saved-views-keep" on:submit=keep>
                    <input
                        id=NAME
                        class="input"
                        maxlength="40"
                        placeholder="Name of this view"
                        aria-label="Name of this view"
                    />
                    <button class="button" type="submit">"Save view"</button>
                </form>
            </div>
        </details>
    }
    .erase()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn kept() -> Query {
    let text = storage().and_then(|storage| storage.get_item(KEPT_UNDER).ok().flatten());
    Query::read(&text.unwrap_or_default())
}
