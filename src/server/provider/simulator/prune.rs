//! Forgetting: calls that were taken long ago and of which nothing is left to tell.

use super::table::call;
use crate::{
    error::AppError,
    server::db::{Db, Written},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

/// Nothing has yet to happen, and nothing has yet to be told.
const TOLD: &str = "NOT EXISTS (SELECT 1 FROM sim_callbacks c WHERE c.provider_call_id = sim_calls.provider_call_id \
    AND (c.next_try_at IS NOT NULL OR c.occurred_at >= $1))";

/// Forgets the calls that were taken before `before` (milliseconds since the epoch), `at_once` in each commit. How
/// often each number was placed is remembered, so that no later draw changes.
///
/// # Errors
/// What the database says.
pub async fn prune(db: &Db, before: i64, at_once: u64) -> Result<u64, AppError> {
    let mut all = 0;
    loop {
        let some = db.write(async move |tx| {
            let ids: Vec<String> = call::Entity::find()
                .select_only()
                .column(call::Column::ProviderCallId)
                .filter(call::Column::PlacedAt.lt(before))
                .filter(Expr::cust_with_values(TOLD, [before]))
                .order_by_asc(call::Column::PlacedAt)
                .limit(at_once)
                .into_tuple()
                .all(tx.conn())
                .await?;
            // Their callbacks go with them.
            let gone = call::Entity::delete_many().filter(call::Column::ProviderCallId.is_in(ids));
            Ok(Written::new(gone.exec(tx.conn()).await?.rows_affected))
        });
        match some.await? {
            0 => return Ok(all),
            some => all += some,
        }
    }
}
