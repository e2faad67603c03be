//! One live reader: catches up from the database, page by page as fast as it takes them, and then follows the ring.

use super::{
    frame::{Frame, Resync, beat, opening, resync},
    seats::Seat,
};
use crate::{
    domain::{actor::Actor, event_cursor::EventCursor, event_filter::EventFilter},
    error::AppError,
    server::{
        auth::who,
        calls::stream::{self, Standing},
        state::AppState,
    },
};
use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use futures::FutureExt;
use std::{collections::VecDeque, sync::Arc};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

/// How many events are read at once. As many wait in memory for a reader that does not take them, and no more.
const PAGE: u64 = 50;

/// Start where on a reader is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// Start what happens next.
    Now,
    /// Start the event behind this one.
    Behind(EventCursor),
    /// It said something that can't be read.
    Unreadable,
}

/// One live reader.
pub struct Reader {
    state: AppState,
    actor: Actor,
    /// What it showed to be let in.
    credentials: HeaderMap,
    filter: EventFilter,
    /// Everything up to here was told, or was not meant for it.
    place: EventCursor,
    at: At,
    /// What it has not taken yet: at most a page and a few words.
    waiting: VecDeque<Bytes>,
    beat: Interval,
    _seat: Seat,
}

#[derive(Debug)]
enum At {
    /// Behind: it reads from the database.
    Database,
    /// Level: it follows the ring. Just after it has come level it may fall off again before it looks, through no
    /// fault of its own.
    Ring { ring: Receiver<Arc<Frame>>, is_fresh: bool },
}

/// What a reader hears next.
enum Heard {
    Frame(Arc<Frame>),
    FellOff,
    Beat,
    Closing,
}

impl Reader {
    /// A reader that begins with [`opening`] words.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(
        state: AppState,
        actor: Actor,
        headers: &HeaderMap,
        filter: EventFilter,
        start: Start,
        seat: Seat,
    ) -> Result<Self, AppError> {
        let place = match start {
            Start::Behind(place) => place,
            Start::Now | Start::Unreadable => stream::head(&state.db).await?,
        };
        let mut waiting = VecDeque::from([opening(place)]);
        if start == Start::Unreadable {
            waiting.push_back(resync(Resync::Unreadable, place));
        }
        let every = state.live.beat_every();
        let mut beat = interval_at(Instant::now() + every, every);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let credentials = credentials(headers);
        let mut reader =
            Self { state, actor, credentials, filter, place, at: At::Database, waiting, beat, _seat: seat };
        // Before the answer begins, so that a database that is away is a clear error.
        reader.catch_up().await?;
        Ok(reader)
    }

    /// The next bytes; none when the stream ends.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.state.live.closing().is_cancelled() {
                return None;
            }
            if let Some(bytes) = self.waiting.pop_front() {
                return Some(bytes);
            }
            let done = match &mut self.at {
                At::Database => self.catch_up().await,
                At::Ring { ring, .. } => {
                    let heard = hear(ring, &mut self.beat, self.state.live.closing()).await;
                    self.take(heard).await
                }
            };
            match done {
                Ok(true) => {}
                Ok(false) => return None,
                // It comes back, and goes on where it was.
                Err(error) => {
                    tracing::warn!(%error, "a live reader can't be told what is new; its stream ends");
                    return None;
                }
            }
        }
    }

    /// Reads the next page. False when the stream must end.
    async fn catch_up(&mut self) -> Result<bool, AppError> {
        if !self.may_still_read() {
            return Ok(false);
        }
        // The ring first: what happens while the page is read is in it.
        let ring = self.state.live.follow(&self.state.db).await?;
        let as_of = (self.state.config.limits(), self.state.clock.now());
        let part = stream::after(&self.state.db, &self.actor, &self.filter, self.place, PAGE, as_of).await?;
        // Afterwards, or events could be removed between this look and the page.
        match stream::standing(&self.state.db, self.place).await? {
            Standing::Whole => {}
            Standing::TooOld => return self.start_anew(Resync::TooOld).await,
            Standing::Ahead => return self.start_anew(Resync::Ahead).await,
        }
        if part.is_last {
            self.at = At::Ring { ring, is_fresh: true };
        }
        self.place = part.reached;
        for happening in part.happenings {
            if self.filter.lets_through(&happening.facts()) {
                self.waiting.push_back(Frame::of(happening)?.bytes);
            }
        }
        // Where a filter leaves out page after page, there is nothing else to say for long.
        if self.beat.tick().now_or_never().is_some() {
            self.waiting.push_back(beat(self.place));
        }
        Ok(true)
    }

    async fn take(&mut self, heard: Heard) -> Result<bool, AppError> {
        match heard {
            Heard::Closing => return Ok(false),
            Heard::Beat => {
                self.waiting.push_back(beat(self.place));
                return Ok(self.may_still_read());
            }
            Heard::Frame(frame) => self.see(&frame),
            Heard::FellOff if matches!(self.at, At::Ring { is_fresh: true, .. }) => self.at = At::Database,
            Heard::FellOff => return self.start_anew(Resync::TooSlow).await,
        }
        Ok(true)
    }

    /// Takes over what the database showed already, is another team's, or is not wanted.
    fn see(&mut self, frame: &Frame) {
        if let At::Ring { is_fresh, .. } = &mut self.at {
            *is_fresh = false;
        }
        if frame.id <= self.place {
            return;
        }
        self.place = frame.id;
        if frame.team_id == self.actor.team_id && self.filter.lets_through(&frame.facts) {
            self.waiting.push_back(frame.bytes.clone());
        }
    }

    /// Has it read its list anew, and goes on from now.
    async fn start_anew(&mut self, why: Resync) -> Result<bool, AppError> {
        self.place = stream::head(&self.state.db).await?;
        self.waiting.push_back(resync(why, self.place));
        self.at = At::Database;
        Ok(true)
    }

    /// Whether what it showed at the beginning would still let it in.
    fn may_still_read(&self) -> bool {
        who(&self.state, &self.credentials).is_some_and(|actor| actor.is_same_as(&self.actor))
    }
}

async fn hear(
    ring: &mut Receiver<Arc<Frame>>,
    beat: &mut Interval,
    closing: &tokio_util::sync::CancellationToken,
) -> Heard {
    tokio::select! {
        biased;
        () = closing.cancelled() => Heard::Closing,
        _ = beat.tick() => Heard::Beat,
        frame = ring.recv() => match frame {
            Ok(frame) => Heard::Frame(frame),
            Err(RecvError::Lagged(_)) => Heard::FellOff,
            Err(RecvError::Closed) => Heard::Closing,
        },
    }
}

/// The headers by which a caller is known.
fn credentials(headers: &HeaderMap) -> HeaderMap {
    let known_by = [header::AUTHORIZATION, header::COOKIE];
    let shown = known_by.into_iter().flat_map(|name| {
        headers.get_all(&name).iter().map(move |value| (name.clone(), value.clone())).collect::<Vec<_>>()
    });
    let mut kept = HeaderMap::new();
    for (name, value) in shown {
        kept.append(name, value);
    }
    kept
}
