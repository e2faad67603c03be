//! Ask now: a person does not want to wait until the provider is asked by itself.

use super::{change::load, entity::attempts};
use crate::{
    domain::{actor::Actor, call::Call, id::CallId, timestamp::Timestamp},
    error::AppError,
    server::db::{Tx, Written},
};
use sea_orm::{entity::prelude::*, sea_query::Expr};

/// Has the provider asked at once about the call's open attempt: one whose placing was ambiguous, or one that is
/// under way. It changes nothing of the call; what the answer changes is an event of its own.
///
/// # Errors
/// [`AppError::NotFound`], and a refusal when there is nothing to ask.
pub async fn ask_now(tx: &Tx, actor: &Actor, id: CallId, now: Timestamp) -> Result<Written<Call>, AppError> {
    let before = load(tx, actor.team_id, id).await?;
    let Some(open) = before.attempts.iter().rfind(|it| !it.status.is_ended() && it.place_by.is_some()) else {
        let why = "The provider has nothing under way for this call, so there is nothing to ask.";
        return Err(AppError::refused("nothing_to_ask", why));
    };
    if !open.is_accepted() && !before.call.is_asking(now) {
        let why = "The provider is being asked to dial right now; its answer comes first.";
        return Err(AppError::refused("being_placed", why));
    }
    attempts::Entity::update_many()
        .col_expr(attempts::Column::CheckAt, Expr::value(now.as_millis()))
        .filter(attempts::Column::Id.eq(open.id.0))
        .filter(attempts::Column::EndedAt.is_null())
        .filter(attempts::Column::CheckAt.gt(now.as_millis()))
        .exec(tx.conn())
        .await?;
    Ok(Written::new(before.call).wake(now))
}
