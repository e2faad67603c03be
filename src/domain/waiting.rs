//! Why a pending call is not going out now, and when it may.

use super::{
    actor,
    breaker::OPENS_AFTER,
    call::{Call, DelayedBy},
    status::CallStatus,
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize};

/// What holds for all placings of the installation at one instant.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct DispatchState {
    /// Who stopped all placing, if somebody has.
    pub paused_by: Option<String>,
    /// Since when.
    pub paused_at: Option<Timestamp>,
    /// Why the provider lets nothing through, as after 401.
    pub blocked_reason: Option<String>,
    /// How often in a row the provider has failed.
    pub failures: i32,
    /// Since when the provider has been failing.
    pub failing_since: Option<Timestamp>,
    /// Until when it is left alone.
    pub breaker_until: Option<Timestamp>,
    /// Placings that the rate limit allows, as of `refilled_at`.
    pub tokens: f64,
    /// When the tokens were counted.
    pub refilled_at: Option<Timestamp>,
    /// Attempts that are open at once.
    pub in_flight: i64,
    /// The settings that limit them.
    pub limits: Limits,
}

/// The installation's limits. 0 = none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Limits {
    /// Attempts open at once.
    pub max_calls_in_flight: i64,
    /// Placings per second.
    pub calls_per_second: i64,
    /// How long a call may wait past its wish before it counts as missed, in seconds.
    pub max_lateness_secs: i64,
}

/// One reason why a call waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// A word that programs can compare: `scheduled`, `retry_delay`, `in_flight_limit`.
    pub code: String,
    /// The reason in words, with instants in UTC.
    pub detail: String,
}

/// Why a call waits, from when it may go out and when it will have waited too long.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// The earliest instant at which it may go out, as far as it is known.
    pub not_before: Option<Timestamp>,
    /// The instant at which it ends as missed.
    pub missed_at: Option<Timestamp>,
    /// What stands in its way; empty = it goes out now.
    pub reasons: Vec<Reason>,
}

impl DispatchState {
    /// How many placings the rate limit allows at `now`; it never saves up more than one second's worth.
    pub fn tokens_at(&self, now: Timestamp) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate and a few milliseconds")]
        let (rate, passed) = (
            self.limits.calls_per_second as f64,
            self.refilled_at.map_or(i64::MAX, |at| now.millis_since(at)).max(0) as f64,
        );
        (self.tokens + passed / 1000.0 * rate).min(rate)
    }

    /// How many calls may be claimed at `now`, at most `wanted`.
    pub fn capacity(&self, now: Timestamp, wanted: i64) -> i64 {
        if !self.obstacles(now).is_empty() {
            return 0;
        }
        // After the breaker's time one placing tries whether the provider is back.
        let mut capacity = if self.failures >= OPENS_AFTER { wanted.min(1) } else { wanted };
        if self.limits.max_calls_in_flight > 0 {
            capacity = capacity.min(self.limits.max_calls_in_flight - self.in_flight);
        }
        if self.limits.calls_per_second > 0 {
            #[expect(clippy::cast_possible_truncation, reason = "at most the rate")]
            let tokens = self.tokens_at(now) as i64;
            capacity = capacity.min(tokens);
        }
        capacity.max(0)
    }

    /// Whether one that holds its place among those in flight already may be placed at `now`.
    pub fn lets_through(&self, now: Timestamp) -> bool {
        let has_token = self.limits.calls_per_second <= 0 || self.tokens_at(now) >= 1.0;
        has_token && self.standing_stops(now).is_empty()
    }

    /// When something that is due and can't go out at `now` may; none where only a commit can tell.
    pub fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        let breaker = self.breaker_until.filter(|until| *until > now);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "less than a second"
        )]
        let rate = match self.limits.calls_per_second {
            rate @ 1.. if self.tokens_at(now) < 1.0 => {
                Some(now.plus_millis(((1.0 - self.tokens_at(now)) / rate as f64 * 1000.0).ceil() as i64))
            }
            _ => None,
        };
        breaker.max(rate)
    }

    /// Why nothing of the installation goes out at `now`, whatever there is to place: paused, not let in by the
    /// provider, or the provider left alone.
    pub fn stops(&self, now: Timestamp) -> Vec<Reason> {
        self.standing_stops(now).into_iter().map(|(reason, _)| reason).collect()
    }

    fn standing_stops(&self, now: Timestamp) -> Vec<(Reason, Option<Timestamp>)> {
        let mut found = Vec::new();
        if let Some(at) = self.paused_at {
            let by = self.paused_by.as_deref().map_or_else(|| "somebody".to_owned(), actor::in_words);
            let detail = format!("Paused by {by} since {}", at.to_utc_words());
            found.push((reason("paused", detail), None));
        }
        if let Some(why) = &self.blocked_reason {
            found.push((reason("blocked", why.clone()), None));
        }
        if let Some(until) = self.breaker_until.filter(|until| *until > now) {
            let since = self.failing_since.unwrap_or(now).to_utc_words();
            let detail = format!("The provider has not answered since {since}");
            found.push((reason("provider_failing", detail), Some(until)));
        }
        found
    }

    /// What keeps every call of the installation from going out at `now`.
    fn obstacles(&self, now: Timestamp) -> Vec<(Reason, Option<Timestamp>)> {
        let mut found = self.standing_stops(now);
        let limit = self.limits.max_calls_in_flight;
        if limit > 0 && self.in_flight >= limit {
            let detail = format!("{} of {limit} calls are in flight", self.in_flight);
            found.push((reason("in_flight_limit", detail), None));
        }
        let rate = self.limits.calls_per_second;
        if rate > 0 && self.tokens_at(now) < 1.0 {
            let detail = format!("Waits for its turn: at most {rate} calls go out per second");
            found.push((reason("rate_limit", detail), None));
        }
        found
    }
}

/// Why `call` waits at `now`; none when it is not pending. The dispatcher, the API and the page show the same.
pub fn waiting(call: &Call, state: &DispatchState, now: Timestamp) -> Option<Waiting> {
    if call.status != CallStatus::Pending {
        return None;
    }
    let mut reasons = Vec::new();
    let mut not_before = call.due_at;
    let missed_at = missed_at(call, state.limits.max_lateness_secs);
    if missed_at.is_some_and(|at| at <= now) {
        reasons.push(reason("too_late", "It has waited too long and ends as missed".to_owned()));
    }
    if call.due_at > now {
        reasons.push(own_reason(call));
    }
    for (obstacle, until) in state.obstacles(now) {
        not_before = until.map_or(not_before, |until| not_before.max(until));
        reasons.push(obstacle);
    }
    Some(Waiting { not_before: Some(not_before), missed_at, reasons })
}

/// The instant at which a pending call has waited too long; none when calls never do.
pub fn missed_at(call: &Call, max_lateness_secs: i64) -> Option<Timestamp> {
    (max_lateness_secs > 0).then(|| call.wanted_at.plus_secs(max_lateness_secs))
}

fn own_reason(call: &Call) -> Reason {
    let at = call.due_at.to_utc_words();
    match call.delayed_by {
        None => reason("scheduled", format!("Waits for {at}")),
        Some(DelayedBy::Busy) => {
            reason("retry_delay", format!("The line was busy; it is tried again at {at}"))
        }
        Some(DelayedBy::NoAnswer) => {
            reason("retry_delay", format!("Nobody answered; it is tried again at {at}"))
        }
        Some(DelayedBy::NotNow) => {
            reason("provider_not_now", format!("The provider could not take it; it is asked again at {at}"))
        }
        Some(DelayedBy::Unreachable) => reason(
            "provider_unreachable",
            format!("The provider could not be reached; it is asked again at {at}"),
        ),
    }
}

fn reason(code: &str, detail: String) -> Reason {
    Reason { code: code.to_owned(), detail }
}

#[cfg(test)]
pub(crate) mod tests;
