//! What the keys of the list do, unless somebody is typing, and the sheet that says so.

use super::{
    by_id::by_id,
    compact::{effect, on_window},
    error_summary::focus,
};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

/// The id of the sheet, which stands in the frame of all pages.
const SHEET: &str = "shortcuts";

/// The keys of the list.
pub fn use_shortcuts(new_call: Callback<()>) {
    use_keys(move |key| match key {
        "c" => {
            new_call.run(());
            true
        }
        "/" => focus("q"),
        "j" => move_focus(1),
        "k" => move_focus(-1),
        "x" => toggle(),
        "Escape" => clear(),
        _ => false,
    });
}

/// The keys of every page.
pub fn use_help() {
    use_keys(|key| key == "?" && open_sheet());
}

/// Shows the sheet; false where it can't be shown.
pub fn open_sheet() -> bool {
    by_id::<HtmlDialogElement>(SHEET).is_some_and(|sheet| sheet.open() || sheet.show_modal().is_ok())
}

/// Lets `press` have each key that is not typed into something; it says whether the key meant something.
fn use_keys(press: impl Fn(&str) -> bool + Copy + Send + Sync + 'static) {
    effect(move || {
        let pressed = on_window(ev::keydown, move |event| {
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if !(event.default_prevented() || modified || is_typing()) && press(&event.key()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || pressed.remove());
    });
}

fn is_typing() -> bool {
    let active = document().active_element();
    let field = "input:not([type=checkbox]),select,textarea,dialog[open]";
    active.is_some_and(|active| active.closest(field).is_ok_and(|typing| typing.is_some()))
}

/// The row that has the focus.
fn row() -> Option<Element> {
    document().active_element()?.closest("tbody tr").ok().flatten()
}

/// Moves the focus to the link of the row that is `by` rows further down; without one, to the first.
fn move_focus(by: i32) -> bool {
    let Ok(links) = document().query_selector_all(".call-table td > a") else { return false };
    let here = row();
    let position = (0..links.length()).find(|index| {
        let link = links.get(*index);
        here.as_ref().is_some_and(|row| row.contains(link.as_ref()))
    });
    let next = position.map_or(Some(0), |position| position.checked_add_signed(by));
    let link = next.and_then(|next| links.get(next)).and_then(|link| link.dyn_into::<HtmlElement>().ok());
    link.is_some_and(|link| link.focus().is_ok())
}

fn toggle() -> bool {
    let checkbox = row().and_then(|row| row.query_selector("input").ok().flatten());
    let checkbox = checkbox.and_then(|checkbox| checkbox.dyn_into::<HtmlElement>().ok());
    checkbox.is_some_and(|checkbox| {
        checkbox.click();
        true
    })
}

fn clear() -> bool {
    let clear = document().query_selector(".bulk-bar [type=reset]").ok().flatten();
    let any = document().query_selector(".call-table tbody :checked").ok().flatten();
    let clear = clear.filter(|_| any.is_some()).and_then(|clear| clear.dyn_into::<HtmlElement>().ok());
    clear.is_some_and(|clear| {
        clear.click();
        true
    })
}
