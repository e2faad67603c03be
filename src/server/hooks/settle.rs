//! Settle: what an endpoint said to an attempt decides what becomes of the delivery, and of the endpoint.

use super::{
    claim::Claimed,
    entity::{deliveries, endpoints},
    send::Reply,
};
use crate::{
    domain::{
        timestamp::Timestamp,
        webhook::{
            DeliveryStatus,
            schedule::{Outcome, given_up, outcome},
        },
    },
    error::AppError,
    server::db::{Tx, Written},
};
use sea_orm::{
    ActiveValue::Set,
    QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LockType},
};

/// Writes down what came of an attempt, if the claim is still ours: after a lease has run out, another claim's word
/// counts. `jitter` is between 0 and 1.
///
/// # Errors
/// What the database says.
pub async fn settle(
    tx: &Tx,
    claimed: &Claimed,
    reply: &Reply,
    jitter: f64,
    now: Timestamp,
) -> Result<Written<Option<Outcome>>, AppError> {
    let endpoint = endpoints::Entity::find_by_id(claimed.endpoint_id.0)
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?;
    // Deleted meanwhile, and its deliveries with it.
    let Some(endpoint) = endpoint else { return Ok(Written::new(None)) };
    let tries = claimed.tries.saturating_add(1);
    let outcome = outcome(reply.said, tries, now, jitter);
    if !note(tx, claimed, reply, outcome, now).await? {
        return Ok(Written::new(None));
    }
    judge(tx, endpoint, reply, outcome, now).await?;
    // There is room for the next one to the same endpoint.
    Ok(Written::new(Some(outcome)).wake(now))
}

async fn note(
    tx: &Tx,
    claimed: &Claimed,
    reply: &Reply,
    outcome: Outcome,
    now: Timestamp,
) -> Result<bool, AppError> {
    let (status, next_at) = match outcome {
        Outcome::Delivered => (DeliveryStatus::Delivered, None),
        Outcome::Again(at) => (DeliveryStatus::Pending, Some(at.as_millis())),
        Outcome::Failed => (DeliveryStatus::Failed, None),
    };
    let is_delivered = outcome == Outcome::Delivered;
    let mut update = deliveries::Entity::update_many()
        .set(deliveries::ActiveModel {
            status: Set(status.to_string()),
            next_at: Set(next_at),
            lease_until: Set(None),
            answer_status: Set(reply.status().map(i32::from)),
            answer: Set(reply.answer.clone()),
            error: Set(reply.error.clone()),
            duration_ms: Set(Some(reply.duration_ms)),
            ..Default::default()
        })
        .filter(deliveries::Column::Id.eq(claimed.id.0))
        .filter(deliveries::Column::Attempts.eq(claimed.attempts))
        .filter(deliveries::Column::LeaseUntil.is_not_null());
    update = if is_delivered {
        update.col_expr(deliveries::Column::DeliveredAt, Expr::value(now.as_millis()))
    } else {
        update.col_expr(deliveries::Column::Tries, Expr::col(deliveries::Column::Tries).add(1))
    };
    Ok(update.exec(tx.conn()).await?.rows_affected > 0)
}

/// An endpoint that takes something is well; one that takes nothing is given up one day, or at once if it says so.
async fn judge(
    tx: &Tx,
    endpoint: endpoints::Model,
    reply: &Reply,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut after = endpoints::ActiveModel { id: Set(endpoint.id), ..Default::default() };
    if outcome == Outcome::Delivered {
        if endpoint.failing_since.is_none() {
            return Ok(());
        }
        after.failing_since = Set(None);
    } else {
        let since = endpoint.failing_since.map_or(now, Timestamp::from_millis);
        after.failing_since = Set(Some(since.as_millis()));
        let reason = given_up(reply.said, since, now).filter(|_| endpoint.disabled_at.is_none());
        if let Some(reason) = reason {
            tracing::warn!(endpoint_id = %endpoint.id, %reason, "a webhook endpoint is disabled");
            after.disabled_at = Set(Some(now.as_millis()));
            after.disabled_reason = Set(Some(reason.to_string()));
            after.version = Set(endpoint.version + 1);
            after.updated_at = Set(now.as_millis());
        }
    }
    endpoints::Entity::update(after).exec(tx.conn()).await?;
    Ok(())
}
