//! Says to screen readers what has changed, politely and not too often.

use super::compact::{Erase, RwSignal, Signal, StoredValue, changing, effect};
use crate::domain::{call_row::CallRow, id::CallId, status::CallStatus};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// At least this long between two announcements.
const PATIENCE_MILLIS: u32 = 4_000;

/// A live region that tells of rows whose status has changed.
#[component]
pub fn Announcer(
    /// The rows as shown.
    #[prop(into)]
    rows: Signal<Vec<CallRow>>,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let news = StoredValue::new(Vec::new());
    let timer = StoredValue::new(None::<SendWrapper<Timeout>>);
    let mut before: Vec<(CallId, CallStatus)> = Vec::new();
    effect(move || {
        let rows = rows.get();
        for row in &rows {
            if before.iter().any(|(id, status)| *id == row.id && *status != row.status) {
                let sentence = format!("{}: {}.", row.customer_name, row.status.label());
                news.update_value(|news| {
                    news.retain(|(id, _)| *id != row.id);
                    news.push((row.id, sentence));
                });
            }
        }
        let is_waiting = timer.with_value(Option::is_some);
        if !is_waiting && news.with_value(|news| !news.is_empty()) {
            let later = Timeout::new(PATIENCE_MILLIS, move || {
                timer.try_set_value(None);
                if let Some(words) = news.try_update_value(|news| sum_up(&std::mem::take(news))) {
                    said.try_set(words);
                }
            });
            timer.set_value(Some(SendWrapper::new(later)));
        }
        before = rows.iter().map(|row| (row.id, row.status)).collect();
    });
    view! { <p class="visually-hidden" aria-live="polite">{changing(move || said.get())}</p> }.erase()
}

fn sum_up(news: &[(CallId, String)]) -> String {
    if news.len() > 3 {
        return format!("{} calls have changed.", news.len());
    }
    news.iter().map(|(_, sentence)| sentence.as_str()).collect::<Vec<_>>().join(" ")
}
