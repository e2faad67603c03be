//! `/insights`: how calls ended and how attempts went, over days. The address says which days; charts and tables come
//! drawn from the server, so that the browser need not know how.

use super::{
    action::page_query,
    awaited::awaited,
    failure::Failure,
    insights_form::InsightsForm,
    live_title::{Asked, LiveTitle},
};
use crate::{
    components::{
        compact::{Erase, Memo, RwSignal, Signal, changing},
        notice::{Notice, Tone},
        poll::use_poll,
        skeleton::CardSkeleton,
        status_code::set_status,
    },
    error::AppError,
    server_fns::{InsightsView, list_time_zones, read_insights},
};
use leptos::prelude::*;
use leptos_router::hooks::use_url;

/// An answer of the server, with the query that it answers.
type Answer = (String, Result<InsightsView, AppError>);

/// What is on the screen: the newest view there is, which query it answers, and what went wrong since.
#[derive(Clone, PartialEq, Debug, Default)]
struct Seen {
    search: String,
    view: Option<InsightsView>,
    error: Option<AppError>,
    /// How often the server has answered.
    answers: u64,
}

/// How long to wait before looking again while calls are still being counted, in milliseconds.
const WHILE_COUNTING_MILLIS: u32 = 2_000;

/// The page.
#[component]
pub fn InsightsPage() -> impl IntoView {
    let url = use_url();
    let search = Memo::new(move |_| page_query(url.read().search()));
    let tick = RwSignal::new(0_u32);
    let zones = Resource::new(|| (), |()| list_time_zones());
    let answer = Resource::new(
        move || (search.get(), tick.get()),
        |(search, _)| async move { (search.clone(), read_insights(search).await) },
    );
    awaited(zones);
    awaited(answer);
    view! {
        <LiveTitle asked=Asked::now() text=|| "Insights".to_owned()/>
        <div class="page-heading"><h1 class="page-title">"Insights"</h1></div>
        <Transition fallback=CardSkeleton>
            <Loaded answer zones search tick/>
        </Transition>
    }
    .erase()
}

#[component]
fn Loaded(
    answer: Resource<Answer>,
    zones: Resource<Result<Vec<String>, AppError>>,
    search: Memo<String>,
    tick: RwSignal<u32>,
) -> impl IntoView {
    let seen = Memo::new(move |before: Option<&Seen>| see(before, answer.get()));
    let known = Memo::new(move |_| zones.get().and_then(Result::ok));
    // By itself only while calls are being counted; else when the page is looked at again.
    let is_counting = move || seen.with(|seen| seen.view.as_ref().is_some_and(|view| view.is_counting));
    let pause = move || is_counting().then_some(WHILE_COUNTING_MILLIS);
    use_poll(move || seen.with(|seen| seen.answers), Signal::stored(false), pause, tick);
    // The whole view is made anew only when it changes its kind, so that the form keeps the focus.
    let failure = Memo::new(move |_| match seen.get() {
        Seen { view: None, error, .. } => Some(error),
        _ => known.with(Option::is_none).then_some(None),
    });
    let retry = Callback::new(move |()| tick.update(|tick| *tick = tick.wrapping_add(1)));
    let here = move || format!("/insights?{}", search.get_untracked());
    changing(move || match failure.get() {
        None => view! { <Whole seen search zones=known.get_untracked().unwrap_or_default()/> }.erase(),
        Some(None) => view! { <CardSkeleton/> }.erase(),
        Some(Some(error)) => view! { <Failure error here=here() retry/> }.erase(),
    })
}

#[component]
fn Whole(seen: Memo<Seen>, search: Memo<String>, zones: Vec<String>) -> impl IntoView {
    let view = Memo::new(move |before: Option<&InsightsView>| {
        let newest = seen.with(|seen| seen.view.clone());
        newest.or_else(|| before.cloned()).unwrap_or_default()
    });
    if view.with_untracked(|view| !view.errors.is_empty()) {
        set_status(400);
    }
    let figures = Memo::new(move |_| view.with(|view| view.figures.clone()));
    let is_old = Memo::new(move |_| seen.with(|seen| seen.search != search.get()));
    let failed = Memo::new(move |_| seen.with(|seen| seen.error.as_ref().map(ToString::to_string)));
    view! {
        <InsightsForm view zones/>
        {changing(move || failed.get().map(|why| view! {
            <Notice tone=Tone::Negative title="These numbers are not the newest"><p>{why}</p></Notice>
        }.erase()))}
        <div
            class="insights"
            data-old=move || is_old.get().then_some("true")
            aria-busy=move || is_old.get().then_some("true")
            inner_html=move || figures.get()
        ></div>
    }
    .erase()
}

/// An error leaves what is on the screen only where it answers the same query.
fn see(before: Option<&Seen>, answer: Option<Answer>) -> Seen {
    let Some((search, result)) = answer else { return before.cloned().unwrap_or_default() };
    let answers = before.map_or(0, |before| before.answers) + 1;
    match result {
        Ok(view) => Seen { search, view: Some(view), error: None, answers },
        Err(error) => {
            let same = before.filter(|before| before.search == search && error != AppError::Unauthorized);
            Seen { search, view: same.and_then(|before| before.view.clone()), error: Some(error), answers }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(figures: &str) -> InsightsView {
        InsightsView { figures: figures.to_owned(), ..InsightsView::default() }
    }

    fn seen_after(before: Option<&Seen>, search: &str, result: Result<InsightsView, AppError>) -> Seen {
        see(before, Some((search.to_owned(), result)))
    }

    #[test]
    fn old_numbers_stay_until_new_ones_are_there() {
        let first = seen_after(None, "range=7d", Ok(view("seven")));
        assert_eq!(see(Some(&first), None), first, "nothing was answered yet");
        let next = seen_after(Some(&first), "range=30d", Ok(view("thirty")));
        assert_eq!((next.search.as_str(), next.view), ("range=30d", Some(view("thirty"))));
    }

    #[test]
    fn an_error_leaves_the_numbers_but_not_under_another_query_and_not_for_strangers() {
        let first = seen_after(None, "range=7d", Ok(view("seven")));
        let same = seen_after(Some(&first), "range=7d", Err(AppError::Unavailable));
        assert_eq!((same.view, same.error), (Some(view("seven")), Some(AppError::Unavailable)));
        let other = seen_after(Some(&first), "range=30d", Err(AppError::Unavailable));
        assert_eq!(other.view, None);
        assert_eq!(seen_after(Some(&first), "range=7d", Err(AppError::Unauthorized)).view, None);
    }
}
