//! The time of day in the browser: unknown while a page is rendered and hydrated, then ticking once a second,
//! set right by the server's clock.

use super::compact::{RwSignal, StoredValue, effect, on_window};
use crate::domain::timestamp::Timestamp;
use gloo_timers::callback::Interval;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};

/// What the browser knows of time. Provided once, by the app.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: RwSignal<Option<Timestamp>>,
    ahead_millis: StoredValue<i64>,
}

impl Clock {
    /// The clock of the app.
    pub fn get() -> Self {
        expect_context()
    }

    /// The server's time as well as the browser can tell; none until the page is hydrated.
    pub fn now(self) -> Option<Timestamp> {
        self.now.get()
    }

    /// Learns by how much the browser's clock is ahead of the server's.
    pub fn learn(self, server_now: Timestamp) {
        self.ahead_millis.set_value(browser_now().millis_since(server_now));
    }

    fn tick(self) {
        self.now.set(Some(browser_now().plus_millis(-self.ahead_millis.get_value())));
    }
}

/// Provides the [`Clock`], and starts it in the browser.
pub fn provide_clock() {
    let clock = Clock { now: RwSignal::new(None), ahead_millis: StoredValue::new(0) };
    provide_context(clock);
    effect(move || {
        clock.tick();
        let ticking = SendWrapper::new(Interval::new(1_000, move || {
            if !document().hidden() {
                clock.tick();
            }
        }));
        on_cleanup(move || drop(ticking));
    });
    effect(|| {
        let titles = on_window(ev::pointerover, |event| {
            if let Some(target) = event.target() {
                tell_whole_instant(&target);
            }
        });
        on_cleanup(move || titles.remove());
    });
}

/// An instant in the browser's zone: `21 Nov 2026, 10:00:03 CET`, and without seconds where they don't matter.
pub fn local_words(at: Timestamp, seconds: bool) -> String {
    let mut options = vec![("dateStyle", "medium"), ("timeStyle", if seconds { "long" } else { "short" })];
    if !seconds {
        options = vec![
            ("day", "numeric"),
            ("month", "short"),
            ("year", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("timeZoneName", "short"),
        ];
    }
    format(at, &options)
}

/// The day of an instant in the browser's zone: `Sat, 21 Nov 2026`.
pub fn local_day(at: Timestamp) -> String {
    format(at, &[("weekday", "short"), ("day", "numeric"), ("month", "short"), ("year", "numeric")])
}

/// The date of an instant in the browser's zone: `21 Nov 2026`.
pub fn local_date(at: Timestamp) -> String {
    format(at, &[("day", "numeric"), ("month", "short"), ("year", "numeric")])
}

/// The hour and minute of an instant in the browser's zone: `10:00`.
pub fn local_clock(at: Timestamp) -> String {
    format(at, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// The browser's time zone: `Europe/Berlin`.
pub fn local_zone() -> Option<String> {
    let resolved = formatter(&[]).resolved_options();
    Reflect::get(&resolved, &JsValue::from_str("timeZone")).ok()?.as_string()
}

/// The instant under the pointer, whole, as its title.
fn tell_whole_instant(target: &JsValue) {
    let time = target.dyn_ref::<web_sys::Element>().and_then(|el| el.closest("time").ok().flatten());
    let Some(time) = time.filter(|time| !time.has_attribute("title")) else { return };
    let millis = time.get_attribute("datetime").map_or(f64::NAN, |at| Date::parse(&at));
    if millis.is_finite() {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date")]
        let at = Timestamp::from_millis(millis as i64);
        // A title that can't be set is a title that is missing: nothing else depends on it.
        let _ = time.set_attribute("title", &local_words(at, true));
    }
}

fn format(at: Timestamp, options: &[(&str, &str)]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a date has 48 bits of milliseconds")]
    let date = Date::new(&JsValue::from_f64(at.as_millis() as f64));
    let format: Function = formatter(options).format();
    format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// The pages are in English, so are their dates: as the reader's own kind of English writes them.
fn formatter(options: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let language = window().navigator().language().filter(|language| language.starts_with("en"));
    let locales = Array::of1(&JsValue::from_str(language.as_deref().unwrap_or("en-GB")));
    let bag = Object::new();
    for (name, value) in options {
        // Setting a property of a fresh plain object can't fail.
        let _ = Reflect::set(&bag, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&locales, &bag)
}

/// The browser's own time, right or wrong.
pub(super) fn browser_now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date")]
    Timestamp::from_millis(Date::now() as i64)
}
