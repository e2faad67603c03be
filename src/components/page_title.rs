//! The document's title.

use super::compact::{Erase, effect};
use leptos::prelude::*;
use leptos_meta::Title;
use std::sync::{Arc, Mutex, PoisonError};

/// The title of a page, which may change. The server asks for a title once more when the page is whole and all that
/// belongs to the page may be gone, so the words are kept apart from what they are made of.
#[component]
pub fn PageTitle(
    /// The words.
    text: impl Fn() -> String + Send + Sync + 'static,
) -> impl IntoView {
    let (words, changed) = (Arc::new(Mutex::new(untrack(&text))), ArcTrigger::new());
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
