//! Where an attempt stands, as far as the provider that it was placed with can say.

use crate::{
    domain::attempt::Attempt,
    server::{
        provider::{Asked, StatusAnswer},
        state::AppState,
    },
};

/// Asks the provider about `attempt`. Another provider than the one it was placed with is not asked: "unknown here"
/// would mean nothing, and its calls may have the same ids.
pub async fn status_of(state: &AppState, attempt: &Attempt) -> StatusAnswer {
    if attempt.provider != state.provider.name() {
        let detail =
            format!("It was placed with another provider ({}), which is not asked.", attempt.provider);
        return StatusAnswer::Unknowable { detail };
    }
    let provider_call_id = attempt.provider_call_id.clone();
    state.provider.status_of(&Asked { attempt_id: attempt.id, provider_call_id }).await
}
