//! Coming in and going out, where the installation asks for its token.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]
#![allow(clippy::unused_async, reason = "server functions are asynchronous by definition")]

use crate::error::AppError;
use leptos::prelude::*;

/// Opens a session for whoever knows the token, then goes to the local path `next`. The error carries nothing
/// of what was typed, because a plain form's error travels in a URL.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(token: String, next: String) -> Result<(), AppError> {
    use crate::server::{auth, door, page};
    let state = door::installation()?;
    if !auth::is_token(&state, token.trim()) {
        return Err(AppError::Unauthorized);
    }
    door::set_header(axum::http::header::SET_COOKIE, auth::session::begin(&state));
    page::go(&next);
    Ok(())
}

/// Closes the session.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server::{auth, door, page};
    door::set_header(axum::http::header::SET_COOKIE, auth::session::end(&door::installation()?));
    page::go("/login");
    Ok(())
}
