//! One placing of a call with a provider, and how it takes in what the provider reports.

use super::{
    event::Verdict,
    id::{AttemptId, CallId},
    status::{AttemptStatus, EndedReason},
    timestamp::Timestamp,
    transition::{Cause, Step, transition},
};
use serde::{Deserialize, Serialize};

/// One placing of a call with a provider. Its row exists before the provider is asked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id: the `Idempotency-Key` of every placing of it.
    pub id: AttemptId,
    /// The call it belongs to.
    pub call_id: CallId,
    /// Which one of the call's attempts, from 1.
    pub number: i32,
    /// Where it stands.
    pub status: AttemptStatus,
    /// The provider's name.
    pub provider: String,
    /// The provider's id for it, once known.
    pub provider_call_id: Option<String>,
    /// Until when the provider may first see it; none while nothing is being asked of the provider, as after
    /// a refusal "not now". An attempt without it takes no slot.
    pub place_by: Option<Timestamp>,
    /// The instant from which it might go out.
    pub due_at: Timestamp,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// When the provider took it.
    pub accepted_at: Option<Timestamp>,
    /// When the phone rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub ended_reason: Option<EndedReason>,
    /// Whether its end is our guess (contact was lost, or nobody knows whether it went out), which a later report
    /// may correct once.
    pub provisional: bool,
    /// Since when it is to be hung up.
    pub hangup_requested_at: Option<Timestamp>,
    /// When the provider is asked next to hang up; none once there is nothing left to ask, or it can't do it.
    pub hangup_next_at: Option<Timestamp>,
    /// When the provider was last heard of it.
    pub last_heard_at: Option<Timestamp>,
    /// When the provider is asked about it next.
    pub check_at: Option<Timestamp>,
    /// How many times it was asked about since it was last heard of.
    pub checks: i32,
    /// How many times the provider said "not now".
    pub refusals: i32,
    /// The highest sequence among its reports.
    pub last_sequence: Option<i64>,
    /// How long the conversation was, in seconds.
    pub duration_secs: Option<i32>,
    /// Who answered: `human`, `machine`.
    pub answered_by: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
}

/// The parsed content of a status callback or of an answered status query.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The provider's id for the attempt.
    pub provider_call_id: String,
    /// Where the attempt stands at the provider.
    pub status: AttemptStatus,
    /// Rises with each report of an attempt.
    #[serde(default)]
    pub sequence: Option<i64>,
    /// When it happened, by the provider's clock.
    pub occurred_at: Timestamp,
    /// Why it ended, where it has.
    #[serde(default)]
    pub ended_reason: Option<EndedReason>,
    /// How long the conversation was, in seconds.
    #[serde(default)]
    pub duration_secs: Option<i32>,
    /// Who answered.
    #[serde(default)]
    pub answered_by: Option<String>,
    /// Where the recording is.
    #[serde(default)]
    pub recording_url: Option<String>,
}

impl Attempt {
    /// Not ended, and the provider may be at it: it takes a slot.
    pub fn is_in_flight(&self) -> bool {
        !self.status.is_ended() && self.place_by.is_some()
    }

    /// Whether the provider has taken it.
    pub fn is_accepted(&self) -> bool {
        self.accepted_at.is_some()
    }

    /// Whether it is to be hung up and the provider has no way of doing so: it goes on to its end.
    pub fn can_not_be_hung_up(&self) -> bool {
        !self.status.is_ended() && self.hangup_requested_at.is_some() && self.hangup_next_at.is_none()
    }

    /// What this attempt is after `report`, and what to say of the report. `recheck_at` is when to ask the
    /// provider again if nothing more is heard.
    ///
    /// Rank only rises; the first ending wins, unless it was provisional; details fill what is empty, also
    /// after the end; another provider's id for the same attempt is invalid and changes nothing. So the order
    /// in which reports come makes no difference to where the attempt ends, as long as one ending is among them.
    pub fn after(&self, report: &Report, now: Timestamp, recheck_at: Timestamp) -> (Self, Verdict) {
        let mut next = self.clone();
        if self.provider_call_id.as_ref().is_some_and(|known| *known != report.provider_call_id) {
            return (next, Verdict::Invalid);
        }
        let cause = Cause::Reported { status: report.status, provisional: self.provisional };
        let verdict = match transition(self.status.into(), cause) {
            Ok(Step::To(_)) => Verdict::Applied,
            Ok(Step::AlreadyEnded) => Verdict::AlreadyEnded,
            _ => Verdict::Stale,
        };
        next.provider_call_id = Some(report.provider_call_id.clone());
        next.last_heard_at = Some(now);
        next.last_sequence = self.last_sequence.max(report.sequence);
        next.accepted_at = self.accepted_at.or(Some(now));
        // A provider that said "not now" and dials all the same takes a slot, and is asked about it.
        next.place_by = self.place_by.or(Some(now));
        next.fill_details(report, now);
        if verdict == Verdict::Applied {
            next.advance(report, now);
        }
        if next.status.is_ended() {
            next.hangup_next_at = None;
        }
        // An end that was our guess is open again once something was heard: the provider is asked for the true one.
        let is_over = next.status.is_ended() && !next.provisional;
        next.check_at = (!is_over).then_some(recheck_at);
        next.checks = if is_over { self.checks } else { 0 };
        (next, verdict)
    }

    /// Ends this attempt without a report: a refusal, a cancel before it was placed, a guess of ours.
    #[must_use]
    pub fn ended(&self, status: AttemptStatus, reason: EndedReason, now: Timestamp) -> Self {
        Self {
            status,
            ended_at: Some(now),
            ended_reason: Some(reason),
            check_at: None,
            hangup_next_at: None,
            provisional: reason.is_guess(),
            ..self.clone()
        }
    }

    fn advance(&mut self, report: &Report, now: Timestamp) {
        self.status = report.status;
        if !report.status.is_ended() {
            return;
        }
        self.provisional = false;
        self.ended_at = Some(self.sane(report.occurred_at, now));
        self.ended_reason = report.ended_reason.or_else(|| report.status.usual_reason());
    }

    fn fill_details(&mut self, report: &Report, now: Timestamp) {
        let at = Some(self.sane(report.occurred_at, now));
        match report.status {
            AttemptStatus::Ringing => self.ringing_at = self.ringing_at.min(at).or(at),
            AttemptStatus::InProgress => self.answered_at = self.answered_at.min(at).or(at),
            // How long they talked is known when it is over; what is said of it earlier is no more than a guess.
            ended if ended.is_ended() => self.duration_secs = self.duration_secs.or(report.duration_secs),
            _ => {}
        }
        self.answered_by = self.answered_by.take().or_else(|| report.answered_by.clone());
        self.recording_url = self.recording_url.take().or_else(|| report.recording_url.clone());
    }

    /// The provider's clock is believed only between the claim and now.
    fn sane(&self, occurred_at: Timestamp, now: Timestamp) -> Timestamp {
        occurred_at.min(now).max(self.claimed_at)
    }
}

#[cfg(test)]
mod tests;
