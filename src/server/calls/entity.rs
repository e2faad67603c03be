//! The rows behind a call and their one mapping to the domain's types.

use crate::{
    domain::{
        attempt::Attempt,
        call::{Call, Workflow},
        event::CallEvent,
        event_cursor::EventCursor,
        id::{AttemptId, CallId, TeamId},
        status::CallStatus,
        timestamp::Timestamp,
    },
    error::AppError,
};
use sea_orm::sea_query::Expr;
use std::fmt::Display;

/// `status = 'pending'` with the word itself: some indexes hold the calls of one status alone, and are used only where
/// that is known before any value is. And only so PostgreSQL knows how rare it is, since it plans a statement that comes
/// again without its values.
pub fn status_is(status: CallStatus) -> Expr {
    Expr::cust(format!("status = '{status}'"))
}

/// The same of a workflow.
pub fn workflow_is(workflow: Workflow) -> Expr {
    Expr::cust(format!("workflow = '{workflow}'"))
}

/// The table `calls`.
pub mod calls {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "calls")]
    #[expect(missing_docs, reason = "the columns are told in domain::call")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub team_id: Uuid,
        pub version: i64,
        pub customer_name: String,
        pub name_folded: String,
        pub phone_number: String,
        pub workflow: String,
        pub status: String,
        pub scheduled_at: Option<i64>,
        pub due_at: i64,
        pub wanted_at: i64,
        pub delayed_by: Option<String>,
        pub max_attempts: i32,
        pub attempts_made: i32,
        pub cancel_requested_at: Option<i64>,
        pub lease_owner: Option<String>,
        pub lease_epoch: i64,
        pub lease_until: Option<i64>,
        pub ended_at: Option<i64>,
        pub ended_reason: Option<String>,
        pub metadata: Json,
        pub external_id: Option<String>,
        pub warnings: Json,
        pub created_by: String,
        pub created_at: i64,
        pub updated_at: i64,
        pub traceparent: Option<String>,
    }

    /// None: attempts and events are read by the finders.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `call_attempts`.
pub mod attempts {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_attempts")]
    #[expect(missing_docs, reason = "the columns are told in domain::attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub call_id: Uuid,
        pub number: i32,
        pub status: String,
        pub provider: String,
        pub provider_call_id: Option<String>,
        pub place_by: Option<i64>,
        pub due_at: i64,
        pub claimed_at: i64,
        pub accepted_at: Option<i64>,
        pub ringing_at: Option<i64>,
        pub answered_at: Option<i64>,
        pub ended_at: Option<i64>,
        pub ended_reason: Option<String>,
        pub provisional: bool,
        pub hangup_requested_at: Option<i64>,
        pub hangup_next_at: Option<i64>,
        pub last_heard_at: Option<i64>,
        pub check_at: Option<i64>,
        pub checks: i32,
        pub refusals: i32,
        pub last_sequence: Option<i64>,
        pub duration_secs: Option<i32>,
        pub answered_by: Option<String>,
        pub recording_url: Option<String>,
    }

    /// None: attempts are read by the finders.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `call_events`.
pub mod events {
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_events")]
    #[expect(missing_docs, reason = "the columns are told in domain::event")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub position: i64,
        /// A number of 64 bits without a sign, which neither database can hand over as one.
        #[sea_orm(select_as = "text")]
        pub xid: String,
        pub call_id: Option<Uuid>,
        pub team_id: Uuid,
        pub seq: Option<i64>,
        pub attempt_id: Option<Uuid>,
        pub kind: String,
        pub actor: String,
        pub request_id: Option<String>,
        pub verdict: Option<String>,
        pub dedupe_key: Option<String>,
        pub repeats: i32,
        pub payload: Json,
        pub occurred_at: i64,
        pub created_at: i64,
    }

    /// None: events are read by the finders.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<calls::Model> for Call {
    type Error = AppError;

    fn try_from(row: calls::Model) -> Result<Self, AppError> {
        Ok(Self {
            id: CallId(row.id),
            team_id: TeamId(row.team_id),
            version: row.version,
            customer_name: row.customer_name,
            phone_number: row.phone_number.try_into().map_err(unreadable)?,
            workflow: row.workflow.parse().map_err(unreadable)?,
            status: row.status.parse().map_err(unreadable)?,
            scheduled_at: instant(row.scheduled_at),
            due_at: Timestamp::from_millis(row.due_at),
            wanted_at: Timestamp::from_millis(row.wanted_at),
            delayed_by: word(row.delayed_by.as_deref())?,
            max_attempts: row.max_attempts,
            attempts_made: row.attempts_made,
            cancel_requested_at: instant(row.cancel_requested_at),
            lease_owner: row.lease_owner,
            lease_epoch: row.lease_epoch,
            lease_until: instant(row.lease_until),
            ended_at: instant(row.ended_at),
            ended_reason: word(row.ended_reason.as_deref())?,
            metadata: row.metadata,
            external_id: row.external_id,
            warnings: serde_json::from_value(row.warnings).map_err(unreadable)?,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            trace: row.traceparent.and_then(|trace| trace.parse().ok()),
        })
    }
}

impl From<&Call> for calls::Model {
    fn from(call: &Call) -> Self {
        Self {
            id: call.id.0,
            team_id: call.team_id.0,
            version: call.version,
            customer_name: call.customer_name.clone(),
            name_folded: crate::domain::filter::fold(&call.customer_name),
            phone_number: call.phone_number.to_string(),
            workflow: call.workflow.to_string(),
            status: call.status.to_string(),
            scheduled_at: millis(call.scheduled_at),
            due_at: call.due_at.as_millis(),
            wanted_at: call.wanted_at.as_millis(),
            delayed_by: call.delayed_by.map(|by| by.to_string()),
            max_attempts: call.max_attempts,
            attempts_made: call.attempts_made,
            cancel_requested_at: millis(call.cancel_requested_at),
            lease_owner: call.lease_owner.clone(),
            lease_epoch: call.lease_epoch,
            lease_until: millis(call.lease_until),
            ended_at: millis(call.ended_at),
            ended_reason: call.ended_reason.map(|reason| reason.to_string()),
            metadata: call.metadata.clone(),
            external_id: call.external_id.clone(),
            warnings: serde_json::json!(call.warnings),
            created_by: call.created_by.clone(),
            created_at: call.created_at.as_millis(),
            updated_at: call.updated_at.as_millis(),
            traceparent: call.trace.map(|trace| trace.to_string()),
        }
    }
}

impl TryFrom<attempts::Model> for Attempt {
    type Error = AppError;

    fn try_from(row: attempts::Model) -> Result<Self, AppError> {
        Ok(Self {
            id: AttemptId(row.id),
            call_id: CallId(row.call_id),
            number: row.number,
            status: row.status.parse().map_err(unreadable)?,
            provider: row.provider,
            provider_call_id: row.provider_call_id,
            place_by: instant(row.place_by),
            due_at: Timestamp::from_millis(row.due_at),
            claimed_at: Timestamp::from_millis(row.claimed_at),
            accepted_at: instant(row.accepted_at),
            ringing_at: instant(row.ringing_at),
            answered_at: instant(row.answered_at),
            ended_at: instant(row.ended_at),
            ended_reason: word(row.ended_reason.as_deref())?,
            provisional: row.provisional,
            hangup_requested_at: instant(row.hangup_requested_at),
            hangup_next_at: instant(row.hangup_next_at),
            last_heard_at: instant(row.last_heard_at),
            check_at: instant(row.check_at),
            checks: row.checks,
            refusals: row.refusals,
            last_sequence: row.last_sequence,
            duration_secs: row.duration_secs,
            answered_by: row.answered_by,
            recording_url: row.recording_url,
        })
    }
}

impl From<&Attempt> for attempts::Model {
    fn from(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id.0,
            call_id: attempt.call_id.0,
            number: attempt.number,
            status: attempt.status.to_string(),
            provider: attempt.provider.clone(),
            provider_call_id: attempt.provider_call_id.clone(),
            place_by: millis(attempt.place_by),
            due_at: attempt.due_at.as_millis(),
            claimed_at: attempt.claimed_at.as_millis(),
            accepted_at: millis(attempt.accepted_at),
            ringing_at: millis(attempt.ringing_at),
            answered_at: millis(attempt.answered_at),
            ended_at: millis(attempt.ended_at),
            ended_reason: attempt.ended_reason.map(|reason| reason.to_string()),
            provisional: attempt.provisional,
            hangup_requested_at: millis(attempt.hangup_requested_at),
            hangup_next_at: millis(attempt.hangup_next_at),
            last_heard_at: millis(attempt.last_heard_at),
            check_at: millis(attempt.check_at),
            checks: attempt.checks,
            refusals: attempt.refusals,
            last_sequence: attempt.last_sequence,
            duration_secs: attempt.duration_secs,
            answered_by: attempt.answered_by.clone(),
            recording_url: attempt.recording_url.clone(),
        }
    }
}

impl TryFrom<events::Model> for CallEvent {
    type Error = AppError;

    fn try_from(row: events::Model) -> Result<Self, AppError> {
        Ok(Self {
            id: EventCursor { xid: row.xid.parse().map_err(unreadable)?, position: row.position },
            call_id: row.call_id.map(CallId),
            seq: row.seq,
            attempt_id: row.attempt_id.map(AttemptId),
            kind: row.kind.parse().map_err(unreadable)?,
            actor: row.actor,
            request_id: row.request_id,
            verdict: word(row.verdict.as_deref())?,
            repeats: row.repeats,
            payload: row.payload,
            occurred_at: Timestamp::from_millis(row.occurred_at),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

fn instant(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millis)
}

fn word<T: std::str::FromStr<Err: Display>>(text: Option<&str>) -> Result<Option<T>, AppError> {
    text.map(str::parse).transpose().map_err(unreadable)
}

/// A row that we did not write so: the log says what, the caller learns only that it is our fault.
fn unreadable(why: impl Display) -> AppError {
    tracing::error!(%why, "a stored row can't be read");
    AppError::Internal
}
