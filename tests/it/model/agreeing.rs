//! After every step the API's view of each call is the model's, and what was promised holds.

use super::{
    rules::{Call, Model, rank},
    steps::Nth,
    world::{OVERDUE, World},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeSet;
use switchboard::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        call::CallDetails,
        event::{CallEvent, EventKind, Verdict},
        id::CallId,
        status::{AttemptStatus, CallStatus, EndedReason},
    },
    error::AppError,
    server::calls::{dispatch_state, entity::events, queries},
};

/// What can be seen of a call.
#[derive(Debug, PartialEq)]
struct Seen {
    status: CallStatus,
    /// While it waits.
    due: Option<i64>,
    attempts_made: i32,
    max_attempts: i32,
    cancel_asked: bool,
    end: Option<(i64, EndedReason)>,
    attempts: Vec<SeenAttempt>,
    story: Vec<String>,
    repeats: i32,
}

/// What can be seen of an attempt.
#[derive(Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own")]
struct SeenAttempt {
    status: AttemptStatus,
    accepted: bool,
    in_flight: bool,
    provisional: bool,
    hangup: bool,
    end: Option<(i64, EndedReason)>,
    talked: bool,
}

impl World {
    /// The world agrees with the model, or says where it does not.
    pub async fn agree(&self, model: &Model, refused: Option<String>) -> Result<(), String> {
        same("the answer", refused.as_deref(), model.refused)?;
        same("what nodes have in hand", self.hands.keys().collect(), model.hands.keys().collect::<Vec<_>>())?;
        let mut free = BTreeSet::new();
        for (at, (call, id)) in model.calls.iter().zip(&self.calls).enumerate() {
            let Some(details) = self.find(*id).await else {
                same(&format!("c{at} is deleted"), true, call.is_deleted)?;
                same(&format!("the story of c{at}"), kinds(&self.events(*id).await), words(call))?;
                continue;
            };
            same(&format!("c{at}"), self.seen(&details), expected(call))?;
            self.holds(at, &details)?;
            free.extend(details.waiting.filter(|waiting| waiting.reasons.is_empty()).map(|_| at));
        }
        same("calls with no reason to wait", free, model.may_go().into_iter().collect())?;
        let state = dispatch_state::read(self.db().read(), self.state.config.limits()).await;
        same("calls in flight", state.expect("a state").in_flight, model.in_flight().try_into().unwrap())?;
        self.company().broken.first().cloned().map_or(Ok(()), Err)
    }

    /// What holds of a call at every moment, whatever the model says.
    pub fn holds(&self, at: usize, details: &CallDetails) -> Result<(), String> {
        let CallDetails { call, attempts, events, .. } = details;
        let seqs: Vec<_> = events.iter().filter_map(|event| event.seq).collect();
        same(&format!("the events of c{at}"), &seqs, &(1..).take(events.len()).collect())?;
        same(&format!("the version of c{at}"), call.version, seqs.len().try_into().unwrap())?;
        let accepted = attempts.iter().filter(|attempt| attempt.is_accepted()).count();
        same(&format!("attempts of c{at}"), call.attempts_made, accepted.try_into().unwrap())?;
        only_onwards(at, attempts, events)?;
        stands_as_its_attempt(at, details)?;
        attempts.iter().try_for_each(|attempt| self.is_not_forgotten(Nth(at, attempt.number), attempt))
    }

    /// An open attempt is asked about, and hung up where that is wished, sooner or later.
    fn is_not_forgotten(&self, nth: Nth, attempt: &Attempt) -> Result<(), String> {
        let now = self.app.now();
        let soon = |at: Option<_>, secs| at.is_some_and(|at| at <= now.plus_secs(secs));
        if attempt.is_in_flight() && !soon(attempt.check_at, OVERDUE) {
            return Err(format!("nobody will ask about {nth:?}: {attempt:#?}"));
        }
        let is_unwanted = attempt.hangup_requested_at.is_some() && !attempt.status.is_ended();
        if is_unwanted && !soon(attempt.hangup_next_at, 30) {
            return Err(format!("nobody will hang {nth:?} up: {attempt:#?}"));
        }
        Ok(())
    }

    /// All that is known of a call; none if it was deleted.
    pub async fn find(&self, id: CallId) -> Option<CallDetails> {
        let limits = self.state.config.limits();
        match queries::get(self.db(), &Actor::token(), id, limits, self.app.now()).await {
            Err(AppError::NotFound(_)) => None,
            found => Some(found.expect("the call")),
        }
    }

    async fn events(&self, id: CallId) -> Vec<CallEvent> {
        let found = events::Entity::find().filter(events::Column::CallId.eq(id.0));
        let rows = found.order_by_asc(events::Column::Position).all(self.db().read()).await.expect("events");
        rows.into_iter().map(|row| CallEvent::try_from(row).expect("an event")).collect()
    }

    fn seen(&self, details: &CallDetails) -> Seen {
        let CallDetails { call, attempts, events, .. } = details;
        let end = |at, reason: Option<_>| Some((self.since(at?), reason?));
        let seen = |attempt: &Attempt| SeenAttempt {
            status: attempt.status,
            accepted: attempt.is_accepted() && attempt.provider_call_id.is_some(),
            in_flight: attempt.is_in_flight(),
            provisional: attempt.provisional,
            hangup: attempt.hangup_requested_at.is_some(),
            end: end(attempt.ended_at, attempt.ended_reason),
            talked: attempt.duration_secs.is_some(),
        };
        Seen {
            status: call.status,
            due: (call.status == CallStatus::Pending).then(|| self.since(call.due_at)),
            attempts_made: call.attempts_made,
            max_attempts: call.max_attempts,
            cancel_asked: call.cancel_requested_at.is_some(),
            end: end(call.ended_at, call.ended_reason),
            attempts: attempts.iter().map(seen).collect(),
            story: kinds(events),
            repeats: events.iter().map(|event| event.repeats).sum(),
        }
    }
}

/// The call's status agrees with its newest attempt.
fn stands_as_its_attempt(at: usize, details: &CallDetails) -> Result<(), String> {
    let CallDetails { call, attempts, .. } = details;
    let open: Vec<_> = attempts.iter().filter(|attempt| !attempt.status.is_ended()).collect();
    let is_newest = |attempt: &Attempt| attempt.number == i32::try_from(attempts.len()).unwrap();
    let agrees = match (call.status, open.as_slice()) {
        (CallStatus::Pending, []) => true,
        (CallStatus::Pending, [parked]) => !parked.is_in_flight() && is_newest(parked),
        (status, []) => status.is_ended(),
        (status, [open]) if status.is_ended() => open.hangup_requested_at.is_some() && is_newest(open),
        (CallStatus::Dispatching, [open]) => {
            // Under a lease while it is placed, under none once the answer left it open.
            let is_whole = call.lease_until.is_some() == call.lease_owner.is_some();
            is_whole && open.is_in_flight() && !open.is_accepted() && is_newest(open)
        }
        (status, [open]) => CallStatus::from(open.status) == status && is_newest(open),
        _ => false,
    };
    if agrees { Ok(()) } else { Err(format!("c{at} is {} with {open:#?}", call.status)) }
}

fn expected(call: &Call) -> Seen {
    let attempts = call.attempts.iter().map(|attempt| SeenAttempt {
        status: attempt.status,
        accepted: attempt.accepted,
        in_flight: attempt.is_in_flight(),
        provisional: attempt.guess,
        hangup: attempt.hangup,
        end: attempt.end,
        talked: attempt.talked,
    });
    Seen {
        status: call.status,
        due: (call.status == CallStatus::Pending).then_some(call.due),
        attempts_made: call.made,
        max_attempts: call.max,
        cancel_asked: call.cancel_asked,
        end: call.end,
        attempts: attempts.collect(),
        story: words(call),
        repeats: call.repeats,
    }
}

fn words(call: &Call) -> Vec<String> {
    call.story.iter().map(|word| (*word).to_owned()).collect()
}

fn kinds(events: &[CallEvent]) -> Vec<String> {
    events.iter().map(|event| event.kind.to_string()).collect()
}

/// Each report that was applied took its attempt onwards; only the end of a lost one was corrected, once.
fn only_onwards(at: usize, attempts: &[Attempt], events: &[CallEvent]) -> Result<(), String> {
    for attempt in attempts {
        let (mut highest, mut corrections) = (0, 0);
        for event in events.iter().filter(|event| event.attempt_id == Some(attempt.id)) {
            let status = event.payload["status"].as_str().and_then(|word| word.parse().ok());
            match (event.kind, event.verdict, status) {
                (EventKind::LostContact, ..) => (highest, corrections) = (99, corrections + 1),
                (_, Some(Verdict::Applied), Some(status)) if rank(status) <= highest => {
                    return Err(format!("{:?} went back to {status}", Nth(at, attempt.number)));
                }
                (_, Some(Verdict::Applied), Some(status)) => highest = rank(status),
                _ => {}
            }
        }
        if corrections > 1 {
            return Err(format!("{:?} was lost {corrections} times", Nth(at, attempt.number)));
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, real: T, expected: T) -> Result<(), String> {
    if real == expected {
        return Ok(());
    }
    Err(format!("{what}\n  is        {real:?}\n  should be {expected:?}"))
}
