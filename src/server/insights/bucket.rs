//! Quarters of an hour: every time zone of today begins its days and hours at one.

use crate::domain::timestamp::Timestamp;
use std::collections::BTreeSet;

/// How long a quarter is, in milliseconds.
pub const MILLIS: i64 = 15 * 60 * 1_000;

/// A stretch of whole quarters: from the first instant to the one behind the last, in epoch milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Its first instant.
    pub from: i64,
    /// The first instant behind it.
    pub to: i64,
}

/// The beginning of the quarter that `millis` lies in.
pub fn floor(millis: i64) -> i64 {
    millis - millis.rem_euclid(MILLIS)
}

/// The first quarter that begins at `at` or later.
pub fn first_whole(at: Timestamp) -> i64 {
    let millis = at.as_millis();
    let begun = floor(millis);
    if begun == millis { begun } else { begun.saturating_add(MILLIS) }
}

/// The quarters in which `instants` lie, those before `frozen_until` left out, as few stretches as possible.
pub fn stretches(instants: impl IntoIterator<Item = i64>, frozen_until: i64) -> Vec<Stretch> {
    let quarters: BTreeSet<i64> =
        instants.into_iter().map(floor).filter(|quarter| *quarter >= frozen_until).collect();
    let mut stretches: Vec<Stretch> = Vec::new();
    for from in quarters {
        match stretches.last_mut() {
            Some(last) if last.to == from => last.to = from + MILLIS,
            _ => stretches.push(Stretch { from, to: from + MILLIS }),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_stretch_and_frozen_ones_are_left_out() {
        let at = |quarter: i64, more: i64| quarter * MILLIS + more;
        let instants = [at(7, 5), at(4, 0), at(5, MILLIS - 1), at(1, 1), at(4, 9)];
        let found = stretches(instants, at(2, 0));
        assert_eq!(
            found,
            [Stretch { from: at(4, 0), to: at(6, 0) }, Stretch { from: at(7, 0), to: at(8, 0) }]
        );
    }

    #[test]
    fn a_quarter_that_has_begun_is_not_whole() {
        assert_eq!(first_whole(Timestamp::from_millis(MILLIS)), MILLIS);
        assert_eq!(first_whole(Timestamp::from_millis(MILLIS + 1)), 2 * MILLIS);
    }
}
