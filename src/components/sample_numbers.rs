//! The simulator's numbers and what each will do, one press away.

use super::{
    by_id::by_id,
    compact::Erase,
    form_values::{form_around, read, target, type_into, write},
};
use crate::domain::{form::CallForm, grouping::grouped};
use leptos::{ev, prelude::*};

/// The numbers of the fictional range that choose a scenario.
const SAMPLES: [(&str, &str); 11] = [
    ("+14155550101", "is answered"),
    ("+14155550102", "is busy"),
    ("+14155550103", "nobody answers"),
    ("+14155550104", "fails"),
    ("+14155550105", "rings for a minute"),
    ("+14155550106", "is refused at once"),
    ("+14155550107", "loses its reports"),
    ("+14155550108", "reports twice"),
    ("+14155550109", "reports out of order"),
    ("+14155550110", "dials, then times out"),
    ("+14155550111", "dials too late"),
];

/// Each number is a link to the form with it; in the browser it goes straight into the field.
#[component]
pub fn SampleNumbers() -> impl IntoView {
    view! {
        <details class="sample-numbers" open>
            <summary>"Numbers to try: no telephone rings"</summary>
            <p>
                <a href="/calls/new?sample=1" on:click=move |event| {
                    if fill_in_sample(&event) {
                        event.prevent_default();
                    }
                }>"Fill in a whole sample call"</a>
            </p>
            <ul class="sample-numbers-list">
                {SAMPLES.into_iter().map(sample).collect_view()}
            </ul>
            <p class="field-hint">"Any other number is answered most of the time."</p>
        </details>
    }
    .erase()
}

/// A call that harms nobody: the form as it is, with somebody to call and a reason.
pub fn sample_call(form: CallForm) -> CallForm {
    CallForm {
        customer_name: "Ada Lovelace".to_owned(),
        phone_number: grouped(SAMPLES[0].0),
        workflow: "support".to_owned(),
        ..form
    }
}

fn fill_in_sample(event: &ev::MouseEvent) -> bool {
    let form = target(event).and_then(|link| form_around(&link));
    let Some((form, now)) = form.and_then(|form| Some((form.clone(), read(&form)?))) else { return false };
    write(&form, &sample_call(now));
    // The form is told of the number as if it had been typed.
    fill_in(SAMPLES[0].0)
}

fn sample((number, what): (&'static str, &'static str)) -> impl IntoView {
    let href = format!("/calls/new?number=%2B{}", number.trim_start_matches('+'));
    view! {
        <li>
            <a href=href on:click=move |event| {
                if fill_in(number) {
                    event.prevent_default();
                }
            }>{number}</a>
            " "
            {what}
        </li>
    }
    .erase()
}

fn fill_in(number: &str) -> bool {
    let Some(input) = by_id::<web_sys::HtmlInputElement>("phone_number") else { return false };
    type_into(&input, number);
    input.focus().is_ok()
}
