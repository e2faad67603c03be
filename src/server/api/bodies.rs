//! What requests may say, for the OpenAPI document. Nothing is read into these types: [`super::input::Fields`] reads
//! bodies, [`crate::domain::filter::CallFilter`] and [`crate::domain::event_filter::EventFilter`] queries, and tests hold their fields and these together.

use crate::server::words::{CallStatusWord, EndingWord, EventKindWord, PhaseWord, SortWord, WorkflowWord};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// A call to be created. Names are also read in camelCase (`customerName`), and `scheduled_time` as `scheduled_at`.
#[derive(ToSchema)]
#[schema(as = NewCall)]
#[serde(deny_unknown_fields)]
pub struct NewCallBody {
    /// Who is phoned: 1 to 200 characters without the spaces around them, no control characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub customer_name: String,
    /// The number to dial: in E.164 with or without spaces, brackets and dashes, or national with a `country`.
    #[schema(min_length = 1, format = "phone")]
    pub phone_number: String,
    /// The country of a national number, two letters.
    #[schema(nullable, pattern = "^[A-Za-z]{2}$")]
    pub country: Option<String>,
    #[expect(missing_docs, reason = "the document says it at the list of workflows")]
    pub workflow: WorkflowWord,
    /// When it should go out, with an offset; absent = now. Up to 60 seconds past counts as now, earlier is refused,
    /// and so is more than five years ahead.
    #[schema(format = "date-time")]
    pub scheduled_at: Option<String>,
    /// The same as a delay from now, in seconds. Not together with `scheduled_at`.
    #[schema(minimum = 0, maximum = 31_622_400)]
    pub delay_secs: Option<i64>,
    /// How many attempts the provider may take; 1 unless said otherwise.
    #[schema(minimum = 1, maximum = 10)]
    pub max_attempts: Option<i32>,
    /// What you want to find again: an object of at most 4 kB of JSON.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// Your own id for it; a second call with the same is refused (409).
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub external_id: Option<String>,
}

/// What changes about a call: an edit while it waits, or its end set by hand.
#[derive(ToSchema)]
#[schema(as = CallPatch)]
#[serde(untagged)]
pub enum CallPatchBody {
    /// An edit.
    Edit(CallEditBody),
    /// An end.
    End(CallEndBody),
}

/// An edit of a call that waits, as a JSON Merge Patch (RFC 7396): what is absent stays, null removes.
#[derive(ToSchema)]
#[schema(as = CallEdit)]
#[serde(deny_unknown_fields)]
pub struct CallEditBody {
    /// Who is phoned.
    #[schema(
        min_length = 1,
        max_length = 200,
        nullable = false,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub customer_name: Option<String>,
    /// The number to dial.
    #[schema(min_length = 1, nullable = false, format = "phone")]
    pub phone_number: Option<String>,
    /// The country of a national number, two letters.
    #[schema(pattern = "^[A-Za-z]{2}$")]
    pub country: Option<String>,
    /// Why the customer is phoned.
    #[schema(nullable = false)]
    pub workflow: Option<WorkflowWord>,
    /// When it should go out; null = now.
    #[schema(format = "date-time")]
    pub scheduled_at: Option<String>,
    /// How many attempts the provider may take.
    #[schema(minimum = 1, maximum = 10, nullable = false)]
    pub max_attempts: Option<i32>,
    /// Merged into what is there; null empties it.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
}

/// The end of a call, set by hand. Nothing can be edited together with it.
#[derive(ToSchema)]
#[schema(as = CallEnd)]
#[serde(deny_unknown_fields)]
pub struct CallEndBody {
    /// How it ended.
    pub status: EndingWord,
}

/// Something to be written down.
#[derive(ToSchema)]
#[schema(as = NewNote)]
#[serde(deny_unknown_fields)]
pub struct NoteBody {
    /// What is written into the timeline: 1 to 2,000 characters.
    #[schema(
        min_length = 1,
        max_length = 2_000,
        pattern = "^[^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F]*$"
    )]
    pub note: String,
}

/// The switch for all placing.
#[derive(ToSchema)]
#[schema(as = DispatchSwitch)]
#[serde(deny_unknown_fields)]
pub struct DispatchBody {
    /// True stops all placing, false lets it go on.
    pub paused: bool,
}

/// Which call.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CallPath {
    /// The call's id.
    #[param(format = "uuid", example = "0193501d-5a01-7c5e-8a52-4e2f6d1b9c11")]
    pub id: String,
}

/// The version that the caller has seen.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatch {
    /// The ETag that the call had when you read it; 412 if it has another now. `*` or absent = whatever it has.
    #[param(rename = "If-Match", nullable = false, format = "etag", example = "\"3\"")]
    pub if_match: Option<String>,
}

/// What the caller has already read.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfNoneMatch {
    /// The ETag of an answer that you have; 304 without a body if it would be the same again.
    #[param(rename = "If-None-Match", nullable = false, example = "\"3\"")]
    pub if_none_match: Option<String>,
}

/// Under what a request is carried out once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyKey {
    /// A key of your choice, new for each new request: 1 to 255 visible ASCII characters, as a UUID; quotes around it
    /// do not count. Sent again with the same body within 24 hours, the request is not carried out again: you get the
    /// first answer (2xx and 409) with `Idempotency-Replayed: true`.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = r##"^([!#-~][!-~]*|"([!#-~][!-~]*|"[!-~]+)?)$"##
    )]
    pub idempotency_key: Option<String>,
}

/// By what a request is followed.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct Traceparent {
    /// The trace that the request is a part of (W3C Trace Context): handed on to the provider with each placing of the
    /// call. Without one, or with one that can't be read, a trace begins here.
    #[param(nullable = false, example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    pub traceparent: Option<String>,
}

/// Which calls a list shows, and in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    #[param(nullable = false)]
    /// Calls of this phase.
    pub phase: Option<PhaseWord>,
    /// Calls of any of these statuses; may be repeated.
    #[param(nullable = false, explode)]
    pub status: Option<Vec<CallStatusWord>>,
    /// Calls for this reason.
    #[param(nullable = false)]
    pub workflow: Option<WorkflowWord>,
    /// The start of the name, in any case, or of the number's digits.
    #[param(nullable = false, min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*$")]
    pub q: Option<String>,
    /// Created at this instant or later: RFC 3339, or a day.
    #[param(nullable = false, format = "date-time")]
    pub created_from: Option<String>,
    /// Created before this instant.
    #[param(nullable = false, format = "date-time")]
    pub created_to: Option<String>,
    /// Wished for at this instant or later.
    #[param(nullable = false, format = "date-time")]
    pub scheduled_from: Option<String>,
    /// Wished for before this instant.
    #[param(nullable = false, format = "date-time")]
    pub scheduled_to: Option<String>,
    /// Only those that ended in a way that a person should look at.
    #[param(nullable = false)]
    pub needs_attention: Option<bool>,
    /// The order: `created` unless said otherwise, among pending calls `due`.
    #[param(nullable = false)]
    pub sort: Option<SortWord>,
}

/// Which part of a list is shown.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Calls on a page; 50 unless said otherwise.
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the page before. It belongs to its filters and order.
    #[param(nullable = false, min_length = 1)]
    pub cursor: Option<String>,
    /// Whether to count all that match. Of other filters than the page's tabs the first 10,000 calls are looked at.
    #[param(nullable = false)]
    pub include_total: Option<bool>,
}

/// What a live reader is told, and from where on.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Begin behind this place: an `events_cursor`, or the id of the last event that was seen.
    #[param(nullable = false, pattern = "^[0-9]+-[0-9]+$", example = "0-41")]
    pub after: Option<String>,
    /// Events of these calls; may be repeated.
    #[param(nullable = false, explode)]
    pub call_id: Option<Vec<String>>,
    /// Events of these kinds; may be repeated.
    #[param(nullable = false, explode)]
    pub kind: Option<Vec<EventKindWord>>,
    /// Events whose call, as it is told beside them, is in any of these statuses; may be repeated.
    #[param(nullable = false, explode)]
    pub status: Option<Vec<CallStatusWord>>,
    /// Events whose call is in this phase.
    #[param(nullable = false)]
    pub phase: Option<PhaseWord>,
    /// Events whose call has this reason.
    #[param(nullable = false)]
    pub workflow: Option<WorkflowWord>,
    /// Only events whose call ended in a way that a person should look at.
    #[param(nullable = false)]
    pub needs_attention: Option<bool>,
}

/// How far a reader came before it was cut off.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventId {
    /// The id of the last event that was seen, as browsers send it when they come back; it wins over `after`.
    #[param(rename = "Last-Event-ID", nullable = false, example = "0-41")]
    pub last_event_id: Option<String>,
}
