//! Which page is at which address, and where its code is: all but the list's is fetched when somebody goes there.

use super::{
    call::CallDetailsPage, calls::CallsPage, edit_call::EditCallPage, failure::Failure,
    insights::InsightsPage, lab::LabPage, login::LoginPage, new_call::NewCallPage, not_found::NotFoundPage,
    settings::SettingsPage, webhook::WebhookPage, webhooks::WebhooksPage,
};
use crate::{components::compact::Erase, error::AppError};
use leptos::{
    prefetch_lazy_fn_on_server,
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};
use leptos_router::hooks::use_url;
use std::{future::ready, pin::Pin};

/// A page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "they are named by what they show")]
pub enum Page {
    Calls,
    NewCall,
    Call,
    EditCall,
    Insights,
    Lab,
    Settings,
    Webhooks,
    Webhook,
    Login,
    /// There is none at the address.
    Unknown,
}

impl Page {
    /// The addresses that have a page, as the server's router writes them.
    pub const ADDRESSES: [&'static str; 10] = [
        "/",
        "/calls/new",
        "/calls/{id}",
        "/calls/{id}/edit",
        "/insights",
        "/lab",
        "/settings",
        "/settings/webhooks",
        "/settings/webhooks/{id}",
        "/login",
    ];

    /// The page at `path`, and the id that the path holds.
    pub fn at(path: &str) -> (Self, Option<&str>) {
        let mut parts = path.trim_matches('/').split('/');
        match (parts.next().unwrap_or_default(), parts.next(), parts.next(), parts.next()) {
            ("", None, None, None) => (Self::Calls, None),
            ("calls", Some("new"), None, None) => (Self::NewCall, None),
            ("calls", Some(id), None, None) => (Self::Call, Some(id)),
            ("calls", Some(id), Some("edit"), None) => (Self::EditCall, Some(id)),
            ("insights", None, None, None) => (Self::Insights, None),
            ("lab", None, None, None) => (Self::Lab, None),
            ("settings", None, None, None) => (Self::Settings, None),
            ("settings", Some("webhooks"), None, None) => (Self::Webhooks, None),
            ("settings", Some("webhooks"), Some(id), None) => (Self::Webhook, Some(id)),
            ("login", None, None, None) => (Self::Login, None),
            _ => (Self::Unknown, None),
        }
    }

    /// Fetches its code, so that a page that the server wrote is taken over in one go: what effects changed in a pause
    /// would not be found as the server wrote it. It fails if the server could not be reached.
    pub async fn fetch(self) -> Result<(), SplitLoaderError> {
        self.code(None).await.map(|_| ())
    }

    /// What it shows, once its code is there; if that can't be fetched, the page says so.
    pub async fn view(self) -> AnyView {
        self.code(Some(self)).await.unwrap_or_else(|_| not_fetched())
    }

    /// The code that it is in, asked for what a page shows, or for nothing.
    #[inline(never)]
    fn code(self, shown: Option<Self>) -> Coming {
        match self {
            Self::Calls | Self::Unknown => Box::pin(ready(Ok(first(shown)))),
            Self::NewCall | Self::EditCall => Box::pin(forms(shown)),
            Self::Call => Box::pin(call(shown)),
            Self::Insights => Box::pin(insights(shown)),
            Self::Lab => Box::pin(lab(shown)),
            Self::Settings | Self::Webhooks | Self::Webhook => Box::pin(settings(shown)),
            Self::Login => Box::pin(login(shown)),
        }
    }
}

type Coming = Pin<Box<dyn Future<Output = Result<AnyView, SplitLoaderError>>>>;

/// What came with the app.
fn first(shown: Option<Page>) -> AnyView {
    match shown {
        Some(Page::Calls) => view! { <CallsPage/> }.erase(),
        Some(_) => view! { <NotFoundPage/> }.erase(),
        None => ().into_any(),
    }
}

/// Pages whose code is fetched together. The library's own macro for this would end the whole app where the code can't be
/// fetched.
macro_rules! fetched_together {
    ($($chunk:ident: $($name:ident)*, $($page:ident)*;)*) => {
        $(
            #[allow(clippy::unnecessary_wraps, reason = "fetching it may fail, which only the macro's copy sees")]
            #[wasm_split($chunk, wasm_split_path = leptos::wasm_split, fallible)]
            fn $chunk(shown: Option<Page>) -> Result<AnyView, SplitLoaderError> {
                prefetch_lazy_fn_on_server(stringify!($chunk));
                Ok(match shown {
                    $(Some(Page::$name) => view! { <$page/> }.erase(),)*
                    _ => ().into_any(),
                })
            }
        )*
    };
}

fetched_together! {
    forms: NewCall EditCall, NewCallPage EditCallPage;
    call: Call, CallDetailsPage;
    insights: Insights, InsightsPage;
    lab: Lab, LabPage;
    settings: Settings Webhooks Webhook, SettingsPage WebhooksPage WebhookPage;
    login: Login, LoginPage;
}

/// The server could not be reached for it; a new document tries again, and says itself if that fails too.
pub fn not_fetched() -> AnyView {
    let error = AppError::Network("this page has not come".to_owned());
    let here = use_url().with_untracked(|url| url.path().to_owned() + "?" + url.search());
    let retry = Callback::new(|()| drop(window().location().reload()));
    view! { <Failure error here retry/> }.erase()
}

#[cfg(test)]
mod tests {
    use super::Page;
    use rstest::rstest;

    #[rstest]
    #[case("", Page::Calls, None)]
    #[case("/", Page::Calls, None)]
    #[case("/calls/new", Page::NewCall, None)]
    #[case("/calls/new/", Page::NewCall, None)]
    #[case("/calls/019a", Page::Call, Some("019a"))]
    #[case("/calls/019a/edit", Page::EditCall, Some("019a"))]
    #[case("/settings/webhooks", Page::Webhooks, None)]
    #[case("/settings/webhooks/7", Page::Webhook, Some("7"))]
    #[case("/calls", Page::Unknown, None)]
    #[case("/calls/019a/delete", Page::Unknown, None)]
    #[case("/calls/019a/edit/more", Page::Unknown, None)]
    #[case("/settings/people", Page::Unknown, None)]
    #[case("/Login", Page::Unknown, None)]
    fn a_path_leads_to_its_page(#[case] path: &str, #[case] page: Page, #[case] id: Option<&str>) {
        assert_eq!(Page::at(path), (page, id));
    }

    #[test]
    fn each_address_has_a_page_of_its_own() {
        let mut seen = Vec::new();
        for address in Page::ADDRESSES {
            let (page, id) = Page::at(address);
            assert_eq!(id.is_some(), address.contains("{id}"), "{address}");
            assert!(page != Page::Unknown && !seen.contains(&page), "{address}");
            seen.push(page);
        }
    }
}
