//! The boxes of the rows. They are the truth about what is selected; what is read of them is kept for those who count.

use super::compact::{Erase, RwSignal, Signal, StoredValue, effect, on_window};
use crate::domain::call_row::CallRow;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

const BOXES: &str = ".call-table tbody .row-box > input";

/// Keeps in `checked` what the boxes of the table say: after each click, after each change of `rows`, and at first, since
/// a browser may have kept the boxes of a page that it went back to. With shift, a click counts for all rows up to the
/// one that was clicked before.
pub fn use_boxes(checked: RwSignal<Vec<String>>, rows: Signal<Vec<CallRow>>) {
    let before = StoredValue::new(None::<usize>);
    effect(move || {
        let clicked = on_window(ev::click, move |event| {
            let boxes = boxes();
            let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let position = target.and_then(|target| boxes.iter().position(|known| *known == target));
            let Some(position) = position else { return };
            if let Some(other) = before.get_value().filter(|_| event.shift_key()) {
                let state = boxes[position].checked();
                let (from, to) = (position.min(other), position.max(other));
                boxes.iter().take(to + 1).skip(from).for_each(|each| each.set_checked(state));
            }
            before.set_value(Some(position));
            checked.set(read(&boxes));
        });
        on_cleanup(move || clicked.remove());
    });
    effect(move || {
        rows.track();
        // The rows are in the document only after this.
        request_animation_frame(move || {
            let now = read(&boxes());
            if checked.try_with_untracked(|checked| *checked != now) == Some(true) {
                checked.set(now);
            }
        });
    });
    effect(move || {
        if checked.with(Vec::is_empty) {
            set_all(&boxes(), false);
        }
    });
}

/// The box for all rows.
pub fn all_boxes(rows: Signal<Vec<CallRow>>, checked: RwSignal<Vec<String>>) -> AnyView {
    let all = move || checked.with(Vec::len) == rows.with(Vec::len);
    view! {
        <label class="row-box live-only">
            <input
                type="checkbox"
                aria-label="Select all calls on this page"
                prop:checked=all
                prop:indeterminate=move || !all() && checked.with(|checked| !checked.is_empty())
                on:change=move |event| {
                    let state = event_target_checked(&event);
                    let boxes = boxes();
                    set_all(&boxes, state);
                    checked.set(read(&boxes));
                }
            />
        </label>
    }
    .erase()
}

fn boxes() -> Vec<HtmlInputElement> {
    let Ok(found) = document().query_selector_all(BOXES) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

fn set_all(boxes: &[HtmlInputElement], state: bool) {
    for each in boxes {
        each.set_checked(state);
    }
}

fn read(boxes: &[HtmlInputElement]) -> Vec<String> {
    boxes.iter().filter(|each| each.checked()).map(HtmlInputElement::value).collect()
}
