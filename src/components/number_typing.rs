//! A number is grouped while it is typed, and the caret stays where it was.

use super::{compact::StoredValue, form_values::target};
use crate::domain::grouping::retyped;
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Groups the number's digits if the event changed it; `before` is what the field held.
pub fn regroup(event: &ev::Event, before: StoredValue<String>) {
    let input = target(event).and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input.filter(|input| input.id() == "phone_number") else { return };
    let now = input.value();
    // What is grouped is ASCII, where the browser's units are characters.
    let end = now.chars().count();
    let caret = input.selection_start().ok().flatten().map_or(end, |at| usize::try_from(at).unwrap_or(end));
    let Some((text, caret)) = before.with_value(|before| retyped(before, &now, caret)) else {
        before.set_value(now);
        return;
    };
    input.set_value(&text);
    if let Ok(caret) = u32::try_from(caret) {
        // Without it the caret is at the end, which is where most typing happens.
        let _ = input.set_selection_range(caret, caret);
    }
    before.set_value(text);
}
