//! Place one claimed attempt: ask the provider, and write down what its answer means. No transaction is open
//! while it is asked.

use super::standing::status_of;
use crate::{
    domain::{
        attempt::Attempt,
        call::{Call, DelayedBy},
        retry::not_now_delay_millis,
        trace::Trace,
    },
    error::AppError,
    server::{
        calls::{
            check,
            claim::{Claimed, renew},
            dispatch_state,
            placing::{self, PlacingRefused},
        },
        db::Written,
        provider::{Placing, PlacingAnswer, StatusAnswer},
        state::AppState,
        telemetry,
    },
};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tracing::{Instrument, info_span};

/// How long an answer is kept that the database does not take.
const RECORD_WITHIN: Duration = Duration::from_mins(10);
/// Between two tries to record it.
const RECORD_EVERY: Duration = Duration::from_millis(500);

/// Asks the provider to dial and records the answer. What can't be recorded is found again by asking the
/// provider when the lease has run out.
pub async fn place(state: &AppState, claimed: Claimed) {
    let trace = trace_of(&claimed.call);
    let (call_id, attempt_id) = (claimed.call.id, claimed.attempt.id);
    let span = info_span!("place", %call_id, %attempt_id, trace_id = trace.id(), node = %state.node);
    let work = async {
        let answer = tokio::select! {
            answer = ask(state, &claimed, trace) => answer,
            () = epoch_gone(state, &claimed) => {
                tracing::warn!("another node has taken the call over; this one drops it");
                return;
            }
        };
        judge(state, &answer).await;
        if let Err(error) = record(state, claimed, answer).await {
            tracing::warn!(%error, "a placing's answer could not be written down; it will be reconciled");
        }
    };
    work.instrument(span).await;
}

/// Renews the lease at a third of its term, until its epoch is gone.
async fn epoch_gone(state: &AppState, claimed: &Claimed) {
    let lease_secs = state.config.lease_secs;
    let third = Duration::from_secs(lease_secs.unsigned_abs()) / 3;
    loop {
        sleep(third).await;
        let (held, now) = (claimed.clone(), state.clock.now());
        match state.db.write(async move |tx| renew(&tx, &held, lease_secs, now).await).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "a lease could not be renewed; it is tried again"),
        }
    }
}

/// The placing's step of the trace that asked for the call; of a new one, where nothing is known of that.
fn trace_of(call: &Call) -> Trace {
    call.trace.map_or_else(telemetry::new_trace, telemetry::next_step)
}

async fn ask(state: &AppState, claimed: &Claimed, trace: Trace) -> PlacingAnswer {
    let Claimed { call, attempt, lost } = claimed;
    for lost in lost {
        if let Some(answer) = not_over(state, lost).await {
            return answer;
        }
    }
    let Some(place_by) = attempt.place_by else {
        return PlacingAnswer::Ambiguous { detail: "The attempt has no time to be placed by.".to_owned() };
    };
    tracing::debug!(to = %call.phone_number.masked(), "placing");
    let placing = Placing {
        attempt_id: attempt.id,
        to: call.phone_number.clone(),
        customer_name: call.customer_name.clone(),
        workflow: call.workflow,
        place_by,
        trace,
    };
    state.provider.place(&placing).await
}

/// Why the call can't be placed yet: an attempt of it that was given up as lost may still be ringing, and two
/// phones must never be called at once. None once the provider says that it is over, or unknown there.
async fn not_over(state: &AppState, lost: &Attempt) -> Option<PlacingAnswer> {
    let not_now = |detail: &str| PlacingAnswer::NotAsked { detail: detail.to_owned() };
    let report = match status_of(state, lost).await {
        // Whoever asked for a retry has decided that what nobody can find out is over.
        StatusAnswer::Unknown | StatusAnswer::Unknowable { .. } => return None,
        StatusAnswer::Known(report) => report,
        StatusAnswer::NoAnswer { .. } => {
            return Some(not_now("The provider does not say what became of the attempt before."));
        }
    };
    if !report.status.is_ended() {
        return Some(not_now("The attempt before is still under way at the provider."));
    }
    let (lost, now) = (lost.clone(), state.clock.now());
    let overdue = state.overdue_secs(lost.claimed_at, now);
    let work = async move |tx| check::known(&tx, &lost, &report, now, overdue).await;
    if let Err(error) = state.db.write(work).await {
        tracing::warn!(%error, "what became of a lost attempt could not be written down");
    }
    None
}

/// Tells the breaker how the provider does. What can't be written down here is told by the next placing.
async fn judge(state: &AppState, answer: &PlacingAnswer) {
    let now = state.clock.now();
    let noted = match answer {
        PlacingAnswer::Unreachable { .. } | PlacingAnswer::Ambiguous { .. } => {
            state.db.write(async move |tx| dispatch_state::failed(&tx, now).await).await
        }
        PlacingAnswer::NotAsked { .. } => Ok(()),
        // Whoever refuses in words is there.
        _ => dispatch_state::answered(&state.db, now).await,
    };
    if let Err(error) = noted {
        tracing::warn!(%error, "how the provider does could not be written down");
    }
}

/// What an answer means for the attempt.
#[derive(Clone)]
enum Outcome {
    Accepted { provider_call_id: String },
    Ambiguous { detail: String },
    Refused(PlacingRefused),
}

async fn record(state: &AppState, claimed: Claimed, answer: PlacingAnswer) -> Result<Call, AppError> {
    if let PlacingAnswer::LockedOut { detail } = &answer {
        tracing::error!(%detail, "the provider does not accept our credentials; placing stops");
        if let Err(error) = lock_out(state, detail).await {
            tracing::warn!(%error, "that placing stops could not be written down; the next placing tells it");
        }
    }
    let outcome = outcome_of(&claimed, answer);
    match &outcome {
        Outcome::Accepted { provider_call_id } => tracing::info!(%provider_call_id, "placed"),
        Outcome::Ambiguous { detail } => {
            tracing::warn!(%detail, "the placing's outcome is open; the provider will be asked");
        }
        Outcome::Refused(refusal) => {
            tracing::info!(detail = %refusal.detail, ends = ?refusal.ends, "refused");
        }
    }
    let answered = Instant::now();
    loop {
        match write_down(state, claimed.clone(), outcome.clone()).await {
            // Nothing was written. Not every provider can be asked for its answer once more.
            Err(AppError::NotWritable | AppError::Unavailable) if answered.elapsed() < RECORD_WITHIN => {}
            recorded => return recorded,
        }
        sleep(RECORD_EVERY).await;
    }
}

fn outcome_of(claimed: &Claimed, answer: PlacingAnswer) -> Outcome {
    let not_now =
        |delayed_by, asked_secs, detail| Outcome::Refused(not_now(claimed, delayed_by, asked_secs, detail));
    match answer {
        PlacingAnswer::Accepted { provider_call_id } => Outcome::Accepted { provider_call_id },
        PlacingAnswer::Ambiguous { detail } => Outcome::Ambiguous { detail },
        PlacingAnswer::NotNow { retry_after_secs, detail } => {
            not_now(DelayedBy::NotNow, retry_after_secs, detail)
        }
        PlacingAnswer::LockedOut { detail } | PlacingAnswer::NotAsked { detail } => {
            not_now(DelayedBy::NotNow, None, detail)
        }
        PlacingAnswer::Unreachable { detail } => not_now(DelayedBy::Unreachable, None, detail),
        PlacingAnswer::Refused { reason, detail } => {
            let ends = Some(reason);
            Outcome::Refused(PlacingRefused { ends, delayed_by: DelayedBy::NotNow, delay_millis: 0, detail })
        }
    }
}

async fn write_down(state: &AppState, claimed: Claimed, outcome: Outcome) -> Result<Call, AppError> {
    let now = state.clock.now();
    let overdue = state.overdue_secs(claimed.attempt.claimed_at, now);
    let work = async move |tx| match outcome {
        Outcome::Accepted { provider_call_id } => {
            placing::accepted(&tx, &claimed, &provider_call_id, now, overdue).await
        }
        Outcome::Ambiguous { detail } => placing::ambiguous(&tx, &claimed, &detail, now, overdue).await,
        Outcome::Refused(refusal) => placing::refused(&tx, &claimed, &refusal, now).await,
    };
    state.db.write(work).await
}

fn not_now(
    claimed: &Claimed,
    delayed_by: DelayedBy,
    asked_secs: Option<i64>,
    detail: String,
) -> PlacingRefused {
    let nth = usize::try_from(claimed.attempt.refusals).unwrap_or(0) + 1;
    let delay_millis = not_now_delay_millis(nth, asked_secs, rand::random());
    PlacingRefused { ends: None, delayed_by, delay_millis, detail }
}

async fn lock_out(state: &AppState, detail: &str) -> Result<(), AppError> {
    let reason =
        format!("The provider does not accept our credentials: {detail} Set PROVIDER_TOKEN and start again.");
    let work = async move |tx| {
        dispatch_state::block(&tx, Some(reason)).await?;
        Ok(Written::new(()))
    };
    state.db.write(work).await
}
