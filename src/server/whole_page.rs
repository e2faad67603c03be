//! Pages are sent whole, so that they are whole without JavaScript.
//!
//! The library renders a page in two passes: one that finds out what must be asked, and one when all answers are there. On
//! a busy machine one page in some hundreds was seen to end with its placeholder, although its answer had come and stood
//! behind it. Most likely a memo that is computed while its answer comes, on another thread, never hears of it; that was
//! read in the library's sources and not proven. Such a page is rendered once more.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// What a placeholder is known by (`components::skeleton`).
const PLACEHOLDER: &str = r#"<div class="skeleton""#;
/// How often a page is rendered before it is sent as it is.
const TRIES: usize = 4;

/// The page that `render` makes of a request without a body, whole.
pub async fn rendered<F>(request: Request, render: impl Fn(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let (asked, _) = request.into_parts();
    for tried in 1.. {
        let response = render(Request::from_parts(asked.clone(), Body::empty())).await;
        let (head, body) = response.into_parts();
        let Ok(html) = to_bytes(body, usize::MAX).await else { break };
        let is_whole = !str::from_utf8(&html).is_ok_and(|html| html.contains(PLACEHOLDER));
        if is_whole || tried == TRIES {
            return Response::from_parts(head, Body::from(html));
        }
        tracing::debug!(path = asked.uri.path(), "a page was rendered without its answers; once more");
    }
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The page of a library that does not finish the first so many.
    async fn page(unfinished: usize) -> (String, usize) {
        let count = AtomicUsize::new(0);
        let render = |request: Request| {
            let nth = count.fetch_add(1, Ordering::Relaxed);
            let content = if nth < unfinished { r#"<div class="skeleton" aria-busy>"# } else { "Ada" };
            let words = format!("{} {content}", request.uri());
            async move { words.into_response() }
        };
        let asked = Request::get("/calls").body(Body::empty()).expect("a request");
        let sent = rendered(asked, render).await;
        let html = to_bytes(sent.into_body(), usize::MAX).await.expect("HTML");
        (String::from_utf8_lossy(&html).into_owned(), count.into_inner())
    }

    #[tokio::test]
    async fn a_page_with_a_placeholder_is_rendered_once_more() {
        assert_eq!(page(0).await, ("/calls Ada".to_owned(), 1));
        assert_eq!(page(1).await, ("/calls Ada".to_owned(), 2));
        let (html, count) = page(usize::MAX).await;
        assert!(html.contains("skeleton") && count == TRIES, "it is sent all the same: {html}");
    }
}
