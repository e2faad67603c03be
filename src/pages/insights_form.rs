//! Which days, workflow and time zone the insights show: links to days that are often looked at, and a GET form, so
//! that it works before the browser's code does.

use crate::{
    components::{
        compact::{Erase, Memo, Signal, changing},
        error_summary::ErrorSummary,
        text_field::{FieldError as FieldErrorLine, described_by},
    },
    domain::{call::Workflow, form::FieldError},
    server_fns::InsightsView,
};
use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The fields, by their names in the address.
const FIELDS: [&str; 4] = ["from", "to", "workflow", "time_zone"];

/// The links and the form.
#[component]
pub fn InsightsForm(
    /// What the server answered last.
    view: Memo<InsightsView>,
    /// The time zones to choose from.
    zones: Vec<String>,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let navigate = use_navigate();
    let show = move || {
        if let Some(query) = form.get_untracked().and_then(|form| query_of(&form)) {
            let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
            navigate(&format!("/insights?{query}"), options);
        }
    };
    let choose = show.clone();
    let errors = Memo::new(move |_| view.with(|view| view.errors.clone()));
    let beside_fields = Signal::derive(move || errors.get().into_iter().filter(is_of_field).collect());
    let other =
        Signal::derive(move || errors.get().into_iter().find(|error| !is_of_field(error)).map(in_words));
    view! {
        <ErrorSummary errors=beside_fields other/>
        <div class="insights-controls">
            <Presets view/>
            <form
                class="insights-form"
                method="get"
                action="/insights"
                node_ref=form
                novalidate=""
                on:submit=move |event| {
                    event.prevent_default();
                    show();
                }
            >
                <DayField name="from" label="From" view value=|view| view.from.clone()/>
                <DayField name="to" label="To" view value=|view| view.to.clone()/>
                <Selects view zones choose/>
                <button class="button" type="submit">"Show"</button>
            </form>
        </div>
    }
    .erase()
}

#[component]
fn Presets(view: Memo<InsightsView>) -> impl IntoView {
    let presets = Memo::new(move |_| view.with(|view| view.presets.clone()));
    let links = move || {
        let link = |preset: crate::server_fns::PresetLink| {
            let current = preset.is_current.then_some("page");
            view! { <li><a class="phase-tab" href=preset.href aria-current=current>{preset.label}</a></li> }
                .erase()
        };
        presets.get().into_iter().map(link).collect_view()
    };
    view! {
        <nav class="insights-presets" aria-label="Days">
            <ul class="phase-tabs-list">{changing(links)}</ul>
        </nav>
    }
    .erase()
}

#[component]
fn DayField(
    name: &'static str,
    label: &'static str,
    view: Memo<InsightsView>,
    value: fn(&InsightsView) -> String,
) -> impl IntoView {
    let error = error_at(view, name);
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            <FieldErrorLine name error/>
            <input
                class="input"
                id=name
                name=name
                type="date"
                value=view.with_untracked(value)
                prop:value=move || view.with(value)
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by(name, false, error)
            />
        </div>
    }
    .erase()
}

/// Choosing is enough; the button is for whoever has no script.
#[component]
fn Selects(
    view: Memo<InsightsView>,
    zones: Vec<String>,
    choose: impl Fn() + Clone + Send + 'static,
) -> impl IntoView {
    let first = view.get_untracked();
    let workflows = Workflow::ALL.iter().map(|workflow| (workflow.to_string(), workflow.label().to_owned()));
    let workflows = [(String::new(), "All workflows".to_owned())].into_iter().chain(workflows).collect();
    let mut zones: Vec<_> = zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
    if !zones.iter().any(|(zone, _)| *zone == first.time_zone) {
        // One that is asked for by an older name.
        zones.push((first.time_zone.clone(), first.time_zone.clone()));
    }
    view! {
        <Select
            name="workflow"
            label="Workflow"
            view
            options=workflows
            value=|view| view.workflow.clone()
            choose=choose.clone()
        />
        <Select name="time_zone" label="Time zone" view options=zones value=|view| view.time_zone.clone() choose/>
    }
    .erase()
}

#[component]
fn Select(
    name: &'static str,
    label: &'static str,
    view: Memo<InsightsView>,
    options: Vec<(String, String)>,
    value: fn(&InsightsView) -> String,
    choose: impl Fn() + Send + 'static,
) -> impl IntoView {
    let (error, first) = (error_at(view, name), view.with_untracked(value));
    let options = options.into_iter().map(|(option, words)| {
        let selected = option == first;
        view! { <option value=option selected=selected>{words}</option> }.erase()
    });
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            <FieldErrorLine name error/>
            <select
                class="input"
                id=name
                name=name
                prop:value=move || view.with(value)
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by(name, false, error)
                on:change=move |_| choose()
            >
                {options.collect_view()}
            </select>
        </div>
    }
    .erase()
}

/// Whether there is a field to tell it beside.
fn is_of_field(error: &FieldError) -> bool {
    FIELDS.contains(&error.field.as_str())
}

fn error_at(view: Memo<InsightsView>, name: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        let errors = view.with(|view| view.errors.clone());
        errors.into_iter().find(|error| error.field == name).map(|error| error.detail)
    })
}

fn in_words(error: FieldError) -> String {
    format!("{}: {}", error.field, error.detail)
}

/// The form's fields as a query; those that are empty are left out.
fn query_of(form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in FIELDS {
        if let Some(value) = data.get(name).as_string().filter(|value| !value.is_empty()) {
            query.append_pair(name, &value);
        }
    }
    Some(query.finish())
}
