//! Earlier customers, offered while a name or a number is typed. The browser's own lists: they work with every
//! keyboard, screen reader and touch screen, and without them the fields are plain ones.

use super::{
    compact::{Erase, Memo, changing},
    form_help::Help,
    form_values::{form_around, set, target},
};
use crate::domain::call_check::Customer;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, InputEvent};

/// The lists behind the two fields.
#[component]
pub fn Customers(
    /// Who may be meant.
    help: Help,
) -> impl IntoView {
    let customers = Memo::new(move |_| help.customers());
    let by_name = |Customer { name, number, workflow }: Customer| {
        let label = format!("{name}, {number}, {}", workflow.label());
        view! { <option value=name label=label></option> }.erase()
    };
    let by_number = |Customer { name, number, workflow }: Customer| {
        let label = format!("{number}, {name}, {}", workflow.label());
        view! { <option value=number label=label></option> }.erase()
    };
    view! {
        <datalist id="customers">{changing(move || customers.get().into_iter().map(by_name).collect_view())}</datalist>
        <datalist id="numbers">{changing(move || customers.get().into_iter().map(by_number).collect_view())}</datalist>
    }
    .erase()
}

/// Whoever was chosen from a list fills in the name, the number and the workflow; whoever only types is left alone.
pub fn choose(event: &ev::Event, help: Help) {
    let was_typed =
        event.dyn_ref::<InputEvent>().is_some_and(|event| event.input_type() != "insertReplacementText");
    let input = target(event).and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input.filter(|_| !was_typed) else { return };
    let (id, value) = (input.id(), input.value());
    let is_chosen = |customer: &Customer| match id.as_str() {
        "customer_name" => customer.name == value,
        "phone_number" => customer.number == value,
        _ => false,
    };
    let chosen = untrack(|| help.customers()).into_iter().find(is_chosen);
    if let (Some(customer), Some(form)) = (chosen, form_around(&input)) {
        set(&form, "customer_name", &customer.name);
        set(&form, "phone_number", &customer.number);
        set(&form, "workflow", customer.workflow.as_str());
    }
}
