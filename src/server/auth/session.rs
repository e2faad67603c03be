//! The page's session: a cookie sealed with a key that only the database holds. It names no secret, and
//! another token voids it.

use crate::server::state::AppState;
use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;

const NAME: &str = "switchboard_session";
/// How long a session lasts, in seconds: 30 days.
const LASTS_SECS: i64 = 30 * 86_400;

/// The `Set-Cookie` of a new session.
pub fn begin(state: &AppState) -> Option<HeaderValue> {
    let expires = state.clock.now().as_millis() / 1_000 + LASTS_SECS;
    let value =
        format!("{expires}.{}", URL_SAFE_NO_PAD.encode(seal(state, expires)?.finalize().into_bytes()));
    set_cookie(state, value, LASTS_SECS)
}

/// The `Set-Cookie` that ends the session.
pub fn end(state: &AppState) -> Option<HeaderValue> {
    set_cookie(state, String::new(), 0)
}

/// Whether the request carries a session of ours that still lasts.
pub fn is_valid(state: &AppState, headers: &HeaderMap) -> bool {
    let jar = CookieJar::from_headers(headers);
    let Some((expires, given)) = jar.get(NAME).and_then(|cookie| cookie.value().split_once('.')) else {
        return false;
    };
    let (Ok(expires), Ok(given)) = (expires.parse::<i64>(), URL_SAFE_NO_PAD.decode(given)) else {
        return false;
    };
    let lasts = expires > state.clock.now().as_millis() / 1_000;
    lasts && seal(state, expires).is_some_and(|seal| seal.verify_slice(&given).is_ok())
}

/// The seal also covers the token, so that changing the token ends every session.
fn seal(state: &AppState, expires: i64) -> Option<Hmac<Sha256>> {
    let mut seal = Hmac::<Sha256>::new_from_slice(state.session_key.expose_secret().as_bytes()).ok()?;
    seal.update(expires.to_string().as_bytes());
    seal.update(state.config.api_token.as_ref()?.expose_secret().as_bytes());
    Some(seal)
}

fn set_cookie(state: &AppState, value: String, lasts_secs: i64) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(NAME, value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(state.public_url.scheme() == "https");
    let header = format!("{cookie}; Max-Age={lasts_secs}");
    HeaderValue::from_str(&header).ok()
}
