//! The words of the insights: how calls ended, in groups that people compare, and which days are looked at.

use super::{
    status::{CallStatus, EndedReason},
    words::words,
};

words! {
    /// How a call ended, as the insights group it.
    Outcome {
        /// It was answered and came to its end.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// It could not be put through.
        Failed = "failed",
        /// It waited past its latest instant, and never went out.
        Missed = "missed",
        /// What became of it could not be found out.
        Unknown = "unknown",
        /// Somebody took the wish back.
        Canceled = "canceled",
    }
}

words! {
    /// Days that are often looked at, up to today.
    Preset {
        /// Since midnight.
        Today = "today",
        /// Today and the six days before it.
        Week = "7d",
        /// Today and the 29 days before it.
        Month = "30d",
        /// Today and the 89 days before it.
        Quarter = "90d",
    }
}

words! {
    /// One of the tables behind the charts.
    Figure {
        /// Calls by outcome, for each hour, day or week.
        Calls = "calls",
        /// The answer rate of each hour of the day.
        Hours = "hours",
        /// The answer rate of each workflow.
        Workflows = "workflows",
        /// From the first ring to the answer.
        TimeToAnswer = "time_to_answer",
        /// How long the conversations were.
        Duration = "duration",
        /// From the instant an attempt was due to the instant it was claimed.
        Lateness = "lateness",
    }
}

impl Outcome {
    /// How a call with this status and reason ended; none while it is open.
    pub fn of(status: CallStatus, reason: Option<EndedReason>) -> Option<Self> {
        match status {
            CallStatus::Completed => Some(Self::Completed),
            CallStatus::Busy => Some(Self::Busy),
            CallStatus::NoAnswer => Some(Self::NoAnswer),
            CallStatus::Canceled => Some(Self::Canceled),
            CallStatus::Failed => Some(match reason {
                Some(EndedReason::Missed) => Self::Missed,
                Some(reason) if reason.is_guess() => Self::Unknown,
                _ => Self::Failed,
            }),
            _ => None,
        }
    }

    /// The word as people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Completed => "Completed",
            Self::Busy => "Busy",
            Self::NoAnswer => "No answer",
            Self::Failed => "Failed",
            Self::Missed => "Missed",
            Self::Unknown => "Unknown",
            Self::Canceled => "Canceled",
        }
    }

    /// Its place among all of them.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|outcome| *outcome == self).unwrap_or_default()
    }
}

impl Preset {
    /// How many days it holds, today included.
    pub fn days(self) -> i32 {
        match self {
            Self::Today => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// The words of its link.
    pub fn label(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_an_outcome_and_nothing_else_has() {
        for status in CallStatus::ALL {
            assert_eq!(Outcome::of(*status, None).is_some(), status.is_ended(), "{status}");
        }
    }

    #[test]
    fn what_a_person_should_look_at_is_told_apart_from_a_plain_failure() {
        let failed = |reason| Outcome::of(CallStatus::Failed, Some(reason));
        assert_eq!(failed(EndedReason::Missed), Some(Outcome::Missed));
        assert_eq!(failed(EndedReason::LostContact), Some(Outcome::Unknown));
        assert_eq!(failed(EndedReason::Unknown), Some(Outcome::Unknown));
        assert_eq!(failed(EndedReason::InvalidNumber), Some(Outcome::Failed));
        assert_eq!(failed(EndedReason::EndedByHand), Some(Outcome::Failed));
    }

    #[test]
    fn an_outcome_knows_its_place() {
        assert!(Outcome::ALL.iter().enumerate().all(|(at, outcome)| outcome.index() == at));
    }
}
