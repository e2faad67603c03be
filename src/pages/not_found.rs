//! The page for every address that has none.

use crate::components::{compact::Erase, status_code::set_status};
use leptos::prelude::*;
use leptos_meta::Title;

/// Says that there is nothing here, with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    set_status(404);
    view! {
        <Title text="Not found"/>
        <section class="empty-state">
            <h1 class="empty-state-title">"There is nothing at this address"</h1>
            <p class="empty-state-text">"It may be mistyped, or what was here has been deleted."</p>
            <div class="empty-state-actions"><a class="button" data-kind="primary" href="/">"Go to the calls"</a></div>
        </section>
    }.erase()
}
