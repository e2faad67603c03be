//! Edit: name, number, workflow and time, while the call is pending.

use super::change::{Change, Decision, change};
use crate::{
    domain::{
        actor::Actor,
        call::{Call, CallEdit},
        event::{EventKind, NewEvent},
        form::{self, FieldError},
        id::CallId,
        timestamp::Timestamp,
        transition::{Cause, Command, transition},
    },
    error::AppError,
    server::db::{Tx, Written},
};
use serde_json::{Map, Value, json};

/// Changes what `edit` names. `version` is the version that the caller has seen, if it says so.
///
/// # Errors
/// A refusal when the call is not pending; [`AppError::PreconditionFailed`] when it has another version;
/// [`AppError::Invalid`] when the metadata would be too large.
pub async fn edit(
    tx: &Tx,
    actor: &Actor,
    id: CallId,
    edit: CallEdit,
    version: Option<i64>,
    now: Timestamp,
) -> Result<Written<Call>, AppError> {
    let written = change(tx, actor, id, now, |before| {
        if version.is_some_and(|seen| seen != before.call.version) {
            return Err(AppError::PreconditionFailed);
        }
        transition(before.call.status, Cause::Asked(Command::Edit))?;
        let (call, changed) = edited(&before.call, &edit, now)?;
        if changed.is_empty() {
            return Ok(Decision::Leave(()));
        }
        let event = NewEvent::new(EventKind::Edited, now).with(Value::Object(changed));
        Ok(Decision::write(Change::of(call, event), ()))
    });
    Ok(written.await?.map(|(call, ())| call))
}

/// The call with the edit in it, and what changed: `{"customer_name": {"from": …, "to": …}}`.
fn edited(before: &Call, edit: &CallEdit, now: Timestamp) -> Result<(Call, Map<String, Value>), FieldError> {
    let mut call = before.clone();
    let mut changed = Map::new();
    let mut note = |field: &str, from: Value, to: Value| {
        if from != to {
            changed.insert(field.to_owned(), json!({"from": from, "to": to}));
        }
    };
    if let Some(name) = &edit.customer_name {
        note("customer_name", json!(call.customer_name), json!(name));
        call.customer_name.clone_from(name);
    }
    if let Some((number, warnings)) = &edit.phone_number {
        note("phone_number", json!(call.phone_number), json!(number));
        call.phone_number = number.clone();
        call.warnings.clone_from(warnings);
    }
    if let Some(workflow) = edit.workflow {
        note("workflow", json!(call.workflow), json!(workflow));
        call.workflow = workflow;
    }
    if let Some(at) = edit.scheduled_at.filter(|at| *at != call.scheduled_at || at.is_none()) {
        let words = |at: Option<Timestamp>| json!(at.map_or_else(|| "now".to_owned(), Timestamp::to_rfc3339));
        note("scheduled_at", words(Some(call.due_at)), words(at));
        reschedule(&mut call, at, now);
    }
    if let Some(attempts) = edit.max_attempts {
        note("max_attempts", json!(call.max_attempts), json!(attempts));
        call.max_attempts = attempts;
    }
    if let Some(patch) = &edit.metadata {
        let metadata = form::metadata(merged(call.metadata.clone(), patch))?;
        note("metadata", call.metadata.clone(), metadata.clone());
        call.metadata = metadata;
    }
    Ok((call, changed))
}

/// RFC 7396; null for the whole metadata leaves an empty object.
fn merged(before: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return if patch.is_null() { json!({}) } else { patch.clone() };
    };
    let mut after = if let Value::Object(before) = before { before } else { Map::new() };
    for (name, value) in patch {
        let old = after.remove(name).unwrap_or_default();
        if !value.is_null() {
            after.insert(name.clone(), merged(old, value));
        }
    }
    Value::Object(after)
}

fn reschedule(call: &mut Call, at: Option<Timestamp>, now: Timestamp) {
    call.scheduled_at = at;
    call.due_at = at.unwrap_or(now);
    call.wanted_at = call.due_at;
    call.delayed_by = None;
}
