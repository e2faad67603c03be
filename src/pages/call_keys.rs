//! The keys of a call's page: `e` edits it while it waits, `u` and Escape lead back to the list.

use crate::{
    components::compact::{RwSignal, Signal, effect, on_window},
    domain::id::CallId,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// What somebody who types into it, or has it open, means by a key.
const TAKES_KEYS: &str = "input,select,textarea,dialog,audio,.menu[open]";

/// Listens while the page is there; `editable` is the call, as long as it can be edited, `back` where the list
/// is. To be called before anything else listens for Escape, which closes an open menu first.
pub fn use_keys(editable: Signal<Option<CallId>>, back: RwSignal<String>) {
    let navigate = use_navigate();
    effect(move || {
        let navigate = navigate.clone();
        let pressed = on_window(ev::keydown, move |event| {
            let is_chord = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
            if event.default_prevented() || is_chord || is_taken(&event) {
                return;
            }
            let path = match event.key().as_str() {
                "u" | "Escape" => back.get_untracked(),
                "e" => match editable.get_untracked() {
                    Some(id) => format!("/calls/{id}/edit"),
                    None => return,
                },
                _ => return,
            };
            event.prevent_default();
            navigate(&path, NavigateOptions::default());
        });
        on_cleanup(move || pressed.remove());
    });
}

/// Whether the key belongs to what has the focus, or to a menu that is open.
fn is_taken(event: &ev::KeyboardEvent) -> bool {
    let has_menu = document().query_selector(".menu[open]").is_ok_and(|menu| menu.is_some());
    let active = document().active_element();
    let is_typing =
        active.is_some_and(|active| active.closest(TAKES_KEYS).is_ok_and(|taker| taker.is_some()));
    is_typing || (has_menu && event.key() == "Escape")
}
