//! Claim: what is due for one endpoint is taken so that nobody else sends it for the length of a lease. Each endpoint
//! is a lane of its own: one that is slow, or has much to catch up with, takes no place from the others.

use super::entity::{Kept, deliveries, endpoints};
use crate::{
    domain::{
        id::{CallId, DeliveryId, EndpointId},
        timestamp::Timestamp,
        webhook::DeliveryStatus,
    },
    error::AppError,
    server::{
        db::{Db, Tx, Written},
        signing::Secrets,
    },
};
use sea_orm::{
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LockType, Query},
};
use std::collections::HashSet;

/// How long a claim holds, in seconds: well beyond the time that an endpoint gets to answer.
const LEASE_SECS: i64 = 60;
/// Deliveries that are under way to one endpoint at once, from all nodes together.
pub const PER_ENDPOINT: usize = 8;
/// The same for an endpoint that did not take the newest one: enough to find out whether it is back.
const PER_FAILING_ENDPOINT: usize = 1;

/// A delivery that is to be sent now.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its `webhook-id`.
    pub id: DeliveryId,
    /// Whom it is told.
    pub endpoint_id: EndpointId,
    /// Where to.
    pub url: String,
    /// What it is signed with.
    pub secrets: Secrets,
    /// What is sent.
    pub body: String,
    /// The how-manieth attempt this is; nobody else has the same.
    pub attempts: i32,
    /// How many tries have failed since it was last asked for.
    pub tries: i32,
}

/// When the next delivery of each enabled endpoint is due, soonest first.
///
/// # Errors
/// What the database says.
pub async fn next_due(db: &Db) -> Result<Vec<(EndpointId, Timestamp)>, AppError> {
    let of_endpoint = Expr::col((deliveries::Entity, deliveries::Column::EndpointId));
    let first = Query::select()
        .expr(Expr::col((deliveries::Entity, deliveries::Column::NextAt)).min())
        .from(deliveries::Entity)
        .and_where(of_endpoint.equals((endpoints::Entity, endpoints::Column::Id)))
        .and_where(deliveries::Column::NextAt.is_not_null())
        .to_owned();
    let rows: Vec<(Uuid, Option<i64>)> = endpoints::Entity::find()
        .select_only()
        .column(endpoints::Column::Id)
        .column_as(Expr::SubQuery(None, Box::new(first.into())), "first_due")
        .filter(endpoints::Column::DisabledAt.is_null())
        .into_tuple()
        .all(db.read())
        .await?;
    let due = rows.into_iter().filter_map(|(id, at)| Some((EndpointId(id), Timestamp::from_millis(at?))));
    let mut due: Vec<_> = due.collect();
    due.sort_by_key(|(id, at)| (*at, *id));
    Ok(due)
}

/// Claims what is due for `endpoint`, at most `most`, in the order (`next_at`, position); of one call one at a time,
/// so that its events don't overtake each other on the way.
///
/// # Errors
/// What the database says.
pub async fn claim(
    tx: &Tx,
    endpoint: EndpointId,
    most: usize,
    now: Timestamp,
) -> Result<Written<Vec<Claimed>>, AppError> {
    // Nodes take turns at an endpoint; who writes down what happens to a call does not wait for them.
    let row = endpoints::Entity::find_by_id(endpoint.0)
        .filter(endpoints::Column::DisabledAt.is_null())
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?;
    let Some(row) = row else { return Ok(Written::new(Vec::new())) };
    let mut on_the_way = calls_on_the_way(tx, endpoint, now).await?;
    let limit = if row.failing_since.is_some() { PER_FAILING_ENDPOINT } else { PER_ENDPOINT };
    let free = limit.saturating_sub(on_the_way.len()).min(most);
    if free == 0 {
        return Ok(Written::new(Vec::new()));
    }
    let secrets = secrets_of(&row, now)?;
    let mut claimed = Vec::new();
    for due in due(tx, endpoint, now).await? {
        let call = due.call_id.map(CallId);
        if claimed.len() == free {
            break;
        }
        if call.is_some() && on_the_way.contains(&call) {
            continue;
        }
        on_the_way.push(call);
        claimed.push(Claimed {
            id: DeliveryId(due.id),
            endpoint_id: endpoint,
            url: row.url.clone(),
            secrets: secrets.clone(),
            body: due.body,
            attempts: due.attempts.saturating_add(1),
            tries: due.tries,
        });
    }
    hold(tx, &claimed, now).await?;
    Ok(Written::new(claimed))
}

/// What an endpoint's deliveries are signed with: its secret, and for a day the one before it.
///
/// # Errors
/// [`AppError::Internal`] for a secret that we did not write so.
pub fn secrets_of(row: &endpoints::Model, now: Timestamp) -> Result<Secrets, AppError> {
    let lasts = row.old_secret_until.is_some_and(|until| now.as_millis() < until);
    let old = row.old_secret.as_ref().filter(|_| lasts).map_or("", |Kept(old)| old);
    Secrets::parse(&format!("{} {old}", row.secret.0)).map_err(|why| {
        tracing::error!(endpoint_id = %row.id, %why, "a stored secret can't be read");
        AppError::Internal
    })
}

/// Voids every lease at once: whoever held them is gone, as the lock on a SQLite file proves at start. What may or
/// may not have arrived is sent once more under the same id.
///
/// # Errors
/// What the database says.
pub async fn void_leases(db: &Db, now: Timestamp) -> Result<u64, AppError> {
    db.write(async move |tx| {
        let voided = deliveries::Entity::update_many()
            .col_expr(deliveries::Column::NextAt, Expr::value(now.as_millis()))
            .col_expr(deliveries::Column::LeaseUntil, Expr::value(Option::<i64>::None))
            .filter(deliveries::Column::LeaseUntil.is_not_null())
            .exec(tx.conn())
            .await?;
        Ok(Written::new(voided.rows_affected))
    })
    .await
}

/// The calls of which something is on the way to the endpoint right now; one entry for each delivery.
async fn calls_on_the_way(
    tx: &Tx,
    endpoint: EndpointId,
    now: Timestamp,
) -> Result<Vec<Option<CallId>>, AppError> {
    let calls: Vec<Option<Uuid>> = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::CallId)
        .filter(deliveries::Column::EndpointId.eq(endpoint.0))
        .filter(deliveries::Column::LeaseUntil.gt(now.as_millis()))
        .into_tuple()
        .all(tx.conn())
        .await?;
    Ok(calls.into_iter().map(|call| call.map(CallId)).collect())
}

/// What is due, with some to spare for those whose call is busy.
async fn due(tx: &Tx, endpoint: EndpointId, now: Timestamp) -> Result<Vec<deliveries::Model>, AppError> {
    Ok(deliveries::Entity::find()
        .filter(deliveries::Column::EndpointId.eq(endpoint.0))
        .filter(deliveries::Column::NextAt.lte(now.as_millis()))
        .order_by_asc(deliveries::Column::NextAt)
        .order_by_asc(deliveries::Column::Position)
        .limit(4 * PER_ENDPOINT as u64)
        .all(tx.conn())
        .await?)
}

async fn hold(tx: &Tx, claimed: &[Claimed], now: Timestamp) -> Result<(), AppError> {
    if claimed.is_empty() {
        return Ok(());
    }
    let ids: HashSet<Uuid> = claimed.iter().map(|claimed| claimed.id.0).collect();
    let until = now.plus_secs(LEASE_SECS).as_millis();
    deliveries::Entity::update_many()
        .col_expr(deliveries::Column::Status, Expr::value(DeliveryStatus::Pending.as_str()))
        .col_expr(deliveries::Column::Attempts, Expr::col(deliveries::Column::Attempts).add(1))
        .col_expr(deliveries::Column::LastAttemptAt, Expr::value(now.as_millis()))
        .col_expr(deliveries::Column::LeaseUntil, Expr::value(until))
        // If whoever sends it dies, it is due again when the lease has run out.
        .col_expr(deliveries::Column::NextAt, Expr::value(until))
        .filter(deliveries::Column::Id.is_in(ids))
        .exec(tx.conn())
        .await?;
    Ok(())
}
