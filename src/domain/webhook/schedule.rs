//! When a delivery is sent again, and when an endpoint is given up.

use super::DisabledReason;
use crate::domain::timestamp::Timestamp;

/// How long a delivery waits after each try that failed, in seconds; after the last it is not sent again by itself.
/// The schedule is Svix's (<https://docs.svix.com/retries>): 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h.
pub const RETRY_AFTER_SECS: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// After so long without taking anything an endpoint is disabled, in seconds: five days.
pub const GIVEN_UP_AFTER_SECS: i64 = 5 * 86_400;
/// The longest that an endpoint can make a delivery wait by `Retry-After`, in seconds: a day.
pub const LONGEST_RETRY_AFTER_SECS: i64 = 86_400;

/// What an endpoint said to one try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// It answered with this HTTP status, and for 429 and 503 perhaps when to come back, in seconds.
    Status(u16, Option<i64>),
    /// It said nothing, or was not asked.
    Nothing,
}

/// What follows from one try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// It is sent again then.
    Again(Timestamp),
    /// It is not sent again by itself.
    Failed,
}

/// What follows when the `tries`-th try (from 1) since it was last asked for was answered so. `jitter` is between 0
/// and 1 and adds up to a fifth, so that what failed together does not come back together; a wait that the endpoint
/// asks for is never cut short, and never longer than a day.
pub fn outcome(said: Said, tries: i32, now: Timestamp, jitter: f64) -> Outcome {
    let asked = match said {
        Said::Status(200..=299, _) => return Outcome::Delivered,
        Said::Status(410, _) => return Outcome::Failed,
        Said::Status(429 | 503, Some(secs)) => secs.clamp(0, LONGEST_RETRY_AFTER_SECS),
        _ => 0,
    };
    let step = usize::try_from(tries - 1).ok().and_then(|nth| RETRY_AFTER_SECS.get(nth));
    let Some(ours) = step else { return Outcome::Failed };
    let base = asked.max(*ours) * 1_000;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a delay of at most a day"
    )]
    let spread = (base as f64 / 5.0 * jitter.clamp(0.0, 1.0)) as i64;
    Outcome::Again(now.plus_millis(base + spread))
}

/// Why an endpoint that has been failing since then is disabled after one more failure, if it is.
pub fn given_up(said: Said, failing_since: Timestamp, now: Timestamp) -> Option<DisabledReason> {
    if matches!(said, Said::Status(410, _)) {
        return Some(DisabledReason::Gone);
    }
    (now >= failing_since.plus_secs(GIVEN_UP_AFTER_SECS)).then_some(DisabledReason::Failing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp::MAX;

    fn past() -> Timestamp {
        NOW.plus_secs(-10 * 86_400)
    }

    #[rstest]
    #[case(1, 5)]
    #[case(2, 300)]
    #[case(3, 1_800)]
    #[case(4, 7_200)]
    #[case(5, 18_000)]
    #[case(6, 36_000)]
    #[case(7, 36_000)]
    fn each_failure_waits_longer(#[case] tries: i32, #[case] secs: i64) {
        let at = |jitter| outcome(Said::Status(500, None), tries, past(), jitter);
        assert_eq!(at(0.0), Outcome::Again(past().plus_secs(secs)));
        assert_eq!(at(1.0), Outcome::Again(past().plus_millis(secs * 1_200)));
        assert_eq!(at(9.0), at(1.0), "whatever is drawn");
    }

    #[rstest]
    #[case(Said::Status(200, None), 1, Outcome::Delivered)]
    #[case(Said::Status(204, Some(9)), 8, Outcome::Delivered)]
    #[case(Said::Status(410, None), 1, Outcome::Failed)]
    #[case(Said::Nothing, 8, Outcome::Failed)]
    #[case(Said::Nothing, 0, Outcome::Failed)]
    #[case(Said::Status(301, None), 1, Outcome::Again(past().plus_secs(5)))]
    #[case(Said::Status(500, Some(60)), 1, Outcome::Again(past().plus_secs(5)))]
    #[case(Said::Status(429, Some(60)), 1, Outcome::Again(past().plus_secs(60)))]
    #[case(Said::Status(503, Some(60)), 2, Outcome::Again(past().plus_secs(300)))]
    #[case(Said::Status(503, Some(i64::MAX)), 1, Outcome::Again(past().plus_secs(86_400)))]
    #[case(Said::Status(503, Some(-5)), 1, Outcome::Again(past().plus_secs(5)))]
    fn an_answer_decides(#[case] said: Said, #[case] tries: i32, #[case] expected: Outcome) {
        assert_eq!(outcome(said, tries, past(), 0.0), expected);
    }

    #[test]
    fn an_endpoint_is_given_up_after_five_days_or_when_it_says_so() {
        let since = past();
        let later = |secs: i64| since.plus_secs(5 * 86_400 + secs);
        assert_eq!(given_up(Said::Nothing, since, later(-1)), None);
        assert_eq!(given_up(Said::Nothing, since, later(0)), Some(DisabledReason::Failing));
        assert_eq!(given_up(Said::Status(410, None), since, since), Some(DisabledReason::Gone));
    }
}
