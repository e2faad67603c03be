//! What a number will do instead of its own: another scenario, or a story of one's own. Pure.

use super::{
    problem::Problem,
    scenario::{EndedReason, Scenario, Script, Status, Step},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The usual times, in milliseconds.
const RINGS_AFTER: i64 = 2_000;
const TALK: i64 = 5_000;
const UNANSWERED_ENDS_AFTER: i64 = 10_000;
/// The longest of all times in a story, in milliseconds: a day.
const LONGEST: i64 = 86_400_000;

/// How a story ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StoryEnd)]
pub enum End {
    /// Answered, talked, over; only for a call that is answered.
    Completed,
    /// The line is busy; only for a call that is not answered. It does not ring.
    Busy,
    /// Nobody answers; only for a call that is not answered.
    NoAnswer,
    /// The network fails.
    Failed,
    /// Never, unless it is hung up.
    Never,
}

/// A story of one's own. All times are in milliseconds of normal time, which the speed divides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// When it rings, after the dialing: 2000 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rings_after_ms: Option<i64>,
    /// When it is answered, after the dialing and after it rings; absent, nobody answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_after_ms: Option<i64>,
    /// How long they talk before it ends: 5000 unless said; only for a call that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talks_for_ms: Option<i64>,
    /// When it ends, after the dialing: 10000 unless said, 2000 for `busy`; only for a call that is not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_after_ms: Option<i64>,
    /// How it ends: as `completed` if it is answered and as `no_answer` if not, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<End>,
}

/// What a number will do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What the numbers of this scenario do.
    Scenario(Scenario),
    /// This.
    Story(Story),
}

impl Outcome {
    /// What happens to the call.
    pub fn script(&self) -> Script {
        match self {
            Self::Scenario(scenario) => Script::of(*scenario),
            Self::Story(story) => {
                let steps = story.steps();
                Script { scenario: Scenario::OwnStory, steps, faults: vec![] }
            }
        }
    }
}

impl Story {
    /// The same, or what is wrong with it.
    pub fn checked(self) -> Result<Self, Problem> {
        let wrong = |detail: &str| Err(Problem::refused("invalid_story", detail));
        let times = [self.rings_after_ms, self.answered_after_ms, self.talks_for_ms, self.ends_after_ms];
        if times.into_iter().flatten().any(|millis| !(0..=LONGEST).contains(&millis)) {
            return wrong("Each time of a story must be 0 to 86400000 milliseconds.");
        }
        let ends = self.ends();
        match self.answered_after_ms {
            Some(_) if matches!(ends, End::Busy | End::NoAnswer) => {
                wrong("A call that is answered ends as completed, failed or never.")
            }
            Some(answered) if answered <= self.rings_after() => wrong(
                "A call is answered after it rings: answered_after_ms must be more than rings_after_ms.",
            ),
            Some(_) if self.ends_after_ms.is_some() => {
                wrong("ends_after_ms is for calls that are not answered; say talks_for_ms.")
            }
            None if ends == End::Completed => wrong("Only a call that is answered is completed."),
            None if self.talks_for_ms.is_some() => wrong("Nobody talks where nobody answers."),
            None if ends == End::Busy && self.rings_after_ms.is_some() => wrong("A busy line does not ring."),
            None if ends != End::Busy && ends != End::Never && self.ends_after() <= self.rings_after() => {
                wrong("A call ends after it rings: ends_after_ms must be more than rings_after_ms.")
            }
            _ if ends == End::Never && (self.talks_for_ms.is_some() || self.ends_after_ms.is_some()) => {
                wrong("What never ends has no time of its end.")
            }
            _ if self.ends_after_ms == Some(0) => wrong("A call ends after it is dialed."),
            _ => Ok(self),
        }
    }

    fn ends(&self) -> End {
        let usual = if self.answered_after_ms.is_some() { End::Completed } else { End::NoAnswer };
        self.ends.unwrap_or(usual)
    }

    fn rings_after(&self) -> i64 {
        self.rings_after_ms.unwrap_or(RINGS_AFTER)
    }

    fn ends_after(&self) -> i64 {
        let usual = if self.ends() == End::Busy { RINGS_AFTER } else { UNANSWERED_ENDS_AFTER };
        self.ends_after_ms.unwrap_or(usual)
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![step(0, Status::Initiated)];
        let ends = self.ends();
        if ends != End::Busy {
            steps.push(step(self.rings_after(), Status::Ringing));
        }
        let mut ended_at = self.ends_after();
        let mut talked = None;
        if let Some(answered) = self.answered_after_ms {
            steps.push(step(answered, Status::InProgress));
            let talk = self.talks_for_ms.unwrap_or(TALK);
            ended_at = answered + talk;
            talked = Some(talk / 1_000);
        }
        let (status, reason) = match ends {
            End::Completed => (Status::Completed, EndedReason::Answered),
            End::Busy => (Status::Busy, EndedReason::Busy),
            End::NoAnswer => (Status::NoAnswer, EndedReason::NoAnswer),
            End::Failed => (Status::Failed, EndedReason::ProviderFailed),
            End::Never => return steps,
        };
        steps.push(Step { ended_reason: Some(reason), duration_secs: talked, ..step(ended_at, status) });
        steps
    }
}

fn step(after_ms: i64, status: Status) -> Step {
    Step { after_ms, report_after_ms: after_ms, status, ended_reason: None, duration_secs: None, copies: 1 }
}

#[cfg(test)]
mod tests;
