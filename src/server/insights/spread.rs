//! How times are spread: how many lie up to each of a few fixed bounds. What was counted so can be added up over any
//! hours and days, and still says within what time half of them, nine in ten and ninety-nine in a hundred lie.

/// What is measured of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// From the first ring, or from when the provider took it where no ring was told, to the answer.
    TimeToAnswer,
    /// How long the conversation was.
    Duration,
    /// From the instant it was due to the instant it was claimed.
    Lateness,
}

impl Measure {
    /// Every one of them, in the order of their columns.
    pub const ALL: [Self; 3] = [Self::TimeToAnswer, Self::Duration, Self::Lateness];

    /// The bounds, in milliseconds; one slot more takes what is longer. Those of lateness are the metrics' own.
    pub const fn bounds(self) -> &'static [i64] {
        match self {
            Self::TimeToAnswer => {
                &[2_000, 4_000, 6_000, 8_000, 10_000, 15_000, 20_000, 25_000, 30_000, 45_000, 60_000]
            }
            Self::Duration => &[
                10_000, 20_000, 30_000, 60_000, 120_000, 180_000, 300_000, 600_000, 900_000, 1_800_000,
                3_600_000,
            ],
            Self::Lateness => {
                &[100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000]
            }
        }
    }

    /// The names of its columns, slot by slot.
    pub fn columns(self) -> impl Iterator<Item = String> {
        let name = match self {
            Self::TimeToAnswer => "answer",
            Self::Duration => "talk",
            Self::Lateness => "late",
        };
        (0..=self.bounds().len()).map(move |slot| format!("{name}_{slot}"))
    }
}

/// How many lie in each slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spread {
    /// What was measured.
    pub measure: Measure,
    /// One count for each bound, and one for what is longer.
    pub counts: Vec<i64>,
}

/// Within what time a share of them lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Within {
    /// There is none of them.
    Nothing,
    /// At most so many milliseconds.
    AtMost(i64),
    /// More than so many milliseconds, beyond which nothing is told apart.
    Over(i64),
}

impl Spread {
    /// How many were measured.
    pub fn total(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// The slots: the upper bound in milliseconds, none for what is longer, and the count.
    pub fn slots(&self) -> impl Iterator<Item = (Option<i64>, i64)> {
        let bounds = self.measure.bounds().iter().copied().map(Some).chain([None]);
        bounds.zip(self.counts.iter().copied())
    }

    /// The smallest bound within which `percent` of them lie.
    pub fn within(&self, percent: i64) -> Within {
        let total = self.total();
        if total == 0 {
            return Within::Nothing;
        }
        let rank = (total * percent + 99) / 100;
        let mut seen = 0;
        for (bound, count) in self.slots() {
            seen += count;
            if let (Some(bound), true) = (bound, seen >= rank) {
                return Within::AtMost(bound);
            }
        }
        Within::Over(self.measure.bounds().last().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(counts: &[(usize, i64)]) -> Spread {
        let measure = Measure::TimeToAnswer;
        let mut all = vec![0; measure.bounds().len() + 1];
        for (slot, count) in counts {
            all[*slot] = *count;
        }
        Spread { measure, counts: all }
    }

    #[test]
    fn a_share_lies_within_the_bound_that_holds_it() {
        let spread = spread(&[(0, 50), (1, 40), (10, 9), (11, 1)]);
        assert_eq!(spread.within(50), Within::AtMost(2_000), "fifty of a hundred, and no more");
        assert_eq!(spread.within(51), Within::AtMost(4_000));
        assert_eq!(spread.within(90), Within::AtMost(4_000));
        assert_eq!(spread.within(99), Within::AtMost(60_000));
        assert_eq!(spread.within(100), Within::Over(60_000));
    }

    #[test]
    fn of_nothing_nothing_is_said() {
        assert_eq!(spread(&[]).within(50), Within::Nothing);
        assert_eq!(spread(&[(3, 1)]).within(50), Within::AtMost(8_000), "one alone is the half of it too");
    }

    #[test]
    fn bounds_rise() {
        for measure in Measure::ALL {
            assert!(measure.bounds().is_sorted(), "{measure:?}");
        }
    }
}
