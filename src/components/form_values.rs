//! The values of a call's form as the document holds them: what people type stays with the browser, so that it is
//! there before our code is and survives whatever our code does.

use crate::domain::form::CallForm;
use leptos::form::FromFormData;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlFormElement, HtmlInputElement, HtmlSelectElement};

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    form: CallForm,
}

/// The form around an element.
pub fn form_around(element: &Element) -> Option<HtmlFormElement> {
    element.closest("form").ok()??.dyn_into().ok()
}

/// The element that an event happened to.
pub fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The form as it stands.
pub fn read(form: &HtmlFormElement) -> Option<CallForm> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    Typed::from_form_data(&data).ok().map(|typed| typed.form)
}

/// Writes every value into its field.
pub fn write(form: &HtmlFormElement, values: &CallForm) {
    for (field, value) in [
        ("form_key", &values.form_key),
        ("customer_name", &values.customer_name),
        ("phone_number", &values.phone_number),
        ("country", &values.country),
        ("workflow", &values.workflow),
        ("wall_time", &values.wall_time),
        ("time_zone", &values.time_zone),
    ] {
        set(form, field, value);
    }
    let chosen = format!("[name=\"form[when]\"][value=\"{}\"]", values.when);
    if let Some(choice) = form.query_selector(&chosen).ok().flatten()
        && let Some(choice) = choice.dyn_ref::<HtmlInputElement>()
    {
        choice.set_checked(true);
    }
}

/// Writes one value; a list that does not have it stays as it is.
pub fn set(form: &HtmlFormElement, field: &str, value: &str) {
    let Ok(Some(input)) = form.query_selector(&format!("[name=\"form[{field}]\"]")) else { return };
    if let Some(input) = input.dyn_ref::<HtmlInputElement>() {
        input.set_value(value);
    }
    if let Some(select) = input.dyn_ref::<HtmlSelectElement>() {
        let before = select.value();
        select.set_value(value);
        if select.value() != value {
            select.set_value(&before);
        }
    }
}

/// Whether nobody has typed into the form since it came.
pub fn is_untouched(form: &HtmlFormElement) -> bool {
    ["customer_name", "phone_number", "wall_time"].iter().all(|field| {
        let input = form.query_selector(&format!("[name=\"form[{field}]\"]")).ok().flatten();
        let input = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        input.is_none_or(|input| input.value() == input.default_value())
    })
}

/// Types for somebody: writes into an input and tells the form, as a keyboard does.
pub fn type_into(input: &HtmlInputElement, value: &str) {
    input.set_value(value);
    let told = EventInit::new();
    told.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &told) {
        // Nobody prevents what this event does, which is nothing.
        let _ = input.dispatch_event(&event);
    }
}
