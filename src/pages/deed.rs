//! Sending a page's forms without leaving the page. One of them for a whole page, whatever its forms do: each typed
//! action would be code of its own in the browser.

use crate::{
    components::compact::{RwSignal, Signal},
    error::AppError,
};
use leptos::{
    ev,
    form::form_data_from_event,
    prelude::*,
    server_fn::error::{FromServerFnError, ServerFnUrlError},
    task::spawn_local,
};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, RequestInit, Response, UrlSearchParams};

/// The header by which a server function says that it leads elsewhere, and the one that says where.
const LEADS_AWAY: &str = "serverfnredirect";

/// Sends forms, one at a time, and keeps what the server said.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    pending: RwSignal<bool>,
    done: RwSignal<u32>,
    refused: RwSignal<Option<String>>,
    go: Callback<String>,
}

impl Deed {
    /// Nothing was sent yet. What a plain form was answered, if it is one of `paths`, came back in the address.
    pub fn new(paths: &[&str]) -> Self {
        let error = use_context::<ServerActionError>().filter(|error| paths.contains(&error.path()));
        let error = error.map(|error| ServerFnUrlError::<AppError>::decode_err(error.err()).to_string());
        let navigate = use_navigate();
        let go = Callback::new(move |to: String| navigate(&to, NavigateOptions::default()));
        Self { pending: RwSignal::new(false), done: RwSignal::new(0), refused: RwSignal::new(error), go }
    }

    /// Whether something is on its way.
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// How often something was carried out, or refused: either way there may be news.
    pub fn done(self) -> u32 {
        self.done.get()
    }

    /// Why the last one was not carried out.
    pub fn refused(self) -> Option<String> {
        self.refused.get()
    }

    /// Sends the form of a submit event, if it is one of a server function. A second press while the first is on its
    /// way does nothing.
    pub fn send_form(self, event: &ev::SubmitEvent) {
        let form = event.target().and_then(|form| form.dyn_into::<Element>().ok());
        let path = form.and_then(|form| form.get_attribute("action")).filter(|path| path.starts_with("/fn/"));
        let Some(path) = path else { return };
        event.prevent_default();
        let fields = form_data_from_event(event).ok();
        let fields = fields.and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields).ok());
        if let (Some(fields), false) = (fields, self.pending.get_untracked()) {
            self.send(path, fields);
        }
    }

    /// Posts `fields` to the server function at `path`.
    pub fn send(self, path: String, fields: UrlSearchParams) {
        self.pending.set(true);
        spawn_local(async move {
            let answer = post(&path, &fields).await;
            // The page may be gone by now.
            self.pending.try_set(false);
            self.done.try_update(|done| *done += 1);
            match answer {
                Ok(away) => {
                    self.refused.try_set(None);
                    if let Some(away) = away {
                        self.go.run(away);
                    }
                }
                Err(error) => self.refused.try_set(Some(error.to_string())),
            }
        });
    }
}

/// Answers where the server leads, if it leads anywhere.
async fn post(path: &str, fields: &UrlSearchParams) -> Result<Option<String>, AppError> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(fields);
    let response =
        JsFuture::from(window().fetch_with_str_and_init(path, &init)).await.map_err(unreachable)?;
    let response: Response = response.unchecked_into();
    if !response.ok() {
        let body = response.array_buffer().map_err(unreachable)?;
        let body = JsFuture::from(body).await.map_err(unreachable)?;
        return Err(AppError::de(js_sys::Uint8Array::new(&body).to_vec().into()));
    }
    let headers = response.headers();
    let leads_away = headers.has(LEADS_AWAY).unwrap_or(false);
    Ok(if leads_away { headers.get("location").ok().flatten() } else { None })
}

fn unreachable(_: JsValue) -> AppError {
    AppError::Network("look at the connection, then try again".to_owned())
}
