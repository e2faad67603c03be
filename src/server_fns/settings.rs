//! The installation's settings as they stand, and how this browser wants to see the pages.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]
#![allow(clippy::unused_async, reason = "server functions are asynchronous by definition")]

use crate::{
    domain::{installation::Installation, theme::Theme},
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};

/// What the installation tells of itself.
#[server(name = ReadInstallation, prefix = "/fn", endpoint = "installation", input = GetUrl)]
pub async fn read_installation() -> Result<Installation, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::settings_page::show(&state, &actor).await
}

/// Keeps a look for this browser, for a year. Open to everybody: the way in has a look too.
#[server(prefix = "/fn", endpoint = "choose_theme")]
pub async fn choose_theme(theme: Theme) -> Result<Theme, AppError> {
    use crate::server::{door, theme};
    door::set_header(axum::http::header::SET_COOKIE, theme::cookie(&door::installation()?, theme));
    Ok(theme)
}
