//! Asks for the installation's token, once.

use crate::{
    components::{
        compact::{Erase, Signal, effect},
        draft,
        error_summary::ErrorSummary,
        text_field::FieldError,
    },
    domain,
    error::AppError,
    server_fns::SignIn,
};
use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The way in.
#[component]
pub fn LoginPage() -> impl IntoView {
    let sign_in = ServerAction::<SignIn>::new();
    let next = use_query_map().with_untracked(|query| query.get("next")).filter(|next| is_local(next));
    let error = Signal::derive(move || sign_in.value().get().and_then(Result::err).map(words));
    let errors = Signal::derive(move || {
        error
            .get()
            .map(|words| domain::form::FieldError::new("token", "wrong", words))
            .into_iter()
            .collect::<Vec<_>>()
    });
    let busy = sign_in.pending();
    // Whoever was led here comes back to what they typed; whoever has signed out leaves nothing behind.
    let has_signed_out = next.is_none();
    effect(move || {
        if has_signed_out {
            draft::end_all();
        }
    });
    view! {
        <Title text="Sign in"/>
        <section class="card login">
            <h1 class="page-title">"Sign in"</h1>
            <p>"This installation asks for its token. Whoever set it up knows it: it is the value of "
                <code>"API_TOKEN"</code>"."</p>
            <ErrorSummary errors other=Signal::derive(|| None::<String>)/>
            <ActionForm action=sign_in attr:class="form">
                <input type="hidden" name="next" value=next.unwrap_or_else(|| "/".to_owned())/>
                <div class="field">
                    <label class="field-label" for="token">"Token"</label>
                    <FieldError name="token" error/>
                    <input
                        class="input"
                        id="token"
                        type="password"
                        name="token"
                        autocomplete="current-password"
                        aria-invalid=move || error.get().map(|_| "true")
                        aria-describedby=move || error.get().map(|_| "token-error")
                        required
                    />
                </div>
                <div class="form-actions">
                    <button class="button" data-kind="primary" type="submit" disabled=move || busy.get()>"Sign in"</button>
                </div>
            </ActionForm>
        </section>
    }
    .erase()
}

fn words(error: AppError) -> String {
    match error {
        AppError::Unauthorized | AppError::Forbidden(_) => {
            "This is not the token. Look for spaces at its ends, and for a newer one.".to_owned()
        }
        other => other.to_string(),
    }
}

/// Only a path of this site: a link must not send anyone elsewhere after signing in.
fn is_local(next: &str) -> bool {
    next.starts_with('/') && !next.starts_with("//") && !next.contains('\\')
}
