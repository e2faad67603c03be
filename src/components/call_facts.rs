//! What is known of a call: why it stands where it stands, and its plain facts.

use super::{
    compact::{Erase, Signal, changing},
    copy_button::CopyButton,
    notice::{Notice, Tone},
    time::{Shown, Time},
};
use crate::domain::{
    actor,
    attempt::Attempt,
    call::{Call, CallDetails},
    status::{CallStatus, EndedReason},
    timestamp::Timestamp,
    waiting::Waiting,
};
use leptos::prelude::*;

/// One sentence, or a few, on why the call waits, what is happening, or why it ended.
#[component]
pub fn Situation(
    /// The call.
    #[prop(into)]
    details: Signal<CallDetails>,
) -> impl IntoView {
    changing(move || {
        let CallDetails { call, waiting, attempts, .. } = details.get();
        let goes_on = attempts.iter().any(Attempt::can_not_be_hung_up);
        let needs_attention = call.needs_attention();
        let warnings = call.warnings.clone();
        view! {
            <p class="situation" data-attention=needs_attention.then_some("true")>{sentence(&call, goes_on)}</p>
            {attempts.iter().rfind(|attempt| is_asked_about(attempt)).map(next_question)}
            {waiting.map(reasons)}
            {(!warnings.is_empty()).then(|| view! {
                <Notice tone=Tone::Warning title="Something is odd about this call">
                    {warnings.into_iter().map(|warning| view! { <p>{warning.detail}</p> }.erase()).collect_view()}
                </Notice>
            }.erase())}
        }
        .erase()
    })
}

fn reasons(waiting: Waiting) -> AnyView {
    let reasons =
        waiting.reasons.into_iter().map(|reason| view! { <li>{reason.detail}</li> }.erase()).collect_view();
    view! {
        <ul class="situation-reasons">{reasons}</ul>
        {waiting.missed_at.map(|at| view! {
            <p class="field-hint">
                "If it still waits at " <Time at shown=Shown::Exact/> ", it ends as missed."
            </p>
        }.erase())}
    }
    .erase()
}

/// Whether it is open what became of its placing.
fn is_asked_about(attempt: &Attempt) -> bool {
    !attempt.status.is_ended() && !attempt.is_accepted() && attempt.checks > 0
}

fn next_question(attempt: &Attempt) -> AnyView {
    let times = match attempt.checks {
        1 => "once".to_owned(),
        checks => format!("{checks} times"),
    };
    view! {
        <p class="field-hint">
            {format!("Its answer to the placing was lost. It has been asked {times} what became of it.")}
            {attempt.check_at.map(|at| view! { " It is asked again at "<Time at shown=Shown::Exact/>"." }.erase())}
        </p>
    }
    .erase()
}

fn sentence(call: &Call, goes_on: bool) -> String {
    if call.is_being_canceled() && goes_on {
        return "Somebody asked to cancel it, but this provider can't hang up: it goes on to its end."
            .to_owned();
    }
    if call.is_being_canceled() {
        return "It is being canceled: the provider has been asked to hang up.".to_owned();
    }
    match (call.status, call.ended_reason) {
        (CallStatus::Pending, _) => "It waits.".to_owned(),
        (CallStatus::Dispatching, _) if call.lease_until.is_none() => {
            "The provider is being asked whether it has dialed.".to_owned()
        }
        (CallStatus::Dispatching, _) => "The provider is being asked to dial.".to_owned(),
        (CallStatus::Initiated, _) => "The provider has taken it and will dial.".to_owned(),
        (CallStatus::Ringing, _) => "The telephone rings.".to_owned(),
        (CallStatus::InProgress, _) => "Somebody has answered.".to_owned(),
        (_, Some(EndedReason::Answered)) => "It was answered and came to its end.".to_owned(),
        (_, Some(reason)) => capitalised(reason.label()) + ".",
        (_, None) => "It ended.".to_owned(),
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// The call's facts.
#[component]
pub fn CallFacts(
    /// The call.
    #[prop(into)]
    call: Signal<Call>,
) -> impl IntoView {
    changing(move || {
        let call = call.get();
        let instants = [
            ("Wished for", call.scheduled_at),
            ("Due", Some(call.due_at)),
            ("Ended", call.ended_at),
            ("Asked for", Some(call.created_at)),
        ];
        let digits = call.phone_number.as_str().trim_start_matches('+').to_owned();
        let metadata = call.metadata.as_object().filter(|fields| !fields.is_empty());
        let metadata = metadata.and_then(|fields| serde_json::to_string_pretty(fields).ok());
        view! {
            <dl class="facts">
                <dt>"Number"</dt>
                <dd>
                    {call.phone_number.to_string()}
                    " "
                    <a class="fact-link" href=format!("/?q=%2B{digits}")>"All calls to this number"</a>
                </dd>
                <dt>"Workflow"</dt><dd>{call.workflow.label()}</dd>
                {instants.into_iter().filter_map(|(term, at)| Some(instant(term, at?))).collect_view()}
                <dt>"Attempts"</dt><dd>{format!("{} of {}", call.attempts_made, call.max_attempts)}</dd>
                <dt>"Asked for by"</dt><dd>{actor::in_words(&call.created_by)}</dd>
                {call.external_id.map(|id| view! { <dt>"External id"</dt><dd>{id}</dd> }.erase())}
                {id("Id", "the call's id", call.id.to_string())}
                {call.trace.map(|trace| id("Trace id", "the trace id", trace.id()))}
            </dl>
            {metadata.map(|metadata| view! {
                <details class="payload"><summary>"Metadata"</summary><pre tabindex="0">{metadata}</pre></details>
            }.erase())}
        }
        .erase()
    })
}

/// Something that programs know a thing by.
pub fn id(term: &'static str, what: &'static str, id: String) -> impl IntoView {
    view! { <dt>{term}</dt><dd class="fact-id"><code>{id.clone()}</code>" "<CopyButton text=id what/></dd> }
        .erase()
}

fn instant(term: &'static str, at: Timestamp) -> impl IntoView {
    view! { <dt>{term}</dt><dd><Time at shown=Shown::Exact/></dd> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::waiting::tests::due;

    #[test]
    fn a_cancel_that_can_not_be_carried_out_is_told_truthfully() {
        let call = Call {
            status: CallStatus::Ringing,
            cancel_requested_at: Some(Timestamp::MAX),
            ..due(Timestamp::MAX)
        };
        assert!(sentence(&call, false).contains("asked to hang up"));
        assert!(sentence(&call, true).contains("can't hang up"));
        let ended = Call { status: CallStatus::Failed, ended_reason: Some(EndedReason::Unknown), ..call };
        assert_eq!(sentence(&ended, false), "Unknown whether it went out.");
    }
}
