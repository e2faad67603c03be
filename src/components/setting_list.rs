//! Every setting with its value and its meaning.

use super::compact::Erase;
use crate::domain::installation::Setting;
use leptos::prelude::*;

/// The list, in the order of the settings' declaration.
#[component]
pub fn SettingList(
    /// The settings.
    settings: Vec<Setting>,
) -> impl IntoView {
    view! { <ul class="setting-list">{settings.into_iter().map(line).collect_view()}</ul> }.erase()
}

fn line(Setting { name, value, is_default, meaning }: Setting) -> impl IntoView {
    let (origin, words) = if is_default { ("default", "Default") } else { ("set", "Set here") };
    view! {
        <li class="setting">
            <code class="setting-name">{name}</code>
            <p class="setting-value"><span>{value}</span>" "<small data-origin=origin>{words}</small></p>
            <p class="setting-meaning">{meaning}</p>
        </li>
    }
    .erase()
}
