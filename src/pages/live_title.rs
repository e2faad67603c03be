//! The title of a page that is not about all calls: it tells how many are active as well, as it changes.

use super::awaited::awaited;
use crate::{
    components::{
        compact::{Erase, Memo, RwSignal, Signal, changing},
        follow::use_stream,
        page_title::PageTitle,
        poll::{pause_after, pause_after_failure, use_poll},
    },
    error::AppError,
    server_fns::{Underway, read_underway},
};
use leptos::prelude::*;

/// Between an answer and the next question: whatever happens is told, and a number in a title need not follow each step.
const SELDOM_MILLIS: u32 = 1_000;

/// The newest answer, and how many there were.
#[derive(Clone, PartialEq, Debug, Default)]
struct Seen {
    underway: Option<Result<Underway, AppError>>,
    answers: u64,
}

/// The question how many calls are active. A page asks it first of all, so that a title that comes later finds the answer.
#[derive(Clone, Copy)]
pub struct Asked {
    answer: Resource<Result<Underway, AppError>>,
    tick: RwSignal<u32>,
}

impl Asked {
    /// Asks.
    pub fn now() -> Self {
        let tick = RwSignal::new(0_u32);
        let answer = Resource::new(move || tick.get(), |_| read_underway());
        awaited(answer);
        Self { answer, tick }
    }
}

/// The title. It follows the stream of events by itself, so a page that follows it for its own sake has no use for it.
#[component]
pub fn LiveTitle(
    /// How many calls are active.
    asked: Asked,
    /// The words.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <Transition><Loaded asked text/></Transition> }.erase()
}

#[component]
fn Loaded(asked: Asked, text: Signal<String>) -> impl IntoView {
    let Asked { answer, tick } = asked;
    let seen = Memo::new(move |before: Option<&Seen>| match answer.get() {
        None => before.cloned().unwrap_or_default(),
        underway => Seen { underway, answers: before.map_or(0, |before| before.answers) + 1 },
    });
    let answers = move || seen.with(|seen| seen.answers);
    let place = Memo::new(move |_| known(seen, |underway| underway.events_cursor));
    let is_following = use_stream(place, answers, tick, SELDOM_MILLIS);
    use_poll(answers, is_following, move || seen.with(pause), tick);
    // A number that may be wrong is none.
    let active = Signal::derive(move || known(seen, |underway| underway.counts.active).unwrap_or(0));
    let is_answered = Memo::new(move |_| answers() > 0);
    changing(move || is_answered.get().then(|| view! { <PageTitle active text/> }.erase()))
}

fn known<T>(seen: Memo<Seen>, read: impl FnOnce(&Underway) -> T) -> Option<T> {
    seen.with(|seen| seen.underway.as_ref()?.as_ref().ok().map(read))
}

fn pause(seen: &Seen) -> Option<u32> {
    match seen.underway.as_ref()? {
        Ok(underway) => pause_after(&underway.counts, underway.now),
        // Whoever has been signed out is not shown anything by asking again.
        Err(error) => (error.status() >= 500).then(pause_after_failure).flatten(),
    }
}
