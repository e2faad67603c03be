//! `/calls/new`: the form for a new call, as a page of its own.

use super::{
    action::{field_errors, other_error},
    awaited::awaited,
    failure::Failure,
    form_help::use_help,
    live_title::{Asked, LiveTitle},
};
use crate::{
    components::{
        call_fields::{CallFields, Choices, Draft, keep_back},
        compact::{Erase, Memo, RwSignal, Signal, StoredValue, changing, effect},
        draft::forget_sent,
        error_summary::ErrorSummary,
        sample_numbers::sample_call,
        skeleton::CardSkeleton,
    },
    domain::{form::CallForm, grouping::grouped, id::CallId},
    error::{AppError, Typed},
    server_fns::{CreateCall, FormDefaults, form_defaults},
};
use leptos::{ev, form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;

/// What a form begins with, unless it is an earlier call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Beginning {
    /// Nothing, or what was typed before and not sent.
    Empty,
    /// A number.
    Number(String),
    /// A call that harms nobody.
    Sample,
}

impl Beginning {
    fn of(self, form: CallForm) -> CallForm {
        match self {
            Self::Empty => form,
            Self::Number(number) => CallForm { phone_number: grouped(&number), ..form },
            Self::Sample => sample_call(form),
        }
    }
}

/// The page. `?from=` fills it in from an earlier call, `?number=` with a number, `?sample=` with a sample call.
#[component]
pub fn NewCallPage() -> impl IntoView {
    let create = ServerAction::<CreateCall>::new();
    let query = use_query_map();
    let from = move || query.with(|query| query.get("from").and_then(|id| id.parse::<CallId>().ok()));
    let beginning = move || {
        query.with(|query| match query.get("number") {
            Some(number) => Beginning::Number(number),
            None if query.get("sample").is_some() => Beginning::Sample,
            None => Beginning::Empty,
        })
    };
    let failed = move || matches!(create.value().get(), Some(Err(_)));
    view! {
        <LiveTitle asked=Asked::now() text=move || if failed() { "Error: New call" } else { "New call" }.to_owned()/>
        <a class="back-link" href="/">"← Calls"</a>
        <section class="card">
            <h1 class="page-title">"New call"</h1>
            {changing(move || view! { <NewCallForm create from=from() beginning=beginning()/> }.erase())}
        </section>
    }
    .erase()
}

/// The form, which asks the server for its beginnings.
#[component]
pub fn NewCallForm(
    /// What the form does.
    create: ServerAction<CreateCall>,
    /// The call to call again.
    from: Option<CallId>,
    /// What to begin with.
    beginning: Beginning,
) -> impl IntoView {
    let again = RwSignal::new(0_u32);
    let defaults = Resource::new(move || again.get(), move |_| form_defaults(from));
    awaited(defaults);
    let retry = Callback::new(move |()| again.update(|again| *again += 1));
    let is_given = from.is_some() || beginning != Beginning::Empty;
    let form = move || {
        let beginning = beginning.clone();
        defaults.get().map(|defaults| match defaults {
            Ok(defaults) => view! { <Filled create defaults beginning is_given/> }.erase(),
            Err(error) => view! { <Failure error here="/calls/new".to_owned() retry/> }.erase(),
        })
    };
    view! { <Transition fallback=CardSkeleton>{changing(form)}</Transition> }.erase()
}

#[component]
fn Filled(
    create: ServerAction<CreateCall>,
    defaults: FormDefaults,
    beginning: Beginning,
    is_given: bool,
) -> impl IntoView {
    let FormDefaults { form, countries, time_zones, simulator } = defaults;
    let form = beginning.of(form);
    let typed = sent_form(create.value().get_untracked());
    let choices = Choices { countries, time_zones, sample_numbers: simulator, suggest_zone: typed.is_none() };
    let refused = RwSignal::new(Vec::new());
    let errors = Memo::new(move |_| {
        let refused = refused.get();
        if refused.is_empty() { field_errors(create.value().get()) } else { refused }
    });
    let other = Signal::derive(move || other_error(create.value().get()));
    let (busy, help) = (create.pending(), use_help(None));
    let draft = if is_given || typed.is_some() { Draft::Kept } else { Draft::Resumed };
    let sent = forget_when_sent(create);
    let on_submit = move |event: ev::SubmitEvent| {
        if let Some(form) = keep_back(&event, refused) {
            sent.set_value(Some((form.form_key, create.version().get_untracked())));
        }
    };
    view! {
        <ErrorSummary errors other/>
        <div on:submit:capture=on_submit>
            <ActionForm action=create attr:class="form" attr:novalidate="">
                <CallFields form=typed.unwrap_or(form) choices sent_errors=errors help draft/>
                <div class="form-actions">
                    <button class="button" data-kind="primary" type="submit" disabled=move || busy.get()>
                        "Create call"
                    </button>
                </div>
            </ActionForm>
        </div>
    }
    .erase()
}

/// What was sent need not be kept any longer once it has arrived. Answers where to write down the key of what is
/// being sent, and the answer that was the newest then.
fn forget_when_sent(create: ServerAction<CreateCall>) -> StoredValue<Option<(String, usize)>> {
    let sent = StoredValue::new(None::<(String, usize)>);
    let forget = move || {
        let is_made = matches!(create.value().try_get_untracked(), Some(Some(Ok(_))));
        let newest = create.version().try_get_untracked().filter(|_| is_made);
        let arrived = sent.try_get_value().flatten().filter(|(_, before)| newest > Some(*before));
        if let Some((key, _)) = arrived {
            forget_sent(&key);
        }
    };
    effect(move || {
        create.version().track();
        forget();
    });
    // The page may be left for the list before the effect has run.
    on_cleanup(forget);
    sent
}

/// The form as it was sent, when a plain form came back with errors.
pub fn sent_form<T>(answer: Option<Result<T, AppError>>) -> Option<CallForm> {
    match answer {
        Some(Err(AppError::Invalid { form: Some(typed), .. })) => match *typed {
            Typed::Call(form) => Some(form),
            Typed::Endpoint(_) => None,
        },
        _ => None,
    }
}
