//! /api/webhook-endpoints/{id}/deliveries: what an endpoint was told, and how it answered.

use super::{
    answer::{Done, json},
    bodies::IdempotencyKey,
    hook_bodies::{DeliveryPath, DeliveryQuery, EndpointPath},
    hook_views::{DeliveryListView, DeliveryView},
    hooks::endpoint_id,
    input::AnyBody,
    once::Once,
};
use crate::{
    domain::{
        id::{DeliveryId, EndpointId},
        webhook::{Delivery, filter::DeliveryFilter},
    },
    error::AppError,
    server::{
        auth::admit::Caller,
        hooks::deliveries::{self, replay as replay_delivery, send_test},
        idempotency::Answer,
        state::AppState,
    },
};
use axum::{
    Json,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The endpoint's deliveries, newest first.
///
/// # Errors
/// 400 for a query that can't be understood, 404.
#[utoipa::path(
    get, path = "/api/webhook-endpoints/{id}/deliveries", tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(EndpointPath, DeliveryQuery),
    responses((status = 200, description = "A page of deliveries", body = DeliveryListView,
               headers(("Link" = String, description = "The next page, if there is one")))),
)]
pub async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, AppError> {
    let id = endpoint_id(&id)?;
    let pairs: Vec<_> = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes()).collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    let filter = DeliveryFilter::from_pairs(pairs)?;
    let page = deliveries::list(&state.db, &actor, id, &filter).await?;
    let next_cursor = page.next_cursor.clone();
    let deliveries = page.deliveries.into_iter().map(DeliveryView::of).collect();
    let mut response = Json(DeliveryListView { deliveries, next_cursor }).into_response();
    let Some(cursor) = page.next_cursor else { return Ok(response) };
    let query = filter.query_behind(&cursor);
    let link = format!("</api/webhook-endpoints/{id}/deliveries?{query}>; rel=\"next\"");
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Has an event sent that tells of nothing, to try the endpoint: 202, the delivery.
///
/// # Errors
/// 404, 409 while it is disabled.
#[utoipa::path(
    post, path = "/api/webhook-endpoints/{id}/test", tag = "webhooks", operation_id = "test_webhook_endpoint",
    params(EndpointPath, IdempotencyKey),
    responses(
        (status = 202, description = "The delivery, which is sent now", body = DeliveryView),
        (status = 409, description = "The endpoint is disabled"),
    ),
)]
pub async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, id| Ok(send_test(&tx, &actor, id, now).await?.map(is_sent));
    once.carry_out(&state, &body, || endpoint_id(&id), verb).await
}

/// Sends a delivery again under the same `webhook-id`: 202, the delivery.
///
/// # Errors
/// 404, 409 while it is being sent or the endpoint is disabled.
#[utoipa::path(
    post, path = "/api/webhook-endpoints/{id}/deliveries/{delivery_id}/replay", tag = "webhooks",
    operation_id = "replay_webhook_delivery", params(EndpointPath, DeliveryPath, IdempotencyKey),
    responses(
        (status = 202, description = "The delivery, which is sent now", body = DeliveryView),
        (status = 409, description = "It is being sent at this moment, or the endpoint is disabled"),
    ),
)]
pub async fn replay(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path((id, delivery)): Path<(String, String)>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let ids = || Ok((endpoint_id(&id)?, delivery_id(&delivery)?));
    let verb = async move |tx, (id, delivery): (EndpointId, DeliveryId)| {
        Ok(replay_delivery(&tx, &actor, id, delivery, now).await?.map(is_sent))
    };
    once.carry_out(&state, &body, ids, verb).await
}

fn delivery_id(text: &str) -> Result<DeliveryId, AppError> {
    text.parse().map_err(|_| AppError::NotFound("delivery".to_owned()))
}

/// A delivery that is sent now.
fn is_sent(delivery: Delivery) -> Done {
    let body = json(&DeliveryView::of(delivery));
    let status = StatusCode::ACCEPTED.as_u16();
    Done::Ready(Answer { status, location: None, etag: None, body, told_once: None })
}
