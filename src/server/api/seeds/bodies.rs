//! What older clients send and find in the answers.

use crate::domain::{
    call::Call,
    status::{CallStatus, EndedReason},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// A call at a time. The field is also read as `scheduled_time`.
#[derive(ToSchema)]
#[schema(as = OlderSchedule)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub struct ScheduleBody {
    /// The number to dial; it stands in for the customer's name.
    #[schema(min_length = 1)]
    phone_number: String,
    /// When it should go out: with an offset, or as a wall time in `DEFAULT_TIME_ZONE`.
    scheduled_at: String,
}

/// A call at once.
#[derive(ToSchema)]
#[schema(as = OlderCallNow)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub struct CallNowBody {
    /// The number to dial; it stands in for the customer's name.
    #[schema(min_length = 1)]
    phone_number: String,
}

/// Which call. The field is also read as `callId`.
#[derive(ToSchema)]
#[schema(as = OlderSendCall)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub struct SendCallBody {
    /// The call's id.
    #[schema(format = "uuid")]
    call_id: String,
}

/// Where a list goes on. Every filter of the newer list is read too.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what the filter reads")]
pub struct OlderListQuery {
    /// Rows on a page, 1 to 200; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page begins, as the page before it said in `Link`.
    cursor: Option<String>,
}

/// A call as older clients know it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderCall)]
pub struct OlderCallView {
    id: String,
    phone_number: String,
    /// When it was to go out.
    #[schema(format = "date-time")]
    scheduled_time: String,
    /// `pending`, `in-progress`, `completed` or `failed`.
    status: &'static str,
    /// The provider's id of its newest attempt.
    #[schema(required)]
    call_api_id: Option<String>,
    /// Where the provider is with it: `initiated`, `ringing`, `connected`, `completed`, or how it failed.
    #[schema(required)]
    call_status: Option<&'static str>,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
    /// Why it failed, in words.
    #[schema(required)]
    error_message: Option<&'static str>,
}

/// A call in an older envelope.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderEnvelope)]
pub struct EnvelopeView {
    /// Always true.
    pub success: bool,
    /// The call.
    pub call: OlderCallView,
}

/// The attempt under way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OlderSent)]
pub struct SentView {
    /// The provider's id; null until it has taken the call.
    #[schema(required)]
    pub provider_id: Option<String>,
    /// In how many milliseconds the call is due; 0 = now, or it is under way.
    pub scheduled_in_ms: i64,
}

/// That it was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderDeleted)]
pub struct DeletedView {
    /// In words.
    pub message: &'static str,
}

impl OlderCallView {
    /// Shows `call`, with the provider's id of its newest attempt.
    pub fn of(call: &Call, provider_call_id: Option<String>) -> Self {
        let (status, stage) = match call.status {
            CallStatus::Pending | CallStatus::Dispatching => ("pending", None),
            CallStatus::InProgress => ("in-progress", Some("connected")),
            CallStatus::Completed => ("completed", Some("completed")),
            active if active.is_open() => ("in-progress", Some(active.as_str())),
            ended => ("failed", Some(ended.as_str())),
        };
        let failed = call.ended_reason.filter(|_| status == "failed");
        Self {
            id: call.id.to_string(),
            phone_number: call.phone_number.to_string(),
            scheduled_time: call.scheduled_at.unwrap_or(call.created_at).to_rfc3339(),
            status,
            call_api_id: provider_call_id,
            call_status: stage,
            created_at: call.created_at.to_rfc3339(),
            updated_at: call.updated_at.to_rfc3339(),
            error_message: failed.map(EndedReason::label),
        }
    }
}
