//! The company that dials, as a plain struct that remembers everything. The model has one whose attempts are
//! numbered, the real world one that knows them by their ids.

use std::collections::BTreeMap;
use switchboard::domain::status::AttemptStatus;

/// What the company does with a placing that it has not seen before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    /// It dials and says so.
    Dials,
    /// It dials, and the answer is lost.
    DialsUnheard,
    /// The placing is lost, and so is the answer.
    Deaf,
    NotNow,
    Refuses,
}

/// What the node that placed is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Taken,
    NotNow,
    Refused,
    Nothing,
}

/// One phone call at the company.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub call: usize,
    pub status: AttemptStatus,
    /// When it came to this status.
    pub at: i64,
    pub sequence: i64,
    /// The company has lost its memory of it, and the phone is silent.
    pub is_forgotten: bool,
}

impl Line {
    pub fn rings(&self) -> bool {
        !self.is_forgotten && !is_over(self.status)
    }
}

#[derive(Clone, Debug)]
pub struct Company<Id> {
    pub lines: BTreeMap<Id, Line>,
    /// It answers nobody.
    pub is_silent: bool,
    /// Promises that were broken, in words.
    pub broken: Vec<String>,
}

impl<Id> Default for Company<Id> {
    fn default() -> Self {
        Self { lines: BTreeMap::new(), is_silent: false, broken: Vec::new() }
    }
}

impl<Id: Ord + Copy + std::fmt::Debug> Company<Id> {
    /// A placing arrives. An accepted one that comes again is answered as before, and dials nothing.
    pub fn place(&mut self, id: Id, call: usize, (place_by, now): (i64, i64), mood: Mood) -> Answer {
        let known = self.lines.get(&id);
        if known.is_some_and(|line| line.is_forgotten) {
            self.broken.push(format!("{id:?} was placed again after it had been accepted"));
        }
        if known.is_some() {
            return if mood == Mood::DialsUnheard || mood == Mood::Deaf {
                Answer::Nothing
            } else {
                Answer::Taken
            };
        }
        match mood {
            Mood::Deaf => return Answer::Nothing,
            _ if now > place_by => return Answer::NotNow,
            Mood::NotNow => return Answer::NotNow,
            Mood::Refuses => return Answer::Refused,
            Mood::Dials | Mood::DialsUnheard => {}
        }
        if self.lines.values().any(|line| line.call == call && line.rings()) {
            self.broken.push(format!("two phones ring at once for call {call}"));
        }
        let line = Line { call, status: AttemptStatus::Initiated, at: now, sequence: 1, is_forgotten: false };
        self.lines.insert(id, line);
        if mood == Mood::Dials { Answer::Taken } else { Answer::Nothing }
    }

    /// What the company knows of an attempt.
    pub fn asked(&self, id: Id) -> Option<&Line> {
        self.lines.get(&id).filter(|line| !line.is_forgotten)
    }

    /// The phone call moves on.
    pub fn move_to(&mut self, id: Id, status: AttemptStatus, now: i64) {
        let Some(line) = self.lines.get_mut(&id).filter(|line| line.rings()) else { return };
        *line = Line { status, at: now, sequence: line.sequence + 1, ..line.clone() };
    }

    /// It is asked to hang up. Who had answered was spoken with.
    pub fn hang_up(&mut self, id: Id, now: i64) {
        let answered = self.lines.get(&id).is_some_and(|line| line.status == AttemptStatus::InProgress);
        self.move_to(id, if answered { AttemptStatus::Completed } else { AttemptStatus::Canceled }, now);
    }
}

/// The model's own word for an end: it asks nothing of the domain's rules.
pub fn is_over(status: AttemptStatus) -> bool {
    use AttemptStatus::{Busy, Canceled, Completed, Failed, NoAnswer};
    matches!(status, Completed | Busy | NoAnswer | Failed | Canceled)
}
