//! `/lab`: the simulator: what its numbers do, what goes wrong on demand, what it sent and what was answered.

use super::{
    action::other_error,
    awaited::awaited,
    failure::Failure,
    lab_numbers::{Numbers, Speed},
    lab_parts::{Faults, Outcomes},
    lab_seen::{Answer, Kind, Seen, kind_of, pause, see},
    lab_sent::Sent,
    live_title::{Asked, LiveTitle},
};
use crate::{
    components::{
        compact::{Erase, Memo, RwSignal, Signal, StoredValue, changing, effect},
        follow::{AT_ONCE_MILLIS, use_stream},
        live_chip::{Freshness, LiveChip},
        notice::{Notice, Tone},
        page_title::PageTitle,
        poll::use_poll,
        skeleton::CardSkeleton,
        status_code::set_status,
    },
    server_fns::{ActInLab, LabView, get_lab},
};
use leptos::{ev, form::FromFormData, prelude::*};
use leptos_router::hooks::use_query_map;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

const TITLE: &str = "Lab";

/// The page.
#[component]
pub fn LabPage() -> impl IntoView {
    let act = ServerAction::<ActInLab>::new();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("cursor")));
    let tick = RwSignal::new(0_u32);
    let answer = Resource::new(
        move || (cursor.get(), tick.get(), act.version().get()),
        |(cursor, ..)| get_lab(cursor),
    );
    awaited(answer);
    view! {
        <Transition fallback=CardSkeleton>
            <Loaded answer act tick/>
        </Transition>
    }
    .erase()
}

#[component]
fn Loaded(answer: Resource<Answer>, act: ServerAction<ActInLab>, tick: RwSignal<u32>) -> impl IntoView {
    let seen = Memo::new(move |before: Option<&Seen>| see(before, answer.get()));
    let answers = move || seen.with(|seen| seen.answers);
    let place = Memo::new(move |_| seen.with(|seen| seen.view.as_ref().map(|view| view.events_cursor)));
    let is_following = use_stream(place, answers, tick, AT_ONCE_MILLIS);
    // What is refused is no event of ours, so the page asks by itself also while it follows.
    use_poll(answers, Signal::stored(false), move || seen.with(pause), tick);
    // The whole view is made anew only when it changes its kind.
    let kind = Memo::new(move |_| seen.with(kind_of));
    let retry = Callback::new(move |()| tick.update(|tick| *tick = tick.wrapping_add(1)));
    changing(move || match kind.get() {
        Kind::Loading => view! { <CardSkeleton/> }.erase(),
        Kind::Open => view! { <Open seen is_following act/> }.erase(),
        Kind::Absent => titled(view! { <Absent/> }.erase()),
        Kind::Silent(why) => titled(view! { <Silent why retry/> }.erase()),
        Kind::Failed(error) => titled(view! { <Failure error here="/lab".to_owned() retry/> }.erase()),
    })
}

/// A lab that can't be shown follows nothing by itself, so its title does.
fn titled(body: AnyView) -> AnyView {
    view! { <LiveTitle asked=Asked::now() text=|| TITLE.to_owned()/>{body} }.erase()
}

#[component]
fn Open(seen: Memo<Seen>, is_following: Signal<bool>, act: ServerAction<ActInLab>) -> impl IntoView {
    let Some(first) = seen.with_untracked(|seen| seen.view.clone()) else { return ().into_any() };
    let begun = StoredValue::new(first.clone());
    let view = Memo::new(move |before: Option<&LabView>| {
        let newest = seen.with(|seen| seen.view.clone());
        newest.or_else(|| before.cloned()).unwrap_or_else(|| begun.get_value())
    });
    let busy = Signal::derive(move || act.pending().get());
    let freshness = move || match seen.with(|seen| seen.trouble.is_some()) {
        true => Freshness::Failing,
        false if is_following.get() => Freshness::Live,
        false => Freshness::Polling,
    };
    // One listener for all forms. A second press while the first is on its way does nothing.
    let sent = StoredValue::new(None::<SendWrapper<HtmlFormElement>>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let (Ok(input), false) = (ActInLab::from_event(&event), act.pending().get_untracked()) {
            let form = event.target().and_then(|form| form.dyn_into().ok());
            sent.set_value(form.map(SendWrapper::new));
            act.dispatch(input);
        }
    };
    // A form whose wish was carried out is ready for the next one; where it was refused, what was typed stays.
    effect(move || {
        act.version().get();
        if let (Some(Ok(())), Some(form)) = (act.value().get_untracked(), sent.get_value()) {
            form.reset();
        }
    });
    view! {
        <PageTitle active=move || view.with(|view| view.active) text=|| TITLE.to_owned()/>
        <div class="page-heading">
            <h1 class="page-title">"Lab"</h1>
            <LiveChip freshness as_of=move || view.with(|view| view.now)/>
        </div>
        <p class="page-lead">
            "The simulator is the provider: no telephone rings. Call its numbers, have things go wrong, and watch what it "
            "sends. Programs can do all of this too, by its control API."
        </p>
        {changing(move || other_error(act.value().get()).map(|why| view! {
            <Notice tone=Tone::Negative title="This was not done"><p>{why}</p></Notice>
        }.erase()))}
        {changing(move || seen.with(|seen| seen.trouble.clone()).map(|why| view! {
            <Notice tone=Tone::Warning title="What is shown may be old"><p>{why}</p></Notice>
        }.erase()))}
        <div class="lab" on:submit=submit>
            <Numbers numbers=first.numbers form_key=first.form_key busy/>
            <Faults
                faults=first.faults
                on=Signal::derive(move || view.with(|view| view.faults_on.clone()))
                busy
            />
            <Outcomes
                outcomes=first.outcomes
                set=Signal::derive(move || view.with(|view| view.outcomes_set.clone()))
                busy
            />
            <Speed speed=Signal::derive(move || view.with(|view| view.speed.clone())) busy/>
            <Sent
                sent=Signal::derive(move || view.with(|view| view.sent.clone()))
                older=Signal::derive(move || view.with(|view| view.older.clone()))
            />
        </div>
    }
    .erase()
}

#[component]
fn Absent() -> impl IntoView {
    view! {
        <div class="page-heading"><h1 class="page-title">"Lab"</h1></div>
        <section class="empty-state">
            <h2 class="empty-state-title">"Another company is the provider"</h2>
            <p class="empty-state-text">
                "The lab belongs to the simulator, and this installation has a real provider: a call made here rings. To "
                "try things out, start a Switchboard without PROVIDER_URL, or the simulator alone with "
                <code>"switchboard simulator"</code>"."
            </p>
            <div class="empty-state-actions"><a class="button" href="/">"Show all calls"</a></div>
        </section>
    }
    .erase()
}

#[component]
fn Silent(why: String, retry: Callback<()>) -> impl IntoView {
    set_status(503);
    view! {
        <div class="page-heading"><h1 class="page-title">"Lab"</h1></div>
        <Notice tone=Tone::Negative title="The lab can't be shown">
            <p>{why}</p>
            <p class="notice-actions">
                <a class="button" href="/lab" rel="external" on:click=move |event| {
                    event.prevent_default();
                    retry.run(());
                }>"Try again"</a>
            </p>
        </Notice>
    }
    .erase()
}
