//! `/settings/webhooks`: who is told what happens, and the form that adds somebody.

use super::{
    action::{field_errors, other_error},
    awaited::awaited,
    failure::Failure,
    live_title::{Asked, LiveTitle},
    webhook_parts::sent_endpoint,
};
use crate::{
    components::{
        compact::{Erase, RwSignal, Signal, changing},
        endpoint_fields::EndpointFields,
        endpoint_state::EndpointBadge,
        error_summary::ErrorSummary,
        skeleton::CardSkeleton,
    },
    domain::webhook::{Endpoint, WebhookEvent, form::EndpointForm},
    server_fns::{CreateEndpoint, list_endpoints},
};
use leptos::{form::ActionForm, prelude::*};

/// The page.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let create = ServerAction::<CreateEndpoint>::new();
    let again = RwSignal::new(0_u32);
    let answer = Resource::new(move || again.get(), |_| list_endpoints());
    awaited(answer);
    let retry = Callback::new(move |()| again.update(|again| *again += 1));
    let failed = move || matches!(create.value().get(), Some(Err(_)));
    let list = move || {
        answer.get().map(|answer| match answer {
            Ok(endpoints) => view! { <Endpoints endpoints/> }.erase(),
            Err(error) => view! { <Failure error here="/settings/webhooks".to_owned() retry/> }.erase(),
        })
    };
    view! {
        <LiveTitle asked=Asked::now() text=move || if failed() { "Error: Webhooks" } else { "Webhooks" }.to_owned()/>
        <a class="back-link" href="/settings">"← Settings"</a>
        <div class="page-heading"><h1 class="page-title">"Webhooks"</h1></div>
        <p class="page-lead">
            "An endpoint is an address of yours that is told what happens to calls, as it happens. Each event is "
            "signed, and sent again for a day until your program has taken it."
        </p>
        <div class="webhooks">
            <section class="card" aria-labelledby="endpoints">
                <h2 class="section-title" id="endpoints">"Endpoints"</h2>
                <Transition fallback=CardSkeleton>{changing(list)}</Transition>
            </section>
            <section class="card" aria-labelledby="add">
                <h2 class="section-title" id="add">"Add an endpoint"</h2>
                <AddForm create/>
            </section>
        </div>
    }
    .erase()
}

#[component]
fn Endpoints(endpoints: Vec<Endpoint>) -> impl IntoView {
    if endpoints.is_empty() {
        return view! {
            <div class="empty-state">
                <h3 class="empty-state-title">"Nobody is told yet"</h3>
                <p class="empty-state-text">
                    "Add the address of a program of yours. It then hears of each call by itself, and need not ask."
                </p>
            </div>
        }
        .erase();
    }
    view! {
        <ul class="endpoints">
            {endpoints.into_iter().map(|endpoint| view! { <EndpointLine endpoint/> }.erase()).collect_view()}
        </ul>
    }
    .erase()
}

#[component]
fn EndpointLine(endpoint: Endpoint) -> impl IntoView {
    let href = format!("/settings/webhooks/{}", endpoint.id);
    let events: Vec<_> = endpoint.events.iter().map(|event| event.as_str()).collect();
    let events =
        if events.len() == WebhookEvent::ALL.len() { "Every event".to_owned() } else { events.join(", ") };
    let description = Some(endpoint.description.clone()).filter(|words| !words.is_empty());
    let url = endpoint.url.clone();
    let badge = Signal::derive(move || endpoint.clone());
    view! {
        <li class="endpoint">
            <div class="endpoint-head">
                <a class="endpoint-link" href=href>{url}</a>
                <EndpointBadge endpoint=badge/>
            </div>
            {description.map(|words| view! { <p>{words}</p> }.erase())}
            <p class="endpoint-events">{events}</p>
        </li>
    }
    .erase()
}

#[component]
fn AddForm(create: ServerAction<CreateEndpoint>) -> impl IntoView {
    let everything = EndpointForm {
        events: WebhookEvent::ALL.iter().map(ToString::to_string).collect(),
        ..EndpointForm::default()
    };
    let typed = sent_endpoint(create.value().get_untracked());
    let errors = Signal::derive(move || field_errors(create.value().get()));
    let other = Signal::derive(move || other_error(create.value().get()));
    view! {
        <ErrorSummary errors other/>
        <ActionForm action=create attr:class="form" attr:novalidate="">
            <EndpointFields form=typed.unwrap_or(everything) errors/>
            <div class="form-actions">
                <button class="button" data-kind="primary" type="submit" disabled=move || create.pending().get()>
                    "Add endpoint"
                </button>
            </div>
        </ActionForm>
    }
    .erase()
}
