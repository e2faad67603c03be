//! What stands around every page: the way past the header, the header, the page.

use super::{
    compact::{Erase, Signal},
    error_summary::focus,
    shortcuts::{open_sheet, use_help},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The parts of the site.
const PARTS: [(&str, &str); 5] =
    [("/", "Calls"), ("/insights", "Insights"), ("/lab", "Lab"), ("/settings", "Settings"), ("/docs", "API")];

/// Whether there is a lab to go to, as whoever renders the document knows.
#[derive(Clone, Copy, Debug)]
pub struct HasLab(pub bool);

/// The document's mark for it; the style sheet hides the way to the lab where it is missing.
pub fn lab_mark() -> Option<&'static str> {
    use_context::<HasLab>().filter(|lab| lab.0).map(|_| "true")
}

/// The frame of all pages.
#[component]
pub fn Layout(
    /// Whether the next page is being fetched.
    #[prop(into)]
    is_moving: Signal<bool>,
    /// The page.
    children: Children,
) -> impl IntoView {
    use_help();
    let path = use_location().pathname;
    view! {
        <a class="skip-link" href="#main" on:click=move |event| {
            if focus("main") {
                event.prevent_default();
            }
        }>"Skip to content"</a>
        <header class="site-header">
            <a class="brand" href="/">
                <Mark/>
                <span class="brand-name">"Switchboard"</span>
            </a>
            {site_nav(Signal::derive(move || path.get()))}
            <div class="progress" data-moving=move || is_moving.get().then_some("true")></div>
        </header>
        <main class="page" id="main" tabindex="-1">{children()}</main>
        {help()}
    }
    .erase()
}

/// The way to each part of the site; `path` is where one is.
pub fn site_nav(path: Signal<String>) -> AnyView {
    let link = |(href, words): (&'static str, &'static str)| {
        let is_here = move || path.with(|path| part_of(path) == href);
        // The reference of the API is no page of the app.
        let rel = (href == "/docs").then_some("external");
        let current = move || is_here().then_some("page");
        view! { <a class="site-nav-link" href=href rel=rel aria-current=current>{words}</a> }.erase()
    };
    view! {
        <nav class="site-nav" aria-label="Main">{PARTS.into_iter().map(link).collect_view()}</nav>
    }
    .erase()
}

/// The part of the site that the page at `path` belongs to.
fn part_of(path: &str) -> &'static str {
    let first = path.split('/').nth(1).unwrap_or_default();
    let part = PARTS.iter().skip(1).find(|(href, _)| href[1..] == *first);
    match (part, first) {
        (Some((href, _)), _) => href,
        (None, "" | "calls") => "/",
        _ => "",
    }
}

/// The keys, on a sheet that is shown by one of them. Without the browser's code there are no keys and no sheet.
fn help() -> AnyView {
    view! {
        <footer class="site-footer live-only">
            <button class="button help-button" data-size="small" type="button" on:click=|_| _ = open_sheet()>
                "Keyboard"
            </button>
            <dialog class="help" id="shortcuts" aria-labelledby="help-title">
                <h2 class="section-title" id="help-title">"Keyboard"</h2>
                <dl class="help-keys">
                    <dt><kbd>"c"</kbd></dt><dd>"New call"</dd>
                    <dt><kbd>"/"</kbd></dt><dd>"Search"</dd>
                    <dt><kbd>"j"</kbd></dt><dd>"Next call"</dd>
                    <dt><kbd>"k"</kbd></dt><dd>"Previous call"</dd>
                    <dt><kbd>"Enter"</kbd></dt><dd>"Open the call"</dd>
                    <dt><kbd>"x"</kbd></dt><dd>"Select the call"</dd>
                    <dt><kbd>"Esc"</kbd></dt><dd>"Close, or clear the selection"</dd>
                    <dt><kbd>"e"</kbd></dt><dd>"Edit, on a call's page"</dd>
                    <dt><kbd>"u"</kbd></dt><dd>"To the list, from a call's page"</dd>
                    <dt><kbd>"?"</kbd></dt><dd>"This sheet"</dd>
                </dl>
                <form method="dialog"><button class="button">"Close"</button></form>
            </dialog>
        </footer>
    }
    .erase()
}

/// Two plugs of a cord board.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
            <path d="M6 8v4a6 6 0 0 0 12 0V8" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"/>
            <circle cx="6" cy="5" r="3" fill="currentColor"/>
            <circle cx="18" cy="5" r="3" fill="currentColor"/>
            <circle cx="12" cy="21" r="2" fill="currentColor"/>
        </svg>
    }.erase()
}

#[cfg(test)]
mod tests {
    use super::part_of;
    use rstest::rstest;

    #[rstest]
    #[case("/", "/")]
    #[case("/calls/new", "/")]
    #[case("/settings/webhooks/x", "/settings")]
    #[case("/lab", "/lab")]
    #[case("/login", "")]
    fn every_page_belongs_to_a_part(#[case] path: &str, #[case] part: &str) {
        assert_eq!(part_of(path), part);
    }
}
