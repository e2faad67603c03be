//! What requests about webhooks may say, for the OpenAPI document. Nothing is read into these types: a test holds
//! their fields and those that are read together.

use crate::server::words::{DeliveryStatusWord, WebhookEventWord};
use utoipa::{IntoParams, ToSchema};

/// An endpoint to be made.
#[derive(ToSchema)]
#[schema(as = NewWebhookEndpoint)]
#[serde(deny_unknown_fields)]
pub struct NewEndpointBody {
    /// Where events are posted: https, without a name or password in it. An installation with
    /// `WEBHOOK_ALLOW_PRIVATE=true` takes http and private addresses too.
    #[schema(format = "uri", min_length = 1, max_length = 2_000)]
    pub url: String,
    /// What your people call it.
    #[schema(max_length = 200)]
    pub description: Option<String>,
    /// What it wants to be told of; absent = everything.
    #[schema(min_items = 1)]
    pub events: Option<Vec<WebhookEventWord>>,
}

/// What changes about an endpoint, as a JSON Merge Patch (RFC 7396): what is absent stays.
#[derive(ToSchema)]
#[schema(as = WebhookEndpointPatch)]
#[serde(deny_unknown_fields)]
pub struct EndpointPatchBody {
    /// Where events are posted.
    #[schema(format = "uri", min_length = 1, max_length = 2_000, nullable = false)]
    pub url: Option<String>,
    /// What your people call it; null removes it.
    #[schema(max_length = 200)]
    pub description: Option<String>,
    /// What it wants to be told of.
    #[schema(min_items = 1, nullable = false)]
    pub events: Option<Vec<WebhookEventWord>>,
    /// False stops everything to it; what waits goes out when it is true again.
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
}

/// Which endpoint.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EndpointPath {
    /// The endpoint's id.
    #[param(format = "uuid", example = "0193501d-6b02-7a11-8c4e-51d0a3f7e820")]
    pub id: String,
}

/// Which delivery.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DeliveryPath {
    /// The delivery's id, which is its `webhook-id`.
    #[param(format = "uuid", example = "0193501d-6c10-7f3b-9d22-7be1c05a4d19")]
    pub delivery_id: String,
}

/// Which deliveries a list shows, newest first.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// Those that stand so.
    #[param(nullable = false)]
    pub status: Option<DeliveryStatusWord>,
    /// Deliveries on a page; 50 unless said otherwise.
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page begins: `next_cursor` of the page before. It belongs to its endpoint and filter.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
