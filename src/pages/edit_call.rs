//! `/calls/{id}/edit`: changes a call that still waits; `#when` is where it is rescheduled.

use super::{
    action::{field_errors, other_error},
    awaited::awaited,
    failure::Failure,
    form_help::use_help,
    live_title::{Asked, LiveTitle},
    new_call::sent_form,
};
use crate::{
    components::{
        call_fields::{CallFields, Choices, Draft, keep_back},
        compact::{Erase, Memo, RwSignal, Signal, changing},
        error_summary::ErrorSummary,
        skeleton::CardSkeleton,
    },
    domain::id::CallId,
    error::AppError,
    server_fns::{EditCall, EditDefaults, edit_defaults},
};
use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_params_map;

/// The page.
#[component]
pub fn EditCallPage() -> impl IntoView {
    let edit = ServerAction::<EditCall>::new();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let again = RwSignal::new(0_u32);
    let defaults = Resource::new(
        move || (id.get(), again.get()),
        |(id, _)| async move {
            let id = id.parse::<CallId>().map_err(|_| AppError::NotFound("call".to_owned()))?;
            Ok((id, edit_defaults(id).await?))
        },
    );
    awaited(defaults);
    let asked = Asked::now();
    let retry = Callback::new(move |()| again.update(|again| *again += 1));
    let here = move || format!("/calls/{}", id.get());
    let form = move || {
        defaults.get().map(|answer: Result<_, AppError>| match answer {
            Ok((id, defaults)) => view! { <Filled edit id defaults asked/> }.erase(),
            Err(error) => view! { <Failure error here=format!("{}/edit", here()) retry/> }.erase(),
        })
    };
    view! {
        <a class="back-link" href=here>"← The call"</a>
        <Transition fallback=CardSkeleton>{changing(form)}</Transition>
    }
    .erase()
}

#[component]
fn Filled(edit: ServerAction<EditCall>, id: CallId, defaults: EditDefaults, asked: Asked) -> impl IntoView {
    let EditDefaults { form, version, countries, time_zones } = defaults;
    let title = format!("Edit the call to {}", form.customer_name);
    let typed = sent_form(edit.value().get_untracked());
    let choices = Choices { countries, time_zones, sample_numbers: false, suggest_zone: false };
    let refused = RwSignal::new(Vec::new());
    let errors = Memo::new(move |_| {
        let refused = refused.get();
        if refused.is_empty() { field_errors(edit.value().get()) } else { refused }
    });
    let other = Signal::derive(move || other_error(edit.value().get()));
    let (busy, help) = (edit.pending(), use_help(Some(id)));
    view! {
        <LiveTitle asked text=move || title.clone()/>
        <section class="card" on:submit:capture=move |event| {
            keep_back(&event, refused);
        }>
            <h1 class="page-title">"Edit call"</h1>
            <ErrorSummary errors other/>
            <ActionForm action=edit attr:class="form" attr:novalidate="">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                <CallFields form=typed.unwrap_or(form) choices sent_errors=errors help draft=Draft::None/>
                <div class="form-actions">
                    <button class="button" data-kind="primary" type="submit" disabled=move || busy.get()>"Save"</button>
                    <a class="button" href=format!("/calls/{id}")>"Leave it as it is"</a>
                </div>
            </ActionForm>
        </section>
    }
    .erase()
}
