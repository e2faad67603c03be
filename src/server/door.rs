//! The server functions' way in: who asks, of which installation.

use super::{reading::Reader, state::AppState, theme};
use crate::{
    components::{layout::HasLab, status_code::StatusSetter},
    domain::{actor::Actor, call::NewCall, form::CallForm, theme::Theme, trace::Trace},
    error::AppError,
};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::{
    nonce::use_nonce,
    prelude::{provide_context, use_context},
};
use leptos_axum::ResponseOptions;
use std::sync::Arc;

/// Who asks through the page, as the auth layer found out.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<Actor>);

/// What every rendering and every server function finds in its context: the installation, and who asks.
pub fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        let visitor = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visitor>().cloned());
        provide_context(visitor.unwrap_or(Visitor(None)));
        provide_context(HasLab(state.config.has_simulator()));
        provide_context(use_context::<Parts>().map_or(Theme::System, |parts| theme::chosen(&parts.headers)));
        provide_context(state.clone());
        if let Some(options) = use_context::<ResponseOptions>() {
            provide_context(StatusSetter(Arc::new(move |status| {
                if let Ok(status) = StatusCode::from_u16(status) {
                    options.set_status(status);
                }
            })));
        }
        say_what_may_run();
    }
}

/// The installation and who asks of it.
///
/// # Errors
/// [`AppError::Unauthorized`] when nobody has signed in.
pub fn caller() -> Result<(AppState, Actor), AppError> {
    let state = installation()?;
    let visitor = use_context::<Visitor>().ok_or(AppError::Internal)?;
    let actor = visitor.0.ok_or(AppError::Unauthorized)?;
    Ok((state, actor))
}

/// By what the visitor's request is traced.
pub fn trace() -> Option<Trace> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get().copied())
}

/// The installation alone, for what is open to everybody.
///
/// # Errors
/// [`AppError::Internal`] outside a request.
pub fn installation() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or(AppError::Internal)
}

/// The call that a form asks for.
///
/// # Errors
/// What is wrong with it, with the form as it was typed.
pub fn read_form(state: &AppState, form: &CallForm) -> Result<NewCall, AppError> {
    form.read(&Reader(&state.config), state.clock.now())
        .map_err(|errors| AppError::from(errors).with_form(form.clone()))
}

/// The country of the browser's first language that names one, as `DE` in `de-DE,de;q=0.9`.
pub fn browsers_country() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let languages = parts.headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    country_in(languages)
}

fn country_in(languages: &str) -> Option<String> {
    let subtags = languages.split(',').filter_map(|language| language.split(';').next());
    let mut regions =
        subtags.filter_map(|language| language.trim().split('-').skip(1).find(|tag| tag.len() == 2));
    regions
        .next()
        .filter(|region| region.chars().all(|c| c.is_ascii_alphabetic()))
        .map(str::to_ascii_uppercase)
}

/// Adds a header to the answer.
pub fn set_header(name: header::HeaderName, value: Option<HeaderValue>) {
    if let (Some(options), Some(value)) = (use_context::<ResponseOptions>(), value) {
        options.append_header(name, value);
    }
}

/// The page's own scripts and files, and nothing else, by a nonce for each answer (CSP level 3). Recordings lie with
/// the provider, wherever that is, and are played by HTTPS.
fn say_what_may_run() {
    let Some(nonce) = use_nonce() else { return };
    // Only `cargo leptos watch` sets this; its reloader talks over a socket of its own.
    let reloader = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; media-src https:; connect-src 'self'{reloader}; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    set_header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).ok());
}

#[cfg(test)]
mod tests {
    use super::country_in;
    use rstest::rstest;

    #[rstest]
    #[case("de-DE,de;q=0.9,en;q=0.8", Some("DE"))]
    #[case("en, fr-ca;q=0.5", Some("CA"))]
    #[case("zh-Hant-TW", Some("TW"))]
    #[case("en", None)]
    #[case("*", None)]
    #[case("x-42", None)]
    fn the_first_language_with_a_country_names_it(#[case] languages: &str, #[case] country: Option<&str>) {
        assert_eq!(country_in(languages).as_deref(), country);
    }
}
