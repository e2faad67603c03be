//! The fields of a webhook endpoint's form.

use super::{
    compact::{Erase, Signal},
    text_field::{FieldError, TextField, Typing},
};
use crate::domain::{
    form,
    webhook::{WebhookEvent, form::EndpointForm},
};
use leptos::prelude::*;

const ADDRESS: Typing =
    Typing { kind: "url", inputmode: "url", autocomplete: "off", placeholder: "https://example.org/hooks" };
const WORDS: Typing = Typing { kind: "text", inputmode: "text", autocomplete: "off", placeholder: "Billing" };

/// Address, description and events.
#[component]
pub fn EndpointFields(
    /// What the form holds at first.
    form: EndpointForm,
    /// What the server found wrong with what was sent.
    #[prop(into)]
    errors: Signal<Vec<form::FieldError>>,
) -> impl IntoView {
    let of = move |field: &'static str| {
        Signal::derive(move || {
            errors.with(|errors| errors.iter().find(|error| error.field == field).map(|it| it.detail.clone()))
        })
    };
    let ticked = form.events;
    let wrong = of("events");
    view! {
        <TextField
            name="url"
            label="Address"
            hint="Events are posted there, signed, as JSON."
            value=form.url
            typing=ADDRESS
            error=of("url")
        />
        <TextField
            name="description"
            label="Description"
            hint="What you call it; may be empty."
            value=form.description
            typing=WORDS
            error=of("description")
        />
        <fieldset class="field" id="events" tabindex="-1" aria-describedby=move || wrong.get().map(|_| "events-error")>
            <legend class="field-label">"Events"</legend>
            <FieldError name="events" error=wrong/>
            <div class="event-choices">
                {WebhookEvent::ALL.iter().map(|event| {
                    let checked = ticked.iter().any(|ticked| ticked == event.as_str());
                    view! {
                        <label class="choice">
                            <input type="checkbox" name="form[events][]" value=event.as_str() checked=checked/>
                            <span><code>{event.as_str()}</code><span class="event-meaning">{event.label()}</span></span>
                        </label>
                    }.erase()
                }).collect_view()}
            </div>
        </fieldset>
    }
    .erase()
}
