//! What the pages of webhook endpoints are given, and how they show a secret once: between the form that makes it and
//! the page that shows it, it travels in a cookie that only this server reads and that is gone after the first look.

use super::{
    door,
    hooks::{
        deliveries,
        endpoints::{self, WithSecret},
    },
    page::go,
    state::AppState,
};
use crate::{
    domain::{
        actor::Actor,
        id::EndpointId,
        webhook::{EndpointCommand, EndpointEdit, NewEndpoint, filter::DeliveryFilter, form::EndpointForm},
    },
    error::AppError,
    server_fns::EndpointPage,
};
use axum::http::{HeaderValue, header, request::Parts};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use leptos::prelude::use_context;
use secrecy::{ExposeSecret, SecretString};

/// How many deliveries the page shows.
const NEWEST: u64 = 25;
const COOKIE: &str = "switchboard_new_secret";
/// How long a secret waits to be looked at, in seconds.
const WAITS_SECS: i64 = 60;

/// One endpoint with its newest deliveries, and the secret that was just made.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn show(state: &AppState, actor: &Actor, id: EndpointId) -> Result<EndpointPage, AppError> {
    let endpoint = endpoints::find(&state.db, actor, id).await?;
    let newest = DeliveryFilter::newest(NEWEST);
    let deliveries = deliveries::list(&state.db, actor, id, &newest).await?.deliveries;
    Ok(EndpointPage { endpoint, deliveries, secret: new_secret_of(state, id), now: state.clock.now() })
}

/// Makes the endpoint that the form asks for.
///
/// # Errors
/// What is wrong with it, with the form as it was typed.
pub async fn create(state: &AppState, actor: Actor, form: EndpointForm) -> Result<EndpointId, AppError> {
    let (new, clock) = (read(state, form)?, state.clock.clone());
    let made = state.db.write(async move |tx| endpoints::create(&tx, &actor, new, &clock).await).await?;
    Ok(show_secret(state, &made))
}

/// Changes an endpoint as the form says.
///
/// # Errors
/// What is wrong with the form; that the endpoint has another version.
pub async fn edit(
    state: &AppState,
    actor: Actor,
    id: EndpointId,
    version: i64,
    form: EndpointForm,
) -> Result<(), AppError> {
    let NewEndpoint { url, description, events } = read(state, form)?;
    let edit = EndpointEdit {
        url: Some(url),
        description: Some(description),
        events: Some(events),
        ..EndpointEdit::default()
    };
    let now = state.clock.now();
    let work = async move |tx| endpoints::edit(&tx, &actor, id, edit, Some(version), now).await;
    state.db.write(work).await?;
    stay_at(id);
    Ok(())
}

/// Does what a button says.
///
/// # Errors
/// A refusal of the rules.
pub async fn act(
    state: &AppState,
    actor: Actor,
    id: EndpointId,
    command: EndpointCommand,
) -> Result<(), AppError> {
    let (db, now) = (&state.db, state.clock.now());
    let enabled = |enabled| EndpointEdit { enabled: Some(enabled), ..EndpointEdit::default() };
    match command {
        EndpointCommand::SendTest => {
            db.write(async move |tx| deliveries::send_test(&tx, &actor, id, now).await).await?;
        }
        EndpointCommand::RotateSecret => {
            let work = async move |tx| endpoints::rotate_secret(&tx, &actor, id, now).await;
            show_secret(state, &db.write(work).await?);
        }
        EndpointCommand::Enable | EndpointCommand::Disable => {
            let edit = enabled(command == EndpointCommand::Enable);
            db.write(async move |tx| endpoints::edit(&tx, &actor, id, edit, None, now).await).await?;
        }
        EndpointCommand::Delete => {
            db.write(async move |tx| endpoints::delete(&tx, &actor, id, None).await).await?;
            go("/settings/webhooks");
            return Ok(());
        }
    }
    stay_at(id);
    Ok(())
}

/// Goes to the endpoint's page.
pub fn stay_at(id: EndpointId) {
    go(&format!("/settings/webhooks/{id}"));
}

fn read(state: &AppState, form: EndpointForm) -> Result<NewEndpoint, AppError> {
    let read = form.read(state.hooks.allows_plain_http());
    let new = read.and_then(|new| match state.hooks.address(&new.url) {
        Ok(url) => Ok(NewEndpoint { url, ..new }),
        Err(error) => Err(vec![error]),
    });
    new.map_err(|errors| AppError::from(errors).with_form(form))
}

/// Goes to the page of the endpoint, which will show its new secret.
fn show_secret(state: &AppState, made: &WithSecret) -> EndpointId {
    let id = made.endpoint.id;
    set_cookie(state, format!("{id}.{}", made.secret.expose_secret()), WAITS_SECS);
    stay_at(id);
    id
}

/// The secret that was just made for the endpoint, if its page has not shown it yet. Now it has.
fn new_secret_of(state: &AppState, id: EndpointId) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let jar = CookieJar::from_headers(&parts.headers);
    let (of, secret) = jar.get(COOKIE)?.value().split_once('.')?;
    let secret = SecretString::from(secret);
    if of != id.to_string() {
        return None;
    }
    set_cookie(state, String::new(), 0);
    // A secret must not lie in anybody's cache.
    door::set_header(header::CACHE_CONTROL, Some(HeaderValue::from_static("no-store")));
    Some(secret.expose_secret().to_owned())
}

fn set_cookie(state: &AppState, value: String, lasts_secs: i64) {
    let mut cookie = Cookie::new(COOKIE, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(state.public_url.scheme() == "https");
    let header = format!("{cookie}; Max-Age={lasts_secs}");
    let value = HeaderValue::from_str(&header).ok().map(|mut value| {
        value.set_sensitive(true);
        value
    });
    door::set_header(header::SET_COOKIE, value);
}
