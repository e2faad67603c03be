//! Prune: deliveries that were settled long ago go, with the calls that they told of. An operator's deed, whatever the
//! team.

use super::entity::deliveries;
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{Condition, QueryOrder, QuerySelect, entity::prelude::*};

/// How many would go: deliveries from before `before` that wait for nothing.
///
/// # Errors
/// What the database says.
pub async fn count(db: &Db, before: Timestamp) -> Result<u64, AppError> {
    Ok(deliveries::Entity::find().filter(settled(before)).count(db.read()).await?)
}

/// Deletes up to `most` of them that lie behind position `after`. Answers how many, and the position of the last; none
/// when there are no more.
///
/// # Errors
/// What the database says.
pub async fn prune(
    tx: &Tx,
    before: Timestamp,
    after: i64,
    most: u64,
) -> Result<Written<Option<(u64, i64)>>, AppError> {
    let positions: Vec<i64> = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::Position)
        .filter(settled(before))
        .filter(deliveries::Column::Position.gt(after))
        .order_by_asc(deliveries::Column::Position)
        .limit(most)
        .into_tuple()
        .all(tx.conn())
        .await?;
    let Some(last) = positions.last().copied() else { return Ok(Written::new(None)) };
    // Somebody may just be sending one again.
    let gone = deliveries::Entity::delete_many()
        .filter(deliveries::Column::Position.is_in(positions))
        .filter(settled(before));
    Ok(Written::new(Some((gone.exec(tx.conn()).await?.rows_affected, last))))
}

fn settled(before: Timestamp) -> Condition {
    Condition::all()
        .add(deliveries::Column::CreatedAt.lt(before.as_millis()))
        .add(deliveries::Column::NextAt.is_null())
        .add(deliveries::Column::LeaseUntil.is_null())
}
