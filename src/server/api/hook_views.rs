//! Endpoints and deliveries as the API shows them. The comments of the fields are what the OpenAPI document says.

use crate::{
    domain::{
        timestamp::Timestamp,
        webhook::{Delivery, DeliveryStatus, DisabledReason, Endpoint, WebhookEvent},
    },
    server::words::{DeliveryStatusWord, DisabledReasonWord, WebhookEventWord},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An endpoint that is told what happens. Instants are RFC 3339 in UTC with milliseconds.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct EndpointView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Where events are posted.
    #[schema(format = "uri")]
    url: String,
    /// What its people call it; may be empty.
    description: String,
    /// What it wants to be told of.
    #[schema(value_type = Vec<WebhookEventWord>)]
    events: Vec<&'static str>,
    /// Whether anything is sent to it.
    enabled: bool,
    /// Since when nothing is.
    #[schema(required, format = "date-time")]
    disabled_at: Option<String>,
    /// Why.
    #[schema(required, value_type = Option<DisabledReasonWord>)]
    disabled_reason: Option<&'static str>,
    /// Since when it has taken nothing of what was sent; null when it took the newest.
    #[schema(required, format = "date-time")]
    failing_since: Option<String>,
    /// What its events are signed with. Only the first answer to a request that makes a secret shows it.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Until when the secret before this one signs too.
    #[schema(required, format = "date-time")]
    old_secret_until: Option<String>,
    /// Who made it.
    created_by: String,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it last changed.
    #[schema(format = "date-time")]
    updated_at: String,
    /// Rises with each change; also its `ETag`.
    pub version: i64,
}

/// The team's endpoints, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointList)]
pub struct EndpointListView {
    /// The endpoints.
    pub endpoints: Vec<EndpointView>,
}

/// One telling of one event to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryView {
    /// Its id, which is the `webhook-id`.
    #[schema(format = "uuid")]
    id: String,
    /// What is told: a webhook event, or `webhook.test`.
    event: String,
    /// The call that it tells of.
    #[schema(required, format = "uuid")]
    call_id: Option<String>,
    #[schema(value_type = DeliveryStatusWord)]
    status: &'static str,
    /// How often it was sent.
    attempts: i32,
    /// When it is sent next.
    #[schema(required, format = "date-time")]
    next_at: Option<String>,
    /// When it was last sent.
    #[schema(required, format = "date-time")]
    last_attempt_at: Option<String>,
    /// The HTTP status of the last answer.
    #[schema(required)]
    answer_status: Option<u16>,
    /// The first 4 kB of the last answer.
    #[schema(required)]
    answer: Option<String>,
    /// Why there was no answer, in words.
    #[schema(required)]
    error: Option<String>,
    /// How long the last attempt took, in milliseconds.
    #[schema(required)]
    duration_ms: Option<i64>,
    /// When the endpoint took it.
    #[schema(required, format = "date-time")]
    delivered_at: Option<String>,
    /// When it happened.
    #[schema(format = "date-time")]
    created_at: String,
    /// What is sent: the event's type, its time, and the call as it was.
    #[schema(value_type = Object)]
    payload: Value,
}

/// A page of deliveries, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveryList)]
pub struct DeliveryListView {
    /// The deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// Where the next page begins, if there is one.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl EndpointView {
    /// Shows `endpoint`.
    pub fn of(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id.to_string(),
            enabled: endpoint.is_enabled(),
            url: endpoint.url,
            description: endpoint.description,
            events: endpoint.events.into_iter().map(WebhookEvent::as_str).collect(),
            disabled_at: instant(endpoint.disabled_at),
            disabled_reason: endpoint.disabled_reason.map(DisabledReason::as_str),
            failing_since: instant(endpoint.failing_since),
            secret: None,
            old_secret_until: instant(endpoint.old_secret_until),
            created_by: endpoint.created_by,
            created_at: endpoint.created_at.to_rfc3339(),
            updated_at: endpoint.updated_at.to_rfc3339(),
            version: endpoint.version,
        }
    }

    /// The same with the secret that was just made.
    #[must_use]
    pub fn with_secret(mut self, secret: &SecretString) -> Self {
        self.secret = Some(secret.expose_secret().to_owned());
        self
    }
}

impl DeliveryView {
    /// Shows `delivery`.
    pub fn of(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            event: delivery.event,
            call_id: delivery.call_id.map(|id| id.to_string()),
            status: DeliveryStatus::as_str(delivery.status),
            attempts: delivery.attempts,
            next_at: instant(delivery.next_at),
            last_attempt_at: instant(delivery.last_attempt_at),
            answer_status: delivery.answer_status,
            answer: delivery.answer,
            error: delivery.error,
            duration_ms: delivery.duration_ms,
            delivered_at: instant(delivery.delivered_at),
            created_at: delivery.created_at.to_rfc3339(),
            payload: serde_json::from_str(&delivery.body).unwrap_or_default(),
        }
    }
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
