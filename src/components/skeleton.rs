//! What stands where something is still loading, in the same shape.

use super::compact::Erase;
use leptos::prelude::*;

/// Rows that are not there yet.
#[component]
pub fn ListSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true">
            <p class="visually-hidden">"Loading…"</p>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
            <div class="skeleton-row"></div>
        </div>
    }
    .erase()
}

/// A card that is not there yet.
#[component]
pub fn CardSkeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true">
            <p class="visually-hidden">"Loading…"</p>
            <div class="skeleton-card"></div>
        </div>
    }
    .erase()
}
