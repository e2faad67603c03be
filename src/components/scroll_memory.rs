//! Where a page was scrolled to when it was left, for whoever comes back to it.

use super::compact::{Signal, StoredValue, effect, on_window};
use leptos::{ev, prelude::*};
use leptos_router::location::{BrowserUrl, LocationProvider};

/// The scroll position of each URL that was left, in CSS pixels, and which of them was seen last. Provided once, by
/// the app.
#[derive(Clone, Copy, Debug)]
pub struct ScrollMemory {
    positions: StoredValue<Vec<(String, f64)>>,
    newest: StoredValue<Option<String>>,
}

/// Provides the [`ScrollMemory`].
pub fn provide_scroll_memory() {
    let positions = StoredValue::new(Vec::new());
    provide_context(ScrollMemory { positions, newest: StoredValue::new(None) });
}

/// The list as it was seen last, with its filters; none before any was.
pub fn newest_list() -> Option<String> {
    expect_context::<ScrollMemory>().newest.get_value()
}

/// Keeps the scroll position of the page at `url`, and goes back to it once `is_shown` when the page was
/// reached by going back: the browser itself tries before the rows are there.
pub fn remember_scroll(url: impl Fn() -> String + Send + Sync + Copy + 'static, is_shown: Signal<bool>) {
    let ScrollMemory { positions: memory, newest } = expect_context();
    effect(move || newest.set_value(Some(url())));
    let came_back = use_context::<BrowserUrl>().is_some_and(|browser| browser.is_back().get_untracked());
    effect(move || {
        let scrolled = on_window(ev::scroll, move |_| {
            if let Ok(y) = window().scroll_y() {
                let url = untrack(url);
                memory.update_value(|memory| {
                    memory.retain(|(known, _)| *known != url);
                    memory.push((url, y));
                });
            }
        });
        on_cleanup(move || scrolled.remove());
    });
    let mut done = !came_back;
    effect(move || {
        if done || !is_shown.get() {
            return;
        }
        let url = untrack(url);
        let known =
            memory.with_value(|memory| memory.iter().find(|(known, _)| *known == url).map(|(_, y)| *y));
        if let Some(y) = known {
            // Twice, because the rows are laid out only after this frame.
            request_animation_frame(move || {
                request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, y));
            });
        }
        done = true;
    });
}
