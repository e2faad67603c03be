//! Forgetting: calls that were taken long ago and of which nothing is left to tell.

use super::{Simulator, table::call};
use crate::{
    error::AppError,
    server::{
        db::{Db, Tx, Written},
        retention::{self, Keep, Pace},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Nothing has yet to happen, and nothing has yet to be told. What was told again and again since before then, and
/// nobody took, is told no more.
const TOLD: &str = "NOT EXISTS (SELECT 1 FROM sim_callbacks c WHERE c.provider_call_id = sim_calls.provider_call_id \
    AND (c.occurred_at >= $1 OR (c.next_try_at IS NOT NULL AND c.tries = 0)))";

/// Forgets the calls that were taken before `before` (milliseconds since the epoch). How often each number was placed is
/// remembered, so that no later draw changes.
///
/// # Errors
/// What the database says.
pub async fn prune(db: &Db, before: i64, pace: &Pace) -> Result<u64, AppError> {
    let (mut all, most) = (0, pace.most());
    loop {
        let begun = Instant::now();
        let some = db.write(async move |tx| forget_some(&tx, before, most).await).await?;
        all += some;
        if some == 0 || !pace.rest(begun).await {
            return Ok(all);
        }
    }
}

/// Forgets what is older than `keep` by the simulator's clock, now and then, until `stop`.
pub async fn run(sim: Simulator, keep: Keep, stop: CancellationToken) {
    let pace = Pace::leisurely(stop.clone());
    loop {
        if let Some(before) = keep.before_millis(sim.now()) {
            retention::report("simulated calls", prune(&sim.db, before, &pace).await);
        }
        if timeout(retention::EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

async fn forget_some(tx: &Tx, before: i64, most: u64) -> Result<Written<u64>, AppError> {
    let ids: Vec<String> = call::Entity::find()
        .select_only()
        .column(call::Column::ProviderCallId)
        .filter(call::Column::PlacedAt.lt(before))
        .filter(Expr::cust_with_values(TOLD, [before]))
        .order_by_asc(call::Column::PlacedAt)
        .limit(most)
        .into_tuple()
        .all(tx.conn())
        .await?;
    if ids.is_empty() {
        return Ok(Written::new(0));
    }
    // Their callbacks go with them.
    let gone = call::Entity::delete_many().filter(call::Column::ProviderCallId.is_in(ids));
    Ok(Written::new(gone.exec(tx.conn()).await?.rows_affected))
}
