//! When a call shall go out: now, by a choice that needs no typing, or at a wall time in a zone that is there to see.

use super::{
    by_id::by_id,
    choice_field::ChoiceField,
    clock::local_zone,
    compact::{Erase, Memo, changing},
    field_errors::FieldErrors,
    form_help::Help,
    text_field::{TextField, Typing},
};
use crate::domain::form::{CallForm, When};
use leptos::prelude::*;

const WALL_TIME: Typing =
    Typing { kind: "datetime-local", inputmode: "text", autocomplete: "off", placeholder: "" };

/// The choices of when. The style sheet shows the fields of a choice only when it is chosen.
#[component]
pub fn TimeFields(
    /// The form as it stands.
    form: CallForm,
    /// The time zones to choose from.
    time_zones: Vec<String>,
    /// What is wrong with which field.
    errors: FieldErrors,
    /// What the server says of the time.
    help: Help,
) -> impl IntoView {
    let chosen = form.when.parse().unwrap_or(When::Now);
    let zones = time_zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect();
    view! {
        <fieldset class="when" id="when">
            <legend class="field-label">"When"</legend>
            <div class="choices">
                {When::ALL.iter().map(|when| choice(*when, chosen)).collect_view()}
            </div>
            <div class="when-fields">
                <div class="when-wall">
                    <TextField
                        name="wall_time"
                        label="Day and time"
                        value=form.wall_time
                        typing=WALL_TIME
                        error=errors.of("wall_time")
                    />
                </div>
                <ChoiceField
                    name="time_zone"
                    label="Time zone"
                    options=zones
                    value=form.time_zone
                    error=errors.of("time_zone")
                />
            </div>
            <WaitWords help/>
        </fieldset>
    }
    .erase()
}

fn choice(when: When, chosen: When) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name="form[when]" value=when.as_str() checked=when == chosen/>
            {when.label()}
        </label>
    }
    .erase()
}

/// When it goes out, in words. How long that is changes by itself, so it is not read out.
#[component]
fn WaitWords(help: Help) -> impl IntoView {
    let wait = Memo::new(move |_| help.wait());
    let distance = Memo::new(move |_| help.distance());
    let words = move || wait.get().map(|wait| format!("It goes out on {}.", wait.words));
    view! {
        <p class="wait-words">
            <span aria-live="polite">
                {changing(words)}
                {changing(move || wait.get().and_then(|wait| wait.remark).map(|remark| format!(" {remark}")))}
            </span>
            " "
            <span>{changing(move || distance.get().map(|distance| format!("That is in {distance}.")))}</span>
        </p>
    }
    .erase()
}

/// Chooses the browser's zone where the list has it: most people mean their own clock.
pub fn suggest_local_zone() {
    let select = by_id::<web_sys::HtmlSelectElement>("time_zone");
    let (Some(select), Some(zone)) = (select, local_zone()) else { return };
    let before = select.value();
    select.set_value(&zone);
    if select.value().is_empty() {
        select.set_value(&before);
    }
}
