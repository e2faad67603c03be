//! The document's title.

use super::compact::{Erase, Signal, effect};
use leptos::prelude::*;
use leptos_meta::Title;
use std::sync::{Arc, Mutex, PoisonError};

/// The title of a page, which may change, behind the number of active calls if there are any. The server asks for a title
/// once more when the page is whole and all that belongs to the page may be gone, so the words are kept apart from what
/// they are made of.
#[component]
pub fn PageTitle(
    /// How many calls are active, as far as the page knows.
    #[prop(into)]
    active: Signal<i64>,
    /// The words.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let text = move || match active.get() {
        0 => text.get(),
        active => format!("({active}) {}", text.get()),
    };
    let (words, changed) = (Arc::new(Mutex::new(untrack(text))), ArcTrigger::new());
    let (newest, told) = (words.clone(), changed.clone());
    effect(move || {
        let text = text();
        let mut words = newest.lock().unwrap_or_else(PoisonError::into_inner);
        if *words != text {
            *words = text;
            drop(words);
            told.notify();
        }
    });
    let words = move || {
        changed.track();
        words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    view! { <Title text=words/> }.erase()
}
