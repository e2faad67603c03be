//! Which other sites' pages may use the API from a browser (the Fetch standard's CORS): none unless they are named, and
//! never with the session of whoever sits there. They show a token, as programs do.

use axum::http::{HeaderName, HeaderValue, Method};
use reqwest::Url;
use std::{str::FromStr, time::Duration};
use tower_http::cors::CorsLayer;

/// For how long a browser may remember what it was told.
const REMEMBERED: Duration = Duration::from_mins(10);

/// The origins of pages that may use the API: `https://app.example.com`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
        parts.map(origin).collect::<Result<_, _>>().map(Self)
    }
}

impl Origins {
    /// The layer that tells browsers; none if there is nothing to tell.
    pub fn layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let named = |names: &[&'static str]| -> Vec<HeaderName> {
            names.iter().copied().map(HeaderName::from_static).collect()
        };
        let readable = [
            "content-disposition",
            "etag",
            "idempotency-replayed",
            "link",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id",
        ];
        let layer = CorsLayer::new()
            .allow_origin(self.0.clone())
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers(named(&[
                "authorization",
                "content-type",
                "idempotency-key",
                "if-match",
                "if-none-match",
                "last-event-id",
                "traceparent",
                "x-request-id",
            ]))
            .expose_headers(named(&readable))
            .max_age(REMEMBERED);
        Some(layer)
    }
}

/// An origin as browsers write it: scheme, host, and the port if it is not the usual one.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let no_origin = || format!("\"{text}\" is no origin, as https://app.example.com is");
    let url: Url = text.parse().map_err(|_| no_origin())?;
    let origin = url.origin().ascii_serialization();
    let is_web = matches!(url.scheme(), "http" | "https");
    if !is_web || origin != text.trim_end_matches('/').to_ascii_lowercase() {
        return Err(no_origin());
    }
    HeaderValue::from_str(&origin).map_err(|_| no_origin())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://app.example.com", true)]
    #[case("https://app.example.com/", true)]
    #[case("http://localhost:5173,https://App.Example.com", true)]
    #[case("", true)]
    #[case("https://app.example.com:443", false)]
    #[case("https://app.example.com/path", false)]
    #[case("https://user@app.example.com", false)]
    #[case("app.example.com", false)]
    #[case("ftp://app.example.com", false)]
    #[case("null", false)]
    #[case("*", false)]
    fn only_origins_can_be_named(#[case] text: &str, #[case] is_fine: bool) {
        assert_eq!(text.parse::<Origins>().is_ok(), is_fine);
    }

    #[test]
    fn nobody_is_named_unless_somebody_is() {
        assert!(Origins::default().layer().is_none());
        assert!("https://app.example.com".parse::<Origins>().is_ok_and(|origins| origins.layer().is_some()));
    }
}
