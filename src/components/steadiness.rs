//! When the list must hold still: new rows on top would move the one that is being read or aimed at.

use super::compact::{RwSignal, effect, on_window};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

/// How far down counts as reading, in CSS pixels.
const READING_FROM: f64 = 240.0;

/// Whether the reader is below the top of the list, points at one of its rows, or has the focus in one.
#[derive(Clone, Copy, Debug)]
pub struct Steadiness {
    reading: RwSignal<bool>,
    pointing: RwSignal<bool>,
    focused: RwSignal<bool>,
}

impl Steadiness {
    /// Nobody reads or points yet; in the browser it is watched from now on.
    pub fn watch() -> Self {
        let steadiness = Self {
            reading: RwSignal::new(false),
            pointing: RwSignal::new(false),
            focused: RwSignal::new(false),
        };
        let Self { reading, pointing, focused } = steadiness;
        effect(move || {
            let heard = [
                on_window(ev::scroll, move |_| {
                    set(reading, window().scroll_y().is_ok_and(|y| y > READING_FROM));
                }),
                // A finger leaves nothing behind that could still point.
                on_window(ev::pointerover, move |event| {
                    set(pointing, event.pointer_type() == "mouse" && is_in_row(event.target()));
                }),
                on_window(ev::mouseout, move |event| {
                    if event.related_target().is_none() {
                        set(pointing, false);
                    }
                }),
                on_window(ev::focusin, move |event| set(focused, is_in_row(event.target()))),
                on_window(ev::focusout, move |event| {
                    if event.related_target().is_none() {
                        set(focused, false);
                    }
                }),
            ];
            on_cleanup(move || heard.into_iter().for_each(WindowListenerHandle::remove));
        });
        steadiness
    }

    /// Whether new rows must wait. Tracked: a list shows what it held back as soon as this becomes false.
    pub fn holds(self) -> bool {
        self.reading.get() || self.pointing.get() || self.focused.get()
    }
}

fn is_in_row(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest("tbody").is_ok_and(|body| body.is_some()))
}

fn set(signal: RwSignal<bool>, value: bool) {
    if signal.get_untracked() != value {
        signal.set(value);
    }
}
