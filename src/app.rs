//! The HTML shell, and what every page has around it.

use crate::{
    components::{
        clock::provide_clock,
        compact::RwSignal,
        layout::{Layout, lab_mark},
        scroll_memory::provide_scroll_memory,
        theme_choice::chosen_look,
    },
    pages::{Pages, forget_error_in_address},
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::Router;

/// The document around the app. It needs no JavaScript; the scripts add what is live.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=chosen_look() data-lab=lab_mark()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="description" content="Automated voice calls: who is called, where each call stands, and why"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f7f8fa" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#14161c" media="(prefers-color-scheme: dark)"/>
                <link rel="icon" href="/favicon.ico" sizes="32x32"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options=options.clone()/>
                <HashedStylesheet options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// What every page has around it; which one it is, its address says.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_clock();
    provide_scroll_memory();
    forget_error_in_address();
    let is_moving = RwSignal::new(false);
    view! {
        <Title formatter=|title| format!("{title} · Switchboard") text="Calls"/>
        <Router>
            <Layout is_moving><Pages is_moving/></Layout>
        </Router>
    }
}
