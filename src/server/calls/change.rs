//! Read, decide, write: every change of a call passes here, so that its version, its events and its attempts
//! can't come apart.

use super::entity::{attempts, calls, events};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::Call,
        event::NewEvent,
        id::{AttemptId, CallId, TeamId},
        timestamp::Timestamp,
        webhook::happened::{Seen, happened},
    },
    error::AppError,
    server::{
        db::{Ended, Tx, Written},
        hooks::outbox::tell,
    },
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    IntoActiveModel, QueryOrder,
    entity::prelude::*,
};

/// How often a change is decided again when somebody else was faster.
const TRIES: usize = 5;

/// What a verb sees when it decides.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The call.
    pub call: Call,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
}

impl Snapshot {
    /// The newest attempt.
    pub fn newest(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The newest attempt, if it has not ended.
    pub fn open_attempt(&self) -> Option<&Attempt> {
        self.newest().filter(|attempt| !attempt.status.is_ended())
    }

    /// The attempts of which the provider was not heard to their end.
    pub fn lost_attempts(&self) -> Vec<Attempt> {
        lost_among(&self.attempts)
    }

    /// The attempt with this id.
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }
}

/// Those of a call's `attempts` whose end is only our guess.
pub fn lost_among(attempts: &[Attempt]) -> Vec<Attempt> {
    attempts.iter().filter(|attempt| attempt.provisional).cloned().collect()
}

/// What a verb decided.
#[derive(Clone, Debug)]
pub struct Change {
    /// The call as it shall be.
    pub call: Call,
    /// The attempts that change, as they shall be.
    pub attempts: Vec<Attempt>,
    /// What to write into the timeline, in order; at least one line.
    pub events: Vec<NewEvent>,
}

impl Change {
    /// A change of the call alone, told by one event.
    pub fn of(call: Call, event: NewEvent) -> Self {
        Self { call, attempts: Vec::new(), events: vec![event] }
    }

    /// The same, with an attempt that changes too.
    #[must_use]
    pub fn and(mut self, attempt: Option<Attempt>) -> Self {
        self.attempts.extend(attempt);
        self
    }
}

/// A verb's decision: change something, or find that there is nothing to do.
pub enum Decision<T> {
    /// Write this, then answer that.
    Write(Box<Change>, T),
    /// Nothing to do; answer that.
    Leave(T),
}

impl<T> Decision<T> {
    /// Write `change`, then answer `value`.
    pub fn write(change: Change, value: T) -> Self {
        Self::Write(Box::new(change), value)
    }
}

/// Reads the call, lets `decide` decide, and writes what it decided, again if somebody else was faster.
/// Answers the call as it now stands beside the decision's value.
///
/// # Errors
/// [`AppError::NotFound`], what `decide` says, and [`AppError::Changed`] when it was overtaken five times.
pub async fn change<T>(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    now: Timestamp,
    decide: impl Fn(&Snapshot) -> Result<Decision<T>, AppError>,
) -> Result<Written<(Call, T)>, AppError> {
    for _ in 0..TRIES {
        let before = load(tx, actor.team_id, id).await?;
        let (change, value) = match decide(&before)? {
            Decision::Leave(value) => return Ok(Written::new((before.call, value))),
            Decision::Write(change, value) => (change, value),
        };
        if let Some(after) = save(tx, actor, &before, *change, now).await? {
            let ended = before.call.status.is_open() && after.status.is_ended();
            let ended = ended.then(|| how_it_ended(&before, &after));
            let written = announce(after, value);
            return Ok(ended.into_iter().fold(written, Written::ended));
        }
    }
    Err(AppError::Changed)
}

/// Reads a call with its attempts.
///
/// # Errors
/// [`AppError::NotFound`] when the team has no such call.
pub async fn load(tx: &Tx, team: TeamId, id: CallId) -> Result<Snapshot, AppError> {
    let row = calls::Entity::find_by_id(id.0).filter(calls::Column::TeamId.eq(team.0)).one(tx.conn()).await?;
    let call: Call = row.ok_or_else(|| AppError::NotFound("call".to_owned()))?.try_into()?;
    let rows = attempts::Entity::find()
        .filter(attempts::Column::CallId.eq(id.0))
        .order_by_asc(attempts::Column::Number)
        .all(tx.conn())
        .await?;
    let attempts = rows.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?;
    Ok(Snapshot { call, attempts })
}

/// Writes `change` if the call still stands at the version it was decided on; none if it does not.
async fn save(
    tx: &Tx,
    actor: &Actor,
    before: &Snapshot,
    change: Change,
    now: Timestamp,
) -> Result<Option<Call>, AppError> {
    let Change { mut call, attempts: changed, events } = change;
    let (attempts, before) = (&before.attempts, &before.call);
    call.version = before.version + i64::try_from(events.len()).unwrap_or(i64::MAX);
    call.updated_at = now;
    let updated = calls::Entity::update_many()
        .set(calls::Model::from(&call).into_active_model().reset_all())
        .filter(calls::Column::Id.eq(call.id.0))
        .filter(calls::Column::Version.eq(before.version))
        .filter(calls::Column::LeaseEpoch.eq(before.lease_epoch))
        .exec(tx.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Ok(None);
    }
    for attempt in &changed {
        attempts::Entity::update(attempts::Model::from(attempt).into_active_model().reset_all())
            .exec(tx.conn())
            .await?;
    }
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    append(tx, actor, &call, before.version, events, now).await?;
    let after = with_changes(attempts, changed);
    let was = Seen { call: before, newest: attempts.last() };
    let is = Seen { call: &call, newest: after.last() };
    tell(tx, &happened(was, is, &kinds), &call, &after, now).await?;
    Ok(Some(call))
}

/// The attempts as they stand after a change.
fn with_changes(attempts: &[Attempt], changed: Vec<Attempt>) -> Vec<Attempt> {
    let mut after = attempts.to_vec();
    for attempt in changed {
        if let Some(known) = after.iter_mut().find(|known| known.id == attempt.id) {
            *known = attempt;
        }
    }
    after
}

/// Appends `events` behind the call's version `after`.
///
/// # Errors
/// What the database says.
pub async fn append(
    tx: &Tx,
    actor: &Actor,
    call: &Call,
    after: i64,
    new: Vec<NewEvent>,
    now: Timestamp,
) -> Result<(), AppError> {
    let rows = (after + 1..).zip(new).map(|(seq, event)| event_row(actor, Some((call.id, seq)), event, now));
    events::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The row of `event`, ready to be inserted.
pub fn event_row(
    actor: &Actor,
    place: Option<(CallId, i64)>,
    event: NewEvent,
    now: Timestamp,
) -> events::ActiveModel {
    events::ActiveModel {
        position: NotSet,
        xid: NotSet,
        call_id: Set(place.map(|(id, _)| id.0)),
        team_id: Set(actor.team_id.0),
        seq: Set(place.map(|(_, seq)| seq)),
        attempt_id: Set(event.attempt_id.map(|id| id.0)),
        kind: Set(event.kind.to_string()),
        actor: Set(actor.name()),
        request_id: Set(actor.request_id.clone()),
        verdict: Set(event.verdict.map(|verdict| verdict.to_string())),
        dedupe_key: Set(event.dedupe_key),
        repeats: Set(0),
        payload: Set(event.payload),
        occurred_at: Set(event.occurred_at.as_millis()),
        created_at: Set(now.as_millis()),
    }
}

fn how_it_ended(before: &Snapshot, after: &Call) -> Ended {
    let provider = before.newest().map(|attempt| attempt.provider.clone());
    Ended { status: after.status, reason: after.ended_reason, provider }
}

/// What must follow the commit: readers learn of the change, and the dispatcher of what is due.
fn announce<T>(call: Call, value: T) -> Written<(Call, T)> {
    let (id, due_at) = (call.id, call.due_at);
    let is_pending = call.status == crate::domain::status::CallStatus::Pending;
    let written = Written::new((call, value)).changed(id);
    if is_pending { written.wake(due_at) } else { written }
}
