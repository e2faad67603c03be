//! A call as one line of the list: what is shown and nothing else, because fifty of them travel twice in each
//! page, once as HTML and once as data for the browser.

use super::{
    call::{Call, ListedCall, Workflow},
    id::CallId,
    status::{CallStatus, EndedReason},
    timestamp::Timestamp,
    waiting::Waiting,
};
use serde::{Deserialize, Serialize};

/// One line of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for itself, and they come in any combination")]
#[serde(from = "Packed", into = "Packed")]
pub struct CallRow {
    /// The call.
    pub id: CallId,
    /// Its version; of two rows the higher one is the newer.
    pub version: i64,
    /// Who is phoned.
    pub customer_name: String,
    /// The number, E.164.
    pub phone_number: String,
    /// Why we phone.
    pub workflow: Workflow,
    /// Where it stands.
    pub status: CallStatus,
    /// When it goes out, went out or ended.
    pub at: Timestamp,
    /// Why it ended.
    pub ended_reason: Option<EndedReason>,
    /// How many attempts the provider has taken.
    pub attempts_made: i32,
    /// How many it may take.
    pub max_attempts: i32,
    /// Whether a cancel is being carried out.
    pub is_being_canceled: bool,
    /// Whether the provider is being asked what became of its placing.
    pub is_asking: bool,
    /// Whether it waits for a later instant, so that "call now" would change something.
    pub is_early: bool,
    /// Why it waits, where the time alone does not say it.
    pub waits: Option<String>,
    /// Whether the list it is shown in does not hold it any more; known to the page alone.
    pub is_gone: bool,
}

/// The same as an array: names of fields would be most of the page's bytes.
type Packed = (
    CallId,
    i64,
    String,
    String,
    Workflow,
    CallStatus,
    Timestamp,
    Option<EndedReason>,
    i32,
    i32,
    bool,
    bool,
    bool,
    Option<String>,
);

impl CallRow {
    /// The line that shows `call` at `now`.
    pub fn new(call: &Call, waiting: Option<&Waiting>, now: Timestamp) -> Self {
        Self {
            id: call.id,
            version: call.version,
            customer_name: call.customer_name.clone(),
            phone_number: call.phone_number.to_string(),
            workflow: call.workflow,
            status: call.status,
            at: call.ended_at.unwrap_or(call.due_at),
            ended_reason: call.ended_reason,
            attempts_made: call.attempts_made,
            max_attempts: call.max_attempts,
            is_being_canceled: call.is_being_canceled(),
            is_asking: call.is_asking(now),
            is_early: call.status == CallStatus::Pending && call.due_at > now,
            waits: waiting.and_then(obstacle),
            is_gone: false,
        }
    }

    /// The line of a listed call.
    pub fn of(listed: &ListedCall, now: Timestamp) -> Self {
        Self::new(&listed.call, listed.waiting.as_ref(), now)
    }

    /// What the status alone does not say: why it waits, that it is being canceled, why it ended.
    pub fn remark(&self) -> Option<String> {
        if self.is_gone {
            return Some("has left this list".to_owned());
        }
        if self.is_being_canceled {
            return Some("canceling…".to_owned());
        }
        if self.is_asking {
            return Some("asking the provider".to_owned());
        }
        let telling = |reason: &EndedReason| {
            self.status == CallStatus::Failed
                || matches!(reason, EndedReason::Declined | EndedReason::HungUp | EndedReason::EndedByHand)
        };
        self.waits
            .clone()
            .or_else(|| self.ended_reason.filter(telling).map(|reason| reason.label().to_owned()))
    }
}

/// The first reason to wait that is not just the time, which has a column of its own. What holds for every call
/// stands above the list at length.
fn obstacle(waiting: &Waiting) -> Option<String> {
    let reason = waiting.reasons.iter().find(|reason| reason.code != "scheduled")?;
    Some(match reason.code.as_str() {
        "paused" => "paused".to_owned(),
        "blocked" | "provider_failing" => "stopped for now".to_owned(),
        _ => reason.detail.clone(),
    })
}

impl From<Packed> for CallRow {
    fn from(p: Packed) -> Self {
        Self {
            id: p.0,
            version: p.1,
            customer_name: p.2,
            phone_number: p.3,
            workflow: p.4,
            status: p.5,
            at: p.6,
            ended_reason: p.7,
            attempts_made: p.8,
            max_attempts: p.9,
            is_being_canceled: p.10,
            is_asking: p.11,
            is_early: p.12,
            waits: p.13,
            is_gone: false,
        }
    }
}

impl From<CallRow> for Packed {
    fn from(row: CallRow) -> Self {
        (
            row.id,
            row.version,
            row.customer_name,
            row.phone_number,
            row.workflow,
            row.status,
            row.at,
            row.ended_reason,
            row.attempts_made,
            row.max_attempts,
            row.is_being_canceled,
            row.is_asking,
            row.is_early,
            row.waits,
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(crate) fn a_row() -> CallRow {
        CallRow {
            id: CallId(Uuid::from_u128(1)),
            version: 1,
            customer_name: "Ada Lovelace".to_owned(),
            phone_number: "+14155550101".to_owned(),
            workflow: Workflow::Support,
            status: CallStatus::Pending,
            at: Timestamp::from_millis(1_795_251_600_000),
            ended_reason: None,
            attempts_made: 0,
            max_attempts: 1,
            is_being_canceled: false,
            is_asking: false,
            is_early: false,
            waits: None,
            is_gone: false,
        }
    }

    #[test]
    fn a_row_survives_being_packed() {
        let row = CallRow { waits: Some("Paused".to_owned()), ..a_row() };
        let packed = serde_json::to_string(&row).expect("JSON");
        assert!(packed.len() < 176, "{packed}");
        assert_eq!(serde_json::from_str::<CallRow>(&packed).expect("a row"), row);
    }

    #[test]
    fn a_remark_says_what_the_status_does_not() {
        let ended = |status, reason| CallRow { status, ended_reason: Some(reason), ..a_row() }.remark();
        assert_eq!(ended(CallStatus::Completed, EndedReason::Answered), None);
        assert_eq!(ended(CallStatus::NoAnswer, EndedReason::NoAnswer), None);
        assert_eq!(ended(CallStatus::Failed, EndedReason::Missed).as_deref(), Some("missed its time"));
        let canceling = CallRow { is_being_canceled: true, ..a_row() };
        assert_eq!(canceling.remark().as_deref(), Some("canceling…"));
        let asking = CallRow { status: CallStatus::Dispatching, is_asking: true, ..a_row() };
        assert_eq!(asking.remark().as_deref(), Some("asking the provider"));
    }
}
