//! Asks the server about a form while somebody fills it in: after a pause in the typing, and one question at a time
//! as far as the answers are concerned.

use crate::{
    components::{
        compact::{RwSignal, StoredValue},
        form_help::{Help, Turns},
        press::Press,
    },
    domain::id::CallId,
    server_fns::check_call,
};
use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// How long somebody must pause before the server is asked, in milliseconds.
const PAUSE_MILLIS: u32 = 250;

/// What the server says of a form; `except` is the call that it changes. A server that does not answer says nothing,
/// and keeps nobody from sending the form.
pub fn use_help(except: Option<CallId>) -> Help {
    let answer = RwSignal::new(None);
    let turns = StoredValue::new(Turns::default());
    let timer = StoredValue::new(None::<SendWrapper<Timeout>>);
    // What is said above a button would move it from under the pointer.
    let press = Press::watch();
    let ask = Callback::new(move |form| {
        let later = Timeout::new(PAUSE_MILLIS, move || {
            let Some(turn) = turns.try_update_value(Turns::ask) else { return };
            spawn_local(async move {
                let Ok(check) = check_call(Clone::clone(&form), except).await else { return };
                // The form may be gone by then.
                if turns.try_update_value(|turns| turns.takes(turn)) == Some(true) {
                    press.afterwards(move || {
                        answer.try_set(Some((form, check)));
                    });
                }
            });
        });
        timer.try_set_value(Some(SendWrapper::new(later)));
    });
    Help::new(answer, ask)
}
