//! Following: the stream of events says that something has changed, and the page asks what is there now. So a page
//! shows nothing but what the server says, and it does not matter which of its parts an event is about.

use super::{
    clock::browser_now,
    compact::{Memo, RwSignal, Signal, StoredValue, effect, on_window},
};
use crate::domain::event_cursor::EventCursor;
use gloo_timers::callback::Timeout;
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource};

/// Between an answer and the next question, where people watch what happens.
pub const AT_ONCE_MILLIS: u32 = 100;
/// A page that nobody sees for so long gives its place in the stream up, and catches up when it is seen again.
const AWAY_MILLIS: u32 = 60_000;
/// Where a tab tells the others that it opens a stream. A browser has few connections to one server for all its tabs, and
/// streams that nobody sees must not take them all.
const OPENED: &str = "switchboard.stream";
/// After the server has refused the stream: perhaps all places are taken.
const REFUSED_MILLIS: u32 = 30_000;

/// Raises `tick` as soon as the stream tells that something has happened, at most once at a time: not again before the
/// answer to the last question has come, which `answers` counts, and for `gap_millis` behind it. The stream begins at the
/// first `place` that an answer tells, and goes on while there is one. It tells of all calls: why one waits may change with
/// another one, and every title counts them. Answers whether the stream is open: while it is not, the page must ask by
/// itself.
pub fn use_stream(
    place: Memo<Option<EventCursor>>,
    answers: impl Fn() -> u64 + Send + Sync + 'static,
    tick: RwSignal<u32>,
    gap_millis: u32,
) -> Signal<bool> {
    let (is_open, is_away, attempt) = (RwSignal::new(false), use_away(), RwSignal::new(0_u32));
    let heard = use_questions(answers, tick, gap_millis);
    let is_wanted = Memo::new(move |_| place.with(Option::is_some) && !is_away.get());
    effect(move || {
        attempt.get();
        let is_wanted = is_wanted.get();
        let Some(place) = place.get_untracked().filter(|_| is_wanted) else { return };
        let address = format!("/api/events?after={place}");
        tell_others();
        // A browser without streams keeps asking.
        let Ok(source) = EventSource::new(&address) else { return };
        let connection = Connection::new(source, is_open, heard, attempt);
        let connection = SendWrapper::new(connection);
        on_cleanup(move || {
            drop(connection);
            is_open.try_set(false);
        });
    });
    // A browser tries again every three seconds: a stream that stays closed must not look like news each time.
    Memo::new(move |_| is_open.get()).into()
}

/// An open stream with what listens to it.
struct Connection {
    source: EventSource,
    _listeners: [Closure<dyn FnMut(Event)>; 3],
}

impl Connection {
    fn new(
        source: EventSource,
        is_open: RwSignal<bool>,
        heard: Callback<()>,
        attempt: RwSignal<u32>,
    ) -> Self {
        // A look more at each break and at each return: nothing is told of a server that is gone.
        let was_open = StoredValue::new(None);
        let opened = Closure::new(move |_| {
            is_open.try_set(true);
            if was_open.try_get_value() == Some(Some(false)) {
                heard.run(());
            }
            was_open.try_set_value(Some(true));
        });
        let told = Closure::new(move |_| heard.run(()));
        let (broken, later) = (source.clone(), StoredValue::new(None::<SendWrapper<Timeout>>));
        let failed = Closure::new(move |_| {
            is_open.try_set(false);
            if was_open.try_get_value() == Some(Some(true)) {
                heard.run(());
            }
            was_open.try_set_value(Some(false));
            // After a break the browser comes back by itself, behind the last event; after a refusal it does not.
            if broken.ready_state() == EventSource::CLOSED {
                let again = Timeout::new(REFUSED_MILLIS, move || {
                    attempt.try_update(|attempt| *attempt = attempt.wrapping_add(1));
                });
                later.try_set_value(Some(SendWrapper::new(again)));
            }
        });
        let listeners: [Closure<dyn FnMut(Event)>; 3] = [opened, told, failed];
        let [opened, told, failed] = &listeners;
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onmessage(Some(told.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        // The only way in which this could fail is a listener that is no function.
        let _ = source.add_event_listener_with_callback("resync", told.as_ref().unchecked_ref());
        Self { source, _listeners: listeners }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// What to run when something was heard: it asks at once, or, while a question is open, once more after its answer.
fn use_questions(
    answers: impl Fn() -> u64 + Send + Sync + 'static,
    tick: RwSignal<u32>,
    gap_millis: u32,
) -> Callback<()> {
    let (is_asking, again) = (StoredValue::new(false), StoredValue::new(false));
    let ask = move || {
        tick.try_update(|tick| *tick = tick.wrapping_add(1));
    };
    effect(move || {
        answers();
        if !again.get_value() {
            is_asking.set_value(false);
            return;
        }
        again.set_value(false);
        let timer = SendWrapper::new(Timeout::new(gap_millis, ask));
        on_cleanup(move || drop(timer));
    });
    Callback::new(move |()| {
        if is_asking.try_get_value() == Some(false) {
            is_asking.try_set_value(true);
            ask();
        } else {
            again.try_set_value(true);
        }
    })
}

/// Whether nobody sees the page: it was never seen, has been hidden for a while, or has been hidden when another tab
/// opened a stream.
fn use_away() -> RwSignal<bool> {
    let is_away = RwSignal::new(false);
    let timer = StoredValue::new(None::<SendWrapper<Timeout>>);
    effect(move || {
        is_away.set(document().hidden());
        let opened = on_window(ev::storage, move |event| {
            if event.key().as_deref() == Some(OPENED) && document().hidden() {
                is_away.set(true);
            }
        });
        let seen = on_window(ev::visibilitychange, move |_| {
            let leaving = document().hidden().then(|| {
                SendWrapper::new(Timeout::new(AWAY_MILLIS, move || {
                    is_away.try_set(true);
                }))
            });
            if leaving.is_none() && is_away.get_untracked() {
                is_away.set(false);
            }
            timer.set_value(leaving);
        });
        on_cleanup(move || {
            opened.remove();
            seen.remove();
        });
    });
    is_away
}

/// Tells the other tabs that this one opens a stream. What is told must differ from what was told before.
fn tell_others() {
    if let Some(storage) = window().local_storage().ok().flatten() {
        // Where nothing may be kept, the others find out after a while.
        let _ = storage.set_item(OPENED, &browser_now().as_millis().to_string());
    }
}
