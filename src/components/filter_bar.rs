//! Search and filters: a GET form, so that it works before the browser's code does; with it, typing is enough.

use super::{
    by_id::by_id,
    compact::{Erase, Signal, changing, effect},
};
use crate::domain::{call::Workflow, query::Query};
use leptos::{ev, prelude::*};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement};

/// How long typing must rest before it becomes a search.
const TYPING_RESTS: Duration = Duration::from_millis(250);

/// The id of the form.
const FORM: &str = "filters";
/// The parameters that the form has fields for.
const FIELDS: [&str; 5] = ["q", "workflow", "sort", "created_from", "created_to"];
/// The parameters that are kept as they are while others change.
const KEPT: [&str; 5] = ["phase", "status", "needs_attention", "scheduled_from", "scheduled_to"];

/// The orders of the list, as the API names them.
const SORTS: [(&str, &str); 4] =
    [("", "Usual order"), ("created", "Newest first"), ("due", "Going out next"), ("ended", "Ended last")];

/// The search form.
#[component]
pub fn FilterBar(
    /// The query in force.
    #[prop(into)]
    query: Signal<Query>,
    /// Shows the calls of another query.
    on_filter: Callback<Query>,
) -> impl IntoView {
    follow_address(query);
    let apply = move || {
        let Some(form) = form() else { return };
        let asked = asked(&query.get_untracked(), &form);
        if asked != query.get_untracked() {
            on_filter.run(asked);
        }
    };
    let mut typing = debounce(TYPING_RESTS, move |()| apply());
    let changed = move |event: ev::Event| {
        // A search that is being typed waits; what is chosen counts at once.
        if event.target().is_some_and(|field| field.dyn_ref::<HtmlSelectElement>().is_some()) {
            apply();
        } else {
            typing(());
        }
    };
    let first = query.get_untracked();
    let value = |name| first.get(name).unwrap_or_default().to_owned();
    let more = move || {
        let set = query.with(|query| FIELDS[2..].iter().filter(|name| query.get(name).is_some()).count());
        if set == 0 { "More".to_owned() } else { format!("More ({set})") }
    };
    let workflows = std::iter::once(("", "All workflows"));
    let workflows =
        workflows.chain(Workflow::ALL.iter().map(|workflow| (workflow.as_str(), workflow.label())));
    view! {
        <form
            id=FORM
            class="filter-bar"
            role="search"
            method="get"
            action="/"
            on:submit=move |event| { event.prevent_default(); apply(); }
            on:input=changed
        >
            {changing(move || kept(&query.get()))}
            <label class="visually-hidden" for="q">"Search by name or number"</label>
            <input
                class="input filter-bar-search"
                id="q"
                type="search"
                name="q"
                value=value("q")
                placeholder="Name or number…"
                autocomplete="off"
                spellcheck="false"
                maxlength="100"
                aria-keyshortcuts="/"
            />
            {select("workflow", "Workflow", workflows, &value("workflow"))}
            <details class="menu">
                <summary class="button">{changing(more)}</summary>
                <div class="menu-items filter-bar-fields">
                    <label class="field-label" for="sort-filter">"Order"</label>
                    {select("sort", "Order", SORTS.into_iter(), &value("sort"))}
                    <label class="field-label" for="created_from">"Asked for from"</label>
                    <input class="input" id="created_from" type="date" name="created_from" value=value("created_from")/>
                    <label class="field-label" for="created_to">"and before"</label>
                    <input class="input" id="created_to" type="date" name="created_to" value=value("created_to")/>
                    <p class="field-hint">"Days begin at midnight UTC."</p>
                </div>
            </details>
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .erase()
}

fn select<'a>(
    name: &'static str,
    label: &'static str,
    options: impl Iterator<Item = (&'a str, &'a str)>,
    chosen: &str,
) -> AnyView {
    let options = options.map(|(value, words)| {
        let (value, words) = (value.to_owned(), words.to_owned());
        view! { <option selected=value == chosen value=value>{words}</option> }.erase()
    });
    view! {
        <select class="input filter-bar-select" id=format!("{name}-filter") name=name aria-label=label>
            {options.collect_view()}
        </select>
    }
    .erase()
}

fn kept(query: &Query) -> AnyView {
    let kept = query.pairs().filter(|(name, _)| KEPT.contains(name));
    kept.map(|(name, value)| {
        view! { <input type="hidden" name=name.to_owned() value=value.to_owned()/> }.erase()
    })
    .collect_view()
    .into_any()
}

fn form() -> Option<HtmlFormElement> {
    by_id(FORM)
}

/// The query that the form asks for, from the list's beginning.
fn asked(query: &Query, form: &HtmlFormElement) -> Query {
    let mut asked = query.without(&["cursor"]);
    if let Ok(fields) = FormData::new_with_form(form) {
        for name in FIELDS {
            asked = asked.with(name, fields.get(name).as_string().unwrap_or_default().trim());
        }
    }
    asked
}

/// Shows what the address says after a tab, a link or the back button changed it, unless somebody is typing.
fn follow_address(query: Signal<Query>) {
    effect(move || {
        let query = query.get();
        let Some(form) = form() else { return };
        for name in FIELDS {
            let value = query.get(name).unwrap_or_default();
            let Some(field) = form.query_selector(&format!("[name={name}]")).ok().flatten() else { continue };
            let has_focus = document().active_element().as_ref() == Some(&field);
            if let (Some(input), false) = (field.dyn_ref::<HtmlInputElement>(), has_focus) {
                input.set_value(value);
            } else if let Some(select) = field.dyn_ref::<HtmlSelectElement>() {
                select.set_value(value);
            }
        }
    });
}
