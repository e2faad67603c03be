//! Reconcile: ask the provider about attempts that are ambiguous or overdue.

use super::{hands::Hands, place::place, standing::status_of, ticker};
use crate::{
    domain::{attempt::Attempt, timestamp::Timestamp},
    error::AppError,
    server::{calls::check, provider::StatusAnswer, state::AppState},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};

/// Attempts that one node asks about at once.
const AT_ONCE: usize = 64;

/// One round, to its end. Answers how many attempts were due.
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
            Ok(ticker::not_before_soon(check::next_due(&state.db).await?, now))
        }
    };
    ticker::run("reconcile", state, stop, round).await;
    in_hand.finish().await;
}

/// Asks about no more attempts than there are free hands, and leaves the asking to tasks: an answer that takes its
/// time holds up no other. Answers how many were due.
async fn ask_due(state: &AppState, now: Timestamp, hands: &Hands) -> Result<usize, AppError> {
    let free = hands.free();
    let due = if free == 0 { Vec::new() } else { check::due(&state.db, now, free as u64).await? };
    let count = due.len();
    for attempt in due {
        let Some(hand) = hands.one().await else { break };
        let asked_at = state.clock.now();
        if !win(state, &attempt, asked_at).await? {
            continue;
        }
        let state = state.clone();
        let (call_id, attempt_id) = (attempt.call_id, attempt.id);
        let provider_call_id = attempt.provider_call_id.as_deref();
        let span = info_span!("reconcile", %call_id, %attempt_id, provider_call_id, node = %state.node);
        let work = async move {
            if let Err(error) = ask(&state, attempt, asked_at).await {
                tracing::warn!(%error, "an attempt could not be reconciled; it is asked about again");
            }
        };
        hands.give(hand, work.instrument(span));
    }
    Ok(count)
}

/// Whether this node and no other is to ask about the attempt now.
async fn win(state: &AppState, attempt: &Attempt, asked_at: Timestamp) -> Result<bool, AppError> {
    let (asked, overdue) = (attempt.clone(), state.overdue_secs(attempt.claimed_at, asked_at));
    state.db.write(async move |tx| check::win(&tx, &asked, asked_at, overdue).await).await
}

/// Asks about one attempt and writes down what the answer means.
async fn ask(state: &AppState, attempt: Attempt, asked_at: Timestamp) -> Result<(), AppError> {
    let overdue = state.overdue_secs(attempt.claimed_at, asked_at);
    let answer = status_of(state, &attempt).await;
    let now = state.clock.now();
    match answer {
        StatusAnswer::Known(report) => {
            tracing::debug!(provider_call_id = %report.provider_call_id, status = %report.status, "the provider knows it");
            let asked = attempt.clone();
            let work = async move |tx| check::known(&tx, &asked, &report, now, overdue).await;
            if state.db.write(work).await? {
                return Ok(());
            }
            tracing::warn!("the provider contradicts what it said before; that counts as no answer");
            unanswered(state, attempt, now).await
        }
        StatusAnswer::Unknown => {
            let terms = state.claim_terms(1);
            let work = async move |tx| check::unknown(&tx, &attempt, asked_at, &terms, now).await;
            if let Some(claimed) = state.db.write(work).await? {
                tracing::info!("the provider has never seen it; it is placed again under the same id");
                place(state, claimed).await;
            }
            Ok(())
        }
        StatusAnswer::NoAnswer { detail } => {
            tracing::debug!(%detail, "the provider did not say");
            unanswered(state, attempt, now).await
        }
        // What it has taken it can be asked about again, once it is the provider again.
        StatusAnswer::Unknowable { detail } if attempt.is_accepted() => {
            tracing::warn!(%detail, "the provider can't say");
            unanswered(state, attempt, now).await
        }
        StatusAnswer::Unknowable { detail } => {
            tracing::warn!(%detail, "whether it went out can't be found out; a person decides");
            state.db.write(async move |tx| check::unknowable(&tx, &attempt, &detail, now).await).await
        }
    }
}

async fn unanswered(state: &AppState, attempt: Attempt, now: Timestamp) -> Result<(), AppError> {
    let lost_after = state.config.lost_contact_secs;
    state.db.write(async move |tx| check::unanswered(&tx, &attempt, lost_after, now).await).await
}
