//! Light, dark, or as the system is set: one press each, by a plain form.

use super::compact::{Erase, Signal};
use crate::domain::theme::Theme;
use leptos::prelude::*;

/// The three buttons.
#[component]
pub fn ThemeChoice(
    /// The look in force.
    #[prop(into)]
    chosen: Signal<Theme>,
    /// Where the form is posted.
    action_url: &'static str,
) -> impl IntoView {
    let button = move |theme: Theme| {
        let pressed = move || if chosen.get() == theme { "true" } else { "false" };
        view! {
            <button class="button" name="theme" value=theme.as_str() aria-pressed=pressed>{theme.label()}</button>
        }.erase()
    };
    view! {
        <form class="theme-choice" method="post" action=action_url>
            {Theme::ALL.iter().copied().map(button).collect_view()}
        </form>
    }
    .erase()
}

/// The look that whoever asks has chosen, where a server is rendering the document.
pub fn chosen_look() -> Option<&'static str> {
    use_context::<Theme>().and_then(Theme::attribute)
}

/// Shows the document in the look that was just chosen, as the server renders the next one.
pub fn show_theme(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    // The next document comes in the chosen look in any case.
    let _ = match theme.attribute() {
        Some(look) => root.set_attribute("data-theme", look),
        None => root.remove_attribute("data-theme"),
    };
}
