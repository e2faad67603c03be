//! Dispatch: end what waited too long, claim what is due, place it.

use super::{place::place, ticker};
use crate::{
    domain::timestamp::Timestamp,
    error::AppError,
    server::{
        calls::{
            claim::{Claimed, claim},
            dispatch_state, miss, queries,
        },
        state::AppState,
    },
};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Placings that one node has in hand at once.
const IN_HAND: usize = 64;
/// Calls that are ended as missed in one go.
const MISSED_AT_ONCE: u64 = 100;

/// One round, to its end: what is due is claimed and placed. Answers how many were claimed.
///
/// # Errors
/// What the database says.
pub async fn run_once(state: &AppState, now: Timestamp) -> Result<usize, AppError> {
    end_missed(state, now).await?;
    let claimed = claim_due(state, IN_HAND).await?;
    state.heartbeat.beat(now);
    let count = claimed.len();
    let placings = TaskTracker::new();
    for claimed in claimed {
        let state = state.clone();
        placings.spawn(async move { place(&state, claimed).await });
    }
    placings.close();
    placings.wait().await;
    Ok(count)
}

/// The loop. `placings` holds those in hand, so that a stop can wait for them.
pub async fn run(state: AppState, stop: CancellationToken, placings: TaskTracker) {
    let hands = Arc::new(Semaphore::new(IN_HAND));
    let round = move |state: AppState, now: Timestamp| {
        let (hands, placings) = (Arc::clone(&hands), placings.clone());
        async move { one_round(&state, now, &hands, &placings).await }
    };
    ticker::run("dispatch", state, stop, round).await;
}

/// Claims no more than there are free hands, and leaves the placing to tasks: a slow provider holds up nobody.
async fn one_round(
    state: &AppState,
    now: Timestamp,
    hands: &Arc<Semaphore>,
    placings: &TaskTracker,
) -> Result<Option<Timestamp>, AppError> {
    end_missed(state, now).await?;
    let free = hands.available_permits();
    let claimed = if free == 0 { Vec::new() } else { claim_due(state, free).await? };
    let count = claimed.len();
    for claimed in claimed {
        let Ok(hand) = Arc::clone(hands).acquire_owned().await else { break };
        let state = state.clone();
        placings.spawn(async move {
            place(&state, claimed).await;
            drop(hand);
        });
    }
    let next = match queries::next_due(&state.db).await? {
        Some(due) if due <= now && count > 0 => Some(now),
        Some(due) if due <= now => Some(held_until(state, now).await?),
        next => next,
    };
    // Only a round that came to its end is a sign of life: a loop that is stuck, or fails each time, gives none.
    state.heartbeat.beat(now);
    Ok(next)
}

/// When to look again at what is due and was not claimed. Most of what holds it ends with a commit, which wakes
/// the loop; a look now and then is for what another process commits unheard.
async fn held_until(state: &AppState, now: Timestamp) -> Result<Timestamp, AppError> {
    let dispatch = dispatch_state::read(state.db.read(), state.config.limits()).await?;
    let glance = ticker::glance(now);
    Ok(dispatch.opens_at(now).map_or(glance, |opens| opens.min(glance)))
}

async fn claim_due(state: &AppState, most: usize) -> Result<Vec<Claimed>, AppError> {
    let terms = state.claim_terms(i64::try_from(most).unwrap_or(i64::MAX));
    let clock = state.clock.clone();
    let claimed = state.db.write(async move |tx| claim(&tx, &terms, &clock).await).await?;
    for Claimed { call, attempt, .. } in &claimed {
        state.metrics.claimed(attempt.claimed_at.millis_since(call.due_at));
    }
    Ok(claimed)
}

/// What every round begins with: what can't go out any more is ended.
async fn end_missed(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    let max_lateness_secs = state.config.max_lateness_secs;
    for late in miss::too_late(&state.db, max_lateness_secs, now, MISSED_AT_ONCE).await? {
        tracing::warn!(call_id = %late.0, "a call missed its time");
        state.db.write(async move |tx| miss::miss(&tx, late, max_lateness_secs, now).await).await?;
    }
    Ok(())
}
