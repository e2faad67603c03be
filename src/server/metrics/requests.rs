//! Counts HTTP requests by the template of their route, never by their path, which anybody can invent.

use super::Metrics;
use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::{borrow::Cow, time::Instant};

/// The template of the route that answered.
#[derive(Clone)]
struct Route(MatchedPath);

/// Behind the choice of the route: hands its template out to [`count`].
pub async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned().map(Route);
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Around everything: also what is refused before a route is chosen, and what panics.
pub async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let (method, begun) = (known(request.method()), Instant::now());
    let response = next.run(request).await;
    let route = response.extensions().get::<Route>();
    // Pages' files have no route of their own, and neither has what does not exist.
    let route = route.map_or(Cow::Borrowed("other"), |Route(path)| Cow::Owned(path.as_str().to_owned()));
    let status = Cow::Owned(response.status().as_str().to_owned());
    let labels = [("method", method.into()), ("route", route), ("status", status)];
    metrics.requests.get_or_create(&labels).observe(begun.elapsed().as_secs_f64());
    response
}

/// Methods too can be invented.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
