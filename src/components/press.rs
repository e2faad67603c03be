//! A button that is being pressed must not move: what is released elsewhere than it was pressed is no click.

use super::compact::{StoredValue, effect, on_window};
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;
use std::time::Duration;
use wasm_bindgen::JsCast;

type Work = SendWrapper<Box<dyn FnOnce()>>;

/// Whether a button is being pressed, and what waits until it is released.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    under_way: StoredValue<bool>,
    waiting: StoredValue<Vec<Work>>,
}

impl Press {
    /// Nothing is pressed yet; in the browser the pointer is watched from now on.
    pub fn watch() -> Self {
        let press = Self { under_way: StoredValue::new(false), waiting: StoredValue::new(Vec::new()) };
        effect(move || {
            let down = on_window(ev::pointerdown, move |event| {
                let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                let button = target
                    .and_then(|target| target.closest("button,a,summary,label,input,select").ok().flatten());
                press.under_way.set_value(button.is_some());
            });
            let up = on_window(ev::pointerup, move |_| press.release());
            let canceled = on_window(ev::pointercancel, move |_| press.release());
            on_cleanup(move || {
                down.remove();
                up.remove();
                canceled.remove();
            });
        });
        press
    }

    /// Does what may move a button: at once, or after the press that is under way.
    pub fn afterwards(self, work: impl FnOnce() + 'static) {
        if self.under_way.get_value() {
            self.waiting.update_value(|waiting| waiting.push(SendWrapper::new(Box::new(work))));
        } else {
            work();
        }
    }

    fn release(self) {
        self.under_way.set_value(false);
        // The click follows the release at once; a timer, even one of no time, comes after it.
        set_timeout(
            move || {
                // The form may be gone by then, and with it what waited.
                let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
                for work in waiting {
                    (work.take())();
                }
            },
            Duration::ZERO,
        );
    }
}
