//! A call as the control API shows it.

use super::super::{
    fault::Fault,
    internal,
    scenario::{EndedReason, Scenario, Script, Status},
    table::{call, callback},
    wire::{Report, rfc3339},
};
use crate::error::AppError;
use serde::Serialize;
use utoipa::ToSchema;

/// A call that was taken.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallLine {
    /// The simulator's id for it.
    provider_call_id: String,
    /// The caller's id for it.
    attempt_id: String,
    /// The number.
    to: String,
    /// The customer's name, as the caller said it.
    customer_name: String,
    /// Why they are called, as the caller said it.
    workflow: String,
    /// Where its callbacks go; null for a caller who wants none.
    callback_url: Option<String>,
    /// The how-manieth placing of this number it is, from 1.
    nth: i64,
    /// What was decided for it.
    scenario: Scenario,
    /// What goes wrong with it by order.
    faults: Vec<Fault>,
    /// By how much its times were divided.
    speed: f64,
    /// When it was taken.
    #[schema(format = "date-time")]
    placed_at: String,
    /// Its status, whether or not anybody was told.
    status: Status,
    /// The place of that in what happens to it; 0 if it has not been dialed yet.
    sequence: i64,
    /// Why it ended, if it has.
    ended_reason: Option<EndedReason>,
    /// When the caller first asked to hang up.
    #[schema(format = "date-time")]
    hangup_requested_at: Option<String>,
    /// What will happen to it next; null if nothing will.
    next: Option<Next>,
}

/// What will happen to a call.
#[derive(Serialize, ToSchema)]
pub struct Next {
    /// The status that it will have.
    status: Status,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

impl CallLine {
    /// How a call stands at `now`, from all that happens to it.
    pub fn of(call: call::Model, happens: &[callback::Model], now: i64) -> Result<Self, AppError> {
        let script: Script = serde_json::from_str(&call.script).map_err(internal)?;
        let report = |row: &callback::Model| serde_json::from_str::<Report>(&row.payload).map_err(internal);
        let past = happens.iter().filter(|row| row.occurred_at <= now).max_by_key(|row| row.sequence);
        let future = happens.iter().filter(|row| row.occurred_at > now).min_by_key(|row| row.sequence);
        let newest = past.map(report).transpose()?;
        let next = future
            .map(|row| Ok::<_, AppError>(Next { status: report(row)?.status, at: rfc3339(row.occurred_at) }));
        Ok(Self {
            provider_call_id: call.provider_call_id,
            attempt_id: call.attempt_id,
            to: call.to_number,
            customer_name: call.customer_name,
            workflow: call.workflow,
            callback_url: Some(call.callback_url).filter(|url| !url.is_empty()),
            nth: call.nth,
            scenario: script.scenario,
            faults: script.faults,
            speed: call.speed,
            placed_at: rfc3339(call.placed_at),
            status: newest.as_ref().map_or(Status::Initiated, |report| report.status),
            sequence: newest.as_ref().map_or(0, |report| report.sequence),
            ended_reason: newest.and_then(|report| report.ended_reason),
            hangup_requested_at: call.hangup_requested_at.map(rfc3339),
            next: next.transpose()?,
        })
    }
}
