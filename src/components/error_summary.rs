//! The errors of a form, on top of it, each a link to its field (the pattern of govuk-frontend).

use super::{
    by_id::by_id,
    compact::{Erase, Signal, changing, effect},
};
use crate::domain::form::FieldError;
use leptos::{html, prelude::*};

/// The summary; it takes the focus when errors arrive.
#[component]
pub fn ErrorSummary(
    /// What is wrong, field by field.
    #[prop(into)]
    errors: Signal<Vec<FieldError>>,
    /// What is wrong with no field in particular.
    #[prop(into)]
    other: Signal<Option<String>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    effect(move || {
        let any = errors.with(|errors| !errors.is_empty()) || other.with(Option::is_some);
        if let Some(summary) = node.get().filter(|_| any) {
            // Without the focus it is still on top of the form, and an alert.
            let _ = summary.focus();
        }
    });
    changing(move || {
        let (errors, other) = (errors.get(), other.get());
        (!errors.is_empty() || other.is_some()).then(|| {
            view! {
                <div
                    node_ref=node
                    class="error-summary"
                    role="alert"
                    tabindex="-1"
                    aria-labelledby="error-summary-title"
                >
                    <h2 class="error-summary-title" id="error-summary-title">"There is a problem"</h2>
                    {other.map(|other| view! { <p>{other}</p> }.erase())}
                    <ul class="error-summary-list">
                        {errors.into_iter().map(|error| view! { <li>{link(error)}</li> }.erase()).collect_view()}
                    </ul>
                </div>
            }.erase()
        })
    })
}

/// The link focuses the field: the router would only scroll to it.
fn link(FieldError { field, detail, .. }: FieldError) -> impl IntoView {
    let href = format!("#{field}");
    view! {
        <a href=href on:click=move |event| {
            if focus(&field) {
                event.prevent_default();
            }
        }>{detail}</a>
    }
    .erase()
}

/// Moves the focus to the element with this id; false where there is none.
pub fn focus(id: &str) -> bool {
    by_id::<web_sys::HtmlElement>(id).is_some_and(|target| target.focus().is_ok())
}
