//! POST /api/calls

use super::{
    answer::Done,
    bodies::{IdempotencyKey, NewCallBody, Traceparent},
    input::{Fields, JsonBody},
    once::Once,
    view::CallView,
};
use crate::{
    domain::{
        call::NewCall,
        form::{self, FieldError, MAX_DELAY_SECS, Reading},
        timestamp::Timestamp,
        trace::Trace,
    },
    error::AppError,
    server::{
        auth::admit::Caller, calls::create::create as create_call, config::Config, reading::Reader,
        state::AppState,
    },
};
use axum::{Extension, extract::State, response::Response};

/// Creates a call.
///
/// It goes out at once, or at its time, as soon as there is a free slot.
///
/// # Errors
/// 400 malformed JSON or key, 422 wrong fields, 409 a taken `external_id`.
#[utoipa::path(
    post, path = "/api/calls", tag = "calls", operation_id = "create_call",
    params(IdempotencyKey, Traceparent),
    request_body = NewCallBody,
    responses(
        (
            status = 201, description = "The call", body = CallView,
            headers(("Location" = String, description = "The call's address")),
        ),
        (status = 409, description = "`external_id` is taken: the answer names the call that has it"),
    ),
)]
pub async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Extension(trace): Extension<Trace>,
    once: Once,
    JsonBody(body): JsonBody,
) -> Result<Response, AppError> {
    let clock = state.clock.clone();
    let asked = || read(Fields::parse(&body)?, &state.config, state.clock.now());
    let verb =
        async move |tx, new| Ok(create_call(&tx, &actor, new, Some(trace), &clock).await?.map(Done::created));
    once.carry_out(&state, &body, asked, verb).await
}

/// The call that the fields ask for.
fn read(mut fields: Fields, config: &Config, now: Timestamp) -> Result<NewCall, AppError> {
    let reader = Reader(config);
    let name = fields.required("customer_name", "Say who is called.");
    let name = name.and_then(|name| fields.check(form::customer_name(&name)));
    let country = fields.text("country").unwrap_or_default();
    let number = fields.required("phone_number", "Say which number to call.");
    let number = number.and_then(|number| fields.check(reader.number(&number, &country)));
    let workflow = fields.required("workflow", "Say why: support, sales or reminder.");
    let workflow = workflow.and_then(|workflow| fields.check(form::workflow(&workflow)));
    let scheduled_at = scheduled_at(&mut fields, now);
    let attempts =
        fields.integer("max_attempts").and_then(|attempts| fields.check(form::max_attempts(attempts)));
    let metadata = fields.json("metadata").and_then(|metadata| fields.check(form::metadata(metadata)));
    let external_id = fields.text("external_id").and_then(|id| fields.check(form::external_id(&id)));
    fields.finish()?;
    let (Some(customer_name), Some((phone_number, warnings)), Some(workflow)) = (name, number, workflow)
    else {
        return Err(AppError::Internal);
    };
    Ok(NewCall {
        customer_name,
        phone_number,
        workflow,
        scheduled_at,
        max_attempts: attempts.unwrap_or(1),
        metadata: metadata.unwrap_or_else(|| serde_json::json!({})),
        external_id,
        warnings,
    })
}

/// An instant, or a delay from now; not both.
fn scheduled_at(fields: &mut Fields, now: Timestamp) -> Option<Timestamp> {
    let at = fields.instant("scheduled_at");
    let delay = fields.integer("delay_secs");
    if at.is_some() && delay.is_some() {
        let error =
            FieldError::new("delay_secs", "contradiction", "Give scheduled_at or delay_secs, not both.");
        return fields.check(Err(error));
    }
    if let Some(delay) = delay {
        if !(0..=MAX_DELAY_SECS).contains(&delay) {
            let detail = "Say a delay from 0 to 31622400 seconds (366 days).";
            return fields.check(Err(FieldError::new("delay_secs", "out_of_range", detail)));
        }
        return Some(now.plus_secs(delay)).filter(|_| delay > 0);
    }
    at.and_then(|at| fields.check(form::scheduled_at("scheduled_at", at, now))).flatten()
}
