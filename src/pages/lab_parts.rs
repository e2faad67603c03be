//! What goes wrong in the lab, and what its numbers were told to do.

use super::lab_orders::{OrderForm, Orders};
use crate::{
    components::compact::{Erase, Signal},
    server_fns::{LabChoice, LabDeed, LabOrder},
};
use leptos::prelude::*;

/// What goes wrong, and the form that has more go wrong.
#[component]
pub fn Faults(
    /// What can go wrong.
    faults: Vec<LabChoice>,
    /// What does.
    on: Signal<Vec<LabOrder>>,
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="faults">
            <h2 class="section-title" id="faults">"Faults"</h2>
            <Orders
                orders=on
                none="Nothing goes wrong by order."
                take_back=(LabDeed::SwitchOff, "Switch off")
                take_all_back=(LabDeed::SwitchAllOff, "Switch all off")
                busy
            />
            <OrderForm
                deed=LabDeed::SwitchOn
                choose="What goes wrong"
                prefix="fault"
                choices=faults
                button="Switch on"
                busy
            />
            <p class="field-hint">"A fault holds for calls that are placed while it is on, and stays with them."</p>
        </section>
    }
    .erase()
}

/// What numbers were told to do, and the form that tells them.
#[component]
pub fn Outcomes(
    /// What they can be told.
    outcomes: Vec<LabChoice>,
    /// What they were told.
    set: Signal<Vec<LabOrder>>,
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="outcomes">
            <h2 class="section-title" id="outcomes">"Outcomes"</h2>
            <Orders
                orders=set
                none="Every number does what it does by itself."
                take_back=(LabDeed::Forget, "Forget")
                take_all_back=(LabDeed::ForgetAll, "Forget all")
                busy
            />
            <OrderForm
                deed=LabDeed::SetOutcome
                choose="A call"
                prefix="outcome"
                choices=outcomes
                button="Set outcome"
                busy
            />
        </section>
    }
    .erase()
}
