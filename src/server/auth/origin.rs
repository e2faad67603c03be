//! Where a request comes from: only under our own names, and nothing that changes something from another site.

use crate::server::{respond::plain_problem, state::AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use reqwest::Url;

/// Refuses requests under a foreign Host (421): a page elsewhere could point its own name at this machine.
pub async fn own_host_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let named = host_of(&request);
    if named.as_deref().is_some_and(|host| is_ours(host, &state.public_url)) {
        return next.run(request).await;
    }
    let detail = "This server does not answer under that name. Set PUBLIC_URL to the URL that people use.";
    plain_problem(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail)
}

/// Refuses what another site makes a browser send (403). Programs that send a bearer token are not browsers.
pub async fn same_site_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || request.headers().contains_key(header::AUTHORIZATION) || is_same_site(&request, &state) {
        return next.run(request).await;
    }
    let detail = "This request comes from another site, so it was refused.";
    plain_problem(StatusCode::FORBIDDEN, "cross_site", detail)
}

/// Sec-Fetch-Site is the browser's own word; where it is missing, Origin must be ours or absent.
fn is_same_site(request: &Request, state: &AppState) -> bool {
    let header = |name: &str| text(request.headers(), name);
    if let Some(site) = header("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match header("origin") {
        None => true,
        Some(origin) => {
            let Ok(origin) = origin.parse::<Url>() else { return false };
            let named = url_of(request);
            // Which scheme is spoken before a proxy is not known here.
            let same = |named: Url| origin.host() == named.host() && origin.port() == named.port();
            named.is_some_and(same) || origin.origin() == state.public_url.origin()
        }
    }
}

fn is_ours(host: &str, public_url: &Url) -> bool {
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    loopback || public_url.host_str().is_some_and(|ours| ours.eq_ignore_ascii_case(host))
}

/// The host that the request names, without its port.
fn host_of(request: &Request) -> Option<String> {
    url_of(request)?.host_str().map(str::to_owned)
}

/// The host and port that the request names.
fn url_of(request: &Request) -> Option<Url> {
    let named = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => text(request.headers(), "host")?,
    };
    format!("http://{named}").parse().ok()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
