//! The simulator's numbers, and how fast it is.

use super::lab_orders::Deed;
use crate::{
    components::compact::{Erase, Signal, changing},
    server_fns::{ActInLab, LabDeed, LabNumber},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The simulator's numbers, each with a button that calls it.
#[component]
pub fn Numbers(
    /// The numbers.
    numbers: Vec<LabNumber>,
    /// The key of the form.
    form_key: String,
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    let line = move |LabNumber { number, digits, does }: LabNumber| {
        let label = format!("Call {number}, which {does}");
        view! {
            <li class="lab-number">
                <span class="lab-digits">{digits}</span>
                <span class="lab-does">{does}</span>
                <button class="button" data-size="small" name="form[what]" value=number aria-label=label disabled=move || busy.get()>
                    "Call"
                </button>
            </li>
        }.erase()
    };
    view! {
        <section class="card lab-numbers" aria-labelledby="numbers">
            <h2 class="section-title" id="numbers">"Numbers"</h2>
            <p class="field-hint">
                "The last two digits of +1 415 555 01NN choose. Any area code does; every other number draws its outcome."
            </p>
            <form method="post" action=ActInLab::url()>
                <Deed deed=LabDeed::Call/>
                <input type="hidden" name="form[form_key]" value=form_key/>
                <ul>{numbers.into_iter().map(line).collect_view()}</ul>
            </form>
        </section>
    }
    .erase()
}

/// How fast it is.
#[component]
pub fn Speed(
    /// The speed.
    speed: Signal<String>,
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    let first = speed.get_untracked();
    view! {
        <section class="card" aria-labelledby="speed-title">
            <h2 class="section-title" id="speed-title">"Speed"</h2>
            <p>{changing(move || format!("{} times as fast as life", speed.get()))}</p>
            <form class="lab-order" method="post" action=ActInLab::url()>
                <Deed deed=LabDeed::SetSpeed/>
                <div class="field">
                    <label class="field-label" for="speed">"Calls from now on"</label>
                    <input
                        class="input" id="speed" name="form[what]" type="number" inputmode="decimal"
                        min="0.01" max="1000" step="any" required value=first
                    />
                </div>
                <button class="button" disabled=move || busy.get()>"Change"</button>
            </form>
        </section>
    }
    .erase()
}
