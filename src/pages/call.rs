//! `/calls/{id}`: one call, live: where it stands and why, what can be done now, and all that happened.

use super::{awaited::awaited, call_keys::use_keys, failure::Failure};
use crate::{
    components::{
        announcer::Announcer,
        attempt_cards::AttemptCards,
        call_facts::{CallFacts, Situation},
        command_menu::{CommandMenu, close_menus, close_menus_outside},
        compact::{Erase, Memo, RwSignal, Signal, changing, effect},
        follow::{AT_ONCE_MILLIS, use_stream},
        live_chip::{Freshness, LiveChip},
        notice::{Notice, Tone},
        page_title::PageTitle,
        poll::{pause_after, pause_after_failure, use_poll},
        scroll_memory::newest_list,
        skeleton::CardSkeleton,
        status_badge::StatusBadge,
        text_field::FieldError,
        timeline::Timeline,
    },
    domain::{
        call::CallDetails, call_row::CallRow, form::MAX_NOTE, id::CallId, row_command::RowCommand,
        status::CallStatus,
    },
    error::AppError,
    server_fns::{ActOnCall, AddNote, CallView, get_call},
};
use leptos::{
    ev,
    form::{ActionForm, FromFormData},
    prelude::*,
    server_fn::ServerFn,
};
use leptos_router::hooks::use_params_map;

type Answer = Result<CallView, AppError>;

/// What is on the screen: the newest view there is, and what went wrong with the newest question.
#[derive(Clone, PartialEq, Debug, Default)]
struct Seen {
    view: Option<CallView>,
    error: Option<AppError>,
    answers: u64,
}

/// The page.
#[component]
pub fn CallDetailsPage() -> impl IntoView {
    let act = ServerAction::<ActOnCall>::new();
    let note = ServerAction::<AddNote>::new();
    // An action of its own, because nothing more is asked about a call that is gone.
    let delete = ServerAction::<ActOnCall>::new();
    delete.clear();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let tick = RwSignal::new(0_u32);
    let answer = Resource::new(
        move || (id.get(), tick.get(), act.version().get(), note.version().get()),
        |(id, ..)| async move {
            let id = id.parse::<CallId>().map_err(|_| AppError::NotFound("call".to_owned()))?;
            get_call(id).await
        },
    );
    awaited(answer);
    // The server knows of no list that was seen before.
    let back = RwSignal::new("/".to_owned());
    effect(move || back.set(newest_list().unwrap_or_else(|| "/".to_owned())));
    view! {
        <a class="back-link" href=move || back.get() aria-keyshortcuts="u">"← Calls"</a>
        <Transition fallback=CardSkeleton>
            <Loaded id answer act delete note tick back/>
        </Transition>
    }
    .erase()
}

#[component]
fn Loaded(
    id: Memo<String>,
    answer: Resource<Answer>,
    act: ServerAction<ActOnCall>,
    delete: ServerAction<ActOnCall>,
    note: ServerAction<AddNote>,
    tick: RwSignal<u32>,
    back: RwSignal<String>,
) -> impl IntoView {
    let seen = Memo::new(move |before: Option<&Seen>| see(before, answer.get()));
    let answers = move || seen.with(|seen| seen.answers);
    let is_going = move || delete.pending().get() || matches!(delete.value().get(), Some(Ok(())));
    use_keys(Signal::derive(move || seen.with(editable)), back);
    let place = Memo::new(move |_| {
        let place = seen.with(|seen| seen.view.as_ref().map(|view| view.details.events_cursor));
        place.filter(|_| !is_going())
    });
    let is_following = use_stream(place, answers, tick, AT_ONCE_MILLIS);
    use_poll(answers, is_following, move || seen.with(pause), tick);
    close_menus_outside();
    // The whole view is made anew only when it changes its kind.
    let failure = Memo::new(move |_| seen.with(|seen| seen.view.is_none().then(|| seen.error.clone())));
    let retry = Callback::new(move |()| tick.update(|tick| *tick = tick.wrapping_add(1)));
    changing(move || match failure.get() {
        None => view! { <Whole seen is_following act delete note/> }.erase(),
        Some(None) => view! { <CardSkeleton/> }.erase(),
        Some(Some(error)) => view! { <Failure error here=format!("/calls/{}", id.get()) retry/> }.erase(),
    })
}

#[component]
fn Whole(
    seen: Memo<Seen>,
    is_following: Signal<bool>,
    act: ServerAction<ActOnCall>,
    delete: ServerAction<ActOnCall>,
    note: ServerAction<AddNote>,
) -> impl IntoView {
    let Some(first) = seen.with_untracked(|seen| seen.view.clone()) else { return ().into_any() };
    let view = Memo::new(move |before: Option<&CallView>| {
        let newest = seen.with(|seen| seen.view.clone());
        newest.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let refused = move || refusal(act.value().get()).or_else(|| refusal(delete.value().get()));
    let details = Signal::derive(move || view.get().details);
    let call = Memo::new(move |_| view.with(|view| view.details.call.clone()));
    let attempts = Memo::new(move |_| view.with(|view| view.details.attempts.clone()));
    let events = Memo::new(move |_| view.with(|view| view.details.events.clone()));
    view! {
        <Heading seen is_following view act delete/>
        {changing(move || refused().map(|why| view! {
            <Notice tone=Tone::Negative title="This was not done"><p>{why}</p></Notice>
        }.erase()))}
        <div class="call-page">
            <section class="card call-page-facts" aria-label="The call">
                <Situation details/>
                <CallFacts call/>
            </section>
            <section class="card call-page-attempts" aria-labelledby="attempts">
                <h2 class="section-title" id="attempts">"Attempts"</h2>
                <Show
                    when=move || attempts.with(|attempts| !attempts.is_empty())
                    fallback=|| view! { <p class="muted">"None yet."</p> }.erase()
                >
                    <AttemptCards attempts/>
                </Show>
            </section>
            <section class="card call-page-timeline" aria-labelledby="timeline">
                <h2 class="section-title" id="timeline">"Timeline"</h2>
                <Timeline events/>
                <NoteForm call_id=call.get_untracked().id note/>
            </section>
        </div>
    }
    .erase()
}

#[component]
fn Heading(
    seen: Memo<Seen>,
    is_following: Signal<bool>,
    view: Memo<CallView>,
    act: ServerAction<ActOnCall>,
    delete: ServerAction<ActOnCall>,
) -> impl IntoView {
    let row = Memo::new(move |_| {
        view.with(|CallView { details: CallDetails { call, waiting, .. }, now, .. }| {
            CallRow::new(call, waiting.as_ref(), *now)
        })
    });
    let freshness = move || {
        seen.with(|seen| match (&seen.error, pause(seen)) {
            (Some(_), _) => Freshness::Failing,
            _ if is_following.get() => Freshness::Live,
            (None, Some(_)) => Freshness::Polling,
            (None, None) => Freshness::Resting,
        })
    };
    let name = move || row.get().customer_name;
    view! {
        <PageTitle
            active=move || view.with(|view| view.counts.active)
            text=move || format!("{}: {}", name(), row.get().status.label())
        />
        <div class="page-heading">
            <h1 class="page-title">{changing(name)}</h1>
            <StatusBadge status=move || row.get().status/>
            <LiveChip freshness as_of=move || view.get().now/>
            <div class="page-actions" on:submit=move |event| submit(&event, act, delete)>
                <CommandMenu row act_url=ActOnCall::url() busy=move || act.pending().get()/>
            </div>
        </div>
        <Announcer rows=Signal::derive(move || vec![row.get()])/>
    }
    .erase()
}

#[component]
fn NoteForm(call_id: CallId, note: ServerAction<AddNote>) -> impl IntoView {
    let error = Signal::derive(move || refusal(note.value().get()));
    let typed = RwSignal::new(String::new());
    // The field is emptied by each note that was kept; while one is refused, what was typed stays.
    effect(move || {
        note.version().get();
        if matches!(note.value().get_untracked(), Some(Ok(()))) {
            typed.set(String::new());
        }
    });
    view! {
        <ActionForm action=note attr:class="note-form">
            <input type="hidden" name="id" value=call_id.to_string()/>
            <label class="field-label" for="note">"Note"</label>
            <FieldError name="note" error/>
            <textarea
                class="input"
                id="note"
                name="note"
                rows="2"
                maxlength=MAX_NOTE.to_string()
                placeholder="What a colleague should know…"
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=move || error.get().map(|_| "note-error")
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            ></textarea>
            <div class="form-actions">
                <button class="button" type="submit" disabled=move || note.pending().get()>"Add note"</button>
            </div>
        </ActionForm>
    }
    .erase()
}

fn see(before: Option<&Seen>, answer: Option<Answer>) -> Seen {
    let answers = before.map_or(0, |before| before.answers) + 1;
    let known = before.and_then(|before| before.view.as_ref());
    match answer {
        None => before.cloned().unwrap_or_default(),
        Some(Ok(view)) => {
            let newer = known.filter(|known| {
                let (ours, theirs) = (&known.details.call, &view.details.call);
                ours.id == theirs.id && ours.version > theirs.version
            });
            Seen { view: Some(newer.cloned().unwrap_or(view)), error: None, answers }
        }
        // What is not there any more is not shown any more; everything else may pass.
        Some(Err(error @ (AppError::NotFound(_) | AppError::Unauthorized))) => {
            Seen { view: None, error: Some(error), answers }
        }
        Some(Err(error)) => Seen { view: known.cloned(), error: Some(error), answers },
    }
}

/// The call, as long as it can be edited.
fn editable(seen: &Seen) -> Option<CallId> {
    let call = &seen.view.as_ref()?.details.call;
    (call.status == CallStatus::Pending).then_some(call.id)
}

fn pause(seen: &Seen) -> Option<u32> {
    if let Some(error) = &seen.error {
        return if error.status() >= 500 { pause_after_failure() } else { None };
    }
    seen.view.as_ref().and_then(|view| pause_after(&view.counts, view.now))
}

/// A second press while the first is on its way does nothing.
fn submit(event: &ev::SubmitEvent, act: ServerAction<ActOnCall>, delete: ServerAction<ActOnCall>) {
    event.prevent_default();
    let busy = act.pending().get_untracked() || delete.pending().get_untracked();
    if let (Ok(input), false) = (ActOnCall::from_event(event), busy) {
        close_menus();
        let action = if input.command == RowCommand::Delete { delete } else { act };
        action.dispatch(input);
    }
}

fn refusal<T>(answer: Option<Result<T, AppError>>) -> Option<String> {
    answer.and_then(Result::err).map(|error| error.to_string())
}
