//! The simulator's two clocks. What happens to calls goes by the one that can be held and moved on, so that a test
//! need not wait. What is agreed with others goes by the machine's: how long a caller waits for an answer, and when a
//! callback was signed, or nobody would believe it.

use crate::server::clock::Clock;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whether the clock of what happens to calls may be held and moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timekeeping {
    /// It may: nobody else goes by the same one.
    Own,
    /// It may not: whoever is called back in this process compares its instants with the machine's.
    Shared,
}

/// How the clock of what happens to calls stands to the machine's. Instants and spans are in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// It runs, so far ahead of the machine's.
    Ahead(i64),
    /// It stands still at this instant.
    HeldAt(i64),
}

/// Both clocks; clones share them.
#[derive(Clone, Debug)]
pub struct SimClock {
    machine: Clock,
    course: Arc<Mutex<Course>>,
}

impl SimClock {
    /// Both show the same.
    pub fn new(machine: Clock) -> Self {
        Self { machine, course: Arc::new(Mutex::new(Course::Ahead(0))) }
    }

    /// The instant of what happens to calls.
    pub fn now(&self) -> i64 {
        match *self.course() {
            Course::Ahead(by) => self.machine_now().saturating_add(by),
            Course::HeldAt(at) => at,
        }
    }

    /// The instant of the machine.
    pub fn machine_now(&self) -> i64 {
        self.machine.now().as_millis()
    }

    /// How it stands to the machine's clock.
    pub fn how(&self) -> Course {
        *self.course()
    }

    /// Goes on as it was once told, or as it always does.
    pub fn set(&self, course: Course) {
        *self.course() = course;
    }

    /// Stands still from now on.
    pub fn hold(&self) -> Course {
        let now = self.now();
        self.set(Course::HeldAt(now));
        self.how()
    }

    /// Runs from where it stands: it never goes back.
    pub fn release(&self) -> Course {
        let ahead = self.now().saturating_sub(self.machine_now());
        self.set(Course::Ahead(ahead));
        self.how()
    }

    /// Moves on to `instant`, unless it is there already.
    pub fn move_to(&self, instant: i64) -> Course {
        let machine_now = self.machine_now();
        let mut course = self.course();
        *course = match *course {
            Course::HeldAt(at) => Course::HeldAt(at.max(instant)),
            Course::Ahead(by) => Course::Ahead(by.max(instant.saturating_sub(machine_now))),
        };
        *course
    }

    /// Whoever panicked with it in hand has left a whole value behind.
    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    #[test]
    fn it_stands_still_moves_on_and_runs_from_there() {
        let machine = Clock::manual(Timestamp::from_millis(1_000));
        let clock = SimClock::new(machine.clone());
        machine.advance_ms(500);
        assert_eq!(clock.now(), 1_500);

        clock.hold();
        machine.advance_ms(500);
        assert_eq!((clock.now(), clock.machine_now()), (1_500, 2_000));
        clock.move_to(60_000);
        clock.move_to(30_000);
        assert_eq!(clock.now(), 60_000, "it never goes back");

        clock.release();
        machine.advance_ms(500);
        assert_eq!((clock.now(), clock.machine_now()), (60_500, 2_500));
        clock.move_to(70_500);
        machine.advance_ms(1);
        assert_eq!(clock.now(), 70_501);
    }
}
