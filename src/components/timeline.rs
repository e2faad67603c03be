//! Everything that happened to a call, line by line.

use super::{
    compact::{Erase, Memo, Signal, changing, each},
    copy_button::CopyButton,
    event_words,
    time::{Shown, Time},
};
use crate::domain::{
    actor,
    event::{CallEvent, EventKind, Verdict},
};
use leptos::prelude::*;

/// The timeline, newest last.
#[component]
pub fn Timeline(
    /// The events, in order.
    #[prop(into)]
    events: Signal<Vec<CallEvent>>,
) -> impl IntoView {
    // A repeated report changes its line; everything else about a line is written once.
    let key = |event: &CallEvent| format!("{} {}", event.id, event.repeats);
    let has_reports =
        Memo::new(move |_| events.with(|events| events.iter().any(|event| event.kind == EventKind::Report)));
    view! {
        {changing(move || has_reports.get().then(|| view! {
            <label class="choice timeline-filter">
                <input class="timeline-reports-only" type="checkbox"/>
                "Only what the provider reports"
            </label>
        }.erase()))}
        <ol class="timeline">
            {each(move || events.get(), key, |event| view! { <TimelineEntry event/> }.erase())}
        </ol>
    }
    .erase()
}

#[component]
fn TimelineEntry(event: CallEvent) -> impl IntoView {
    let words = event_words::sentence(&event);
    let remark = event_words::remark(&event);
    let planned_for = event_words::planned_for(&event);
    let verdict = event.verdict.map(event_words::verdict);
    // That a report says what the provider's answer said before is nothing to worry about.
    let is_odd = !matches!(event.verdict, Some(Verdict::Applied | Verdict::Stale));
    let tone = is_odd.then_some("warning");
    let repeats = (event.repeats > 0).then(|| match event.repeats {
        1 => "came twice".to_owned(),
        repeats => format!("came {} times", repeats + 1),
    });
    let payload = event
        .payload
        .as_object()
        .filter(|fields| !fields.is_empty())
        .map(|fields| serde_json::to_string_pretty(fields).unwrap_or_default());
    view! {
        <li class="timeline-entry" data-kind=event.kind.as_str()>
            <p class="timeline-line">
                <span class="timeline-actor">{actor::in_words(&event.actor)}</span>
                " "
                <span class="timeline-words">{words}</span>
                {verdict.map(|words| view! {
                    " "<span class="timeline-verdict" data-tone=tone>{words}</span>
                }.erase())}
                {repeats.map(|repeats| view! { " "<span class="timeline-verdict" data-tone="warning">{repeats}</span> }.erase())}
            </p>
            <p class="timeline-time"><Time at=event.occurred_at shown=Shown::Exact/></p>
            {planned_for.map(|at| view! {
                <p class="timeline-remark">"at "<Time at shown=Shown::Exact/></p>
            }.erase())}
            {remark.map(|remark| view! { <p class="timeline-remark">{remark}</p> }.erase())}
            {details(event.request_id, payload)}
        </li>
    }
    .erase()
}

/// What only some want to read: by which request it came about, and what was said in full.
fn details(request_id: Option<String>, payload: Option<String>) -> Option<AnyView> {
    if request_id.is_none() && payload.is_none() {
        return None;
    }
    let request = request_id.map(|id| {
        view! {
            <p class="payload-request">
                "Request "<code>{id.clone()}</code>" "<CopyButton text=id what="the request id"/>
            </p>
        }
        .erase()
    });
    let payload = payload.map(|payload| {
        view! {
            <CopyButton text=payload.clone() what="the details"/>
            <pre tabindex="0">{payload}</pre>
        }
        .erase()
    });
    Some(view! { <details class="payload"><summary>"Details"</summary>{request}{payload}</details> }.erase())
}
