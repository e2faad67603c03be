//! What becomes of a placing and of a phone: drawn from the seed, so that the same run asks for the same again.

use crate::chance::Chance;

/// How a placing is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reception {
    /// Dialed, and said so.
    Taken,
    /// Never, in words that leave no doubt.
    Refused,
    /// The number can't be dialed.
    InvalidNumber,
    /// Not now: too many requests.
    TooMany,
    /// Not now: out of service.
    OutOfService,
    /// An error without a dial, and without a word about it.
    FailedBefore,
    /// An error after the dial.
    FailedAfter,
    /// Dialed, and then talked nonsense.
    Nonsense,
}

/// One thing that happens to a phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// When, in milliseconds since the epoch; before the phone has begun: since its dial.
    pub at: i64,
    /// What it is from then on.
    pub status: &'static str,
    /// Why it ended, if it did.
    pub reason: Option<&'static str>,
}

/// One phone that rings, and what happens to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phone {
    /// The company's id for it.
    pub provider_call_id: String,
    /// The caller's id, if its protocol has one.
    pub attempt_id: Option<String>,
    /// Whose phone it is.
    pub to: String,
    /// Where its reports go.
    pub callback_url: Option<String>,
    /// When it was dialed.
    pub dialed_at: i64,
    /// What happens to it, in order; the last one is its end.
    pub steps: Vec<Step>,
}

/// How a placing is received, by chance.
pub fn reception(chance: &mut Chance) -> Reception {
    chance.weighted(&[
        (86, Reception::Taken),
        (2, Reception::Refused),
        (1, Reception::InvalidNumber),
        (2, Reception::TooMany),
        (2, Reception::OutOfService),
        (2, Reception::FailedBefore),
        (3, Reception::FailedAfter),
        (2, Reception::Nonsense),
    ])
}

/// What happens to a phone, by chance: most live for a moment, some for seconds.
pub fn steps(chance: &mut Chance) -> Vec<Step> {
    let longest = chance.weighted(&[(6, 300), (3, 1_200), (1, 4_000)]);
    let life = i64::try_from(chance.between(50, longest)).unwrap_or(50);
    let (end, reason) = chance.weighted(&[
        (70, ("completed", "answered")),
        (10, ("busy", "busy")),
        (10, ("no_answer", "no_answer")),
        (10, ("failed", "provider_failed")),
    ]);
    let mut steps = vec![Step { at: 0, status: "initiated", reason: None }];
    if end != "busy" {
        steps.push(Step { at: life / 4, status: "ringing", reason: None });
    }
    if end == "completed" {
        steps.push(Step { at: life / 2, status: "in_progress", reason: None });
    }
    steps.push(Step { at: life, status: end, reason: Some(reason) });
    steps
}

impl Phone {
    /// The same, dialed: what happens to it now has its instants.
    pub fn begun(mut self) -> Self {
        for step in &mut self.steps {
            step.at += self.dialed_at;
        }
        self
    }

    /// When it stops ringing and talking.
    pub fn ends_at(&self) -> i64 {
        self.steps.last().map_or(self.dialed_at, |step| step.at)
    }

    /// How it ends.
    pub fn ends_as(&self) -> &'static str {
        self.steps.last().map_or("failed", |step| step.status)
    }

    /// The newest thing that has happened to it, with its number from 1.
    pub fn newest(&self, now: i64) -> (i64, Step) {
        let happened = self.steps.iter().take_while(|step| step.at <= now).count().max(1);
        (i64::try_from(happened).unwrap_or(1), self.steps[happened - 1].clone())
    }

    /// Ends it now, because somebody asked for it.
    pub fn cut(&mut self, now: i64) {
        self.steps.retain(|step| step.at <= now && step.reason.is_none());
        self.steps.push(Step { at: now, status: "canceled", reason: Some("hung_up") });
    }
}
