//! A provider whose answers are timed.

use super::{Asked, HangUpAnswer, Placing, PlacingAnswer, Provider, StatusAnswer};
use crate::server::metrics::Metrics;
use async_trait::async_trait;
use std::{sync::Arc, time::Instant};

/// A provider whose answers are timed; otherwise it is the one within.
pub struct Timed {
    inner: Arc<dyn Provider>,
    metrics: Metrics,
}

impl Timed {
    /// Times what `inner` answers.
    pub fn new(inner: Arc<dyn Provider>, metrics: Metrics) -> Self {
        Self { inner, metrics }
    }
}

#[async_trait]
impl Provider for Timed {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn ask_every_secs(&self, open_secs: i64) -> Option<i64> {
        self.inner.ask_every_secs(open_secs)
    }

    async fn place(&self, placing: &Placing) -> PlacingAnswer {
        let begun = Instant::now();
        let answer = self.inner.place(placing).await;
        let result = match &answer {
            PlacingAnswer::Accepted { .. } => "accepted",
            PlacingAnswer::Refused { .. } => "refused",
            PlacingAnswer::NotNow { .. } => "not_now",
            PlacingAnswer::NotAsked { .. } => "not_asked",
            PlacingAnswer::Unreachable { .. } => "unreachable",
            PlacingAnswer::LockedOut { .. } => "locked_out",
            PlacingAnswer::Ambiguous { .. } => "ambiguous",
        };
        self.metrics.provider_answered("place", result, begun.elapsed());
        answer
    }

    async fn status_of(&self, asked: &Asked) -> StatusAnswer {
        let begun = Instant::now();
        let answer = self.inner.status_of(asked).await;
        let result = match &answer {
            StatusAnswer::Known(_) => "known",
            StatusAnswer::Unknown => "unknown",
            StatusAnswer::NoAnswer { .. } => "no_answer",
            StatusAnswer::Unknowable { .. } => "unknowable",
        };
        self.metrics.provider_answered("status", result, begun.elapsed());
        answer
    }

    async fn hang_up(&self, provider_call_id: &str) -> HangUpAnswer {
        let begun = Instant::now();
        let answer = self.inner.hang_up(provider_call_id).await;
        let result = match &answer {
            HangUpAnswer::Heard => "heard",
            HangUpAnswer::NotHeard => "not_heard",
            HangUpAnswer::Impossible { .. } => "impossible",
        };
        self.metrics.provider_answered("hang_up", result, begun.elapsed());
        answer
    }
}
