//! Hang up: carry out the wishes to hang up, again and again until the provider confirms.

use super::{hands::Hands, ticker};
use crate::{
    domain::{attempt::Attempt, timestamp::Timestamp},
    error::AppError,
    server::{calls::hang_up, provider::HangUpAnswer, state::AppState},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};

/// Wishes that one node carries out at once.
const AT_ONCE: usize = 64;

/// One round, to its end. Answers how many wishes were due.
///
/// # Errors
/// What the database says.
pub async fn run_once(state: &AppState, now: Timestamp) -> Result<usize, AppError> {
    let hands = Hands::new(AT_ONCE);
    let due = ask_due(state, now, &hands).await?;
    hands.finish().await;
    Ok(due)
}

/// The loop.
pub async fn run(state: AppState, stop: CancellationToken) {
    let hands = Hands::new(AT_ONCE);
    let in_hand = hands.clone();
    let round = move |state: AppState, now: Timestamp| {
        let hands = hands.clone();
        async move {
            ask_due(&state, now, &hands).await?;
            Ok(ticker::not_before_soon(hang_up::next_due(&state.db).await?, now))
        }
    };
    ticker::run("hang_up", state, stop, round).await;
    in_hand.finish().await;
}

/// Carries out no more wishes than there are free hands, and leaves the asking to tasks: an answer that takes its time
/// holds up no other. Answers how many were due.
async fn ask_due(state: &AppState, now: Timestamp, hands: &Hands) -> Result<usize, AppError> {
    let free = hands.free();
    let due = if free == 0 { Vec::new() } else { hang_up::due(&state.db, now, free as u64).await? };
    let count = due.len();
    for attempt in due {
        let Some(hand) = hands.one().await else { break };
        let (asked, asked_at) = (attempt.clone(), state.clock.now());
        if !state.db.write(async move |tx| hang_up::win(&tx, &asked, asked_at).await).await? {
            continue;
        }
        let state = state.clone();
        let (call_id, attempt_id) = (attempt.call_id, attempt.id);
        let provider_call_id = attempt.provider_call_id.as_deref();
        let span = info_span!("hang_up", %call_id, %attempt_id, provider_call_id, node = %state.node);
        let work = async move {
            if let Err(error) = ask(&state, attempt).await {
                tracing::warn!(%error, "a wish to hang up could not be carried out; it is repeated");
            }
        };
        hands.give(hand, work.instrument(span));
    }
    Ok(count)
}

/// Asks the provider and writes down what it answers.
async fn ask(state: &AppState, attempt: Attempt) -> Result<(), AppError> {
    let Some(provider_call_id) = attempt.provider_call_id.clone() else { return Ok(()) };
    let answer = state.provider.hang_up(&provider_call_id).await;
    let now = state.clock.now();
    match answer {
        HangUpAnswer::NotHeard => {
            tracing::warn!("the wish to hang up was not heard; it is repeated");
            Ok(())
        }
        HangUpAnswer::Heard => {
            tracing::info!("the provider was asked to hang up");
            state.db.write(async move |tx| hang_up::heard(&tx, &attempt, now).await).await
        }
        HangUpAnswer::Impossible { detail } => {
            tracing::warn!(%detail, "the provider can't hang up");
            state.db.write(async move |tx| hang_up::impossible(&tx, &attempt, &detail, now).await).await
        }
    }
}
