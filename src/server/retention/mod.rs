//! Retention: what is older than its setting says goes, a little at a time, so that nobody notices. The loop does it by
//! itself, and `switchboard prune` when an operator asks for it.

mod age;
mod pace;

pub use age::{Keep, age};
pub use pace::Pace;

use super::{
    calls::{counts, prune as calls, stream},
    db::Db,
    hooks::prune::{self as hooks, Looked},
    insights::follow,
    state::AppState,
};
use crate::{domain::timestamp::Timestamp, error::AppError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Between two looks for what has become too old.
pub const EVERY: Duration = Duration::from_mins(10);
/// Between two looks for events of no call, in seconds.
const STRAYS_EVERY_SECS: i64 = 86_400;
/// So many times as many events are looked at as may be removed at once.
const LOOKS: u64 = 10;
/// While the insights have yet to count what goes, between two looks whether they have, and how many looks.
const COUNTS_EVERY: Duration = Duration::from_secs(2);
const COUNTED_WITHIN: usize = 150;
/// On PostgreSQL, between two times that the counts of calls are summed up.
const SUM_UP_EVERY: Duration = Duration::from_secs(2);

/// Removes now and then what is older than the settings say, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let pace = Pace::leisurely(stop.clone());
    let mut strays_due = state.clock.now();
    loop {
        let now = state.clock.now();
        // All events have to be looked at for them, which is much to read.
        let strays = if now < strays_due { Strays::Left } else { Strays::Removed };
        if strays == Strays::Removed {
            strays_due = now.plus_secs(STRAYS_EVERY_SECS);
        }
        run_once(&state, now, &pace, strays).await;
        if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

/// Whether events of no call are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strays {
    /// Not this time.
    Left,
    /// They are.
    Removed,
}

/// Removes what is older than the settings say at `now`. What fails is logged, and tried again the next time.
pub async fn run_once(state: &AppState, now: Timestamp, pace: &Pace, strays: Strays) {
    let (db, config) = (&state.db, &state.config);
    if let Some(before) = config.keep_calls.before(now) {
        report("calls", remove_counted_calls(db, before, pace).await);
    }
    if let Some(before) = config.keep_deliveries.before(now) {
        report("webhook deliveries", remove_deliveries(db, before, pace).await);
    }
    if let Some(before) = config.keep_stray_events.before(now).filter(|_| strays == Strays::Removed) {
        report("events of no call", remove_strays(db, before, pace).await);
    }
}

/// What goes stays in the insights, so it must be counted first; their own loop does that.
async fn remove_counted_calls(db: &Db, before: Timestamp, pace: &Pace) -> Result<u64, AppError> {
    let head = stream::head(db).await?;
    for _ in 0..COUNTED_WITHIN {
        if follow::has_counted_to(db, head).await? {
            return Ok(remove_calls(db, before, pace).await?.calls);
        }
        if !pace.wait(COUNTS_EVERY).await {
            break;
        }
    }
    Ok(0)
}

/// Sums up the counts of calls after commits, until `stop`. Only PostgreSQL has something to sum up.
pub async fn run_sums(db: Db, stop: CancellationToken) {
    let mut committed = db.feed().due();
    loop {
        tokio::select! {
            changed = committed.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
        if tokio::time::timeout(SUM_UP_EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
        committed.mark_unchanged();
        if let Err(error) = counts::sum_up(&db).await {
            tracing::warn!(%error, "summing up the call counts failed; retrying");
        }
    }
}

/// Removes calls that ended before `before`, with all that is known of them. The insights must have counted them.
///
/// # Errors
/// What the database says.
pub async fn remove_calls(db: &Db, before: Timestamp, pace: &Pace) -> Result<calls::Pruned, AppError> {
    let (mut all, most) = (calls::Pruned::default(), pace.most());
    loop {
        let begun = Instant::now();
        let some = db.write(async move |tx| calls::prune(&tx, before, most).await).await?;
        all.add(&some);
        if some.calls == 0 || !pace.rest(begun).await {
            return Ok(all);
        }
    }
}

/// Removes events of no call that were written before `before`; how many there were.
///
/// # Errors
/// What the database says.
pub async fn remove_strays(db: &Db, before: Timestamp, pace: &Pace) -> Result<u64, AppError> {
    let (mut all, mut after, most) = (0, 0, pace.most());
    loop {
        let begun = Instant::now();
        let Some(strays) = calls::find_strays(db, before, after, most * LOOKS).await? else { return Ok(all) };
        after = strays.looked_to;
        if !strays.positions.is_empty() {
            all += db.write(async move |tx| calls::remove_strays(&tx, strays.positions).await).await?;
        }
        if !pace.rest(begun).await {
            return Ok(all);
        }
    }
}

/// Removes webhook deliveries from before `before` that wait for nothing; how many there were.
///
/// # Errors
/// What the database says.
pub async fn remove_deliveries(db: &Db, before: Timestamp, pace: &Pace) -> Result<u64, AppError> {
    let (mut all, mut after, most) = (0, 0, pace.most());
    loop {
        let begun = Instant::now();
        let looked = db.write(async move |tx| hooks::prune(&tx, before, after, most).await).await?;
        let Some(Looked { gone, to }) = looked else { return Ok(all) };
        (all, after) = (all + gone, to);
        if !pace.rest(begun).await {
            return Ok(all);
        }
    }
}

/// Logs what went, or why it did not.
pub fn report(what: &'static str, removed: Result<u64, AppError>) {
    match removed {
        Ok(0) => {}
        Ok(gone) => tracing::info!(what, gone, "retention removed what was older than its setting"),
        Err(error) => tracing::warn!(what, %error, "retention failed; retrying later"),
    }
}
