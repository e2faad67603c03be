//! Deliver: send the webhooks that are due, each endpoint in a lane of its own.

use super::ticker;
use crate::{
    domain::{id::EndpointId, timestamp::Timestamp, webhook::schedule::Outcome},
    error::AppError,
    server::{
        hooks::{
            claim::{Claimed, claim, next_due},
            settle::settle,
        },
        state::AppState,
    },
};
use std::{sync::Arc, time::Instant};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, info_span};

/// Deliveries that one node has under way at once.
const IN_HAND: usize = 128;

/// One round, to its end: what is due is claimed, sent and settled. Answers how many were sent.
///
/// # Errors
/// What the database says.
pub async fn run_once(state: &AppState, now: Timestamp) -> Result<usize, AppError> {
    let (hands, sending) = (Arc::new(Semaphore::new(IN_HAND)), TaskTracker::new());
    let (claimed, _) = begin(state, now, &hands, &sending).await?;
    sending.close();
    sending.wait().await;
    Ok(claimed)
}

/// The loop. `sending` holds what is under way, so that a stop can wait for it.
pub async fn run(state: AppState, stop: CancellationToken, sending: TaskTracker) {
    let hands = Arc::new(Semaphore::new(IN_HAND));
    let round = move |state: AppState, now: Timestamp| {
        let (hands, sending) = (Arc::clone(&hands), sending.clone());
        async move { Ok(begin(&state, now, &hands, &sending).await?.1) }
    };
    ticker::run("deliver", state, stop, round).await;
}

/// Claims what is due, the longest waiting endpoint first, and leaves the sending to tasks: one that is slow holds up
/// nobody. Answers how many were claimed, and when there will be something to do next.
async fn begin(
    state: &AppState,
    now: Timestamp,
    hands: &Arc<Semaphore>,
    sending: &TaskTracker,
) -> Result<(usize, Option<Timestamp>), AppError> {
    let (mut count, mut next) = (0, None);
    for (endpoint, due_at) in next_due(&state.db).await? {
        if due_at > now {
            next = Some(due_at);
            break;
        }
        // What stays behind waits for a free hand or a free place at its endpoint; either ends with a commit, which
        // wakes the loop.
        next = Some(ticker::glance(now));
        let claimed = claim_due(state, endpoint, hands.available_permits(), now).await?;
        count += claimed.len();
        for claimed in claimed {
            let Ok(hand) = Arc::clone(hands).acquire_owned().await else { break };
            let state = state.clone();
            let span = info_span!("deliver", node = %state.node);
            let work = async move {
                deliver(&state, claimed).await;
                drop(hand);
            };
            sending.spawn(work.instrument(span));
        }
    }
    Ok((count, next))
}

async fn claim_due(
    state: &AppState,
    endpoint: EndpointId,
    most: usize,
    now: Timestamp,
) -> Result<Vec<Claimed>, AppError> {
    if most == 0 {
        return Ok(Vec::new());
    }
    state.db.write(async move |tx| claim(&tx, endpoint, most, now).await).await
}

/// Sends one delivery and writes down what came of it. If that can't be written, the lease runs out and it is sent
/// again under the same id.
async fn deliver(state: &AppState, claimed: Claimed) {
    let begun = Instant::now();
    let reply = state.hooks.send(&claimed, state.clock.now()).await;
    let took = begun.elapsed();
    let (delivery_id, endpoint_id, attempt) = (claimed.id, claimed.endpoint_id, claimed.attempts);
    let (status, error, now) = (reply.status(), reply.error.clone(), state.clock.now());
    let jitter = rand::random();
    match state.db.write(async move |tx| settle(&tx, &claimed, &reply, jitter, now).await).await {
        Ok(Some(Outcome::Delivered)) => {
            state.metrics.delivered("delivered", took);
            tracing::debug!(%delivery_id, %endpoint_id, attempt, status, "a webhook was delivered");
        }
        Ok(Some(Outcome::Again(at))) => {
            state.metrics.delivered("again", took);
            let next_at = at.to_rfc3339();
            tracing::info!(%delivery_id, %endpoint_id, attempt, status, error, next_at, "a webhook was not taken");
        }
        Ok(Some(Outcome::Failed)) => {
            state.metrics.delivered("failed", took);
            tracing::warn!(%delivery_id, %endpoint_id, attempt, status, error, "a webhook is given up");
        }
        Ok(None) => {
            tracing::debug!(%delivery_id, %endpoint_id, attempt, "a webhook is no longer ours to settle");
        }
        Err(error) => {
            tracing::warn!(%delivery_id, %error, "what came of a webhook can't be written down; it is sent again");
        }
    }
}
