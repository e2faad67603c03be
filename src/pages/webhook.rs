//! `/settings/webhooks/{id}`: one endpoint: what it is told, how it answered, and what can be done about it.

use super::{
    action::other_error,
    awaited::awaited,
    failure::Failure,
    live_title::{Asked, LiveTitle},
    webhook_parts::{EndpointButtons, EndpointEditForm, NewSecret},
};
use crate::{
    components::{
        compact::{Erase, Memo, RwSignal, Signal, changing},
        delivery_list::DeliveryList,
        endpoint_state::EndpointBadge,
        notice::{Notice, Tone},
        poll::{pause_after_failure, use_poll},
        skeleton::CardSkeleton,
    },
    domain::{
        id::EndpointId,
        webhook::{DeliveryStatus, DisabledReason, Endpoint},
    },
    error::AppError,
    server_fns::{ActOnEndpoint, EditEndpoint, EndpointPage, ReplayDelivery, get_endpoint},
};
use leptos::{ev, form::FromFormData, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;

/// While something is on its way.
const LIVELY_MILLIS: u32 = 1_000;
/// A delivery that is due sooner than this, or on its way, is waited for, in milliseconds.
const SOON_MILLIS: i64 = 70_000;

type Answer = Result<EndpointPage, AppError>;

/// What is on the screen: the newest page there is, and what went wrong with the newest question.
#[derive(Clone, PartialEq, Debug, Default)]
struct Seen {
    page: Option<EndpointPage>,
    error: Option<AppError>,
    answers: u64,
}

/// What the page's forms do.
#[derive(Clone, Copy)]
struct Actions {
    act: ServerAction<ActOnEndpoint>,
    edit: ServerAction<EditEndpoint>,
    replay: ServerAction<ReplayDelivery>,
}

/// The page.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let actions =
        Actions { act: ServerAction::new(), edit: ServerAction::new(), replay: ServerAction::new() };
    let Actions { act, edit, replay } = actions;
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let tick = RwSignal::new(0_u32);
    let done = move || (act.version().get(), edit.version().get(), replay.version().get());
    let answer = Resource::new(
        move || (id.get(), tick.get(), done()),
        |(id, ..)| async move {
            let id = id.parse::<EndpointId>();
            get_endpoint(id.map_err(|_| AppError::NotFound("webhook endpoint".to_owned()))?).await
        },
    );
    awaited(answer);
    let asked = Asked::now();
    view! {
        <a class="back-link" href="/settings/webhooks">"← Webhooks"</a>
        <Transition fallback=CardSkeleton>
            <Loaded id answer actions asked tick/>
        </Transition>
    }
    .erase()
}

#[component]
fn Loaded(
    id: Memo<String>,
    answer: Resource<Answer>,
    actions: Actions,
    asked: Asked,
    tick: RwSignal<u32>,
) -> impl IntoView {
    let seen = Memo::new(move |before: Option<&Seen>| see(before, answer.get()));
    use_poll(move || seen.with(|seen| seen.answers), Signal::stored(false), move || seen.with(pause), tick);
    // The whole view is made anew only when it changes its kind.
    let failure = Memo::new(move |_| seen.with(|seen| seen.page.is_none().then(|| seen.error.clone())));
    let retry = Callback::new(move |()| tick.update(|tick| *tick = tick.wrapping_add(1)));
    let here = move || format!("/settings/webhooks/{}", id.get());
    changing(move || match failure.get() {
        None => view! { <Whole seen actions asked/> }.erase(),
        Some(None) => view! { <CardSkeleton/> }.erase(),
        Some(Some(error)) => view! { <Failure error here=here() retry/> }.erase(),
    })
}

#[component]
fn Whole(seen: Memo<Seen>, actions: Actions, asked: Asked) -> impl IntoView {
    let Some(first) = seen.with_untracked(|seen| seen.page.clone()) else { return ().into_any() };
    let Actions { act, edit, replay } = actions;
    let page = Memo::new(move |before: Option<&EndpointPage>| {
        let newest = seen.with(|seen| seen.page.clone());
        newest.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    // An action of its own, because nothing more is asked about an endpoint that is gone.
    let delete = ServerAction::<ActOnEndpoint>::new();
    delete.clear();
    let endpoint = Memo::new(move |_| page.with(|page| page.endpoint.clone()));
    let deliveries = Memo::new(move |_| page.with(|page| page.deliveries.clone()));
    let secret = Memo::new(move |_| page.with(|page| page.secret.clone()));
    let refused = move || {
        let answers = [act.value().get(), delete.value().get(), replay.value().get()];
        answers.into_iter().find_map(other_error)
    };
    let cannot_send = Signal::derive(move || !endpoint.with(Endpoint::is_enabled) || replay.pending().get());
    let send_again = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let (Ok(input), false) = (ReplayDelivery::from_event(&event), replay.pending().get_untracked()) {
            replay.dispatch(input);
        }
    };
    view! {
        <Heading endpoint asked/>
        {changing(move || refused().map(|why| view! {
            <Notice tone=Tone::Negative title="This was not done"><p>{why}</p></Notice>
        }.erase()))}
        {changing(move || secret.get().map(|secret| view! { <NewSecret secret/> }.erase()))}
        {changing(move || trouble(&endpoint.get()).map(|(title, words)| view! {
            <Notice tone=Tone::Warning title><p>{words}</p></Notice>
        }.erase()))}
        <div class="webhooks">
            <section class="card" aria-labelledby="endpoint">
                <h2 class="section-title" id="endpoint">"Endpoint"</h2>
                <EndpointEditForm endpoint edit/>
            </section>
            <section class="card" aria-labelledby="actions">
                <h2 class="section-title" id="actions">"Actions"</h2>
                <EndpointButtons endpoint act delete/>
            </section>
            <section class="card webhooks-wide" aria-labelledby="deliveries" on:submit=send_again>
                <h2 class="section-title" id="deliveries">"Newest deliveries"</h2>
                <Show
                    when=move || deliveries.with(|deliveries| !deliveries.is_empty())
                    fallback=|| view! { <p class="muted">"Nothing was sent yet. Send a test to see whether it arrives."</p> }.erase()
                >
                    <DeliveryList
                        endpoint=endpoint.get_untracked().id
                        deliveries
                        replay_url=ReplayDelivery::url()
                        disabled=move || cannot_send.get()
                    />
                </Show>
            </section>
        </div>
    }
    .erase()
}

#[component]
fn Heading(endpoint: Memo<Endpoint>, asked: Asked) -> impl IntoView {
    let name = move || {
        endpoint.with(|endpoint| {
            let words = [&endpoint.description, &endpoint.url].into_iter().find(|words| !words.is_empty());
            words.cloned().unwrap_or_default()
        })
    };
    view! {
        <LiveTitle asked text=move || format!("{}: webhook", name())/>
        <div class="page-heading">
            <h1 class="page-title endpoint-link">{changing(name)}</h1>
            <EndpointBadge endpoint/>
        </div>
    }
    .erase()
}

/// What a person should know of an endpoint that is not well.
fn trouble(endpoint: &Endpoint) -> Option<(&'static str, String)> {
    if let (Some(at), Some(reason)) = (endpoint.disabled_at, endpoint.disabled_reason) {
        let kept =
            "What waited is kept and goes out when it is enabled; what happens meanwhile it is not told.";
        let words = format!("{} Since {}. {kept}", DisabledReason::label(reason), at.to_utc_words());
        return Some(("Nothing is sent to this endpoint", words));
    }
    endpoint.failing_since.map(|since| {
        let words = format!(
            "It has taken nothing since {}. What it does not take is sent again later; after five days without one \
             success it is disabled.",
            since.to_utc_words()
        );
        ("This endpoint does not take what is sent", words)
    })
}

fn see(before: Option<&Seen>, answer: Option<Answer>) -> Seen {
    let answers = before.map_or(0, |before| before.answers) + 1;
    let known = before.and_then(|before| before.page.as_ref());
    match answer {
        None => before.cloned().unwrap_or_default(),
        Some(Ok(mut page)) => {
            // Its secret came once; it stays on the screen until the reader leaves.
            let same = known.filter(|known| known.endpoint.id == page.endpoint.id);
            page.secret = page.secret.or_else(|| same.and_then(|known| known.secret.clone()));
            Seen { page: Some(page), error: None, answers }
        }
        // What is not there any more is not shown any more; everything else may pass.
        Some(Err(error @ (AppError::NotFound(_) | AppError::Unauthorized))) => {
            Seen { page: None, error: Some(error), answers }
        }
        Some(Err(error)) => Seen { page: known.cloned(), error: Some(error), answers },
    }
}

/// How long to wait before asking again; none when nothing will change soon.
fn pause(seen: &Seen) -> Option<u32> {
    if let Some(error) = &seen.error {
        return if error.status() >= 500 { pause_after_failure() } else { None };
    }
    let EndpointPage { endpoint, deliveries, now, .. } = seen.page.as_ref()?;
    let is_soon = deliveries.iter().any(|it| {
        let due = it.next_at.is_some_and(|at| at.millis_since(*now) < SOON_MILLIS);
        it.status == DeliveryStatus::Pending && due
    });
    (is_soon && endpoint.is_enabled()).then_some(LIVELY_MILLIS)
}
