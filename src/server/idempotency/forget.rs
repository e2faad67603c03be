//! Forgetting: answers that are older than a day are deleted. Nobody is answered with them even before that, so it
//! may come late.

use super::{KEPT_SECS, entity::keys};
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::{
        db::{Tx, Written},
        state::AppState,
    },
};
use sea_orm::{
    QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_mins(10);
/// The most rows of one transaction: on SQLite nobody else writes meanwhile.
const MOST: u64 = 1_000;

/// Forgets now and then, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        if let Err(error) = run_once(&state, state.clock.now()).await {
            tracing::warn!(%error, "old answers could not be deleted; it is tried again later");
        }
        if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

/// Deletes what was answered 24 hours before `now` or earlier; how many there were.
///
/// # Errors
/// What the database says.
pub async fn run_once(state: &AppState, now: Timestamp) -> Result<u64, AppError> {
    let mut deleted = 0;
    loop {
        let some = state.db.write(async move |tx| Ok(Written::new(forget_some(&tx, now).await?))).await?;
        deleted += some;
        if some < MOST {
            return Ok(deleted);
        }
    }
}

async fn forget_some(tx: &Tx, now: Timestamp) -> Result<u64, AppError> {
    let oldest = keys::Entity::find()
        .select_only()
        .column(keys::Column::Scope)
        .column(keys::Column::Key)
        .filter(keys::Column::CreatedAt.lte(now.plus_secs(-KEPT_SECS).as_millis()))
        .order_by_asc(keys::Column::CreatedAt)
        .limit(MOST);
    let row = Expr::tuple([Expr::col(keys::Column::Scope), Expr::col(keys::Column::Key)]);
    let these = keys::Entity::delete_many().filter(row.in_subquery(oldest.into_query()));
    Ok(these.exec(tx.conn()).await?.rows_affected)
}
