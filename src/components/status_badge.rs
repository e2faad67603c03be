//! Where a call or an attempt stands: text, shape and colour.

use super::compact::{Erase, Signal, changing};
use crate::domain::status::CallStatus;
use leptos::prelude::*;

/// A status as people read it. Its shape and colour hang on `data-status` in the style sheet.
#[component]
pub fn StatusBadge(
    /// The status.
    #[prop(into)]
    status: Signal<CallStatus>,
) -> impl IntoView {
    view! {
        <span class="status-badge" data-status=move || Some(status.get().as_str())>
            {changing(move || status.get().label())}
        </span>
    }
    .erase()
}
