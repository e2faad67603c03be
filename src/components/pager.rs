//! The way to the pages before and behind this one, and out of the list.

use super::compact::{Erase, Signal, changing};
use crate::domain::query::Query;
use leptos::prelude::*;

/// Links to newer and older rows, where there are any, and to the filtered calls as a file.
#[component]
pub fn Pager(
    /// The query that is shown.
    #[prop(into)]
    query: Signal<Query>,
    /// The cursor of the page before this one; empty if there is none.
    #[prop(into)]
    newer: Signal<String>,
    /// The cursor of the page behind this one; empty if there is none.
    #[prop(into)]
    older: Signal<String>,
) -> impl IntoView {
    let link = move |cursor: Signal<String>, rel: &'static str, words: &'static str| {
        changing(move || {
            let cursor = Some(cursor.get()).filter(|cursor| !cursor.is_empty());
            cursor.map(|cursor| {
                view! { <a class="button" rel=rel href=query.get().with("cursor", &cursor).at("/")>{words}</a> }
                    .erase()
            })
        })
    };
    view! {
        <nav class="pager" aria-label="Pages">
            <a
                class="pager-file"
                href=move || query.get().without(&["cursor", "limit"]).at("/api/calls.csv")
                rel="external"
                download="calls.csv"
            >"Download as CSV"</a>
            {link(newer, "prev", "← Newer")}
            {link(older, "next", "Older →")}
        </nav>
    }
    .erase()
}
