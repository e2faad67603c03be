//! Says at the page's foot what is about to be done, while it can still be taken back.

use super::compact::{Erase, Signal, changing};
use leptos::prelude::*;

/// The id of the button that takes it back.
pub const UNDO: &str = "undo";

/// The place for it, and what it says as long as there is something to say.
#[component]
pub fn Toast(
    /// What is about to be done; empty = nothing.
    #[prop(into)]
    words: Signal<String>,
    /// Takes it back.
    on_undo: Callback<()>,
) -> impl IntoView {
    let waits = move || {
        Some(words.get()).filter(|words| !words.is_empty()).map(|words| {
            view! {
                <p class="toast">
                    {words}
                    <button class="button" id=UNDO type="button" on:click=move |_| on_undo.run(())>"Undo"</button>
                </p>
            }.erase()
        })
    };
    view! { <div class="toasts" aria-live="polite">{changing(waits)}</div> }.erase()
}
