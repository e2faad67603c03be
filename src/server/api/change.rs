//! PATCH and DELETE of a call, and its commands: cancel, retry, notes.

use super::{
    answer::{Done, shown},
    bodies::{CallPatchBody, CallPath, IdempotencyKey, IfMatch, NoteBody},
    etag,
    input::{AnyBody, Fields, JsonBody},
    list::call_id,
    once::Once,
    view::CallView,
};
use crate::{
    domain::{
        actor::Actor,
        call::CallEdit,
        form::{self, FieldError, Reading},
        id::CallId,
        status::{AttemptStatus, CallStatus},
        timestamp::Timestamp,
    },
    error::AppError,
    server::{
        auth::admit::Caller,
        calls::{
            ask_now::ask_now,
            cancel::{Progress, cancel as cancel_call},
            delete::delete as delete_call,
            edit::edit,
            end_by_hand::end_by_hand,
            note::note as add_note,
            queries,
            retry::retry as retry_call,
        },
        config::Config,
        reading::Reader,
        state::AppState,
    },
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

const ENDINGS: &str = "By hand a call can only be set to completed, failed, canceled, busy or no_answer.";

/// What a PATCH asks for.
#[derive(Debug)]
enum Patch {
    Edit(CallEdit),
    EndAs(AttemptStatus),
}

/// Edits a call that waits, or ends a call by hand.
///
/// The body is a JSON Merge Patch (RFC 7396): what is absent stays, null removes.
///
/// # Errors
/// 409 refusals, 412 another version, 422 wrong fields.
#[utoipa::path(
    patch, path = "/api/calls/{id}", tag = "calls", operation_id = "edit_call",
    params(CallPath, IfMatch),
    request_body(content(
        (CallPatchBody = "application/json"), (CallPatchBody = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The call as it is now", body = CallView),
        (status = 409, description = "Refused: it does not wait any more, or has ended otherwise"),
    ),
)]
pub async fn patch(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let (id, now) = (call_id(&id)?, state.clock.now());
    let version = seen(&state, &actor, id, &headers).await?;
    let call = match read(Fields::parse(&body)?, &state.config, now)? {
        Patch::Edit(wanted) => {
            state.db.write(async move |tx| edit(&tx, &actor, id, wanted, version, now).await).await?
        }
        Patch::EndAs(ending) => {
            state.db.write(async move |tx| end_by_hand(&tx, &actor, id, ending, version, now).await).await?
        }
    };
    Ok(shown(&state, Done::ok(call)).await)
}

/// Deletes a call that was never attempted.
///
/// # Errors
/// 409 refusals, 412 another version.
#[utoipa::path(
    delete, path = "/api/calls/{id}", tag = "calls", operation_id = "delete_call",
    params(CallPath, IfMatch),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "Refused: it was attempted, and its history stays"),
    ),
)]
pub async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let (id, now) = (call_id(&id)?, state.clock.now());
    let version = seen(&state, &actor, id, &headers).await?;
    state.db.write(async move |tx| delete_call(&tx, &actor, id, version, now).await).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Cancels a call.
///
/// One that waits is canceled at once; for one under way the provider is asked to hang up.
///
/// # Errors
/// 409 when it has ended otherwise.
#[utoipa::path(
    post, path = "/api/calls/{id}/cancel", tag = "calls", operation_id = "cancel_call",
    params(CallPath, IdempotencyKey),
    responses(
        (status = 200, description = "It is canceled", body = CallView),
        (status = 202, description = "It is being carried out: the provider is asked to hang up", body = CallView),
        (status = 409, description = "Refused: it has ended otherwise"),
    ),
)]
pub async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, id| {
        let canceled = cancel_call(&tx, &actor, id, now).await?;
        Ok(canceled.map(|(call, progress)| match progress {
            Progress::Done => Done::ok(call),
            Progress::UnderWay => Done::accepted(call),
        }))
    };
    once.carry_out(&state, &body, || call_id(&id), verb).await
}

/// Asks the provider what became of a call.
///
/// It is asked by itself after a while; this asks at once.
///
/// # Errors
/// 409 when there is nothing to ask.
#[utoipa::path(
    post, path = "/api/calls/{id}/reconcile", tag = "calls", operation_id = "reconcile_call",
    params(CallPath, IdempotencyKey),
    responses(
        (status = 202, description = "The provider is being asked", body = CallView),
        (status = 409, description = "Refused: there is nothing to ask"),
    ),
)]
pub async fn reconcile(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, id| Ok(ask_now(&tx, &actor, id, now).await?.map(Done::accepted));
    once.carry_out(&state, &body, || call_id(&id), verb).await
}

/// Retries an ended call: one attempt more, due at once.
///
/// # Errors
/// 409 refusals.
#[utoipa::path(
    post, path = "/api/calls/{id}/retry", tag = "calls", operation_id = "retry_call",
    params(CallPath, IdempotencyKey),
    responses(
        (status = 200, description = "It waits for its next attempt", body = CallView),
        (status = 409, description = "Refused: it has not ended, or ended in a way that allows no retry"),
    ),
)]
pub async fn retry(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    AnyBody(body): AnyBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, id| Ok(retry_call(&tx, &actor, id, now).await?.map(Done::ok));
    once.carry_out(&state, &body, || call_id(&id), verb).await
}

/// Writes a note into a call's timeline.
///
/// # Errors
/// 422 for an empty or too long one.
#[utoipa::path(
    post, path = "/api/calls/{id}/notes", tag = "calls", operation_id = "add_note",
    params(CallPath, IdempotencyKey),
    request_body = NoteBody,
    responses((status = 200, description = "The call; the note is in its timeline", body = CallView)),
)]
pub async fn note(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
    once: Once,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let verb = async move |tx, (id, note): (CallId, String)| {
        Ok(add_note(&tx, &actor, id, &note, now).await?.map(Done::ok))
    };
    once.carry_out(&state, &body, || Ok((call_id(&id)?, read_note(&body)?)), verb).await
}

/// The version that the caller says it has seen. If it names several, the verb is told the one that the call has.
async fn seen(
    state: &AppState,
    actor: &Actor,
    id: CallId,
    headers: &HeaderMap,
) -> Result<Option<i64>, AppError> {
    etag::wanted(headers, async { Ok(queries::find(&state.db, actor, id).await?.version) }).await
}

fn read_note(body: &[u8]) -> Result<String, AppError> {
    let mut fields = Fields::parse(body)?;
    let note = fields.required("note", "Write something down first.");
    let note = note.and_then(|note| fields.check(form::note(&note)));
    fields.finish()?;
    note.ok_or(AppError::Internal)
}

fn read(mut fields: Fields, config: &Config, now: Timestamp) -> Result<Patch, AppError> {
    let mut edit = CallEdit::default();
    for name in ["customer_name", "phone_number", "workflow", "status", "max_attempts"] {
        if fields.take_null(name) {
            fields.check::<()>(Err(FieldError::new(name, "required", "This can't be removed.")));
        }
    }
    if let Some(status) = fields.text("status") {
        let status = fields.check(status_word(&status));
        fields.finish()?;
        return ending(status.ok_or(AppError::Internal)?).map(Patch::EndAs);
    }
    edit.customer_name =
        fields.text("customer_name").and_then(|name| fields.check(form::customer_name(&name)));
    let country = fields.text("country").unwrap_or_default();
    let number = fields.text("phone_number");
    edit.phone_number = number.and_then(|number| fields.check(Reader(config).number(&number, &country)));
    edit.workflow = fields.text("workflow").and_then(|workflow| fields.check(form::workflow(&workflow)));
    if fields.has("scheduled_at") {
        let at = fields.instant("scheduled_at");
        let at = at.and_then(|at| fields.check(form::scheduled_at("scheduled_at", at, now)));
        edit.scheduled_at = Some(at.flatten());
    }
    edit.max_attempts =
        fields.integer("max_attempts").and_then(|attempts| fields.check(form::max_attempts(attempts)));
    if fields.has("metadata") {
        edit.metadata = Some(fields.json("metadata").unwrap_or_default());
    }
    fields.finish()?;
    Ok(Patch::Edit(edit))
}

fn status_word(text: &str) -> Result<CallStatus, FieldError> {
    text.parse().map_err(|_| FieldError::new("status", "unknown", ENDINGS))
}

/// How a call may be ended by hand. Every other status is the provider's to report.
fn ending(status: CallStatus) -> Result<AttemptStatus, AppError> {
    let ending = AttemptStatus::ALL.iter().copied().find(|known| CallStatus::from(*known) == status);
    ending.filter(|ending| ending.is_ended()).ok_or_else(|| AppError::refused("not_an_end", ENDINGS))
}
