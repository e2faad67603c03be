//! Webhook endpoints: reading and changing them.
#![allow(missing_docs, reason = "the macro makes fields of the arguments, which the functions describe")]

use super::wire::EndpointPage;
use crate::{
    domain::{
        id::{DeliveryId, EndpointId},
        webhook::{Endpoint, EndpointCommand, form::EndpointForm},
    },
    error::AppError,
};
use leptos::{prelude::*, server_fn::codec::GetUrl};

/// The team's endpoints, oldest first.
#[server(prefix = "/fn", endpoint = "list_endpoints", input = GetUrl)]
pub async fn list_endpoints() -> Result<Vec<Endpoint>, AppError> {
    use crate::server::{door, hooks::endpoints};
    let (state, actor) = door::caller()?;
    endpoints::list(&state.db, &actor).await
}

/// One endpoint with its newest deliveries, and the secret that was just made, if one was.
#[server(prefix = "/fn", endpoint = "get_endpoint", input = GetUrl)]
pub async fn get_endpoint(id: EndpointId) -> Result<EndpointPage, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::hooks_page::show(&state, &actor, id).await
}

/// Makes an endpoint, then goes to its page, which shows its secret once.
#[server(prefix = "/fn", endpoint = "create_endpoint")]
pub async fn create_endpoint(form: EndpointForm) -> Result<EndpointId, AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::hooks_page::create(&state, actor, form).await
}

/// Changes an endpoint that still stands at `version`.
#[server(prefix = "/fn", endpoint = "edit_endpoint")]
pub async fn edit_endpoint(id: EndpointId, version: i64, form: EndpointForm) -> Result<(), AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::hooks_page::edit(&state, actor, id, version, form).await
}

/// Does what a button of the endpoint's page says.
#[server(prefix = "/fn", endpoint = "act_on_endpoint")]
pub async fn act_on_endpoint(id: EndpointId, command: EndpointCommand) -> Result<(), AppError> {
    let (state, actor) = crate::server::door::caller()?;
    crate::server::hooks_page::act(&state, actor, id, command).await
}

/// Sends a delivery again under the same id.
#[server(prefix = "/fn", endpoint = "replay_delivery")]
pub async fn replay_delivery(id: EndpointId, delivery: DeliveryId) -> Result<(), AppError> {
    use crate::server::{door, hooks::deliveries::replay, hooks_page};
    let (state, actor) = door::caller()?;
    let now = state.clock.now();
    state.db.write(async move |tx| replay(&tx, &actor, id, delivery, now).await).await?;
    hooks_page::stay_at(id);
    Ok(())
}
