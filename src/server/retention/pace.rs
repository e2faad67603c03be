//! Pace: how much goes in one commit, and how long everybody else has a turn until the next one.

use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// However long a step took.
const LONGEST: Duration = Duration::from_secs(10);

/// How steps are taken.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Rows of one step: few enough that no other write waits for long.
    most: u64,
    /// A step is followed by a rest of so many times its length.
    rests: u32,
    stop: CancellationToken,
}

impl Pace {
    /// For the loop: it has all day.
    pub fn leisurely(stop: CancellationToken) -> Self {
        Self { most: 50, rests: 4, stop }
    }

    /// For an operator who waits for it: half the time belongs to the others.
    pub fn brisk() -> Self {
        Self { most: 200, rests: 1, stop: CancellationToken::new() }
    }

    /// Other numbers of rows in one step.
    #[must_use]
    pub fn with_steps_of(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// How many rows a step takes.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// Rests after a step that began at `begun`. False if there should be no other.
    pub async fn rest(&self, begun: Instant) -> bool {
        self.wait(begun.elapsed().saturating_mul(self.rests).min(LONGEST)).await
    }

    /// Waits. False if nothing more should be done.
    pub async fn wait(&self, time: Duration) -> bool {
        timeout(time, self.stop.cancelled()).await.is_err()
    }
}
