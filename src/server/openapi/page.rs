//! GET /docs: the document for people to browse. Drawn here from the document itself, without a script: it is there
//! at once, works offline and under the strictest policy, and can be searched with the browser.

mod operation;
mod schema;
mod text;

use super::document;
use crate::{
    components::{
        compact::Signal,
        layout::{Mark, site_nav},
    },
    server::{state::AppState, theme},
};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use leptos::{config::LeptosOptions, prelude::*, reactive::owner::Owner};
use leptos_meta::HashedStylesheet;
use operation::{Described, operation, operations};
use std::sync::OnceLock;
use utoipa::openapi::OpenApi;

/// Nothing runs on this page, and nothing is fetched but its style.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Answers with the page; it is drawn once.
pub async fn served(State(state): State<AppState>, headers: HeaderMap) -> Response {
    static PAGE: OnceLock<String> = OnceLock::new();
    let page = PAGE.get_or_init(|| Owner::new().with(|| whole(&document(), state.leptos.clone())));
    let answer =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    // The page is drawn once for everybody; only its first line knows of a look and a lab.
    let look = theme::chosen(&headers).attribute();
    let look = look.map(|look| format!(" data-theme=\"{look}\"")).unwrap_or_default();
    let lab = if state.config.has_simulator() { " data-lab=\"true\"" } else { "" };
    let root = format!("<html lang=\"en\"{look}{lab}");
    (answer, page.replacen("<html lang=\"en\"", &root, 1)).into_response()
}

/// Answers with what only this page looks like.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../../style/docs.css"))
}

fn whole(api: &OpenApi, options: LeptosOptions) -> String {
    let head = view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
            <meta name="color-scheme" content="light dark"/>
            <title>"API · Switchboard"</title>
            <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
            <HashedStylesheet options/>
            <link rel="stylesheet" href="/docs.css"/>
        </head>
    };
    let page = view! {
        <!DOCTYPE html>
        <html lang="en">
            {head}
            <body>
                <a class="skip-link" href="#main">"Skip to content"</a>
                <header class="site-header">
                    <a class="brand" href="/"><Mark/><span class="brand-name">"Switchboard"</span></a>
                    {site_nav(Signal::stored("/docs".to_owned()))}
                </header>
                <div class="page api">
                    {contents(api)}
                    <main class="api-main" id="main" tabindex="-1">{reference(api)}</main>
                </div>
            </body>
        </html>
    };
    page.to_html()
}

/// The operations of each tag, in the document's order.
fn by_tag(api: &OpenApi) -> Vec<(String, String, Vec<Described<'_>>)> {
    let all: Vec<_> = api.paths.paths.iter().flat_map(|(path, item)| operations(path, item)).collect();
    let tags = api.tags.iter().flatten();
    let of_tag = |name: &str| {
        let belongs =
            |described: &&Described<'_>| described.operation.tags.iter().flatten().any(|tag| tag == name);
        all.iter().filter(belongs).copied().collect()
    };
    tags.map(|tag| (tag.name.clone(), tag.description.clone().unwrap_or_default(), of_tag(&tag.name)))
        .collect()
}

fn contents(api: &OpenApi) -> AnyView {
    let groups = by_tag(api).into_iter().map(|(name, _, operations)| {
        let links = operations.into_iter().map(|described| {
            view! { <li><a class="api-contents-link" href=format!("#{}", described.id())>{described.summary()}</a></li> }
        });
        view! {
            <h2 class="api-contents-title">{name}</h2>
            <ul class="api-contents-list">{links.collect_view()}</ul>
        }
    });
    view! {
        <nav class="api-contents" aria-label="Contents">
            {groups.collect_view()}
            <h2 class="api-contents-title">"schemas"</h2>
            <ul class="api-contents-list">
                <li><a class="api-contents-link" href="#schemas">"All schemas"</a></li>
            </ul>
        </nav>
    }
    .into_any()
}

fn reference(api: &OpenApi) -> AnyView {
    let groups = by_tag(api).into_iter().map(|(name, about, operations)| {
        let title = format!("tag-{name}");
        view! {
            <section class="api-section" aria-labelledby=title.clone()>
                <h2 class="api-section-title" id=title.clone()>{name}</h2>
                <p>{about}</p>
                {operations.into_iter().map(|described| operation(api, described)).collect_view()}
            </section>
        }
    });
    view! {
        <h1 class="page-title">"API " <small class="api-muted">{api.info.version.clone()}</small></h1>
        <div class="api-text">{text::rendered(api.info.description.as_deref().unwrap_or_default())}</div>
        <p><a href="/openapi.json">"openapi.json"</a>" is the same for programs (OpenAPI 3.1)."</p>
        {groups.collect_view()}
        <section class="api-section" aria-labelledby="schemas">
            <h2 class="api-section-title" id="schemas">"Schemas"</h2>
            {schema::all(api)}
        </section>
    }
    .into_any()
}
