//! What was ordered in the lab, and the form that orders more.

use crate::{
    components::compact::{Erase, Signal, each},
    server_fns::{ActInLab, LabChoice, LabDeed, LabOrder},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// What was ordered, each with a button that takes it back.
#[component]
pub fn Orders(
    /// What was ordered.
    orders: Signal<Vec<LabOrder>>,
    /// What is said where nothing was.
    none: &'static str,
    /// What each button does, and its words.
    take_back: (LabDeed, &'static str),
    /// The same of the button for all of them.
    take_all_back: (LabDeed, &'static str),
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    let (one, words) = take_back;
    let (all, all_words) = take_all_back;
    let line = move |LabOrder { id, words: what, whom }: LabOrder| {
        let label = format!("{words}: {what}, {whom}");
        view! {
            <li class="lab-ordered">
                <span><strong>{what}</strong>" "<span>{whom}</span></span>
                <form method="post" action=ActInLab::url()>
                    <Deed deed=one/>
                    <button class="button" data-size="small" name="form[what]" value=id aria-label=label disabled=move || busy.get()>
                        {words}
                    </button>
                </form>
            </li>
        }.erase()
    };
    // A count that falls writes its line anew.
    let key = |order: &LabOrder| format!("{} {}", order.id, order.whom);
    let is_empty = move || orders.with(Vec::is_empty);
    view! {
        <Show when=move || !is_empty() fallback=move || view! { <p class="muted">{none}</p> }.erase()>
            <ul class="lab-orders">{each(move || orders.get(), key, line)}</ul>
        </Show>
        <Show when=move || orders.with(|orders| orders.len() > 1)>
            <form class="lab-all" method="post" action=ActInLab::url()>
                <Deed deed=all/>
                <button class="button" data-size="small" disabled=move || busy.get()>{all_words}</button>
            </form>
        </Show>
    }
    .erase()
}

/// The form that orders something: what, for which number, for how many calls.
#[component]
pub fn OrderForm(
    /// What it does.
    deed: LabDeed,
    /// What the choice is called.
    choose: &'static str,
    /// What the ids of its fields begin with.
    prefix: &'static str,
    /// What there is to choose from.
    choices: Vec<LabChoice>,
    /// The words on its button.
    button: &'static str,
    /// Whether something is being done.
    busy: Signal<bool>,
) -> impl IntoView {
    let id = |field: &str| format!("{prefix}-{field}");
    view! {
        <form class="lab-order" method="post" action=ActInLab::url()>
            <Deed deed/>
            <div class="field lab-what">
                <label class="field-label" for=id("what")>{choose}</label>
                <select class="input" id=id("what") name="form[what]">
                    {choices.into_iter().map(|it| view! { <option value=it.word>{it.words}</option> }.erase()).collect_view()}
                </select>
            </div>
            <div class="field">
                <label class="field-label" for=id("to")>"Number"</label>
                <input
                    class="input" id=id("to") name="form[to]" type="tel" inputmode="tel" autocomplete="off"
                    placeholder="every number"
                />
            </div>
            <div class="field">
                <label class="field-label" for=id("next")>"Next calls"</label>
                <input
                    class="input" id=id("next") name="form[next]" type="number" inputmode="numeric" min="1"
                    max="1000000" placeholder="all"
                />
            </div>
            <button class="button" disabled=move || busy.get()>{button}</button>
        </form>
    }
    .erase()
}

/// What a form of the lab does.
#[component]
pub fn Deed(
    /// What it does.
    deed: LabDeed,
) -> impl IntoView {
    view! { <input type="hidden" name="form[deed]" value=deed.as_str()/> }.erase()
}
