//! Outbox: what is to be told is written down with what happened, or neither is.

use super::entity::{deliveries, endpoints, events_of};
use crate::{
    domain::{
        attempt::Attempt,
        call::Call,
        id::{CallId, EndpointId},
        timestamp::Timestamp,
        webhook::{DeliveryStatus, WebhookEvent},
    },
    error::AppError,
    server::{db::Tx, view::CallView},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::LockType,
};
use serde::Serialize;
use uuid::ContextV7;

/// What is posted to an endpoint.
#[derive(Serialize)]
struct Envelope<'a, T> {
    r#type: &'a str,
    timestamp: String,
    data: T,
}

/// Writes a delivery of each of `events` for each endpoint of the call's team that wants it. What is told is the
/// call as the API shows it alone at this moment; only why it waits is left out, since that is over when it is read.
///
/// # Errors
/// What the database says.
pub async fn tell(
    tx: &Tx,
    events: &[WebhookEvent],
    call: &Call,
    attempts: &[Attempt],
    now: Timestamp,
) -> Result<(), AppError> {
    if events.is_empty() {
        return Ok(());
    }
    let wanted = wanted_by(tx, call, events).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let view = CallView::of(call.clone(), None).with_attempts(attempts.to_vec());
    let data = serde_json::to_value(view).map_err(|why| unwritable(&why))?;
    let ids = ContextV7::new();
    let mut rows = Vec::with_capacity(wanted.len());
    for (endpoint, event) in wanted {
        rows.push(delivery(endpoint, event.as_str(), Some(call.id), &data, now, &ids)?);
    }
    deliveries::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The row of a delivery of `event` that tells `data`, due at once.
///
/// # Errors
/// [`AppError::Internal`] when `data` can't be written as JSON.
pub fn delivery(
    endpoint: EndpointId,
    event: &str,
    call: Option<CallId>,
    data: &impl Serialize,
    now: Timestamp,
    ids: &ContextV7,
) -> Result<deliveries::ActiveModel, AppError> {
    let envelope = Envelope { r#type: event, timestamp: now.to_rfc3339(), data };
    let body = serde_json::to_string(&envelope).map_err(|why| unwritable(&why))?;
    Ok(deliveries::ActiveModel {
        position: NotSet,
        id: Set(new_id(ids, now)),
        endpoint_id: Set(endpoint.0),
        event: Set(event.to_owned()),
        call_id: Set(call.map(|call| call.0)),
        body: Set(body),
        status: Set(DeliveryStatus::Pending.to_string()),
        attempts: Set(0),
        tries: Set(0),
        next_at: Set(Some(now.as_millis())),
        lease_until: Set(None),
        last_attempt_at: Set(None),
        answer_status: Set(None),
        answer: Set(None),
        error: Set(None),
        duration_ms: Set(None),
        delivered_at: Set(None),
        created_at: Set(now.as_millis()),
    })
}

/// Who wants which of `events`, in the order in which they happened. The endpoints are held, so that none is deleted
/// before its delivery is written; that keeps nobody from sending to them.
async fn wanted_by(
    tx: &Tx,
    call: &Call,
    events: &[WebhookEvent],
) -> Result<Vec<(EndpointId, WebhookEvent)>, AppError> {
    let rows: Vec<(Uuid, Json)> = endpoints::Entity::find()
        .select_only()
        .columns([endpoints::Column::Id, endpoints::Column::Events])
        .filter(endpoints::Column::TeamId.eq(call.team_id.0))
        .filter(endpoints::Column::DisabledAt.is_null())
        .order_by_asc(endpoints::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx.conn())
        .await?;
    let mut wanted = Vec::new();
    for (id, asked) in rows {
        let asked = events_of(asked)?;
        let told = events.iter().filter(|event| asked.contains(event));
        wanted.extend(told.map(|event| (EndpointId(id), *event)));
    }
    Ok(wanted)
}

fn new_id(ids: &ContextV7, now: Timestamp) -> Uuid {
    let millis = now.as_millis().max(0).cast_unsigned();
    let nanos = u32::try_from((millis % 1_000) * 1_000_000).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(ids, millis / 1_000, nanos))
}

fn unwritable(why: &serde_json::Error) -> AppError {
    tracing::error!(%why, "an event can't be written as JSON");
    AppError::Internal
}
