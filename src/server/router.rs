//! Every URL of the process.

use super::{
    api::{self, health},
    auth::{admit, origin, rate},
    config::Role,
    door,
    metrics::{self, requests},
    openapi,
    provider::simulator::{self, Simulator},
    respond,
    state::AppState,
    telemetry::{self, NewRequestId, REQUEST_ID},
    webhooks, whole_page,
};
use crate::{app::shell, error::AppError, pages::site::Page};
use any_spawner::Executor;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leptos::server_fn::{Decodes, codec::PostcardEncoding};
use std::time::Duration;
use tower::Layer;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    limit::RequestBodyLimitLayer,
    normalize_path::NormalizePathLayer,
    request_id::{PropagateRequestIdLayer, SetRequestIdLayer},
    services::ServeDir,
    trace::TraceLayer,
};

/// The largest form or report that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every URL: pages, server functions, the API, the provider's callbacks, health, and the simulator if it is
/// the provider.
pub fn router(state: &AppState, simulator: Option<Simulator>) -> Router {
    let guarded = pages(state)
        .merge(server_fns(state))
        // Server functions read a body to its end, whatever its length.
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .merge(programs(state))
        .layer(middleware::from_fn_with_state(state.clone(), admit::recognise))
        .layer(middleware::from_fn_with_state(state.clone(), origin::same_site_only));
    let open = Router::new()
        .route("/api/webhooks/provider-status", post(webhooks::of_any))
        .route("/api/webhooks/provider-status/{attempt_id}", post(webhooks::of_attempt))
        .route("/api/webhook", post(webhooks::seeds::of_call))
        .route("/openapi.json", get(openapi::served))
        .route("/docs", get(openapi::page::served))
        .route("/docs.css", get(openapi::page::style))
        .layer(DefaultBodyLimit::max(MAX_BODY));
    let health = Router::new()
        .route("/livez", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/health", get(health::ready))
        .route("/metrics", get(metrics::door::show));
    let routes = if state.config.runs(Role::Web) {
        guarded.merge(open).merge(health)
    } else {
        health.fallback(unknown)
    };
    let routes = routes.route("/problems/{code}", get(openapi::meaning));
    let mut all = routes.with_state(state.clone());
    if let Some(simulator) = simulator {
        all =
            all.merge(simulator::call_api(simulator.clone())).nest("/provider", simulator::router(simulator));
    }
    all = all.layer(middleware::from_fn(requests::name_route));
    let node = state.node.clone();
    let span = move |request: &Request| telemetry::request_span(&node, request);
    // Paths are matched without a trailing slash, so it is taken off before anything is matched.
    let all = Router::new().fallback_service(NormalizePathLayer::trim_trailing_slash().layer(all));
    all.layer(middleware::from_fn_with_state(state.clone(), origin::own_host_only))
        .layer(CatchPanicLayer::custom(respond::broke_off))
        .layer(middleware::from_fn(respond::name_the_request))
        .layer(middleware::from_fn(safe_headers))
        .layer(CompressionLayer::new().compress_when(worth_compressing()))
        .layer(middleware::from_fn_with_state(state.metrics.clone(), requests::count))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
        .layer(middleware::from_fn(telemetry::identify))
}

/// The API: within its limits, and for pages of other sites only if they are named.
fn programs(state: &AppState) -> Router<AppState> {
    let all = api::router()
        .layer(middleware::from_fn(|request: Request, next: Next| {
            respond::in_time(PATIENCE, next.run(request))
        }))
        .route("/api/{*unknown}", axum::routing::any(unknown))
        .layer(middleware::from_fn_with_state(state.clone(), rate::limit));
    match state.config.cors_origins.layer() {
        Some(cors) => all.layer(cors),
        None => all,
    }
}

/// The pages, and the files that they need. Every page is whole before it is sent, so that it is whole without
/// JavaScript.
fn pages(state: &AppState) -> Router<AppState> {
    // The library renders on the runtime that it is told of; whoever tells it again is told that it knows.
    let _ = Executor::init_tokio();
    let options = state.leptos.clone();
    let context = door::context(state.clone());
    let render = leptos_axum::render_app_async_with_context(context.clone(), move || shell(options.clone()));
    let render = move |request: Request| whole_page::rendered(request, render.clone());
    let not_found = leptos_axum::file_and_error_handler_with_context::<AppState, _>(context, shell);
    // The library's handler serves files too, with the status and the headers of any page that the same thread happens to
    // be rendering: a script was answered with a page's 404. So it is asked only for what is no file.
    let files = ServeDir::new(&*state.leptos.site_root)
        .precompressed_gzip()
        .precompressed_br()
        .append_index_html_on_directories(false)
        .call_fallback_on_method_not_allowed(true)
        .fallback(not_found.with_state(state.clone()));
    Page::ADDRESSES
        .into_iter()
        .fold(Router::new(), |router, address| router.route(address, get(render.clone())))
        .route_layer(middleware::from_fn(admit::or_sign_in))
        .fallback_service(files)
        .layer(middleware::from_fn_with_state(state.clone(), cache_files))
}

fn server_fns(state: &AppState) -> Router<AppState> {
    let context = door::context(state.clone());
    let handle = move |request: Request| {
        let answer = leptos_axum::handle_server_fns_with_context(context.clone(), request);
        with_status_of_error(answer)
    };
    Router::new()
        .route("/fn/{*name}", get(handle.clone()).post(handle))
        .layer(middleware::from_fn_with_state(state.clone(), rate::limit))
}

/// The library answers every error of a server function with 500; the error itself knows its status.
async fn with_status_of_error(answer: impl Future<Output = impl IntoResponse>) -> Response {
    let response = answer.await.into_response();
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let error: Result<AppError, _> = PostcardEncoding::decode(body.clone());
    if let Ok(error) = error {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(body))
}

async fn unknown() -> Response {
    respond::problem(&AppError::NotFound("address".to_owned()))
}

/// Files whose names hold a hash of their content never change; everything else is asked for anew.
async fn cache_files(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let in_package = request.uri().path().starts_with(&format!("/{}/", state.leptos.site_pkg_dir));
    let mut response = next.run(request).await;
    let forever = in_package && state.leptos.hash_files && response.status().is_success();
    let policy = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(policy));
    response
}

fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/wasm"))
}

/// What every answer says to browsers.
async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
