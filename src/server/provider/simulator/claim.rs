//! Who may send a callback, and what came of it. The table alone knows: a claim is one commit, its outcome
//! another.

use super::{
    Simulator,
    fault::{self, Kind},
    internal,
    scenario::Script,
    table::{call, callback},
};
use crate::{error::AppError, server::db::Written};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};
use std::{cmp::min, collections::HashMap};

/// How many callbacks one claim takes, and so how many are sent at the same time.
const AT_ONCE: u64 = 64;
/// How long a claim holds, in milliseconds.
const LEASE: i64 = 20_000;
/// How long the first repetition waits; each further one waits twice as long, up to the longest.
const FIRST_WAIT: i64 = 1_000;
const LONGEST_WAIT: i64 = 300_000;

/// A callback that this process has claimed.
pub struct Claimed {
    /// What is to be sent.
    pub callback: callback::Model,
    /// Where to.
    pub url: String,
    /// The caller's own id in JSON, if the call came through `/send`.
    pub callers_id: Option<String>,
    /// How it is signed.
    pub signing: Signing,
}

/// How a callback is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Signing {
    /// As it should be.
    #[default]
    Right,
    /// So that nobody should believe it.
    Wrong,
}

/// What came of a claimed callback.
pub struct Sent {
    /// Which one.
    pub webhook_id: String,
    /// The claim it was sent under.
    pub tries: i64,
    /// Whether the receiver took it.
    pub delivered: bool,
    /// What it answered, in words.
    pub answer: String,
    /// Its newest sendings in JSON, if that could be written.
    pub posts: Option<String>,
}

/// Whose callback it is, as far as its sending wants to know.
#[derive(Clone, Default)]
struct Caller {
    url: String,
    callers_id: Option<String>,
    signing: Signing,
}

/// Takes what is due at `now`, so that nobody else sends it for the length of a lease.
pub async fn claim(sim: &Simulator, now: i64) -> Result<Vec<Claimed>, AppError> {
    sim.db.write(move |tx| async move { Ok(Written::new(take_due(tx.conn(), now).await?)) }).await
}

async fn take_due(db: &impl ConnectionTrait, now: i64) -> Result<Vec<Claimed>, AppError> {
    // Writers of SQLite come one after another, so it ignores the lock; on PostgreSQL each process skips the
    // rows that another is just taking.
    let mut due = callback::Entity::find()
        .filter(callback::Column::NextTryAt.lte(now))
        .order_by_asc(callback::Column::NextTryAt)
        .limit(AT_ONCE)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(db)
        .await?;
    if due.is_empty() {
        return Ok(vec![]);
    }
    callback::Entity::update_many()
        .col_expr(callback::Column::NextTryAt, Expr::value(now.saturating_add(LEASE)))
        .col_expr(callback::Column::Tries, Expr::col(callback::Column::Tries).add(1))
        .filter(callback::Column::WebhookId.is_in(due.iter().map(|it| &it.webhook_id)))
        .exec(db)
        .await?;
    for it in &mut due {
        it.tries += 1;
    }

    let mut callers = callers_of(db, &due).await?;
    let with_caller = |callback: callback::Model| {
        let caller = callers.entry(callback.provider_call_id.clone()).or_default().clone();
        let Caller { url, callers_id, signing } = caller;
        Claimed { callback, url, callers_id, signing }
    };
    Ok(due.into_iter().map(with_caller).collect())
}

/// Where each call's callbacks go, the caller's own id for it, and how they are signed.
async fn callers_of(
    db: &impl ConnectionTrait,
    callbacks: &[callback::Model],
) -> Result<HashMap<String, Caller>, AppError> {
    let rows: Vec<(String, String, Option<String>, String)> = call::Entity::find()
        .select_only()
        .columns([
            call::Column::ProviderCallId,
            call::Column::CallbackUrl,
            call::Column::CallersId,
            call::Column::Script,
        ])
        .filter(call::Column::ProviderCallId.is_in(callbacks.iter().map(|it| &it.provider_call_id)))
        .into_tuple()
        .all(db)
        .await?;
    let mut callers = HashMap::new();
    for (id, url, callers_id, script) in rows {
        let script: Script = serde_json::from_str(&script).map_err(internal)?;
        let is_wrong = fault::has(&script.faults, Kind::CallbacksWronglySigned);
        let signing = if is_wrong { Signing::Wrong } else { Signing::Right };
        callers.insert(id, Caller { url, callers_id, signing });
    }
    Ok(callers)
}

/// How many callbacks are to be sent at `now`, and have not been.
pub async fn count_due(sim: &Simulator, now: i64) -> Result<u64, AppError> {
    let due = callback::Entity::find().filter(callback::Column::NextTryAt.lte(now));
    Ok(due.count(sim.db.read()).await?)
}

/// When the next callback is to be sent, in milliseconds since the epoch.
pub async fn next_due(sim: &Simulator) -> Result<Option<i64>, AppError> {
    let next = callback::Entity::find()
        .select_only()
        .column_as(callback::Column::NextTryAt.min(), "next_due")
        .filter(callback::Column::NextTryAt.is_not_null())
        .into_tuple::<Option<i64>>()
        .one(sim.db.read())
        .await?;
    Ok(next.flatten())
}

/// Writes down what came of claimed callbacks.
pub async fn write_down(sim: &Simulator, sent: Vec<Sent>) -> Result<(), AppError> {
    let now = sim.now();
    let write = sim.db.write(move |tx| async move {
        for it in &sent {
            write_down_one(tx.conn(), it, now).await?;
        }
        Ok(Written::new(()))
    });
    write.await
}

/// Only if the claim is still ours: after a lease has run out, another claim's word counts.
async fn write_down_one(db: &impl ConnectionTrait, sent: &Sent, now: i64) -> Result<(), AppError> {
    let again_at = now.saturating_add(backoff(sent.tries, rand::random()));
    let mut update = callback::Entity::update_many()
        .col_expr(callback::Column::LastAnswer, Expr::value(sent.answer.as_str()))
        .col_expr(callback::Column::Posts, Expr::value(sent.posts.clone()))
        .col_expr(callback::Column::NextTryAt, Expr::value((!sent.delivered).then_some(again_at)));
    if sent.delivered {
        update = update.col_expr(callback::Column::DeliveredAt, Expr::value(now));
    }
    update
        .filter(callback::Column::WebhookId.eq(&sent.webhook_id))
        .filter(callback::Column::Tries.eq(sent.tries))
        .exec(db)
        .await?;
    Ok(())
}

/// How long to wait after the `tries`-th try failed, in milliseconds: twice as long each time, and up to a
/// quarter more by `jitter` (0 to 255), so that what failed together does not come back together.
fn backoff(tries: i64, jitter: u8) -> i64 {
    let doublings = u32::try_from(tries.clamp(1, 20) - 1).unwrap_or_default();
    let wait = min(FIRST_WAIT.saturating_mul(1 << doublings), LONGEST_WAIT);
    wait + wait / 4 * i64::from(jitter) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::first(1, 1_000, 1_250)]
    #[case::second(2, 2_000, 2_500)]
    #[case::fifth(5, 16_000, 20_000)]
    #[case::longest(10, 300_000, 375_000)]
    #[case::for_ever(i64::MAX, 300_000, 375_000)]
    #[case::never_tried(0, 1_000, 1_250)]
    fn each_repetition_waits_longer(#[case] tries: i64, #[case] shortest: i64, #[case] longest: i64) {
        assert_eq!(backoff(tries, 0), shortest);
        assert_eq!(backoff(tries, u8::MAX), longest);
    }
}
