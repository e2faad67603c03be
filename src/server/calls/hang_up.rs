//! Hang up: which attempts the provider is to be asked to end, again and again until it confirms.

use super::{
    change::{Change, Decision, change},
    check::{ask_by, team_of},
    entity::attempts,
};
use crate::{
    domain::{
        actor::Actor,
        attempt::Attempt,
        event::{EventKind, NewEvent},
        timestamp::Timestamp,
    },
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};

/// Between two askings while the provider does not answer, in seconds.
const ASK_AGAIN_SECS: i64 = 5;
/// Between an answered asking and the next, in seconds: the confirmation should have come by then.
const CONFIRM_SECS: i64 = 30;

/// The attempts that the provider is to be asked to hang up now, at most `most`.
///
/// # Errors
/// What the database says.
pub async fn due(db: &Db, now: Timestamp, most: u64) -> Result<Vec<Attempt>, AppError> {
    let rows = attempts::Entity::find()
        .filter(attempts::Column::EndedAt.is_null())
        .filter(attempts::Column::ProviderCallId.is_not_null())
        .filter(attempts::Column::HangupNextAt.lte(now.as_millis()))
        .order_by_asc(attempts::Column::HangupNextAt)
        .limit(most)
        .all(db.read())
        .await?;
    rows.into_iter().map(Attempt::try_from).collect()
}

/// When the next asking is due.
///
/// # Errors
/// What the database says.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, AppError> {
    let earliest: Option<Option<i64>> = attempts::Entity::find()
        .select_only()
        .column_as(attempts::Column::HangupNextAt.min(), "earliest")
        .filter(attempts::Column::EndedAt.is_null())
        .filter(attempts::Column::ProviderCallId.is_not_null())
        .filter(attempts::Column::HangupNextAt.is_not_null())
        .into_tuple()
        .one(db.read())
        .await?;
    Ok(earliest.flatten().map(Timestamp::from_millis))
}

/// Wins the asking for one node; false if another was faster or the attempt ended meanwhile.
///
/// # Errors
/// What the database says.
pub async fn win(tx: &Tx, attempt: &Attempt, now: Timestamp) -> Result<Written<bool>, AppError> {
    let won = attempts::Entity::update_many()
        .col_expr(attempts::Column::HangupNextAt, Expr::value(now.plus_secs(ASK_AGAIN_SECS).as_millis()))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::HangupNextAt.eq(attempt.hangup_next_at.map(Timestamp::as_millis)))
        .filter(attempts::Column::EndedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(Written::new(won.rows_affected > 0))
}

/// The provider has heard the wish. If its report does not come, it is asked where the attempt stands, and
/// later to hang up once more.
///
/// # Errors
/// What the database says.
pub async fn heard(tx: &Tx, attempt: &Attempt, now: Timestamp) -> Result<Written<()>, AppError> {
    attempts::Entity::update_many()
        .col_expr(attempts::Column::HangupNextAt, Expr::value(now.plus_secs(CONFIRM_SECS).as_millis()))
        .filter(attempts::Column::Id.eq(attempt.id.0))
        .filter(attempts::Column::EndedAt.is_null())
        .exec(tx.conn())
        .await?;
    // Never later than it would be asked about anyway: wishes repeated for ever would put it off for ever.
    ask_by(tx, attempt, now.plus_secs(ASK_AGAIN_SECS)).await?;
    Ok(Written::new(()))
}

/// The provider has no way of hanging up: the wish is answered so, and the attempt goes on to its end.
///
/// # Errors
/// What the database says.
pub async fn impossible(
    tx: &Tx,
    attempt: &Attempt,
    detail: &str,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    let actor = Actor { team_id: team_of(tx, attempt.call_id).await?, ..Actor::system() };
    let written = change(tx, &actor, attempt.call_id, now, |before| {
        let current = before.attempt(attempt.id).filter(|current| !current.status.is_ended());
        let Some(current) = current.filter(|current| current.hangup_next_at.is_some()) else {
            return Ok(Decision::Leave(()));
        };
        let told = Attempt { hangup_next_at: None, ..current.clone() };
        let payload = serde_json::json!({ "detail": detail });
        let event = NewEvent::new(EventKind::HangupImpossible, now).about(current.id).with(payload);
        Ok(Decision::write(Change::of(before.call.clone(), event).and(Some(told)), ()))
    });
    Ok(written.await?.map(|_| ()))
}
