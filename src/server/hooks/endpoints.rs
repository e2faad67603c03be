//! The verbs and finders of endpoints. Their addresses have been judged by whoever calls.

use super::entity::{Kept, endpoints};
use crate::{
    domain::{
        actor::Actor,
        id::EndpointId,
        timestamp::Timestamp,
        webhook::{Endpoint, EndpointEdit, MAX_ENDPOINTS, NewEndpoint, OLD_SECRET_SIGNS_SECS},
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{Db, Tx, Written},
        signing,
    },
};
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect, Select, entity::prelude::*, sea_query::LockType};
use secrecy::SecretString;
use serde_json::json;

/// An endpoint with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct WithSecret {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// What its deliveries are signed with from now on.
    pub secret: SecretString,
}

/// The team's endpoints, oldest first.
///
/// # Errors
/// What the database says.
pub async fn list(db: &Db, actor: &Actor) -> Result<Vec<Endpoint>, AppError> {
    let rows = of_team(actor).order_by_asc(endpoints::Column::Id).all(db.read()).await?;
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// One endpoint.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn find(db: &Db, actor: &Actor, id: EndpointId) -> Result<Endpoint, AppError> {
    let row = of_team(actor).filter(endpoints::Column::Id.eq(id.0)).one(db.read()).await?;
    row.ok_or_else(no_endpoint)?.try_into()
}

/// Makes an endpoint, with a secret of its own.
///
/// # Errors
/// A refusal when the team has too many already.
pub async fn create(
    tx: &Tx,
    actor: &Actor,
    new: NewEndpoint,
    clock: &Clock,
) -> Result<Written<WithSecret>, AppError> {
    if of_team(actor).count(tx.conn()).await? >= MAX_ENDPOINTS {
        let why = format!("There are {MAX_ENDPOINTS} webhook endpoints already. Delete one first.");
        return Err(AppError::refused("too_many_endpoints", why));
    }
    let (now, secret) = (clock.now().as_millis(), signing::new_secret());
    let row = endpoints::Model {
        id: clock.new_id(),
        team_id: actor.team_id.0,
        version: 1,
        url: new.url,
        description: new.description,
        events: json!(new.events),
        secret: Kept(secret.clone()),
        old_secret: None,
        old_secret_until: None,
        disabled_at: None,
        disabled_reason: None,
        failing_since: None,
        created_by: actor.name(),
        created_at: now,
        updated_at: now,
    };
    endpoints::Entity::insert(endpoints::ActiveModel::from(row.clone()))
        .exec_without_returning(tx.conn())
        .await?;
    Ok(Written::new(WithSecret { endpoint: row.try_into()?, secret: secret.into() }))
}

/// Changes what `edit` names. `version` is the version that the caller has seen, if it says so.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::PreconditionFailed`] when it has another version.
pub async fn edit(
    tx: &Tx,
    actor: &Actor,
    id: EndpointId,
    edit: EndpointEdit,
    version: Option<i64>,
    now: Timestamp,
) -> Result<Written<Endpoint>, AppError> {
    let before: Endpoint = hold(tx, actor, id, version).await?.try_into()?;
    let mut after = before.edited(edit, now);
    if after == before {
        return Ok(Written::new(before));
    }
    (after.version, after.updated_at) = (before.version + 1, now);
    let row = endpoints::ActiveModel {
        id: Set(id.0),
        version: Set(after.version),
        url: Set(after.url.clone()),
        description: Set(after.description.clone()),
        events: Set(json!(after.events)),
        disabled_at: Set(after.disabled_at.map(Timestamp::as_millis)),
        disabled_reason: Set(after.disabled_reason.map(|reason| reason.to_string())),
        failing_since: Set(after.failing_since.map(Timestamp::as_millis)),
        updated_at: Set(now.as_millis()),
        ..Default::default()
    };
    endpoints::Entity::update(row).exec(tx.conn()).await?;
    // What waited while it was disabled goes out.
    Ok(Written::new(after).wake(now))
}

/// Gives the endpoint a new secret. The one before it goes on signing for a day; one before that signs no more.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn rotate_secret(
    tx: &Tx,
    actor: &Actor,
    id: EndpointId,
    now: Timestamp,
) -> Result<Written<WithSecret>, AppError> {
    let mut row = hold(tx, actor, id, None).await?;
    let secret = signing::new_secret();
    row.old_secret = Some(std::mem::replace(&mut row.secret, Kept(secret.clone())));
    row.old_secret_until = Some(now.plus_secs(OLD_SECRET_SIGNS_SECS).as_millis());
    row.version += 1;
    row.updated_at = now.as_millis();
    let after = endpoints::ActiveModel {
        id: Set(row.id),
        version: Set(row.version),
        secret: Set(row.secret.clone()),
        old_secret: Set(row.old_secret.clone()),
        old_secret_until: Set(row.old_secret_until),
        updated_at: Set(row.updated_at),
        ..Default::default()
    };
    endpoints::Entity::update(after).exec(tx.conn()).await?;
    tracing::info!(endpoint_id = %id, by = %actor.name(), "a webhook secret was rotated");
    Ok(Written::new(WithSecret { endpoint: row.try_into()?, secret: secret.into() }))
}

/// Deletes the endpoint with all that it was or was to be told.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::PreconditionFailed`] when it has another version.
pub async fn delete(
    tx: &Tx,
    actor: &Actor,
    id: EndpointId,
    version: Option<i64>,
) -> Result<Written<()>, AppError> {
    let row = hold(tx, actor, id, version).await?;
    endpoints::Entity::delete_by_id(row.id).exec(tx.conn()).await?;
    tracing::info!(endpoint_id = %id, by = %actor.name(), "a webhook endpoint was deleted");
    Ok(Written::new(()))
}

/// The endpoint's row, held until the transaction ends.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::PreconditionFailed`] when it has another version than `version`.
pub(super) async fn hold(
    tx: &Tx,
    actor: &Actor,
    id: EndpointId,
    version: Option<i64>,
) -> Result<endpoints::Model, AppError> {
    let row = of_team(actor)
        .filter(endpoints::Column::Id.eq(id.0))
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?
        .ok_or_else(no_endpoint)?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(AppError::PreconditionFailed);
    }
    Ok(row)
}

/// That the team has no such endpoint.
pub fn no_endpoint() -> AppError {
    AppError::NotFound("webhook endpoint".to_owned())
}

fn of_team(actor: &Actor) -> Select<endpoints::Entity> {
    endpoints::Entity::find().filter(endpoints::Column::TeamId.eq(actor.team_id.0))
}
