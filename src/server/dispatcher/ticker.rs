//! The shell of a loop: run, sleep until something is due, wake when something earlier arrives.

use crate::{domain::timestamp::Timestamp, error::AppError, server::state::AppState};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// It never sleeps longer than this without comparing clocks, so that jumps and suspend are survived.
const GLANCE: Duration = Duration::from_secs(1);
/// The backstop: after this long it looks even if nothing woke it.
const BACKSTOP: Duration = Duration::from_secs(30);
/// A round that takes longer is given up: it waits for a connection that has fallen silent. What it had handed on goes
/// on by itself.
const ROUND_WITHIN: Duration = Duration::from_mins(1);
/// After something went wrong, or while what is due can't go out.
const PATIENCE_MILLIS: i64 = 250;

/// Runs `round` until `stop`. It answers when there will be something to do next, none if nothing is known.
pub async fn run<F, Fut>(name: &'static str, state: AppState, stop: CancellationToken, round: F)
where
    F: Fn(AppState, Timestamp) -> Fut + Send,
    Fut: Future<Output = Result<Option<Timestamp>, AppError>> + Send,
{
    let mut woken = state.db.feed().due();
    while !stop.is_cancelled() {
        woken.mark_unchanged();
        let now = state.clock.now();
        let done = timeout(ROUND_WITHIN, round(state.clone(), now)).await;
        let next = match done.unwrap_or(Err(AppError::Unavailable)) {
            Ok(next) => next,
            // The database has said so once, and says when it is over.
            Err(AppError::NotWritable) => Some(now.plus_millis(PATIENCE_MILLIS)),
            Err(error) => {
                tracing::warn!(loop_name = name, %error, "a loop's round failed; it goes on");
                Some(now.plus_millis(PATIENCE_MILLIS))
            }
        };
        tokio::select! {
            () = until(&state, next) => {}
            changed = woken.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
    }
}

/// When a loop should look again at something that is due and could not go out.
pub fn soon(now: Timestamp) -> Timestamp {
    now.plus_millis(PATIENCE_MILLIS)
}

/// When a loop looks at what is due `next`; what is due already and was not taken in hand is looked at again soon.
pub fn not_before_soon(next: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    next.map(|due| if due > now { due } else { soon(now) })
}

/// When a loop looks again at something that is due while a commit is to wake it.
pub fn glance(now: Timestamp) -> Timestamp {
    now.plus_millis(i64::try_from(GLANCE.as_millis()).unwrap_or(i64::MAX))
}

async fn until(state: &AppState, next: Option<Timestamp>) {
    let begun = Instant::now();
    while begun.elapsed() < BACKSTOP {
        let left = next.map(|next| next.millis_since(state.clock.now()));
        let nap = match left {
            Some(left) if left <= 0 => return,
            Some(left) => GLANCE.min(Duration::from_millis(left.cast_unsigned())),
            None => GLANCE,
        };
        sleep(nap).await;
    }
}
