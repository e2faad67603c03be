//! The model: what the company is asked, what it answers and reports, and what follows.

use super::{
    company::{Answer, Mood, is_over},
    rules::{
        Attempt, Call, IN_FLIGHT_LIMIT, InHand, LATENESS, Learned, Letter, Model, Question, rank, reason_of,
    },
    steps::{Hand, Nth},
};
use switchboard::domain::status::{AttemptStatus, CallStatus, EndedReason};

pub const LOST_AFTER: i64 = 300_000;
const PLACE_WITHIN: i64 = 10_000;
const UNKNOWN_COUNTS_AFTER: i64 = 5_000;
const AFTER_NOT_NOW: [i64; 4] = [5_000, 30_000, 120_000, 300_000];

impl Model {
    /// The calls that may go out now, the longest due first, and whether there is room for one at all.
    pub fn may_go(&self) -> Vec<usize> {
        let now = self.now;
        let in_time = |call: &Call| call.is_waiting() && call.due <= now && now < call.wanted + LATENESS;
        let mut due: Vec<usize> = (0..self.calls.len()).filter(|at| in_time(&self.calls[*at])).collect();
        due.sort_by_key(|at| (self.calls[*at].due, *at));
        if self.in_flight() < IN_FLIGHT_LIMIT { due } else { Vec::new() }
    }

    pub fn claim(&mut self, node: u8, most: usize) {
        let room = IN_FLIGHT_LIMIT.saturating_sub(self.in_flight());
        for at in self.may_go().into_iter().take(most.min(room)) {
            let call = &mut self.calls[at];
            if call.attempts.last().is_none_or(|newest| is_over(newest.status)) {
                call.attempts.push(Attempt::new());
            }
            call.status = CallStatus::Dispatching;
            self.hand_to(node, at);
        }
    }

    /// The newest attempt goes into a node's hands under a new epoch.
    pub fn hand_to(&mut self, node: u8, at: usize) {
        let place_by = self.now + PLACE_WITHIN;
        let call = &mut self.calls[at];
        call.story.push("claimed");
        call.epoch += 1;
        let newest = call.attempts.last_mut().unwrap();
        (newest.claimed_at, newest.place_by) = (self.now, Some(place_by));
        let lost = call.attempts.iter().zip(1..).filter(|(attempt, _)| attempt.guess);
        let lost = lost.map(|(_, number)| Nth(at, number)).collect();
        let hand = Hand(Nth(at, i32::try_from(call.attempts.len()).unwrap()), call.epoch);
        self.hands.insert(hand, InHand { node, is_orphan: false, place_by, lost, answer: None });
    }

    pub fn crash(&mut self, node: u8) {
        let is_theirs = |hand: &InHand| hand.node == node;
        self.hands.retain(|_, hand| !is_theirs(hand) || hand.answer.is_none());
        self.hands.values_mut().filter(|hand| is_theirs(hand)).for_each(|hand| hand.is_orphan = true);
    }

    pub fn arrive(&mut self, hand: Hand, mood: Mood) {
        let mut held = self.hands[&hand].clone();
        let nth = hand.0;
        for lost in held.lost.clone() {
            let Some(line) = self.company.asked(lost).cloned() else { continue };
            if line.rings() {
                held.answer = Some(Answer::NotNow);
                self.hands.insert(hand, held);
                return;
            }
            // Its end may have been reported since the call was taken in hand.
            if self.calls[lost.0].attempt(lost).guess {
                self.hear(lost, line.status, line.at, "reconciled");
            }
        }
        let is_new = !self.company.lines.contains_key(&nth);
        held.answer = Some(self.company.place(nth, nth.0, (held.place_by, self.now), mood));
        if is_new && self.company.lines.contains_key(&nth) {
            self.post(nth);
        }
        if held.is_orphan {
            self.hands.remove(&hand);
        } else {
            self.hands.insert(hand, held);
        }
    }

    /// The company sends a report of where its phone call stands.
    pub fn post(&mut self, nth: Nth) {
        let line = &self.company.lines[&nth];
        self.letters.push(Letter { nth, status: line.status, at: line.at, is_read: false });
    }

    pub fn tell(&mut self, hand: Hand) {
        let Some(answer) = self.hands.remove(&hand).and_then(|held| held.answer) else { return };
        let Hand(nth, epoch) = hand;
        let now = self.now;
        let call = &mut self.calls[nth.0];
        let attempt = call.attempt(nth);
        let (is_open, accepted) = (!is_over(attempt.status), attempt.accepted);
        if call.epoch != epoch {
            return;
        }
        match answer {
            // Of a lost attempt it still says whom to ask.
            Answer::Taken if is_open || !accepted => self.hear(nth, AttemptStatus::Initiated, now, "placed"),
            Answer::Taken => {}
            _ if accepted || !is_open => {}
            Answer::Nothing => call.story.push("ambiguous"),
            Answer::NotNow | Answer::Refused => {
                call.story.push("refused");
                if call.is_unwanted() {
                    call.give_up(nth, now);
                } else if answer == Answer::Refused {
                    call.attempt(nth).finish(AttemptStatus::Failed, EndedReason::ProviderRefused, now);
                    call.finish(CallStatus::Failed, EndedReason::ProviderRefused, now);
                } else {
                    let attempt = call.attempt(nth);
                    attempt.place_by = None;
                    let delay = AFTER_NOT_NOW[attempt.refusals.min(3)];
                    attempt.refusals += 1;
                    // It may wait already, because the company did not know the attempt.
                    if call.status == CallStatus::Dispatching {
                        (call.status, call.due) = (CallStatus::Pending, now + delay);
                    }
                }
            }
        }
    }

    pub fn deliver(&mut self, letter: usize) {
        let Letter { nth, status, at, is_read } = self.letters[letter];
        if is_read {
            self.calls[nth.0].repeats += 1;
            return;
        }
        self.letters[letter].is_read = true;
        self.hear(nth, status, at, "report");
    }

    /// The company's word on an attempt, from wherever it comes. Rank only rises, and the first ending wins,
    /// unless it was a guess.
    pub fn hear(&mut self, nth: Nth, status: AttemptStatus, at: i64, how: &'static str) {
        let now = self.now;
        let call = &mut self.calls[nth.0];
        let is_newest = usize::try_from(nth.1).unwrap() == call.attempts.len();
        call.story.push(how);
        let lost = call.end.is_some_and(|(_, reason)| reason == EndedReason::LostContact);
        let attempt = call.attempt(nth);
        let (was_over, was_guess, was_accepted) =
            (is_over(attempt.status), attempt.guess, std::mem::replace(&mut attempt.accepted, true));
        attempt.heard_at = Some(now);
        attempt.place_by = attempt.place_by.or(Some(now));
        attempt.talked |= is_over(status);
        let is_news =
            if was_over { was_guess && is_over(status) } else { rank(status) > rank(attempt.status) };
        if is_news {
            attempt.status = status;
            attempt.guess = false;
            attempt.end = is_over(status).then(|| (at, reason_of(status)));
        }
        if !was_accepted {
            call.made += 1;
            // What was asked for since keeps its own budget.
            let was_retried = was_over && call.status == CallStatus::Pending;
            call.max += i32::from(was_retried || !is_newest);
        }
        let may_move = if was_over { lost } else { call.end.is_none() };
        if is_newest && is_news && may_move {
            call.follow(status, at);
        }
        if call.is_unwanted() {
            call.hang_up_if(|attempt| attempt.accepted && !attempt.hangup);
        }
    }

    pub fn ask(&mut self, nth: Nth, answers: bool) {
        let answer = match self.company.asked(nth) {
            _ if !answers => Learned::NoAnswer,
            Some(line) => Learned::Known(line.status, line.at),
            None => Learned::Unknown,
        };
        let seen = self.calls[nth.0].attempt(nth).clone();
        self.questions.insert(self.asked, Question { nth, asked_at: self.now, seen, answer });
        self.asked += 1;
    }

    pub fn learn(&mut self, question: usize) {
        let Some(Question { nth, asked_at, seen, answer }) = self.questions.remove(&question) else { return };
        let now = self.now;
        let call = &mut self.calls[nth.0];
        let is_wanted = call.status == CallStatus::Dispatching && !call.is_unwanted();
        let is_late = call.wanted + LATENESS <= now;
        let attempt = call.attempt(nth);
        if is_over(attempt.status) && !attempt.guess {
            return;
        }
        let same_placing = attempt.place_by == seen.place_by;
        let is_silent = attempt.heard_at == seen.heard_at && same_placing;
        let is_on_its_way = seen.place_by.is_some_and(|by| asked_at <= by + UNKNOWN_COUNTS_AFTER);
        let for_long = now >= seen.heard_at.unwrap_or(seen.claimed_at) + LOST_AFTER;
        let tells = |to| if attempt.guess { is_over(to) } else { rank(to) > rank(attempt.status) };
        match answer {
            Learned::Known(status, _) if attempt.accepted && !tells(status) => {
                attempt.heard_at = Some(now);
            }
            Learned::Known(status, at) => self.hear(nth, status, at, "reconciled"),
            // It has been given up already.
            _ if attempt.guess => {}
            Learned::Unknown if seen.accepted && is_silent => call.lose(nth, now),
            Learned::NoAnswer if for_long && is_silent => call.lose(nth, now),
            // Of an older placing, or too early to say, or the company has been heard of since.
            _ if is_on_its_way || attempt.accepted || !same_placing => {}
            Learned::Unknown if is_wanted && !is_late => self.hand_to(1, nth.0),
            // It waits again, if only to be missed.
            Learned::Unknown if is_wanted => {
                attempt.place_by = None;
                call.status = CallStatus::Pending;
                call.story.push("reconciled");
            }
            Learned::Unknown => call.give_up(nth, now),
            Learned::NoAnswer => {}
        }
    }
}
