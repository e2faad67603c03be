//! What stops all placing, and the switch for it. Both post a plain form.

use super::{
    compact::{Erase, Memo, Signal, changing},
    notice::{Notice, Tone},
};
use crate::domain::waiting::Reason;
use leptos::prelude::*;

/// The button that stops all placing; nothing while something stops it already.
#[component]
pub fn PauseButton(
    /// What stops all placing now.
    #[prop(into)]
    stops: Signal<Vec<Reason>>,
    /// Where the form is posted.
    set_paused_url: &'static str,
) -> impl IntoView {
    let is_stopped = Memo::new(move |_| stops.with(|stops| stops.iter().any(ends_by_hand)));
    changing(move || {
        (!is_stopped.get()).then(|| {
            view! {
                <form method="post" action=set_paused_url>
                    <button
                        class="button"
                        name="paused"
                        value="true"
                        title="No call goes out until somebody resumes; calls under way go on"
                    >"Pause"</button>
                </form>
            }
            .erase()
        })
    })
}

/// Says what stops all placing and since when, with the button that ends it where a person can.
#[component]
pub fn DispatchStops(
    /// What stops all placing now.
    #[prop(into)]
    stops: Signal<Vec<Reason>>,
    /// Where the form is posted.
    set_paused_url: &'static str,
) -> impl IntoView {
    let stops = Memo::new(move |_| stops.get());
    changing(move || {
        let stops = stops.get();
        (!stops.is_empty()).then(|| {
            let resume = stops.iter().any(ends_by_hand);
            let words =
                stops.into_iter().map(|reason| view! { <p>{reason.detail}"."</p> }.erase()).collect_view();
            view! {
                <Notice tone=Tone::Warning title="No call goes out now">
                    {words}
                    <p>"Calls wait; those under way go on."</p>
                    {resume.then(|| view! {
                        <form class="notice-actions" method="post" action=set_paused_url>
                            <button class="button" name="paused" value="false">"Resume"</button>
                        </form>
                    }.erase())}
                </Notice>
            }
            .erase()
        })
    })
}

fn ends_by_hand(reason: &Reason) -> bool {
    matches!(reason.code.as_str(), "paused" | "blocked")
}
