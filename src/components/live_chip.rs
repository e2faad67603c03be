//! Says how fresh the page is: live, polling, up to date with nothing open, or offline since when.

use super::{
    clock::{Clock, local_clock},
    compact::{Erase, RwSignal, Signal, effect, on_window},
};
use crate::domain::timestamp::Timestamp;
use leptos::{ev, html, prelude::*};

/// How fresh what is shown is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// Whatever happens is told at once.
    Live,
    /// It is asked for again and again.
    Polling,
    /// No call is open: nothing changes by itself.
    Resting,
    /// The last question was not answered.
    Failing,
}

/// A chip whose text is an instant on the server's page and a word in the browser.
#[component]
pub fn LiveChip(
    /// How fresh the page is.
    #[prop(into)]
    freshness: Signal<Freshness>,
    /// When the server last answered, by its clock.
    #[prop(into)]
    as_of: Signal<Timestamp>,
) -> impl IntoView {
    let node = NodeRef::<html::Time>::new();
    let offline = RwSignal::new(false);
    let state = RwSignal::new("snapshot");
    effect(move || {
        let gone = on_window(ev::offline, move |_| offline.set(true));
        let back = on_window(ev::online, move |_| offline.set(false));
        on_cleanup(move || {
            gone.remove();
            back.remove();
        });
    });
    effect(move || {
        Clock::get().learn(as_of.get());
    });
    let mut written = String::new();
    effect(move || {
        let since = local_clock(as_of.get());
        let (word, text) = match (freshness.get(), offline.get()) {
            (_, true) | (Freshness::Failing, _) => ("offline", format!("Offline since {since}")),
            (Freshness::Live, _) => ("live", "Live".to_owned()),
            (Freshness::Polling, _) => ("polling", "Polling".to_owned()),
            (Freshness::Resting, _) => ("resting", "Up to date".to_owned()),
        };
        if let Some(time) = node.get().filter(|_| written != text) {
            time.set_text_content(Some(&text));
            state.set(word);
            written = text;
        }
    });
    let first = as_of.get_untracked();
    view! {
        <p class="live-chip" data-live=move || Some(state.get()) role="status">
            <time node_ref=node datetime=move || as_of.get().to_rfc3339()>
                {format!("As of {}", first.to_utc_clock())}
            </time>
        </p>
    }
    .erase()
}
