//! An instant. The server writes UTC; in the browser an effect writes it in the reader's zone.

use super::{
    clock::{Clock, local_clock, local_date, local_words},
    compact::{Erase, Signal, effect},
};
use crate::domain::timestamp::Timestamp;
use leptos::{html, prelude::*};

const HOUR_MILLIS: i64 = 3_600_000;

/// How much of an instant is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// How far it is from now; the whole instant follows for screen readers.
    Relative,
    /// Day and time with seconds and zone.
    Exact,
}

/// A `<time>`. Its text alone differs between the server's page and the hydrated one.
#[component]
pub fn Time(
    /// The instant.
    #[prop(into)]
    at: Signal<Timestamp>,
    /// How it is written.
    shown: Shown,
) -> impl IntoView {
    let node = NodeRef::<html::Time>::new();
    let clock = Clock::get();
    let mut written = String::new();
    effect(move || {
        let (Some(time), Some(now)) = (node.get(), clock.now()) else { return };
        let at = at.get();
        let is_relative = shown == Shown::Relative;
        let relative = is_relative.then(|| distance(at, now));
        let wanted = relative.clone().unwrap_or_else(|| at.to_rfc3339());
        // A text that is replaced can't stay selected, so nothing is written twice.
        if written != wanted {
            write(&time, at, relative);
            written = wanted;
        }
    });
    let first = at.get_untracked();
    let words = match shown {
        Shown::Relative => first.to_utc_words(),
        Shown::Exact => format!("{}, {}", first.to_utc_day(), first.to_utc_clock()),
    };
    view! { <time node_ref=node datetime=move || at.get().to_rfc3339()>{words}</time> }.erase()
}

impl From<Timestamp> for Signal<Timestamp> {
    fn from(at: Timestamp) -> Self {
        Self::stored(at)
    }
}

/// How far away it is; of what is hours ahead also the clock, because then it is planned with.
fn distance(at: Timestamp, now: Timestamp) -> String {
    match at.relative_to(now) {
        Some(relative) if at.millis_since(now) > HOUR_MILLIS => format!("{relative}, {}", local_clock(at)),
        Some(relative) => relative,
        None => local_date(at),
    }
}

fn write(time: &web_sys::HtmlTimeElement, at: Timestamp, relative: Option<String>) {
    // A title or text that can't be written leaves the server's, which is right too, in UTC.
    let _ = time.remove_attribute("title");
    let Some(relative) = relative else {
        time.set_text_content(Some(&local_words(at, true)));
        return;
    };
    time.set_text_content(Some(&relative));
    if let Ok(whole) = document().create_element("span") {
        whole.set_class_name("visually-hidden");
        whole.set_text_content(Some(&format!(", {}", local_words(at, false))));
        let _ = time.append_child(&whole);
    }
}
