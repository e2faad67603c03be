//! Whether an endpoint is told anything, and if not, why.

use super::compact::{Erase, Memo, Signal, changing};
use crate::domain::webhook::{DisabledReason, Endpoint};
use leptos::prelude::*;

/// The state of an endpoint in a word. Its shape and colour hang on `data-status` in the style sheet.
#[component]
pub fn EndpointBadge(
    /// The endpoint.
    #[prop(into)]
    endpoint: Signal<Endpoint>,
) -> impl IntoView {
    let state = Memo::new(move |_| endpoint.with(state_of));
    view! {
        <span class="status-badge" data-status=move || Some(state.get().0)>{changing(move || state.get().1)}</span>
    }
    .erase()
}

fn state_of(endpoint: &Endpoint) -> (&'static str, &'static str) {
    match (endpoint.disabled_reason, endpoint.failing_since) {
        (Some(DisabledReason::ByHand), _) => ("disabled", "Disabled"),
        (Some(_), _) => ("failed", "Disabled"),
        (None, Some(_)) => ("failing", "Failing"),
        (None, None) => ("enabled", "Enabled"),
    }
}
