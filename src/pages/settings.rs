//! `/settings`: what is configured, how placing stands, what runs here, and how this browser shows the pages.

use super::{
    action::other_error,
    awaited::awaited,
    failure::Failure,
    live_title::{Asked, LiveTitle},
};
use crate::{
    components::{
        compact::{Erase, RwSignal, Signal, changing, effect},
        dispatch_stops::{DispatchStops, PauseButton},
        notice::{Notice, Tone},
        setting_list::SettingList,
        skeleton::CardSkeleton,
        theme_choice::{ThemeChoice, show_theme},
        time::{Shown, Time},
    },
    domain::installation::{EndpointCount, Fact, Installation},
    server_fns::{ChooseTheme, SetPaused, read_installation},
};
use leptos::{ev, form::FromFormData, prelude::*, server_fn::ServerFn};

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let set_paused = ServerAction::<SetPaused>::new();
    let choose_theme = ServerAction::<ChooseTheme>::new();
    let again = RwSignal::new(0_u32);
    let answer = Resource::new(move || (again.get(), set_paused.version().get()), |_| read_installation());
    awaited(answer);
    let retry = Callback::new(move |()| again.update(|again| *again += 1));
    effect(move || {
        if let Some(Ok(theme)) = choose_theme.value().get() {
            show_theme(theme);
        }
    });
    let refused =
        move || other_error(set_paused.value().get()).or_else(|| other_error(choose_theme.value().get()));
    let page = move || {
        answer.get().map(|answer| match answer {
            Ok(installation) => view! { <Cards installation choose_theme/> }.erase(),
            Err(error) => view! { <Failure error here="/settings".to_owned() retry/> }.erase(),
        })
    };
    view! {
        <LiveTitle asked=Asked::now() text=|| "Settings".to_owned()/>
        <div class="page-heading"><h1 class="page-title">"Settings"</h1></div>
        {changing(move || refused().map(|why| view! {
            <Notice tone=Tone::Negative title="This was not done"><p>{why}</p></Notice>
        }.erase()))}
        <div on:submit=move |event| submit(&event, set_paused, choose_theme)>
            <Transition fallback=CardSkeleton>{changing(page)}</Transition>
        </div>
    }
    .erase()
}

/// One listener for both forms, which are plain ones without it.
fn submit(event: &ev::SubmitEvent, set_paused: ServerAction<SetPaused>, theme: ServerAction<ChooseTheme>) {
    if let Ok(input) = ChooseTheme::from_event(event) {
        event.prevent_default();
        theme.dispatch(input);
    } else if let Ok(input) = SetPaused::from_event(event) {
        event.prevent_default();
        set_paused.dispatch(input);
    }
}

#[component]
fn Cards(installation: Installation, choose_theme: ServerAction<ChooseTheme>) -> impl IntoView {
    let Installation { stops, paused, limits, provider, versions, endpoints, settings, theme } = installation;
    let stops = Signal::stored(stops);
    let chosen = Signal::derive(move || match choose_theme.value().get() {
        Some(Ok(chosen)) => chosen,
        _ => theme,
    });
    let state = match paused {
        Some((who, at)) => view! {
            <p>{format!("Paused by {who} since ")}<Time at shown=Shown::Exact/>"."</p>
        }
        .erase(),
        None => view! { <p>"No pause is set: calls go out as they become due."</p> }.erase(),
    };
    view! {
        <div class="settings-page">
            <section class="card" aria-labelledby="placing">
                <h2 class="section-title" id="placing">"Placing"</h2>
                <DispatchStops stops set_paused_url=SetPaused::url()/>
                {state}
                <PauseButton stops set_paused_url=SetPaused::url()/>
                <h3 class="settings-subtitle">"Limits"</h3>
                {facts(limits)}
            </section>
            <section class="card" aria-labelledby="provider">
                <h2 class="section-title" id="provider">"Provider"</h2>
                {facts(provider)}
            </section>
            <section class="card" aria-labelledby="webhooks">
                <h2 class="section-title" id="webhooks">"Webhooks"</h2>
                <p>{count_words(endpoints)}</p>
                <a class="button" href="/settings/webhooks">"Webhook endpoints"</a>
            </section>
            <section class="card" aria-labelledby="appearance">
                <h2 class="section-title" id="appearance">"Appearance"</h2>
                <p>"How this browser shows the pages."</p>
                <ThemeChoice chosen action_url=ChooseTheme::url()/>
            </section>
            <section class="card" aria-labelledby="versions">
                <h2 class="section-title" id="versions">"Versions"</h2>
                {facts(versions)}
            </section>
            <section class="card settings-wide" aria-labelledby="configuration">
                <h2 class="section-title" id="configuration">"Configuration"</h2>
                <p class="page-lead">
                    "What this process was started with. Settings are environment variables, or lines of a file "
                    <code>".env"</code>" beside it. They are read once, at the start."
                </p>
                <SettingList settings/>
            </section>
        </div>
    }
    .erase()
}

fn facts(facts: Vec<Fact>) -> AnyView {
    let line = |Fact { term, words }| view! { <dt>{term}</dt><dd>{words}</dd> }.erase();
    view! { <dl class="facts">{facts.into_iter().map(line).collect_view()}</dl> }.erase()
}

fn count_words(EndpointCount { enabled, disabled }: EndpointCount) -> String {
    let many = |count: usize| if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") };
    match (enabled, disabled) {
        (0, 0) => "No program is told what happens to calls yet.".to_owned(),
        (enabled, 0) => format!("What happens to calls is told to {}.", many(enabled)),
        (enabled, disabled) => {
            format!("What happens to calls is told to {}; {disabled} more disabled.", many(enabled))
        }
    }
}
