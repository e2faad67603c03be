//! How a browser wants the pages to look: a cookie, so that a page comes in the right look at once and without a
//! script. It says nothing about anybody.

use super::state::AppState;
use crate::domain::theme::Theme;
use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

const NAME: &str = "switchboard_theme";
/// How long a choice lasts, in seconds: a year.
const LASTS_SECS: i64 = 365 * 86_400;

/// The look that a request asks for; the system's when it asks for none that is known.
pub fn chosen(headers: &HeaderMap) -> Theme {
    let jar = CookieJar::from_headers(headers);
    jar.get(NAME).and_then(|cookie| cookie.value().parse().ok()).unwrap_or(Theme::System)
}

/// The `Set-Cookie` that keeps a choice, or forgets it.
pub fn cookie(state: &AppState, theme: Theme) -> Option<HeaderValue> {
    let mut cookie = Cookie::new(NAME, theme.as_str());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_secure(state.public_url.scheme() == "https");
    let lasts_secs = if theme == Theme::System { 0 } else { LASTS_SECS };
    HeaderValue::from_str(&format!("{cookie}; Max-Age={lasts_secs}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("switchboard_theme=dark", Theme::Dark)]
    #[case("a=b; switchboard_theme=light", Theme::Light)]
    #[case("switchboard_theme=<script>", Theme::System)]
    #[case("", Theme::System)]
    fn only_a_look_that_is_known_is_chosen(#[case] cookie: &'static str, #[case] theme: Theme) {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static(cookie));
        assert_eq!(chosen(&headers), theme);
    }
}
