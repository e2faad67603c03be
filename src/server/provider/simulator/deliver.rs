//! Sending callbacks: claim what is due, post it, write down what was answered.
//!
//! A claim is a commit of its own, so nothing is ever sent outside of one and no transaction is open while a
//! receiver takes its time. A process that dies in between loses nothing: the claim moved the next try on by
//! the length of a lease, and whoever is there then sends the same callback again under the same id.

pub use super::claim::next_due;

use super::{
    Simulator,
    claim::{Claimed, Sent, claim, count_due, write_down},
    post::{Posted, post},
};
use crate::error::AppError;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long the loop sleeps at most before it looks at the clock, and at the table, in milliseconds.
const LOOKS_AT_CLOCK_EVERY: i64 = 1_000;
const LOOKS_AT_TABLE_EVERY: i64 = 30_000;

/// What one round of sending came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Round {
    /// How many callbacks the receiver took.
    pub delivered: usize,
    /// How many it did not take; they are sent again later.
    pub failed: usize,
}

/// Sends what is due at `now` (milliseconds since the epoch), up to a bound, and waits for the answers.
pub async fn run_once(sim: &Simulator, now: i64) -> Result<Round, AppError> {
    let claimed = claim(sim, now).await?;
    if claimed.is_empty() {
        return Ok(Round::default());
    }
    let mut sending = JoinSet::new();
    for callbacks in by_call(claimed) {
        sending.spawn(send_in_turn(sim.clone(), callbacks));
    }
    // A task that panicked is missing here; its claim runs out and it is sent again.
    let mut sent = Vec::new();
    while let Some(finished) = sending.join_next().await {
        sent.extend(finished.unwrap_or_default());
    }
    let delivered = sent.iter().filter(|it| it.delivered).count();
    let round = Round { delivered, failed: sent.len() - delivered };
    write_down(sim, sent).await?;
    Ok(round)
}

/// Sends until `stop` is cancelled: sleeps until the next callback is due and is woken by placings and
/// hang-ups. What is being sent when it stops is sent to the end.
pub async fn run(sim: Simulator, stop: CancellationToken) {
    let _lets_go_of_held_answers = sim.closing.clone().drop_guard();
    loop {
        let next = round(&sim).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the simulator can't send callbacks just now");
            Some(sim.now().saturating_add(LOOKS_AT_CLOCK_EVERY))
        });
        if wait(&sim, next, &stop).await == Wait::Stopped {
            return;
        }
    }
}

/// How an advance of the clock went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Advanced {
    /// What was sent on the way.
    pub sent: Round,
    /// How many callbacks became due and have not been sent yet.
    pub still_due: u64,
}

/// Moves the clock on to `to` (milliseconds since the epoch) and sends on the way what becomes due, each at its own
/// instant, repetitions included. After `patience` it moves on at once, and what is left is sent by the loop.
pub async fn advance(sim: &Simulator, to: i64, patience: Duration) -> Result<Advanced, AppError> {
    let until = Instant::now() + patience;
    let mut sent = Round::default();
    {
        let _sending = sim.sending.lock().await;
        while Instant::now() < until {
            let Some(next) = next_due(sim).await?.filter(|next| *next <= to) else { break };
            sim.clock.move_to(next);
            let round = run_once(sim, sim.now()).await?;
            sent.delivered += round.delivered;
            sent.failed += round.failed;
        }
        sim.clock.move_to(to);
    }
    sim.woken.notify_one();
    Ok(Advanced { sent, still_due: count_due(sim, sim.now()).await? })
}

async fn round(sim: &Simulator) -> Result<Option<i64>, AppError> {
    let _sending = sim.sending.lock().await;
    run_once(sim, sim.now()).await?;
    next_due(sim).await
}

#[derive(PartialEq, Eq)]
enum Wait {
    Over,
    Stopped,
}

/// Waits until `next`, a wake-up, a look at the table that is due anyway, or the end.
async fn wait(sim: &Simulator, next: Option<i64>, stop: &CancellationToken) -> Wait {
    let began = sim.now();
    loop {
        // The clock is looked at anew each time: a machine may have slept, or its clock been set.
        let now = sim.now();
        let until_next = next.map_or(LOOKS_AT_CLOCK_EVERY, |next| next.saturating_sub(now));
        if stop.is_cancelled() {
            return Wait::Stopped;
        }
        if until_next <= 0 || (now - began).abs() >= LOOKS_AT_TABLE_EVERY {
            return Wait::Over;
        }
        let nap = u64::try_from(until_next.min(LOOKS_AT_CLOCK_EVERY)).unwrap_or_default();
        tokio::select! {
            () = stop.cancelled() => return Wait::Stopped,
            () = sim.woken.notified() => return Wait::Over,
            () = sleep(Duration::from_millis(nap)) => {}
        }
    }
}

/// The callbacks of each call, in the order in which they were to be sent.
fn by_call(claimed: Vec<Claimed>) -> impl Iterator<Item = Vec<Claimed>> {
    let mut calls = BTreeMap::<String, Vec<Claimed>>::new();
    for it in claimed {
        calls.entry(it.callback.provider_call_id.clone()).or_default().push(it);
    }
    calls.into_values().map(|mut callbacks| {
        callbacks.sort_by_key(|it| (it.callback.due_at, it.callback.sequence));
        callbacks
    })
}

/// One after another, so that they don't overtake each other when they are due together; but none waits for
/// an earlier one to succeed.
async fn send_in_turn(sim: Simulator, callbacks: Vec<Claimed>) -> Vec<Sent> {
    let mut sent = Vec::new();
    for claimed in callbacks {
        let mut posted = Vec::new();
        for _ in 0..claimed.callback.copies {
            posted.push(post(&sim, &claimed).await);
        }
        let delivered = posted.iter().any(Posted::is_taken);
        // Once it is taken, what a second copy was answered changes nothing.
        let told = posted.iter().rev().find(|it| it.is_taken()).or(posted.last());
        let answer = told.map(|it| it.answer.clone()).unwrap_or_default();
        let callback = claimed.callback;
        tracing::debug!(
            provider_call_id = callback.provider_call_id,
            webhook_id = callback.webhook_id,
            status = callback.status,
            answer,
            "the simulator has sent a callback"
        );
        let posts = Posted::kept(&callback, posted);
        let (webhook_id, tries) = (callback.webhook_id, callback.tries);
        sent.push(Sent { webhook_id, tries, delivered, answer, posts });
    }
    sent
}
