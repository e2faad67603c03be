//! One thing that happens to a call, and the callback that tells of it.

use super::{
    internal,
    scenario::{EndedReason, OVERTAKEN_BY, Script, Status},
    table::{call, callback},
    wire::{Report, rfc3339},
};
use crate::error::AppError;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use std::time::Duration;
use uuid::Uuid;

/// Something that happens to a call. Instants are in milliseconds since the epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happening {
    /// Its place in what happens to the call, from 1.
    pub sequence: i64,
    /// The call's status from then on.
    pub status: Status,
    /// Why the call ended, if this ends it.
    pub ended_reason: Option<EndedReason>,
    /// How long they talked, if this ends an answered call.
    pub duration_secs: Option<i64>,
    /// When it happens.
    pub occurred_at: i64,
    /// When it is first reported.
    pub due_at: i64,
    /// How often it is reported; 0 if the report is lost.
    pub copies: i16,
}

/// Everything that will happen to a call that is dialed at `dialed_at`, with the script's times divided by
/// `speed`.
pub fn plan(script: &Script, dialed_at: i64, speed: f64) -> Vec<Happening> {
    let steps = (1..).zip(&script.steps);
    let happenings = steps.map(|(sequence, step)| Happening {
        sequence,
        status: step.status,
        ended_reason: step.ended_reason,
        duration_secs: step.duration_secs,
        occurred_at: dialed_at.saturating_add(divided(step.after_ms, speed)),
        due_at: dialed_at.saturating_add(divided(step.report_after_ms, speed)),
        copies: step.copies,
    });
    happenings.collect()
}

/// By how much a callback comes too late that another overtakes, in milliseconds at this speed.
pub fn overtaken_by(speed: f64) -> i64 {
    divided(OVERTAKEN_BY, speed)
}

/// Stores what happens to `call`; whatever is not lost is sent when it is due.
pub async fn store(
    db: &impl ConnectionTrait,
    call: &call::Model,
    happenings: &[Happening],
) -> Result<(), AppError> {
    let rows = happenings.iter().map(|it| it.row(call)).collect::<Result<Vec<_>, _>>()?;
    callback::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

impl Happening {
    fn row(&self, call: &call::Model) -> Result<callback::ActiveModel, AppError> {
        let report = self.report(call);
        let payload = serde_json::to_string(&report).map_err(internal)?;
        Ok(callback::ActiveModel {
            webhook_id: Set(format!("msg_{}", Uuid::now_v7().simple())),
            provider_call_id: Set(report.provider_call_id),
            sequence: Set(self.sequence),
            status: Set(self.status.word().to_owned()),
            payload: Set(payload),
            occurred_at: Set(self.occurred_at),
            due_at: Set(self.due_at),
            copies: Set(self.copies),
            tries: Set(0),
            next_try_at: Set((self.copies > 0).then_some(self.due_at)),
            delivered_at: Set(None),
            last_answer: Set(None),
            posts: Set(None),
        })
    }

    fn report(&self, call: &call::Model) -> Report {
        let answered = self.status == Status::InProgress || self.duration_secs.is_some();
        Report {
            attempt_id: call.attempt_id.clone(),
            provider_call_id: call.provider_call_id.clone(),
            status: self.status,
            sequence: self.sequence,
            occurred_at: rfc3339(self.occurred_at),
            ended_reason: self.ended_reason,
            duration_secs: self.duration_secs,
            answered_by: answered.then(|| "human".to_owned()),
        }
    }
}

/// `millis` of normal time, in milliseconds at this speed.
fn divided(millis: i64, speed: f64) -> i64 {
    let normal = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    i64::try_from(normal.div_f64(speed).as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::provider::simulator::scenario::script;

    #[test]
    fn the_speed_divides_all_times() {
        let script = script("+14155550109", 0, 1, 0.0);
        let times: Vec<_> =
            plan(&script, 1_000, 10.0).iter().map(|it| (it.sequence, it.occurred_at, it.due_at)).collect();
        assert_eq!(times, [(1, 1_000, 1_300), (2, 1_200, 1_200), (3, 1_500, 2_100), (4, 2_000, 2_000)]);
    }

    #[test]
    fn an_extreme_speed_is_no_panic() {
        let script = script("+14155550105", 0, 1, 0.0);
        assert_eq!(plan(&script, 0, 1_000_000.0).last().map(|it| it.occurred_at), Some(0));
        assert_eq!(plan(&script, 0, 0.001).last().map(|it| it.occurred_at), Some(67_000_000));
    }
}
