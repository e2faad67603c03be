//! The rows behind endpoints and deliveries, and their one mapping to the domain's types.

use crate::{
    domain::{
        id::{CallId, DeliveryId, EndpointId},
        timestamp::Timestamp,
        webhook::{Delivery, Endpoint, WebhookEvent},
    },
    error::AppError,
};
use std::fmt::{self, Display};

/// A secret as its row keeps it. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq, sea_orm::DeriveValueType)]
pub struct Kept(pub String);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(hidden)")
    }
}

/// The table `webhook_endpoints`.
pub mod endpoints {
    use super::Kept;
    use sea_orm::entity::prelude::*;

    /// One row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_endpoints")]
    #[expect(missing_docs, reason = "the columns are told in domain::webhook")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub team_id: Uuid,
        pub version: i64,
        pub url: String,
        pub description: String,
        pub events: Json,
        pub secret: Kept,
        pub old_secret: Option<Kept>,
        pub old_secret_until: Option<i64>,
        pub disabled_at: Option<i64>,
        pub disabled_reason: Option<String>,
        pub failing_since: Option<i64>,
        pub created_by: String,
        pub created_at: i64,
        pub updated_at: i64,
    }

    /// None: deliveries are read by the finders.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `webhook_deliveries`.
pub mod deliveries {
    use sea_orm::entity::prelude::*;

    /// One row. `tries` counts since it was last asked for, `attempts` for ever; `lease_until` is set while it is
    /// being sent.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_deliveries")]
    #[expect(missing_docs, reason = "the other columns are told in domain::webhook")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub position: i64,
        pub id: Uuid,
        pub endpoint_id: Uuid,
        pub event: String,
        pub call_id: Option<Uuid>,
        pub body: String,
        pub status: String,
        pub attempts: i32,
        pub tries: i32,
        pub next_at: Option<i64>,
        pub lease_until: Option<i64>,
        pub last_attempt_at: Option<i64>,
        pub answer_status: Option<i32>,
        pub answer: Option<String>,
        pub error: Option<String>,
        pub duration_ms: Option<i64>,
        pub delivered_at: Option<i64>,
        pub created_at: i64,
    }

    /// None: endpoints are read by the finders.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<endpoints::Model> for Endpoint {
    type Error = AppError;

    fn try_from(row: endpoints::Model) -> Result<Self, AppError> {
        Ok(Self {
            id: EndpointId(row.id),
            version: row.version,
            url: row.url,
            description: row.description,
            events: events_of(row.events)?,
            disabled_at: instant(row.disabled_at),
            disabled_reason: row.disabled_reason.map(|word| word.parse()).transpose().map_err(unreadable)?,
            failing_since: instant(row.failing_since),
            old_secret_until: instant(row.old_secret_until),
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

impl TryFrom<deliveries::Model> for Delivery {
    type Error = AppError;

    fn try_from(row: deliveries::Model) -> Result<Self, AppError> {
        Ok(Self {
            id: DeliveryId(row.id),
            endpoint_id: EndpointId(row.endpoint_id),
            event: row.event,
            call_id: row.call_id.map(CallId),
            body: row.body,
            status: row.status.parse().map_err(unreadable)?,
            attempts: row.attempts,
            next_at: instant(row.next_at),
            last_attempt_at: instant(row.last_attempt_at),
            answer_status: row.answer_status.map(u16::try_from).transpose().map_err(unreadable)?,
            answer: row.answer,
            error: row.error,
            duration_ms: row.duration_ms,
            delivered_at: instant(row.delivered_at),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// The events that an endpoint asked for.
///
/// # Errors
/// [`AppError::Internal`] for a row that we did not write so.
pub fn events_of(json: serde_json::Value) -> Result<Vec<WebhookEvent>, AppError> {
    serde_json::from_value(json).map_err(unreadable)
}

fn instant(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

fn unreadable(why: impl Display) -> AppError {
    tracing::error!(%why, "a stored row can't be read");
    AppError::Internal
}
