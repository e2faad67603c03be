//! A button that copies a text. It is there only where a script runs and the browser lets it copy.

use super::compact::{Erase, RwSignal, StoredValue, changing, effect};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::prelude::Closure;

/// For how long it says that it has copied.
const SAYS_SO: Duration = Duration::from_secs(2);

/// The button.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What that is, as in "Copy the id".
    what: &'static str,
) -> impl IntoView {
    let (is_able, copied) = (RwSignal::new(false), RwSignal::new(false));
    // Elsewhere than over HTTPS or on this machine browsers have no clipboard for scripts.
    effect(move || is_able.set(window().is_secure_context()));
    let text = StoredValue::new(text);
    changing(move || {
        is_able.get().then(|| {
            let word = move || if copied.get() { "Copied" } else { "Copy" };
            let said = move || copied.get().then(|| format!("{what}: copied"));
            view! {
                <span class="copy">
                    <button
                        class="copy-button"
                        type="button"
                        aria-label=move || format!("{} {what}", word())
                        on:click=move |_| copy(&text.get_value(), copied)
                    >
                        {changing(word)}
                    </button>
                    <span class="visually-hidden" role="status">{changing(said)}</span>
                </span>
            }
            .erase()
        })
    })
}

fn copy(text: &str, copied: RwSignal<bool>) {
    let done = Closure::once(move |_| {
        copied.try_set(true);
        set_timeout(
            move || {
                copied.try_set(false);
            },
            SAYS_SO,
        );
    });
    // Where copying is refused nothing is said, and the text is there to be selected.
    let _ = window().navigator().clipboard().write_text(text).then(&done);
    done.forget();
}
