//! What is tried again by itself, and when. All the delays in one place.

use super::{
    call::{Call, DelayedBy},
    status::AttemptStatus,
    timestamp::Timestamp,
};

/// After a busy line: 15 minutes from the attempt's end.
pub const AFTER_BUSY_SECS: i64 = 15 * 60;
/// After nobody answered: 60 minutes from the attempt's end.
pub const AFTER_NO_ANSWER_SECS: i64 = 60 * 60;
/// After the provider said "not now": each time it says so again, the next of these; the last one repeats.
pub const AFTER_NOT_NOW_SECS: [i64; 4] = [5, 30, 120, 300];
/// An ambiguous placing is asked about after these; then every `REPORT_OVERDUE_SECS`.
pub const ASK_AFTER_SECS: [i64; 5] = [1, 2, 5, 15, 60];
/// "Unknown here" counts only this long after `place_by`: what is on its way then has arrived or is refused.
pub const UNKNOWN_COUNTS_AFTER_SECS: i64 = 5;

/// When a call whose attempt ended so at `ended_at` is tried again by itself, and why it waits until then.
/// Nothing but a busy line and no answer is ever tried again by itself.
pub fn plan(call: &Call, ending: AttemptStatus, ended_at: Timestamp) -> Option<(Timestamp, DelayedBy)> {
    let budget_left = call.attempts_made < call.max_attempts;
    if !budget_left || call.cancel_requested_at.is_some() {
        return None;
    }
    match ending {
        AttemptStatus::Busy => Some((ended_at.plus_secs(AFTER_BUSY_SECS), DelayedBy::Busy)),
        AttemptStatus::NoAnswer => Some((ended_at.plus_secs(AFTER_NO_ANSWER_SECS), DelayedBy::NoAnswer)),
        _ => None,
    }
}

/// How long to wait after the provider said "not now" for the `nth` time (from 1), in milliseconds. `jitter`
/// is between 0 and 1 and adds up to a fifth; a wait that the provider asks for is never cut short.
pub fn not_now_delay_millis(nth: usize, retry_after_secs: Option<i64>, jitter: f64) -> i64 {
    let ours = stepped(&AFTER_NOT_NOW_SECS, nth).unwrap_or(300) * 1000;
    let asked = retry_after_secs.unwrap_or(0).clamp(0, 86_400) * 1000;
    let base = ours.max(asked);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a delay of at most a day"
    )]
    let spread = (base as f64 / 5.0 * jitter.clamp(0.0, 1.0)) as i64;
    base + spread
}

/// When to ask about an ambiguous attempt that was asked about `checks` times, in seconds from now: never later
/// than about one of which nothing was heard for `overdue_secs`.
pub fn ask_again_secs(checks: usize, overdue_secs: i64) -> i64 {
    ASK_AFTER_SECS.get(checks).map_or(overdue_secs, |secs| overdue_secs.min(*secs))
}

fn stepped(steps: &[i64], nth: usize) -> Option<i64> {
    steps.get(nth.saturating_sub(1)).or(steps.last()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_now_waits_longer_each_time_and_never_less_than_asked() {
        let waits: Vec<i64> = (1..=6).map(|nth| not_now_delay_millis(nth, None, 0.0) / 1000).collect();
        assert_eq!(waits, [5, 30, 120, 300, 300, 300]);
        assert_eq!(not_now_delay_millis(1, Some(60), 0.0), 60_000);
        assert_eq!(not_now_delay_millis(1, None, 1.0), 6_000);
    }

    #[test]
    fn an_ambiguous_placing_is_asked_about_soon_and_then_at_leisure() {
        let asks: Vec<i64> = (0..7).map(|checks| ask_again_secs(checks, 90)).collect();
        assert_eq!(asks, [1, 2, 5, 15, 60, 90, 90]);
        let often: Vec<i64> = (0..7).map(|checks| ask_again_secs(checks, 5)).collect();
        assert_eq!(often, [1, 2, 5, 5, 5, 5, 5]);
    }
}
