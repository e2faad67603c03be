//! The installation's token: programs send it with each request, the page once.

use super::session;
use crate::{domain::actor::Actor, server::state::AppState};
use axum::http::{HeaderMap, header};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

/// Who sends a request with these headers; none if they must show a token first. Without a token set,
/// whoever reaches the port is let in.
pub fn who(state: &AppState, headers: &HeaderMap) -> Option<Actor> {
    if state.config.api_token.is_none() {
        return Some(Actor::anonymous());
    }
    let let_in = match bearer(headers) {
        Some(shown) => is_token(state, shown),
        None => session::is_valid(state, headers),
    };
    let_in.then(Actor::token)
}

/// Whether `shown` is the installation's token, compared in constant time.
pub fn is_token(state: &AppState, shown: &str) -> bool {
    let Some(token) = &state.config.api_token else { return false };
    token.expose_secret().as_bytes().ct_eq(shown.as_bytes()).into()
}

/// The bearer token that a request shows, if any.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
