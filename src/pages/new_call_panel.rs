//! The form for a new call beside the list. Without the browser's code its button is a link to `/calls/new`. The
//! form's code is not in the first page's way: it is fetched once the list is there.

use super::{
    new_call::{Beginning, NewCallForm},
    turning::at_once,
};
use crate::{
    components::{
        by_id::by_id,
        compact::{Erase, RwSignal, changing, effect},
        skeleton::CardSkeleton,
    },
    server_fns::CreateCall,
};
use leptos::{
    ev,
    prelude::*,
    task::spawn_local,
    wasm_split::{SplitLoaderError, wasm_split},
};
use std::time::Duration;
use web_sys::HtmlDialogElement;

/// The id of the panel.
const PANEL: &str = "new-call";

/// How long the form's code waits until the list is alive.
const FETCH_AFTER: Duration = Duration::from_millis(1_500);

/// Opens and closes the panel.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    opened: RwSignal<u32>,
}

impl Panel {
    /// A panel that is closed.
    pub fn new() -> Self {
        Self { opened: RwSignal::new(0) }
    }

    /// Opens it, with a fresh form.
    pub fn open(self) {
        if let Some(dialog) = dialog().filter(|dialog| !dialog.open()) {
            self.opened.update(|opened| *opened += 1);
            // A dialog that can't be shown leaves the page as it is; `/calls/new` has the same form.
            let _ = dialog.show_modal();
        }
    }

    /// Opens it for a plain click on a link; other clicks open the link in a tab of its own.
    pub fn open_by(self, event: &ev::MouseEvent) {
        let is_plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key());
        if is_plain {
            event.prevent_default();
            self.open();
        }
    }
}

fn dialog() -> Option<HtmlDialogElement> {
    by_id(PANEL)
}

fn close() {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

/// The panel.
#[component]
pub fn NewCallPanel(
    /// Opens and closes it.
    panel: Panel,
    /// Hears of each call that was made with it.
    on_created: Callback<()>,
) -> impl IntoView {
    let created = Callback::new(move |()| {
        close();
        on_created.run(());
    });
    let code = RwSignal::new(Code::OnItsWay);
    effect(move || set_timeout(move || spawn_local(fetch(code)), FETCH_AFTER));
    effect(move || {
        // The first attempt may not have been made yet, or may have failed.
        if panel.opened.get() > 0 && code.with_untracked(|code| *code != Code::There) {
            code.set(Code::OnItsWay);
            spawn_local(fetch(code));
        }
    });
    let form = move || {
        (panel.opened.get() > 0).then(|| match code.get() {
            Code::OnItsWay => view! { <CardSkeleton/> }.erase(),
            Code::There => match at_once(panel_form(created)) {
                Some(Ok(form)) => form,
                _ => not_fetched(),
            },
            Code::NotFetched => not_fetched(),
        })
    };
    view! {
        <dialog id=PANEL class="panel" aria-labelledby="panel-title">
            <div class="panel-heading">
                <h2 class="panel-title" id="panel-title">"New call"</h2>
                <button class="button" data-size="small" type="button" on:click=|_| close()>
                    "Close"
                </button>
            </div>
            {changing(form)}
        </dialog>
    }
    .erase()
}

/// Where the form's code is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    OnItsWay,
    There,
    NotFetched,
}

async fn fetch(code: RwSignal<Code>) {
    let now = if preload_panel_form().await.is_ok() { Code::There } else { Code::NotFetched };
    // What is there already stays as it is, with what was typed.
    if code.try_with_untracked(|known| *known != now) == Some(true) {
        code.set(now);
    }
}

#[allow(clippy::unnecessary_wraps, reason = "fetching it may fail, which only the macro's copy sees")]
#[wasm_split(forms, wasm_split_path = leptos::wasm_split, preload(preload_panel_form), fallible)]
fn panel_form(created: Callback<()>) -> Result<AnyView, SplitLoaderError> {
    let create = ServerAction::<CreateCall>::new();
    create.clear();
    effect(move || {
        if let Some(Ok(_)) = create.value().get() {
            created.run(());
        }
    });
    Ok(view! { <NewCallForm create from=None beginning=Beginning::Empty/> }.erase())
}

fn not_fetched() -> AnyView {
    view! { <p>"The server could not be reached for the form. Close this, then try again."</p> }.erase()
}
