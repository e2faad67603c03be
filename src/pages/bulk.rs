//! Doing one thing with several calls. What was asked for waits some seconds before it is sent, so that it can be
//! taken back; whoever leaves the page meanwhile has meant it.

use super::deed::Deed;
use crate::{
    components::{
        bulk_bar::fitting,
        compact::{Erase, RwSignal, StoredValue, effect, on_window},
        error_summary::focus,
        toast::{Toast, UNDO},
    },
    domain::{call_row::CallRow, row_command::RowCommand, status::CallStatus},
    server_fns::ActOnCalls,
};
use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*, server_fn::ServerFn};
use send_wrapper::SendWrapper;
use web_sys::UrlSearchParams;

/// How long it can be taken back.
const SECONDS: u32 = 5;

/// What was asked for and not sent yet.
#[derive(Clone, Copy)]
pub struct Bulk {
    deed: Deed,
    words: RwSignal<String>,
    waiting: StoredValue<Option<SendWrapper<Waiting>>>,
}

struct Waiting {
    fields: UrlSearchParams,
    _timer: Timeout,
}

impl Bulk {
    /// Nothing waits; `deed` sends what does.
    pub fn new(deed: Deed) -> Self {
        let bulk = Self { deed, words: RwSignal::new(String::new()), waiting: StoredValue::new(None) };
        effect(move || {
            let leaving = on_window(ev::pagehide, move |_| bulk.send_leaving());
            on_cleanup(move || {
                leaving.remove();
                bulk.send_leaving();
            });
        });
        bulk
    }

    /// Does `command` in a moment with those of `rows` that it fits.
    pub fn act(self, command: RowCommand, rows: &[CallRow]) {
        self.send();
        let fields = UrlSearchParams::new();
        let Ok(fields) = fields else { return };
        fields.append("command", command.as_str());
        let mut count = 0;
        for row in fitting(rows, command) {
            fields.append("ids[]", &row.id.to_string());
            count += 1;
        }
        let calls = if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
        let verb = command.label(CallStatus::Pending);
        self.words.set(format!("{verb}: {calls}, in {SECONDS} seconds"));
        let timer = Timeout::new(SECONDS * 1_000, move || self.send());
        self.waiting.set_value(Some(SendWrapper::new(Waiting { fields, _timer: timer })));
        request_animation_frame(|| _ = focus(UNDO));
    }

    /// Says what waits, with the button that takes it back.
    pub fn toast(self) -> AnyView {
        view! { <Toast words=self.words on_undo=Callback::new(move |()| drop(self.take()))/> }.erase()
    }

    fn send(self) {
        if let Some(fields) = self.take() {
            self.deed.send(ActOnCalls::url().to_owned(), fields);
        }
    }

    /// The browser sends it even when the page is gone.
    fn send_leaving(self) {
        if let Some(fields) = self.take() {
            let sent =
                window().navigator().send_beacon_with_opt_url_search_params(ActOnCalls::url(), Some(&fields));
            if sent != Ok(true) {
                self.deed.send(ActOnCalls::url().to_owned(), fields);
            }
        }
    }

    fn take(self) -> Option<UrlSearchParams> {
        self.words.try_set(String::new());
        let waiting = self.waiting.try_update_value(Option::take).flatten()?;
        Some(waiting.take().fields)
    }
}
