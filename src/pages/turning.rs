//! The page that the address asks for, and turning to another. The library's routes could do this too; they come with
//! 15 kB (compressed) for every reader: matches in matches, each with its own way to be taken over bit by bit.

use super::{
    awaited::Awaited,
    site::{Page, not_fetched},
};
use crate::components::compact::{RwSignal, StoredValue, changing, effect};
use leptos::{
    prelude::*,
    reactive::computed::{ArcMemo, ScopedFuture},
    tachys::reactive_graph::OwnedView,
    task::spawn_local,
};
use leptos_router::{
    hooks::use_url,
    location::{BrowserUrl, LocationProvider, Url},
    params::ParamsMap,
};
use std::{
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

/// The page at the address. The last one stays until the next one's code and its answers are there; `is_moving` is true
/// meanwhile.
#[component]
pub fn Pages(is_moving: RwSignal<bool>) -> impl IntoView {
    let owner = Owner::current().unwrap_or_default();
    let address = use_url();
    let (first, view) = Open::at(&owner, &address.get_untracked(), None);
    let view = at_once(view).unwrap_or_else(not_fetched);
    let Some(browser) = use_context::<BrowserUrl>() else {
        return view;
    };

    let open = StoredValue::new(first);
    let next = Arc::new(Mutex::new(Some(view)));
    let turned = RwSignal::new(());
    let shown = next.clone();
    effect(move || {
        let url = address.get();
        if open.with_value(|open| open.is_at(&url)) {
            browser.ready_to_complete();
            return;
        }
        let answers = Awaited::new();
        let (opened, view) = Open::at(&owner, &url, Some(answers.clone()));
        let opening = opened.url.clone();
        open.set_value(opened);
        let (next, browser) = (next.clone(), browser.clone());
        spawn_local(async move {
            is_moving.set(true);
            let view = view.await;
            answers.all().await;
            // Whoever went elsewhere meanwhile is not brought back.
            if open.with_value(|open| open.url == opening) {
                is_moving.set(false);
                *next.lock().unwrap_or_else(PoisonError::into_inner) = Some(view);
                turned.set(());
                browser.ready_to_complete();
            }
        });
    });
    // Each turn brings a view: without one the page would be empty, so nothing else may be followed here.
    changing(move || {
        turned.get();
        shown.lock().unwrap_or_else(PoisonError::into_inner).take()
    })
}

/// What a page shows, once its code is there.
type Coming = Pin<Box<dyn Future<Output = AnyView>>>;

/// The page that was opened last. It follows its own address: what the next page's says is not for it.
struct Open {
    page: Page,
    id: Option<String>,
    /// It tells one opening from another as well.
    url: ArcRwSignal<Url>,
}

impl Open {
    /// The page at `url`, and what it will show; what it asks for meanwhile is put among the `answers`.
    fn at(owner: &Owner, url: &Url, answers: Option<Awaited>) -> (Self, Coming) {
        let (page, id) = Page::at(url.path());
        let params: ParamsMap = id.map(|id| ("id", id)).into_iter().collect();
        let open = Self { page, id: id.map(str::to_owned), url: ArcRwSignal::new(url.clone()) };
        let owner = owner.child();
        let view = owner.with(|| {
            provide_context(open.url.clone());
            provide_context(ArcMemo::from(ArcRwSignal::new(params)));
            url.provide_server_action_error();
            if let Some(answers) = answers {
                provide_context(answers);
            }
            ScopedFuture::new(page.view())
        });
        let view = Box::pin(async move { OwnedView::new_with_owner(view.await, owner).into_any() });
        (open, view)
    }

    /// Whether it is the page at `url` as well; it is told then. Another id is another page: what holds the old one must
    /// not act on it.
    fn is_at(&self, url: &Url) -> bool {
        let (page, id) = Page::at(url.path());
        let is_here = page == self.page && id == self.id.as_deref();
        if is_here && self.url.with_untracked(|known| known != url) {
            self.url.set(url.clone());
        }
        is_here
    }
}

/// What comes at once if its code is there, as it is on the server and when a page is taken over.
pub fn at_once<T>(coming: impl Future<Output = T>) -> Option<T> {
    match pin!(coming).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(come) => Some(come),
        Poll::Pending => None,
    }
}
