//! Let in, or not: the API answers 401, the page leads to `/login`.

use super::who;
use crate::{
    domain::actor::Actor,
    error::AppError,
    server::{door::Visitor, respond::problem, state::AppState, telemetry::request_id},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

/// Finds out who asks, and by which request, for every door behind it.
pub async fn recognise(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let visitor = Visitor(who(&state, headers).map(|actor| actor.by_request(request_id(headers))));
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

/// For pages: whoever has not signed in is led to `/login`, and from there back.
pub async fn or_sign_in(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Server functions ask for themselves who calls: signing in is one of them.
    let asks_itself = path == "/login" || path.starts_with("/fn/");
    if asks_itself || visitor(request.extensions()).is_some() {
        return next.run(request).await;
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    let mut response = Redirect::to(&format!("/login?{query}")).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Who asks, for handlers of the API: an [`Actor`] as a parameter, or 401.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        visitor(&parts.extensions).map(Self).ok_or_else(|| problem(&AppError::Unauthorized))
    }
}

/// Who asks, as [`recognise`] found out; none if they must show a token first.
pub fn visitor(extensions: &axum::http::Extensions) -> Option<Actor> {
    extensions.get::<Visitor>().and_then(|visitor| visitor.0.clone())
}
