//! A field to choose from a list.

use super::{
    compact::{Erase, Signal},
    text_field::{FieldError, described_by},
};
use leptos::prelude::*;

/// A select of (value, words).
#[component]
pub fn ChoiceField(
    /// Its id, which is its wire name.
    name: &'static str,
    /// What it is called.
    label: &'static str,
    /// What more there is to know.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What there is to choose from.
    options: Vec<(String, String)>,
    /// What is chosen at first.
    #[prop(into)]
    value: String,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let has_hint = hint.is_some();
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{name}-hint")>{hint}</p> }.erase())}
            <FieldError name error/>
            <select
                class="input"
                id=name
                name=format!("form[{name}]")
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by(name, has_hint, error)
            >
                {options.into_iter().map(|(option, words)| {
                    let selected = option == value;
                    view! { <option value=option selected=selected>{words}</option> }.erase()
                }).collect_view()}
            </select>
        </div>
    }
    .erase()
}
