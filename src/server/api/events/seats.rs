//! How many readers there may be at once: each holds a connection for hours.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The seats of one process; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Seats(Arc<Mutex<HashMap<String, usize>>>);

/// A reader's seat, free again when it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    caller: String,
}

/// Why there is no seat, with the limit. 0 = no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoSeat {
    /// The caller has so many already.
    Caller(usize),
    /// The process has so many already.
    Process(usize),
}

impl Seats {
    /// Takes one.
    ///
    /// # Errors
    /// Why there is none.
    pub fn take(&self, caller: &str, most: usize, most_per_caller: usize) -> Result<Seat, NoSeat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(caller).copied().unwrap_or_default();
        if most_per_caller > 0 && own >= most_per_caller {
            return Err(NoSeat::Caller(most_per_caller));
        }
        if most > 0 && taken.values().sum::<usize>() >= most {
            return Err(NoSeat::Process(most));
        }
        taken.insert(caller.to_owned(), own + 1);
        Ok(Seat { seats: self.clone(), caller: caller.to_owned() })
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_by_caller_and_in_all_and_given_back() {
        let seats = Seats::default();
        let take = |caller| seats.take(caller, 3, 2);
        let ada = [take("ada").expect("a seat"), take("ada").expect("a seat")];
        assert_eq!(take("ada").map(drop), Err(NoSeat::Caller(2)));
        let grace = take("grace").expect("a seat");
        assert_eq!(take("joan").map(drop), Err(NoSeat::Process(3)));
        drop(grace);
        assert_eq!(take("joan").map(drop), Ok(()));
        drop(ada);
        assert_eq!(seats.taken(), 0);
    }

    #[test]
    fn zero_is_no_limit() {
        let seats = Seats::default();
        let all: Vec<_> = (0..1_000).map(|_| seats.take("ada", 0, 0).expect("a seat")).collect();
        assert_eq!(seats.taken(), all.len());
    }
}
