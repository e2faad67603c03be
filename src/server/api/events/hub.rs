//! The hub: reads what is new once for all readers of this process, makes each event into bytes once, and keeps the
//! newest in a ring. Whoever can't follow the ring falls off its end; nothing is ever kept for one reader.

use super::{
    frame::Frame,
    seats::{NoSeat, Seat, Seats},
};
use crate::{
    domain::event_cursor::EventCursor,
    error::AppError,
    server::{calls::stream, config::Config, db::Db, state::AppState},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Notify, broadcast},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How many events the ring keeps: about a megabyte.
pub const RING: usize = 1_024;
/// How often a reader is told that the connection still stands, and is asked whether it may still read.
const BEAT_EVERY: Duration = Duration::from_secs(15);
/// How many events are read at once.
const PAGE: u64 = 200;
/// Between two rounds, however many commits there are; what comes meanwhile is read together.
const AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// The longest wait for an older transaction to end that holds events back.
const HELD_BACK_AT_MOST: Duration = Duration::from_secs(1);
/// The backstop: after this long it looks even if nothing woke it.
const BACKSTOP: Duration = Duration::from_secs(10);
/// A round that takes longer is given up: it waits for a connection that has fallen silent.
const ROUND_WITHIN: Duration = Duration::from_mins(1);

/// Where live readers are told; clones share it.
#[derive(Clone, Debug)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ring: broadcast::Sender<Arc<Frame>>,
    /// Up to where events were put into the ring; none while nobody reads. Whoever changes it or begins to read holds
    /// it, so that a reader knows that everything behind this place will come.
    reached: Mutex<Option<EventCursor>>,
    /// The first reader has come.
    begun: Notify,
    seats: Seats,
    closing: CancellationToken,
    beat_every: Duration,
}

/// What a round did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Round {
    /// How many events it put into the ring.
    pub told: usize,
    /// Whether there are more that can't be told yet, because an older transaction is still open.
    pub is_held_back: bool,
}

impl Hub {
    /// One with no readers yet.
    pub fn new() -> Self {
        Self::beating_every(BEAT_EVERY)
    }

    /// One whose readers hear a sign of life more often, or less.
    pub fn beating_every(beat_every: Duration) -> Self {
        Self {
            inner: Arc::new(Inner {
                ring: broadcast::channel(RING).0,
                reached: Mutex::new(None),
                begun: Notify::new(),
                seats: Seats::default(),
                closing: CancellationToken::new(),
                beat_every,
            }),
        }
    }

    /// How many live readers there are.
    pub fn readers(&self) -> usize {
        self.inner.seats.taken()
    }

    /// How many events are kept, for all readers together; never more than [`RING`].
    pub fn kept(&self) -> usize {
        self.inner.ring.len()
    }

    /// Ends every stream, also those that begin later.
    pub fn close(&self) {
        self.inner.closing.cancel();
    }

    /// A seat for one more reader.
    ///
    /// # Errors
    /// Why there is none.
    pub fn take_seat(&self, caller: &str, config: &Config) -> Result<Seat, NoSeat> {
        self.inner.seats.take(caller, config.max_live_readers, config.max_live_readers_per_caller)
    }

    /// Cancelled when streams shall end.
    pub(super) fn closing(&self) -> &CancellationToken {
        &self.inner.closing
    }

    pub(super) fn beat_every(&self) -> Duration {
        self.inner.beat_every
    }

    /// Follows the ring: it brings everything that a look into the database after this does not show, and perhaps
    /// some that it shows.
    pub(super) async fn follow(&self, db: &Db) -> Result<broadcast::Receiver<Arc<Frame>>, AppError> {
        let mut reached = self.inner.reached.lock().await;
        // Nobody has read, so nothing was put into the ring for a while.
        if reached.is_none() || self.inner.ring.receiver_count() == 0 {
            *reached = Some(stream::head(db).await?);
            self.inner.begun.notify_one();
        }
        Ok(self.inner.ring.subscribe())
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts what is new into the ring, if anybody reads.
///
/// # Errors
/// What the database says. The next round begins where this one ended.
pub async fn run_once(state: &AppState) -> Result<Round, AppError> {
    let hub = &state.live.inner;
    let mut reached = hub.reached.lock().await;
    if hub.ring.receiver_count() == 0 {
        *reached = None;
    }
    let Some(mut place) = *reached else { return Ok(Round::default()) };
    let mut told = 0;
    loop {
        let as_of = (state.config.limits(), state.clock.now());
        let page = stream::after_for_all_teams(&state.db, place, PAGE, as_of).await?;
        let is_last = (page.len() as u64) < PAGE;
        let frames = page.into_iter().map(Frame::of).collect::<Result<Vec<_>, _>>()?;
        for frame in frames {
            place = frame.id;
            told += 1;
            // The last reader may have gone away.
            let _ = hub.ring.send(Arc::new(frame));
        }
        *reached = Some(place);
        if is_last {
            return Ok(Round { told, is_held_back: stream::is_held_back(&state.db).await? });
        }
    }
}

/// Tells what is new after each commit, of this node or another one, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut woken = state.db.feed().due();
    let mut nap = BACKSTOP;
    loop {
        tokio::select! {
            changed = woken.changed() => if changed.is_err() { return },
            () = state.live.inner.begun.notified() => {}
            () = sleep(nap) => {}
            () = stop.cancelled() => return,
        }
        let round = timeout(ROUND_WITHIN, run_once(&state)).await;
        nap = match round.unwrap_or(Err(AppError::Unavailable)) {
            Ok(round) => nap_after(round, nap),
            Err(error) => {
                tracing::warn!(%error, "live readers can't be told what is new; it is tried again");
                HELD_BACK_AT_MOST
            }
        };
        sleep(AT_MOST_EVERY).await;
    }
}

/// How long to wait for a commit. Of a transaction that ends without one nobody hears, so what is held back is looked
/// after: soon, and then ever less often.
fn nap_after(round: Round, last: Duration) -> Duration {
    match round {
        Round { is_held_back: false, .. } => BACKSTOP,
        Round { told: 0, .. } if last <= HELD_BACK_AT_MOST => (last * 2).min(HELD_BACK_AT_MOST),
        _ => AT_MOST_EVERY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_is_looked_after_soon_and_then_less_often() {
        let held_back = |told| Round { told, is_held_back: true };
        let mut naps = vec![BACKSTOP];
        for _ in 0..8 {
            naps.push(nap_after(held_back(0), naps[naps.len() - 1]));
        }
        let millis: Vec<_> = naps.iter().map(Duration::as_millis).collect();
        assert_eq!(millis, [10_000, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
        assert_eq!(nap_after(held_back(1), HELD_BACK_AT_MOST), AT_MOST_EVERY);
        assert_eq!(nap_after(Round::default(), AT_MOST_EVERY), BACKSTOP);
    }
}
