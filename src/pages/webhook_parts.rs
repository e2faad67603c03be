//! What the page of an endpoint is put together from: its secret, its form, its buttons.

use super::action::{field_errors, other_error};
use crate::{
    components::{
        compact::{Erase, Memo, Signal, changing},
        endpoint_fields::EndpointFields,
        error_summary::ErrorSummary,
        notice::{Notice, Tone},
    },
    domain::webhook::{Endpoint, EndpointCommand, form::EndpointForm},
    error::{AppError, Typed},
    server_fns::{ActOnEndpoint, EditEndpoint},
};
use leptos::{
    ev,
    form::{ActionForm, FromFormData},
    prelude::*,
    server_fn::ServerFn,
};

/// The secret, the one time that it is shown.
#[component]
pub fn NewSecret(
    /// The secret.
    secret: String,
) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="This is the endpoint's secret. It is shown this once.">
            <p><code class="secret">{secret}</code></p>
            <p>
                "Keep it where your program verifies signatures. If an older one was in use, both sign for a day from "
                "now on."
            </p>
        </Notice>
    }
    .erase()
}

/// The form that changes an endpoint. It is made once: what is being typed is not taken away by news.
#[component]
pub fn EndpointEditForm(
    /// The endpoint as it stands.
    endpoint: Memo<Endpoint>,
    /// What the form does.
    edit: ServerAction<EditEndpoint>,
) -> impl IntoView {
    let first = endpoint.get_untracked();
    let form = EndpointForm {
        url: first.url,
        description: first.description,
        events: first.events.iter().map(ToString::to_string).collect(),
    };
    let typed = sent_endpoint(edit.value().get_untracked());
    let errors = Signal::derive(move || field_errors(edit.value().get()));
    let other = Signal::derive(move || match edit.value().get() {
        Some(Err(AppError::PreconditionFailed)) => Some(
            "The endpoint has changed since this page was read. Load it again, then change it.".to_owned(),
        ),
        answer => other_error(answer),
    });
    view! {
        <ErrorSummary errors other/>
        <ActionForm action=edit attr:class="form" attr:novalidate="">
            <input type="hidden" name="id" value=first.id.to_string()/>
            <input type="hidden" name="version" value=move || endpoint.with(|endpoint| endpoint.version.to_string())/>
            <EndpointFields form=typed.unwrap_or(form) errors/>
            <div class="form-actions">
                <button class="button" data-kind="primary" type="submit" disabled=move || edit.pending().get()>"Save"</button>
            </div>
        </ActionForm>
    }
    .erase()
}

/// The buttons of an endpoint. One form posts whichever is pressed.
#[component]
pub fn EndpointButtons(
    /// The endpoint as it stands.
    endpoint: Memo<Endpoint>,
    /// What the buttons do.
    act: ServerAction<ActOnEndpoint>,
    /// The same for deleting, after which nothing more is asked.
    delete: ServerAction<ActOnEndpoint>,
) -> impl IntoView {
    let id = endpoint.with_untracked(|endpoint| endpoint.id.to_string());
    let enabled = Memo::new(move |_| endpoint.with(Endpoint::is_enabled));
    let busy = Signal::derive(move || act.pending().get() || delete.pending().get());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let (Ok(input), false) = (ActOnEndpoint::from_event(&event), busy.get_untracked()) {
            let action = if input.command == EndpointCommand::Delete { delete } else { act };
            action.dispatch(input);
        }
    };
    let button = move |command: EndpointCommand, words: &'static str| {
        view! { <button class="button" name="command" value=command.as_str() disabled=move || busy.get()>{words}</button> }
            .erase()
    };
    view! {
        <form class="endpoint-actions" method="post" action=ActOnEndpoint::url() on:submit=submit>
            <input type="hidden" name="id" value=id/>
            {changing(move || if enabled.get() {
                view! {
                    {button(EndpointCommand::SendTest, "Send a test")}
                    {button(EndpointCommand::Disable, "Disable")}
                }.erase()
            } else {
                button(EndpointCommand::Enable, "Enable").into_any()
            })}
            {asked_twice("New secret", "Yes, make a new secret", EndpointCommand::RotateSecret, busy)}
            {asked_twice("Delete", "Yes, delete", EndpointCommand::Delete, busy)}
        </form>
    }
    .erase()
}

/// The first press only shows the second button; that needs no code in the browser.
fn asked_twice(
    words: &'static str,
    certain: &'static str,
    command: EndpointCommand,
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <details class="confirm">
            <summary class="button">{format!("{words}…")}</summary>
            <button class="menu-item" data-tone="negative" name="command" value=command.as_str() disabled=move || busy.get()>
                {certain}
            </button>
        </details>
    }.erase()
}

/// The form as it was sent, when a plain form came back with errors.
pub fn sent_endpoint<T>(answer: Option<Result<T, AppError>>) -> Option<EndpointForm> {
    match answer {
        Some(Err(AppError::Invalid { form: Some(typed), .. })) => match *typed {
            Typed::Endpoint(form) => Some(form),
            Typed::Call(_) => None,
        },
        _ => None,
    }
}
