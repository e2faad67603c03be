//! A box that says what happened or what to know.

use super::compact::Erase;
use leptos::prelude::*;

/// How serious a notice is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Good to know.
    Neutral,
    /// Odd, but accepted.
    Warning,
    /// It did not work.
    Negative,
}

impl Tone {
    fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Warning => "warning",
            Self::Negative => "negative",
        }
    }
}

/// A box with a heading; one that is negative is read out at once.
#[component]
pub fn Notice(
    /// How serious it is.
    tone: Tone,
    /// What it says first.
    #[prop(into)]
    title: String,
    /// What it says then, and what can be done.
    children: Children,
) -> impl IntoView {
    let role = (tone == Tone::Negative).then_some("alert");
    view! {
        <div class="notice" data-tone=tone.as_str() role=role>
            <p class="notice-title">{title}</p>
            <div class="notice-body">{children()}</div>
        </div>
    }
    .erase()
}
