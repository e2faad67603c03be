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

/// How far a round came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Looked {
    /// How many went.
    pub gone: u64,
    /// The position of the last delivery that was looked at.
    pub to: i64,
}

/// Looks at the next `most` deliveries behind position `after`, and deletes those of them, as long as they were made
/// before `before`. None when there are no more.
///
/// # Errors
/// What the database says.
pub async fn prune(
    tx: &Tx,
    before: Timestamp,
    after: i64,
    most: u64,
) -> Result<Written<Option<Looked>>, AppError> {
    let next: Vec<(i64, i64)> = deliveries::Entity::find()
        .select_only()
        .columns([deliveries::Column::Position, deliveries::Column::CreatedAt])
        .filter(deliveries::Column::Position.gt(after))
        .order_by_asc(deliveries::Column::Position)
        .limit(most)
        .into_tuple()
        .all(tx.conn())
        .await?;
    // They are written one after another: behind young ones there is none that is much older.
    if next.iter().all(|(_, created_at)| *created_at >= before.as_millis()) {
        return Ok(Written::new(None));
    }
    let to = next.iter().map(|(position, _)| *position).max().unwrap_or(after);
    // Somebody may just be sending one again.
    let gone = deliveries::Entity::delete_many()
        .filter(deliveries::Column::Position.gt(after))
        .filter(deliveries::Column::Position.lte(to))
        .filter(settled(before));
    Ok(Written::new(Some(Looked { gone: gone.exec(tx.conn()).await?.rows_affected, to })))
}

fn settled(before: Timestamp) -> Condition {
    Condition::all()
        .add(deliveries::Column::CreatedAt.lt(before.as_millis()))
        .add(deliveries::Column::NextAt.is_null())
        .add(deliveries::Column::LeaseUntil.is_null())
}
