//! /api/webhook-endpoints: who is told what happens. The secret is in the answers that make it and nowhere else.

use super::{
    answer::{Done, json},
    bodies::{IdempotencyKey, IfMatch},
    etag,
    hook_bodies::{EndpointPatchBody, EndpointPath, NewEndpointBody},
    hook_views::{EndpointListView, EndpointView},
    input::{AnyBody, Fields, JsonBody},
    once::Once,
};
use crate::{
    domain::{
        actor::Actor,
        form::FieldError,
        id::EndpointId,
        webhook::{EndpointEdit, NewEndpoint, WebhookEvent, form},
    },
    error::AppError,
    server::{
        auth::admit::Caller,
        hooks::{
            endpoints::{self, WithSecret, no_endpoint},
            send::Sender,
        },
        idempotency::{Answer, ToldOnce},
        state::AppState,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The team's endpoints, oldest first.
///
/// # Errors
/// What the database says.
#[utoipa::path(
    get, path = "/api/webhook-endpoints", tag = "webhooks", operation_id = "list_webhook_endpoints",
    responses((status = 200, description = "The endpoints", body = EndpointListView)),
)]
pub async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Result<Response, AppError> {
    let found = endpoints::list(&state.db, &actor).await?;
    let endpoints = found.into_iter().map(EndpointView::of).collect();
    Ok(Json(EndpointListView { endpoints }).into_response())
}

/// One endpoint.
///
/// # Errors
/// 404.
#[utoipa::path(
    get, path = "/api/webhook-endpoints/{id}", tag = "webhooks", operation_id = "get_webhook_endpoint",
    params(EndpointPath),
    responses((status = 200, description = "The endpoint", body = EndpointView)),
)]
pub async fn get_one(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let found = endpoints::find(&state.db, &actor, endpoint_id(&id)?).await?;
    Ok(shown(EndpointView::of(found), StatusCode::OK))
}

/// Makes an endpoint: 201, Location, the endpoint with its secret.
///
/// The secret is told once and not kept in answers: a repeat under the same `Idempotency-Key` is answered without
/// `secret`. Rotate it if the first answer was lost.
///
/// # Errors
/// 422 wrong fields, 409 too many.
#[utoipa::path(
    post, path = "/api/webhook-endpoints", tag = "webhooks", operation_id = "create_webhook_endpoint",
    params(IdempotencyKey),
    request_body(content = NewEndpointBody, content_type = "application/json"),
    responses(
        (status = 201, description = "The endpoint with its secret, which is shown this once", body = EndpointView,
         headers(("Location" = String, description = "Where the endpoint is"))),
        (status = 409, description = "There are too many already"),
    ),
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    once: Once,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let clock = state.clock.clone();
    let asked = || read_new(Fields::parse(&body)?, &state.hooks);
    let verb = async move |tx, new| {
        let made = endpoints::create(&tx, &actor, new, &clock).await?;
        Ok(made.map(|made| with_secret(made, StatusCode::CREATED)))
    };
    once.carry_out(&state, &body, asked, verb).await
}

/// Changes an endpoint: JSON Merge Patch (RFC 7396), If-Match honoured.
///
/// # Errors
/// 404, 412 another version, 422 wrong fields.
#[utoipa::path(
    patch, path = "/api/webhook-endpoints/{id}", tag = "webhooks", operation_id = "edit_webhook_endpoint",
    params(EndpointPath, IfMatch),
    request_body(content = EndpointPatchBody, content_type = "application/json"),
    responses((status = 200, description = "The endpoint as it is now", body = EndpointView)),
)]
pub async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let (id, now) = (endpoint_id(&id)?, state.clock.now());
    let version = wanted(&state, &actor, id, &headers).await?;
    let edit = read_edit(Fields::parse(&body)?, &state.hooks)?;
    let work = async move |tx| endpoints::edit(&tx, &actor, id, edit, version, now).await;
    Ok(shown(EndpointView::of(state.db.write(work).await?), StatusCode::OK))
}

/// Deletes an endpoint with its deliveries: 204.
///
/// # Errors
/// 404, 412 another version.
#[utoipa::path(
    delete, path = "/api/webhook-endpoints/{id}", tag = "webhooks", operation_id = "delete_webhook_endpoint",
    params(EndpointPath, IfMatch),
    responses((status = 204, description = "It is gone, and its deliveries with it")),
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let id = endpoint_id(&id)?;
    let version = wanted(&state, &actor, id, &headers).await?;
    state.db.write(async move |tx| endpoints::delete(&tx, &actor, id, version).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives an endpoint a new secret; the old one signs beside it for a day: 200, the endpoint with its secret.
///
/// The secret is told once and not kept in answers: a repeat under the same `Idempotency-Key` is answered without
/// `secret`, and rotates nothing. Rotate again, under another key, if the first answer was lost.
///
/// # Errors
/// 404.
#[utoipa::path(
    post, path = "/api/webhook-endpoints/{id}/rotate-secret", tag = "webhooks",
    operation_id = "rotate_webhook_secret", params(EndpointPath, IdempotencyKey),
    responses((status = 200, description = "The endpoint with its new secret, which is shown this once",
               body = EndpointView)),
)]
pub async fn rotate_secret(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, id| {
        let rotated = endpoints::rotate_secret(&tx, &actor, id, now).await?;
        Ok(rotated.map(|rotated| with_secret(rotated, StatusCode::OK)))
    };
    once.carry_out(&state, &body, || endpoint_id(&id), verb).await
}

/// The id in a path. One that can't be an id names nothing.
///
/// # Errors
/// [`AppError::NotFound`].
pub fn endpoint_id(text: &str) -> Result<EndpointId, AppError> {
    text.parse().map_err(|_| no_endpoint())
}

fn shown(view: EndpointView, status: StatusCode) -> Response {
    let tag = HeaderValue::from_str(&etag::of(view.version, None));
    let mut response = (status, Json(view)).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The version that the caller has seen, if it says so.
async fn wanted(
    state: &AppState,
    actor: &Actor,
    id: EndpointId,
    headers: &HeaderMap,
) -> Result<Option<i64>, AppError> {
    etag::wanted(headers, async { Ok(endpoints::find(&state.db, actor, id).await?.version) }).await
}

/// The endpoint as it is kept under a key, and with its secret for whoever asks first.
fn with_secret(WithSecret { endpoint, secret }: WithSecret, status: StatusCode) -> Done {
    let location = format!("/api/webhook-endpoints/{}", endpoint.id);
    let kept = EndpointView::of(endpoint.clone());
    Done::Ready(Answer {
        status: status.as_u16(),
        location: (status == StatusCode::CREATED).then_some(location),
        etag: Some(etag::of(kept.version, None)),
        body: json(&kept),
        told_once: Some(ToldOnce(json(&EndpointView::of(endpoint).with_secret(&secret)))),
    })
}

fn read_new(mut fields: Fields, sender: &Sender) -> Result<NewEndpoint, AppError> {
    let url = fields.required("url", "Say where events are posted.");
    let url = url.and_then(|url| fields.check(sender.address(&url)));
    let description = fields.text("description").unwrap_or_default();
    let description = fields.check(form::description(&description));
    let events = if fields.take_null("events") || !fields.has("events") {
        Some(WebhookEvent::ALL.to_vec())
    } else {
        read_events(&mut fields)
    };
    fields.finish()?;
    let (Some(url), Some(description), Some(events)) = (url, description, events) else {
        return Err(AppError::Internal);
    };
    Ok(NewEndpoint { url, description, events })
}

fn read_edit(mut fields: Fields, sender: &Sender) -> Result<EndpointEdit, AppError> {
    let mut edit = EndpointEdit::default();
    for name in ["url", "events", "enabled"] {
        if fields.take_null(name) {
            fields.check::<()>(Err(FieldError::new(name, "required", "This can't be removed.")));
        }
    }
    edit.url = fields.text("url").and_then(|url| fields.check(sender.address(&url)));
    if fields.take_null("description") {
        edit.description = Some(String::new());
    }
    edit.description = match fields.text("description") {
        Some(text) => fields.check(form::description(&text)),
        None => edit.description,
    };
    if fields.has("events") {
        edit.events = read_events(&mut fields);
    }
    if fields.has("enabled") {
        edit.enabled = fields.required_flag("enabled", "Say whether events are sent.");
    }
    fields.finish()?;
    Ok(edit)
}

/// A list of words; what is wrong points at the word.
fn read_events(fields: &mut Fields) -> Option<Vec<WebhookEvent>> {
    let wrong = || FieldError::new("events", "wrong_type", "This must be a list of event types.");
    let value = fields.json("events").unwrap_or_default();
    let words: Option<Vec<&str>> =
        value.as_array().and_then(|list| list.iter().map(serde_json::Value::as_str).collect());
    let read = words.ok_or_else(wrong).and_then(|words| form::events(words.into_iter()));
    fields.check(read)
}
