//! The verbs and finders of deliveries: list them, send one to try an endpoint, send one again.

use super::{
    endpoints::{find, hold},
    entity::deliveries,
    outbox::delivery,
};
use crate::{
    domain::{
        actor::Actor,
        id::{DeliveryId, EndpointId},
        timestamp::Timestamp,
        webhook::{Delivery, DeliveryStatus, TEST_EVENT, filter::DeliveryFilter},
    },
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{
    Condition, QueryOrder, QuerySelect, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;
use uuid::ContextV7;

/// A page of deliveries, newest first, and where the next one begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Where the page behind this one begins, if there is one.
    pub next_cursor: Option<String>,
}

/// The endpoint's deliveries that `filter` names.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::BadRequest`] for a cursor that does not belong here.
pub async fn list(
    db: &Db,
    actor: &Actor,
    endpoint: EndpointId,
    filter: &DeliveryFilter,
) -> Result<Page, AppError> {
    find(db, actor, endpoint).await?;
    let size = filter.page_size();
    let query = stretch(endpoint, filter.status, filter.position(endpoint)?).limit(size + 1);
    let mut rows = query.all(db.read()).await?;
    let more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|row| filter.cursor_behind(endpoint, row.position));
    let deliveries = rows.into_iter().map(Delivery::try_from).collect::<Result<_, _>>()?;
    Ok(Page { deliveries, next_cursor })
}

/// The deliveries to an endpoint before a position, newest first, along an index that begins with the endpoint. It is
/// asked for as a range and not as equal, and everything is sorted by it: otherwise PostgreSQL, which plans without
/// values, looks for the few deliveries of one endpoint among the newest of all.
fn stretch(
    endpoint: EndpointId,
    status: Option<DeliveryStatus>,
    before: Option<i64>,
) -> Select<deliveries::Entity> {
    let status = status.map(|status| (deliveries::Column::Status, Expr::value(status.as_str())));
    let leads = [(deliveries::Column::EndpointId, Expr::value(endpoint.0))].into_iter().chain(status);
    let (columns, values): (Vec<_>, Vec<_>) = leads.unzip();
    let row = |last: Option<Expr>, of: Vec<Expr>| Expr::tuple(of.into_iter().chain(last));
    let keys = || columns.iter().copied().map(Expr::col).collect::<Vec<_>>();
    let position = Expr::col(deliveries::Column::Position);
    let end = Expr::value(before.unwrap_or(i64::MAX));
    let query = deliveries::Entity::find()
        .filter(row(None, keys()).gte(row(None, values.clone())))
        .filter(row(Some(position), keys()).lt(row(Some(end), values)));
    let query = columns.into_iter().fold(query, QueryOrder::order_by_desc);
    query.order_by_desc(deliveries::Column::Position)
}

/// How many are still to be sent, of whatever team.
///
/// # Errors
/// What the database says.
pub async fn waiting(db: &Db) -> Result<u64, AppError> {
    Ok(deliveries::Entity::find().filter(deliveries::Column::NextAt.is_not_null()).count(db.read()).await?)
}

/// Has an event sent to the endpoint that tells of nothing, to try it.
///
/// # Errors
/// [`AppError::NotFound`]; a refusal while it is disabled.
pub async fn send_test(
    tx: &Tx,
    actor: &Actor,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Written<Delivery>, AppError> {
    hold_enabled(tx, actor, endpoint).await?;
    let data = json!({
        "endpoint_id": endpoint,
        "message": "This event tells of nothing: somebody wanted to see whether it arrives.",
    });
    let row = delivery(endpoint, TEST_EVENT, None, &data, now, &ContextV7::new())?;
    let kept = deliveries::Entity::insert(row).exec_with_returning(tx.conn()).await?;
    Ok(Written::new(kept.try_into()?).wake(now))
}

/// Sends a delivery again under the same id, now and, should it fail, after the same waits as the first time.
///
/// # Errors
/// [`AppError::NotFound`]; a refusal while it is being sent, and while the endpoint is disabled.
pub async fn replay(
    tx: &Tx,
    actor: &Actor,
    endpoint: EndpointId,
    id: DeliveryId,
    now: Timestamp,
) -> Result<Written<Delivery>, AppError> {
    hold_enabled(tx, actor, endpoint).await?;
    let this = || {
        Condition::all()
            .add(deliveries::Column::Id.eq(id.0))
            .add(deliveries::Column::EndpointId.eq(endpoint.0))
    };
    let idle = deliveries::Column::LeaseUntil
        .is_null()
        .or(Expr::col(deliveries::Column::LeaseUntil).lte(now.as_millis()));
    let again = deliveries::Entity::update_many()
        .col_expr(deliveries::Column::Status, Expr::value(DeliveryStatus::Pending.as_str()))
        .col_expr(deliveries::Column::NextAt, Expr::value(now.as_millis()))
        .col_expr(deliveries::Column::LeaseUntil, Expr::value(Option::<i64>::None))
        .col_expr(deliveries::Column::Tries, Expr::value(0))
        .filter(this())
        .filter(idle)
        .exec(tx.conn())
        .await?;
    let row = deliveries::Entity::find().filter(this()).one(tx.conn()).await?;
    let row = row.ok_or_else(|| AppError::NotFound("delivery".to_owned()))?;
    if again.rows_affected == 0 {
        let why = "It is being sent at this moment. Wait for the answer.";
        return Err(AppError::refused("delivery_under_way", why));
    }
    Ok(Written::new(row.try_into()?).wake(now))
}

async fn hold_enabled(tx: &Tx, actor: &Actor, endpoint: EndpointId) -> Result<(), AppError> {
    if hold(tx, actor, endpoint, None).await?.disabled_at.is_some() {
        let why = "The endpoint is disabled, so nothing is sent to it. Enable it first.";
        return Err(AppError::refused("endpoint_disabled", why));
    }
    Ok(())
}
