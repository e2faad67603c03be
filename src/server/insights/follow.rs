//! Follow: the loop that keeps the ledger level with the event log. A round reads which calls were spoken of since
//! the last one, and counts anew the quarters of an hour that these belong to, or may have left.

use super::{
    bucket::{self, Stretch},
    count::{count, first_behind},
    ledger::{self, Progress},
};
use crate::{
    domain::{event::EventKind, event_cursor::EventCursor, id::CallId, timestamp::Timestamp},
    error::AppError,
    server::{
        calls::{
            entity::{attempts, calls, events},
            stream::{self, Standing, Touched},
        },
        db::{Db, Written},
        state::AppState,
    },
};
use sea_orm::{QuerySelect, entity::prelude::*};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// The most events of one round: what they touch is counted in one transaction.
const MOST: u64 = 1_000;
/// How much time one round of the first count takes in: a day.
const FILL_MILLIS: i64 = 96 * bucket::MILLIS;
/// It rests at least this long when there is nothing more to do.
const REST: Duration = Duration::from_secs(2);
/// And so many times as long as it worked: at a thousand calls a second a quarter of an hour is much to count.
const RESTS: u32 = 20;
/// A round that takes longer waits for a connection that has fallen silent.
const ROUND_WITHIN: Duration = Duration::from_mins(1);

/// What changes nothing of how a call or an attempt ended, and where.
const HARMLESS: [EventKind; 4] = [EventKind::Created, EventKind::Edited, EventKind::Claimed, EventKind::Note];

/// Whether a round left something to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// The ledger is level with the log.
    Nothing,
    /// Another round should follow.
    More,
}

/// Counts until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        let begun = Instant::now();
        let done = timeout(ROUND_WITHIN, run_once(&state.db, state.clock.now())).await;
        let rest = match done.unwrap_or(Err(AppError::Unavailable)) {
            Ok(Left::Nothing) => REST.max(begun.elapsed() * RESTS),
            // Somebody else has a turn too.
            Ok(Left::More) => begun.elapsed(),
            Err(error) => {
                tracing::warn!(%error, "the insights could not be counted; it is tried again");
                REST
            }
        };
        if timeout(rest, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

/// One round.
///
/// # Errors
/// What the database says.
pub async fn run_once(db: &Db, now: Timestamp) -> Result<Left, AppError> {
    let seen = ledger::read(db).await?;
    let Some(place) = seen.place else { return begin(db, seen).await };
    // Behind a place of another history, or before what was pruned, nothing can be followed.
    if stream::standing(db, place).await? != Standing::Whole {
        return begin(db, seen).await;
    }
    match seen.fill_from {
        Some(from) => fill(db, seen, from, now).await,
        None => follow(db, seen, place, now).await,
    }
}

/// Whether everything up to `place` is counted.
///
/// # Errors
/// What the database says.
pub async fn has_counted_to(db: &Db, place: EventCursor) -> Result<bool, AppError> {
    let seen = ledger::read(db).await?;
    Ok(seen.fill_from.is_none() && seen.place.is_some_and(|reached| reached >= place))
}

/// Counts until the ledger is level with the log.
///
/// # Errors
/// What the database says.
pub async fn catch_up(db: &Db, now: Timestamp) -> Result<(), AppError> {
    while run_once(db, now).await? == Left::More {}
    Ok(())
}

/// Counts everything anew that is not frozen.
///
/// # Errors
/// What the database says.
pub async fn rebuild(db: &Db, now: Timestamp) -> Result<(), AppError> {
    db.write(async |tx| Ok(Written::new(ledger::forget_place(&tx).await?))).await?;
    catch_up(db, now).await
}

/// The place first: whatever changes while everything is counted is looked at again behind it.
async fn begin(db: &Db, seen: Progress) -> Result<Left, AppError> {
    let place = stream::head(db).await?;
    let next = Progress { place: Some(place), fill_from: Some(seen.frozen_until), ..seen };
    keep(db, seen, next, Vec::new()).await
}

/// Counts the next day in which there is something.
async fn fill(db: &Db, seen: Progress, from: i64, now: Timestamp) -> Result<Left, AppError> {
    let from = from.max(seen.frozen_until);
    let first = first_behind(db, from).await?;
    // What is left over from an earlier count goes, also where there is nothing any more.
    let to = first.map_or(i64::MAX, |first| bucket::floor(first) + FILL_MILLIS);
    let next = Progress { fill_from: first.map(|_| to), counted_at: Some(now), ..seen };
    keep(db, seen, next, vec![Stretch { from, to }]).await
}

/// Counts anew what the next events have touched.
async fn follow(db: &Db, seen: Progress, place: EventCursor, now: Timestamp) -> Result<Left, AppError> {
    let Touched { calls, last } = stream::touched(db, place, MOST).await?;
    let Some(last) = last else { return Ok(Left::Nothing) };
    let stretches = bucket::stretches(instants_of(db, &calls).await?, seen.frozen_until);
    let next = Progress { place: Some(last), counted_at: Some(now), ..seen };
    keep(db, seen, next, stretches).await
}

/// Counts the stretches and keeps the numbers with the place, unless somebody else was faster.
async fn keep(db: &Db, seen: Progress, next: Progress, stretches: Vec<Stretch>) -> Result<Left, AppError> {
    let counted = count(db, &stretches).await?;
    db.write(async move |tx| {
        if ledger::advance(&tx, &seen, &next).await? {
            ledger::replace(&tx, &stretches, &counted).await?;
        }
        Ok(Written::new(()))
    })
    .await?;
    Ok(Left::More)
}

/// Every instant at which these calls and their attempts are counted, or may have been: a call that was opened again or
/// corrected is counted no more where it once ended, and an event tells when that was.
async fn instants_of(db: &Db, ids: &[CallId]) -> Result<Vec<i64>, AppError> {
    let ids = || ids.iter().map(|id| id.0);
    let ended = calls::Entity::find()
        .select_only()
        .column(calls::Column::EndedAt)
        .filter(calls::Column::Id.is_in(ids()))
        .filter(calls::Column::EndedAt.is_not_null());
    let claimed = attempts::Entity::find()
        .select_only()
        .column(attempts::Column::ClaimedAt)
        .filter(attempts::Column::CallId.is_in(ids()));
    let told = events::Entity::find()
        .select_only()
        .column(events::Column::CreatedAt)
        .column(events::Column::OccurredAt)
        .filter(events::Column::CallId.is_in(ids()))
        .filter(events::Column::Kind.is_not_in(HARMLESS.map(EventKind::as_str)));
    let mut instants: Vec<i64> = ended.into_tuple().all(db.read()).await?;
    instants.extend(claimed.into_tuple::<i64>().all(db.read()).await?);
    let told: Vec<(i64, i64)> = told.into_tuple().all(db.read()).await?;
    instants.extend(told.into_iter().flat_map(|(written, happened)| [written, happened]));
    Ok(instants)
}
