//! What a page says when what it wanted to show could not be had.

use crate::{
    components::{
        compact::Erase,
        notice::{Notice, Tone},
        status_code::set_status,
    },
    error::AppError,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Says what happened and what can be done about it, and answers the page with the error's status.
#[component]
pub fn Failure(
    /// What happened.
    error: AppError,
    /// Where to try again: the page's own address.
    here: String,
    /// Fetches again without leaving the page.
    retry: Callback<()>,
) -> impl IntoView {
    set_status(error.status());
    let title = match &error {
        AppError::NotFound(what) => format!("There is no such {what}"),
        AppError::Unauthorized => "Sign in first".to_owned(),
        AppError::BadRequest(_) => "This address can't be read".to_owned(),
        AppError::Refused { .. } => "This can't be done now".to_owned(),
        _ => "This did not work".to_owned(),
    };
    let ask_again = matches!(error, AppError::Unavailable | AppError::Internal | AppError::Network(_));
    let sign_in = (error == AppError::Unauthorized).then(|| sign_in_link(&here));
    view! {
        <Title text=title.clone()/>
        <h1 class="visually-hidden">{title.clone()}</h1>
        <Notice tone=Tone::Negative title>
            <p>{error.to_string()}</p>
            <p class="notice-actions">
                {ask_again.then(|| view! {
                    <a class="button" href=here rel="external" on:click=move |event| {
                        event.prevent_default();
                        retry.run(());
                    }>"Try again"</a>
                }.erase())}
                {sign_in.map(|href| view! { <a class="button" href=href>"Sign in"</a> }.erase())}
                <a class="button" href="/">"Show all calls"</a>
            </p>
        </Notice>
    }
    .erase()
}

fn sign_in_link(here: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", here).finish();
    format!("/login?{query}")
}
