//! What the control API says of itself: an OpenAPI 3.1 document of the simulator's own.

use super::{callbacks, calls, clock, faults, outcomes, overview, reset, speed};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

/// Every operation, in the order in which a reader meets them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard's simulator: the control API",
        description = "Tells the simulated provider what to do, and asks what it did. Its address is the provider's; \
            every request carries the provider's token. Whatever is refused is answered with problem+json (RFC 9457).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/provider", description = "Where PROVIDER_URL points")),
    paths(
        overview::read, reset::reset,
        faults::list, faults::switch_on, faults::switch_all_off, faults::read, faults::switch_off,
        outcomes::list, outcomes::set, outcomes::forget_all, outcomes::read, outcomes::forget,
        speed::read, speed::set,
        clock::read, clock::hold, clock::advance,
        calls::list, calls::forget, calls::read,
        callbacks::list, callbacks::read,
    ),
    modifiers(&WithToken),
)]
struct Described;

/// Every operation wants the token.
struct WithToken;

impl Modify for WithToken {
    fn modify(&self, document: &mut Document) {
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", token);
        document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    }
}

/// The document, as indented JSON with a line break at its end.
///
/// # Panics
/// Never: nothing in it can't be written as JSON.
pub fn json() -> String {
    #[expect(clippy::expect_used, reason = "the document holds nothing that JSON can't say")]
    let mut text = Described::openapi().to_pretty_json().expect("JSON");
    text.push('\n');
    text
}

/// GET /control/openapi.json
pub async fn served() -> Response {
    static JSON: LazyLock<String> = LazyLock::new(json);
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str()).into_response()
}
