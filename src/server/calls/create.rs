//! Create: a wish becomes a call.

use super::{change::append, entity::calls};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, NewCall},
        event::{EventKind, NewEvent},
        id::CallId,
        status::CallStatus,
        timestamp::Timestamp,
        trace::Trace,
        webhook::WebhookEvent,
    },
    error::AppError,
    server::{
        clock::Clock,
        db::{Tx, Written},
        hooks::outbox::tell,
    },
};
use sea_orm::{IntoActiveModel, TryInsertResult, entity::prelude::*, sea_query::OnConflict};

/// Creates a call. `trace` is by what the request that asks for it is traced.
///
/// # Errors
/// [`AppError::ExternalIdTaken`] when the team has a call with that external id.
pub async fn create(
    tx: &Tx,
    actor: &Actor,
    new: NewCall,
    trace: Option<Trace>,
    clock: &Clock,
) -> Result<Written<Call>, AppError> {
    let now = clock.now();
    let call = Call { trace, ..call_of(actor, new, clock.new_call_id(), now) };
    insert(tx, &call).await?;
    let event = NewEvent::new(EventKind::Created, now).with(serde_json::json!({
        "scheduled_at": call.scheduled_at.map(Timestamp::to_rfc3339),
        "workflow": call.workflow,
        "warnings": call.warnings,
    }));
    append(tx, actor, &call, 0, vec![event], now).await?;
    tell(tx, &[WebhookEvent::CallCreated], &call, &[], now).await?;
    let (id, due_at) = (call.id, call.due_at);
    Ok(Written::new(call).changed(id).wake(due_at))
}

fn call_of(actor: &Actor, new: NewCall, id: CallId, now: Timestamp) -> Call {
    let due_at = new.scheduled_at.unwrap_or(now);
    Call {
        id,
        team_id: actor.team_id,
        version: 1,
        customer_name: new.customer_name,
        phone_number: new.phone_number,
        workflow: new.workflow,
        status: CallStatus::Pending,
        scheduled_at: new.scheduled_at,
        due_at,
        wanted_at: due_at,
        delayed_by: None,
        max_attempts: new.max_attempts,
        attempts_made: 0,
        cancel_requested_at: None,
        lease_owner: None,
        lease_epoch: 0,
        lease_until: None,
        ended_at: None,
        ended_reason: None,
        metadata: new.metadata,
        external_id: new.external_id,
        warnings: new.warnings,
        created_by: actor.name(),
        created_at: now,
        updated_at: now,
        trace: None,
    }
}

async fn insert(tx: &Tx, call: &Call) -> Result<(), AppError> {
    let inserted = calls::Entity::insert(calls::Model::from(call).into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(tx.conn())
        .await?;
    if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
        return Ok(());
    }
    // The id is new, so it is the external id that is taken.
    let taken = calls::Entity::find()
        .filter(calls::Column::TeamId.eq(call.team_id.0))
        .filter(calls::Column::ExternalId.eq(call.external_id.clone()))
        .one(tx.conn())
        .await?;
    // None if it was deleted at this moment: then the id is free again.
    Err(taken.map_or(AppError::Changed, |row| AppError::ExternalIdTaken { by: CallId(row.id) }))
}
