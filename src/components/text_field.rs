//! A field to type into, with its label, a hint and what is wrong with it.

use super::compact::{Erase, Signal, changing};
use leptos::prelude::*;

/// What kind of text a field takes, and how a keyboard can help.
#[derive(Clone, Copy, Debug)]
pub struct Typing {
    /// The input's type.
    pub kind: &'static str,
    /// The keyboard on touch screens.
    pub inputmode: &'static str,
    /// What the browser may fill in.
    pub autocomplete: &'static str,
    /// An example.
    pub placeholder: &'static str,
}

/// One line of text.
#[component]
pub fn TextField(
    /// Its id, which is its wire name.
    name: &'static str,
    /// What it is called.
    label: &'static str,
    /// What more there is to know.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What takes the hint's place as soon as there is something to tell.
    #[prop(optional)]
    told: Option<Signal<Option<String>>>,
    /// The id of what there is to choose from, where there is something.
    #[prop(optional)]
    list: Option<&'static str>,
    /// What it holds at first.
    #[prop(into)]
    value: String,
    /// What kind of text it takes.
    typing: Typing,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let has_hint = hint.is_some();
    view! {
        <div class="field">
            <label class="field-label" for=name>{label}</label>
            {hint.map(|hint| {
                let words = move || told.and_then(|told| told.get()).unwrap_or_else(|| hint.clone());
                let live = told.map(|_| "polite");
                view! { <p class="field-hint" id=format!("{name}-hint") aria-live=live>{changing(words)}</p> }.erase()
            })}
            <FieldError name error/>
            <input
                class="input"
                id=name
                list=list
                name=format!("form[{name}]")
                type=typing.kind
                inputmode=typing.inputmode
                autocomplete=typing.autocomplete
                placeholder=typing.placeholder
                spellcheck="false"
                value=value
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described_by(name, has_hint, error)
            />
        </div>
    }
    .erase()
}

/// What is wrong with a field, beside it.
#[component]
pub fn FieldError(
    /// The field's id.
    name: &'static str,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    changing(move || {
        error.get().map(|error| {
            view! {
                <p class="field-error" id=format!("{name}-error")>
                    <span class="visually-hidden">"Error: "</span>
                    {error}
                </p>
            }
            .erase()
        })
    })
}

/// The ids of what describes a field: its hint and its error, where there are any.
pub fn described_by(
    name: &'static str,
    has_hint: bool,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Send + Sync + Copy + 'static {
    move || {
        let hint = has_hint.then(|| format!("{name}-hint"));
        let error = error.get().map(|_| format!("{name}-error"));
        let ids: Vec<_> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}
