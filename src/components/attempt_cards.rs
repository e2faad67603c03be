//! The attempts of a call, side by side.

use super::{
    call_facts::id,
    compact::{Erase, Memo, Signal, changing, each},
    status_badge::StatusBadge,
    time::{Shown, Time},
};
use crate::domain::{
    attempt::Attempt,
    status::{CallStatus, EndedReason},
    timestamp::Timestamp,
};
use leptos::prelude::*;

/// A card for each attempt.
#[component]
pub fn AttemptCards(
    /// The attempts, in order.
    #[prop(into)]
    attempts: Signal<Vec<Attempt>>,
) -> impl IntoView {
    let card = move |first: Attempt| {
        let id = first.id;
        let attempt = Memo::new(move |_| {
            let found = attempts.with(|all| all.iter().find(|attempt| attempt.id == id).cloned());
            found.unwrap_or_else(|| first.clone())
        });
        view! { <AttemptCard attempt/> }.erase()
    };
    let key = |attempt: &Attempt| attempt.id.to_string();
    view! { <ul class="attempt-cards">{each(move || attempts.get(), key, card)}</ul> }.erase()
}

#[component]
fn AttemptCard(#[prop(into)] attempt: Signal<Attempt>) -> impl IntoView {
    let number = attempt.with_untracked(|attempt| attempt.number);
    view! {
        <li class="attempt-card">
            <h3 class="attempt-card-title">
                {format!("Attempt {number}")}
                " "
                <StatusBadge status=move || CallStatus::from(attempt.get().status)/>
            </h3>
            {changing(move || view! { <AttemptFacts attempt=attempt.get()/> }.erase())}
        </li>
    }
    .erase()
}

#[component]
fn AttemptFacts(attempt: Attempt) -> impl IntoView {
    let instants = [
        ("Due", Some(attempt.due_at)),
        ("Claimed", Some(attempt.claimed_at)),
        ("Taken by the provider", attempt.accepted_at),
        ("Rang", attempt.ringing_at),
        ("Answered", attempt.answered_at),
        ("To be hung up since", attempt.hangup_requested_at),
        ("Ended", attempt.ended_at),
    ];
    let texts = [
        ("Because", attempt.ended_reason.map(|reason| reason.label().to_owned())),
        ("Spoke for", attempt.duration_secs.map(spoken)),
        ("Answered by", attempt.answered_by),
        ("Provider", Some(attempt.provider)),
    ];
    let ids = [
        ("Attempt's id", "the attempt's id", Some(attempt.id.to_string())),
        ("Provider's id", "the provider's id", attempt.provider_call_id),
    ];
    let recording =
        attempt.recording_url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    view! {
        <dl class="facts">
            {instants.into_iter().filter_map(|(term, at)| Some(instant(term, at?))).collect_view()}
            {texts.into_iter().filter_map(|(term, text)| Some(fact(term, text?))).collect_view()}
            {ids.into_iter().filter_map(|(term, what, text)| Some(id(term, what, text?))).collect_view()}
            {recording.map(|url| view! { <dt>"Recording"</dt><dd><Recording url/></dd> }.erase())}
        </dl>
        {attempt.provisional.then(|| view! { <p class="field-hint">{guess(attempt.ended_reason)}</p> }.erase())}
    }
    .erase()
}

/// Played here where the browser may, which is by HTTPS, and there by its link in any case. Nothing is fetched before
/// somebody presses play.
#[component]
fn Recording(url: String) -> impl IntoView {
    let player = url.starts_with("https://").then(|| {
        view! { <audio class="recording" controls preload="none" src=url.clone() aria-label="Recording"></audio> }.erase()
    });
    view! { {player}<a class="recording-link" href=url rel="external noreferrer">"Open the recording"</a> }
        .erase()
}

/// How long a conversation was: `47 s`, `2 min 5 s`.
fn spoken(secs: i32) -> String {
    let words = match (secs / 60, secs % 60) {
        (0, secs) => format!("{secs} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, secs) => format!("{minutes} min {secs} s"),
    };
    words.replace(' ', "\u{a0}")
}

fn guess(reason: Option<EndedReason>) -> &'static str {
    match reason {
        Some(EndedReason::Unknown) => {
            "The provider never said whether it took this, and can't be asked: the phone may have rung. Retry the \
             call if it should go out again."
        }
        _ => "This end is a guess: a late report of the provider may correct it.",
    }
}

fn instant(term: &'static str, at: Timestamp) -> impl IntoView {
    view! { <dt>{term}</dt><dd><Time at shown=Shown::Exact/></dd> }.erase()
}

fn fact(term: &'static str, text: String) -> impl IntoView {
    view! { <dt>{term}</dt><dd>{text}</dd> }.erase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "0 s")]
    #[case(59, "59 s")]
    #[case(120, "2 min")]
    #[case(125, "2 min 5 s")]
    fn the_length_of_a_conversation_is_read_at_a_glance(#[case] secs: i32, #[case] words: &str) {
        assert_eq!(spoken(secs).replace('\u{a0}', " "), words);
    }
}
