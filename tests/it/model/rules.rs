//! The model: the tables of what Switchboard promises, in a few plain lines. It uses the product's words for
//! statuses and reasons, and none of its rules. Instants are milliseconds from the story's beginning.

use super::{
    company::{Answer, Company, Line, is_over},
    steps::{Edit, Hand, Nth, Step},
};
use std::{collections::BTreeMap, fmt};
use switchboard::domain::status::{AttemptStatus, CallStatus, EndedReason};

pub const IN_FLIGHT_LIMIT: usize = 2;
pub const LATENESS: i64 = 3_600_000;
const AFTER_BUSY: i64 = 15 * 60_000;
const AFTER_NO_ANSWER: i64 = 60 * 60_000;

#[derive(Clone, Default)]
pub struct Model {
    /// What happens more often in this story, and what less: two bits for each group of steps.
    pub temper: u64,
    pub now: i64,
    pub calls: Vec<Call>,
    pub hands: BTreeMap<Hand, InHand>,
    pub company: Company<Nth>,
    pub letters: Vec<Letter>,
    pub questions: BTreeMap<usize, Question>,
    pub asked: usize,
    /// The code of the refusal with which the last step was answered.
    pub refused: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub status: CallStatus,
    pub due: i64,
    pub wanted: i64,
    pub edits: u32,
    pub max: i32,
    pub made: i32,
    pub cancel_asked: bool,
    pub end: Option<(i64, EndedReason)>,
    pub epoch: i64,
    pub is_deleted: bool,
    pub attempts: Vec<Attempt>,
    pub story: Vec<&'static str>,
    pub repeats: i32,
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own")]
pub struct Attempt {
    pub status: AttemptStatus,
    pub accepted: bool,
    pub place_by: Option<i64>,
    /// Its end is a guess.
    pub guess: bool,
    pub hangup: bool,
    pub end: Option<(i64, EndedReason)>,
    /// It is known how long they talked.
    pub talked: bool,
    pub claimed_at: i64,
    pub heard_at: Option<i64>,
    pub refusals: usize,
}

/// A node is about to place, or has placed and been answered.
#[derive(Clone, Debug)]
pub struct InHand {
    pub node: u8,
    pub is_orphan: bool,
    pub place_by: i64,
    pub lost: Vec<Nth>,
    pub answer: Option<Answer>,
}

/// A report that the company has sent.
#[derive(Clone, Debug)]
pub struct Letter {
    pub nth: Nth,
    pub status: AttemptStatus,
    pub at: i64,
    pub is_read: bool,
}

/// A node has asked the company about an attempt.
#[derive(Clone, Debug)]
pub struct Question {
    pub nth: Nth,
    pub asked_at: i64,
    pub seen: Attempt,
    pub answer: Learned,
}

#[derive(Clone, Copy, Debug)]
pub enum Learned {
    Known(AttemptStatus, i64),
    Unknown,
    NoAnswer,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the model after {} ms", self.now)
    }
}

impl Model {
    pub fn attempts(&self) -> impl Iterator<Item = (Nth, &Attempt)> {
        let numbered = |(at, call)| -> Vec<(Nth, &Attempt)> {
            let call: &Call = call;
            call.attempts.iter().zip(1..).map(|(attempt, number)| (Nth(at, number), attempt)).collect()
        };
        self.calls.iter().enumerate().flat_map(numbered)
    }

    pub fn in_flight(&self) -> usize {
        self.attempts().filter(|(_, attempt)| attempt.is_in_flight()).count()
    }

    pub fn apply(&mut self, step: Step) {
        let said = match step {
            Step::Edit(call, edit) => self.edit(call, edit),
            Step::Cancel(call) => self.cancel(call),
            Step::EndByHand(call, status) => self.end_by_hand(call, status),
            Step::Retry(call) => self.retry(call),
            Step::Delete(call) => self.delete(call),
            Step::Note(call) => self.open_file(call).map(|call| call.story.push("note")),
            Step::Renew(hand) if self.calls[hand.0.0].epoch != hand.1 => Err("gone"),
            _ => Ok(()),
        };
        self.refused = said.err();
        match step {
            Step::Create(secs, attempts) => self.create(secs * 1_000, attempts),
            Step::Wait(secs) => self.now += secs * 1_000,
            Step::Miss => self.miss(),
            Step::Claim(node, most) => self.claim(node, usize::try_from(most).unwrap()),
            Step::Arrive(hand, mood) => self.arrive(hand, mood),
            Step::Tell(hand) => self.tell(hand),
            Step::Crash(node) => self.crash(node),
            Step::Move(nth, status) => {
                self.company.move_to(nth, status, self.now);
                self.post(nth);
            }
            Step::Forget(nth) => self.company.lines.get_mut(&nth).unwrap().is_forgotten = true,
            Step::Deliver(letter) => self.deliver(letter),
            Step::Strange(nth) => self.calls[nth.0].story.push("report"),
            Step::Ask(nth, answers) => self.ask(nth, answers),
            Step::Learn(question) => self.learn(question),
            Step::HangUp(nth) if self.company.asked(nth).is_some_and(Line::rings) => {
                self.company.hang_up(nth, self.now);
                self.post(nth);
            }
            _ => {}
        }
    }

    fn create(&mut self, after: i64, max: i32) {
        let due = self.now + after;
        self.calls.push(Call {
            status: CallStatus::Pending,
            due,
            wanted: due,
            edits: 0,
            max,
            made: 0,
            cancel_asked: false,
            end: None,
            epoch: 0,
            is_deleted: false,
            attempts: Vec::new(),
            story: vec!["created"],
            repeats: 0,
        });
    }

    fn open_file(&mut self, call: usize) -> Result<&mut Call, &'static str> {
        Some(&mut self.calls[call]).filter(|call| !call.is_deleted).ok_or("not_found")
    }

    fn edit(&mut self, call: usize, edit: Edit) -> Result<(), &'static str> {
        let now = self.now;
        let call = self.open_file(call)?;
        match call.status {
            CallStatus::Pending => {}
            CallStatus::Dispatching => return Err("dispatching"),
            _ if call.end.is_some() => return Err("already_ended"),
            _ => return Err("under_way"),
        }
        match edit {
            Edit::Name => call.edits += 1,
            Edit::Attempts(max) if call.max == max => return Ok(()),
            Edit::Attempts(max) => call.max = max,
            Edit::InSecs(secs) if call.due == now + secs * 1_000 => return Ok(()),
            Edit::InSecs(secs) => (call.due, call.wanted) = (now + secs * 1_000, now + secs * 1_000),
            Edit::AtOnce => (call.due, call.wanted) = (now, now),
        }
        call.story.push("edited");
        Ok(())
    }

    fn cancel(&mut self, call: usize) -> Result<(), &'static str> {
        let now = self.now;
        let call = self.open_file(call)?;
        match call.status {
            CallStatus::Pending => {
                call.close(CallStatus::Canceled, EndedReason::Canceled, now, "canceled");
            }
            CallStatus::Canceled => {}
            _ if call.end.is_some() => return Err("already_ended"),
            _ if call.cancel_asked => {}
            _ => {
                call.cancel_asked = true;
                call.story.push("cancel_requested");
                call.hang_up_if(|attempt| attempt.accepted);
            }
        }
        Ok(())
    }

    fn end_by_hand(&mut self, call: usize, status: AttemptStatus) -> Result<(), &'static str> {
        let now = self.now;
        let call = self.open_file(call)?;
        if call.end.is_some() {
            return Err("already_ended");
        }
        call.close(status.into(), EndedReason::EndedByHand, now, "ended_by_hand");
        call.hang_up_if(Attempt::is_in_flight);
        Ok(())
    }

    fn retry(&mut self, call: usize) -> Result<(), &'static str> {
        let now = self.now;
        let call = self.open_file(call)?;
        if call.end.is_none() {
            return Err("still_open");
        }
        if call.attempts.iter().any(Attempt::is_in_flight) {
            return Err("attempt_open");
        }
        call.max = call.max.max(call.made + 1);
        call.reopen(now, "retried");
        Ok(())
    }

    fn delete(&mut self, call: usize) -> Result<(), &'static str> {
        let call = self.open_file(call)?;
        if call.status != CallStatus::Pending || !call.attempts.is_empty() {
            return Err("has_history");
        }
        call.is_deleted = true;
        call.story.push("deleted");
        Ok(())
    }

    fn miss(&mut self) {
        let now = self.now;
        for call in self.calls.iter_mut().filter(|call| call.is_waiting() && call.wanted + LATENESS <= now) {
            call.close(CallStatus::Failed, EndedReason::Missed, now, "missed");
        }
    }
}

impl Call {
    pub fn is_waiting(&self) -> bool {
        self.status == CallStatus::Pending && !self.is_deleted
    }

    pub fn is_unwanted(&self) -> bool {
        self.cancel_asked || self.end.is_some()
    }

    pub fn attempt(&mut self, nth: Nth) -> &mut Attempt {
        &mut self.attempts[usize::try_from(nth.1).unwrap() - 1]
    }

    pub fn finish(&mut self, status: CallStatus, reason: EndedReason, at: i64) {
        self.status = status;
        self.end = Some((at, reason));
    }

    /// The call ends, and with it an attempt for which nothing is being asked.
    pub fn close(&mut self, status: CallStatus, reason: EndedReason, at: i64, story: &'static str) {
        self.finish(status, reason, at);
        self.story.push(story);
        let parked =
            self.attempts.last_mut().filter(|newest| !is_over(newest.status) && !newest.is_in_flight());
        if let Some(parked) = parked {
            parked.finish(AttemptStatus::Canceled, EndedReason::Canceled, at);
        }
    }

    pub fn reopen(&mut self, due: i64, story: &'static str) {
        self.status = CallStatus::Pending;
        (self.due, self.wanted) = (due, due);
        self.end = None;
        self.cancel_asked = false;
        self.story.push(story);
    }

    pub fn hang_up_if(&mut self, such: impl Fn(&Attempt) -> bool) {
        let open = self.attempts.last_mut().filter(|newest| !is_over(newest.status));
        if let Some(attempt) = open.filter(|attempt| such(attempt)) {
            attempt.hangup = true;
            self.story.push("hangup_requested");
        }
    }

    /// The company has never seen the attempt, and nobody wants it any more.
    pub fn give_up(&mut self, nth: Nth, now: i64) {
        self.story.push("canceled");
        self.attempt(nth).finish(AttemptStatus::Canceled, EndedReason::Canceled, now);
        if self.end.is_none() {
            self.finish(CallStatus::Canceled, EndedReason::Canceled, now);
        }
    }

    pub fn lose(&mut self, nth: Nth, now: i64) {
        self.story.push("lost_contact");
        let attempt = self.attempt(nth);
        attempt.finish(AttemptStatus::Failed, EndedReason::LostContact, now);
        attempt.guess = true;
        if self.end.is_none() {
            self.finish(CallStatus::Failed, EndedReason::LostContact, now);
        }
    }

    /// The call goes where its newest attempt went, or waits for another one.
    pub fn follow(&mut self, status: AttemptStatus, at: i64) {
        let delay = match status {
            AttemptStatus::Busy => Some(AFTER_BUSY),
            AttemptStatus::NoAnswer => Some(AFTER_NO_ANSWER),
            _ => None,
        };
        match delay.filter(|_| self.made < self.max && !self.cancel_asked) {
            Some(delay) => self.reopen(at + delay, "retry_planned"),
            None if is_over(status) => self.finish(status.into(), reason_of(status), at),
            None => self.status = status.into(),
        }
    }
}

impl Attempt {
    pub fn new() -> Self {
        Self {
            status: AttemptStatus::Dispatching,
            accepted: false,
            place_by: None,
            guess: false,
            hangup: false,
            end: None,
            talked: false,
            claimed_at: 0,
            heard_at: None,
            refusals: 0,
        }
    }

    pub fn is_in_flight(&self) -> bool {
        !is_over(self.status) && self.place_by.is_some()
    }

    pub fn finish(&mut self, status: AttemptStatus, reason: EndedReason, at: i64) {
        self.status = status;
        self.end = Some((at, reason));
    }
}

pub fn rank(status: AttemptStatus) -> u8 {
    match status {
        AttemptStatus::Dispatching => 10,
        AttemptStatus::Initiated => 20,
        AttemptStatus::Ringing => 30,
        AttemptStatus::InProgress => 40,
        _ => 100,
    }
}

pub fn reason_of(ending: AttemptStatus) -> EndedReason {
    match ending {
        AttemptStatus::Completed => EndedReason::Answered,
        AttemptStatus::Busy => EndedReason::Busy,
        AttemptStatus::NoAnswer => EndedReason::NoAnswer,
        AttemptStatus::Canceled => EndedReason::HungUp,
        _ => EndedReason::ProviderFailed,
    }
}
