//! What holds for all placings of the installation: its row, read by everybody, locked first by the claim.

use super::entity::attempts;
use crate::{
    domain::{
        actor::Actor,
        breaker::{OPENS_AFTER, opens_until},
        timestamp::Timestamp,
        waiting::{DispatchState, Limits},
    },
    error::AppError,
    server::db::{Db, Tx, Written},
};
use sea_orm::{
    ActiveValue::Set,
    QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, LockType},
};

/// The table `dispatch_state` and its one row.
pub mod row {
    use sea_orm::entity::prelude::*;

    /// The id of the one row.
    pub const ONLY: i32 = 1;

    /// The row.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "dispatch_state")]
    #[expect(missing_docs, reason = "the columns are told in domain::waiting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub paused_by: Option<String>,
        pub paused_at: Option<i64>,
        pub blocked_reason: Option<String>,
        pub tokens: f64,
        pub refilled_at: Option<i64>,
        pub failures: i32,
        pub failing_since: Option<i64>,
        pub breaker_until: Option<i64>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Reads it, as it is now.
///
/// # Errors
/// What the database says.
pub async fn read(conn: &impl ConnectionTrait, limits: Limits) -> Result<DispatchState, AppError> {
    let row = row::Entity::find_by_id(row::ONLY).one(conn).await?;
    state_of(conn, row, limits).await
}

/// Reads it and holds it until the transaction ends, so that limits hold for all nodes. (On SQLite the
/// immediate transaction holds everything.)
///
/// # Errors
/// What the database says.
pub async fn lock(tx: &Tx, limits: Limits) -> Result<DispatchState, AppError> {
    let row = row::Entity::find_by_id(row::ONLY).lock(LockType::Update).one(tx.conn()).await?;
    state_of(tx.conn(), row, limits).await
}

/// Takes `taken` placings from what the rate limit allows.
///
/// # Errors
/// What the database says.
pub async fn take_tokens(
    tx: &Tx,
    state: &DispatchState,
    taken: usize,
    now: Timestamp,
) -> Result<(), AppError> {
    if state.limits.calls_per_second <= 0 || taken == 0 {
        return Ok(());
    }
    #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
    let tokens = (state.tokens_at(now) - taken as f64).max(0.0);
    let row = row::ActiveModel {
        id: Set(row::ONLY),
        tokens: Set(tokens),
        refilled_at: Set(Some(now.as_millis())),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx.conn()).await?;
    Ok(())
}

/// Stops all placing, or lets it go on.
///
/// # Errors
/// What the database says.
pub async fn set_paused(
    tx: &Tx,
    actor: &Actor,
    paused: bool,
    now: Timestamp,
) -> Result<Written<()>, AppError> {
    if paused { pause(tx, actor, now).await } else { resume(tx, actor, now).await }
}

/// Stops all placing; those under way go on. Whoever stopped it first is named.
async fn pause(tx: &Tx, actor: &Actor, now: Timestamp) -> Result<Written<()>, AppError> {
    row::Entity::update_many()
        .col_expr(row::Column::PausedBy, Expr::value(actor.name()))
        .col_expr(row::Column::PausedAt, Expr::value(now.as_millis()))
        .filter(row::Column::PausedAt.is_null())
        .exec(tx.conn())
        .await?;
    tracing::warn!(by = %actor.name(), "placing is paused");
    Ok(Written::new(()).wake(now))
}

/// Lets placing go on, also where the provider's refusal of our credentials had stopped it: whoever resumes has
/// mended that, and the provider's next answer tells.
async fn resume(tx: &Tx, actor: &Actor, now: Timestamp) -> Result<Written<()>, AppError> {
    let row = row::ActiveModel {
        id: Set(row::ONLY),
        paused_by: Set(None),
        paused_at: Set(None),
        blocked_reason: Set(None),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx.conn()).await?;
    tracing::info!(by = %actor.name(), "placing goes on");
    Ok(Written::new(()).wake(now))
}

/// Notes that the provider failed once more, which may open the breaker.
///
/// # Errors
/// What the database says.
pub async fn failed(tx: &Tx, now: Timestamp) -> Result<Written<()>, AppError> {
    let row = row::Entity::find_by_id(row::ONLY).lock_exclusive().one(tx.conn()).await?;
    let Some(row) = row else { return Err(AppError::Internal) };
    let since = row.failing_since.map_or(now, Timestamp::from_millis);
    let failures = row.failures.saturating_add(1);
    let until = opens_until(failures, since, now);
    if failures == OPENS_AFTER {
        tracing::warn!(failures, "the provider fails again and again; it is left alone for a while");
    }
    let row = row::ActiveModel {
        id: Set(row::ONLY),
        failures: Set(failures),
        failing_since: Set(Some(since.as_millis())),
        breaker_until: Set(until.map(Timestamp::as_millis)),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx.conn()).await?;
    Ok(Written::new(()))
}

/// Notes that the provider answered as it should, if it had been failing.
///
/// # Errors
/// What the database says.
pub async fn answered(db: &Db, now: Timestamp) -> Result<(), AppError> {
    let row = row::Entity::find_by_id(row::ONLY).one(db.read()).await?;
    if row.is_none_or(|row| row.failures == 0) {
        return Ok(());
    }
    let work = async move |tx: Tx| {
        let row = row::ActiveModel {
            id: Set(row::ONLY),
            failures: Set(0),
            failing_since: Set(None),
            breaker_until: Set(None),
            ..Default::default()
        };
        row::Entity::update(row).exec(tx.conn()).await?;
        Ok(Written::new(()).wake(now))
    };
    db.write(work).await
}

/// Notes that one placing is out to try whether the provider is back: no other goes out before `until`.
///
/// # Errors
/// What the database says.
pub async fn tries(tx: &Tx, state: &DispatchState, until: Timestamp) -> Result<(), AppError> {
    if state.failures < OPENS_AFTER {
        return Ok(());
    }
    let row = row::ActiveModel {
        id: Set(row::ONLY),
        breaker_until: Set(Some(until.as_millis())),
        ..Default::default()
    };
    row::Entity::update(row).exec(tx.conn()).await?;
    Ok(())
}

/// Notes, or takes back, that the provider lets nothing through.
///
/// # Errors
/// What the database says.
pub async fn block(tx: &Tx, reason: Option<String>) -> Result<(), AppError> {
    let row = row::ActiveModel { id: Set(row::ONLY), blocked_reason: Set(reason), ..Default::default() };
    row::Entity::update(row).exec(tx.conn()).await?;
    Ok(())
}

async fn state_of(
    conn: &impl ConnectionTrait,
    row: Option<row::Model>,
    limits: Limits,
) -> Result<DispatchState, AppError> {
    let in_flight = attempts::Entity::find()
        .filter(attempts::Column::EndedAt.is_null())
        .filter(attempts::Column::PlaceBy.is_not_null())
        .count(conn)
        .await?;
    let mut state = DispatchState {
        in_flight: i64::try_from(in_flight).unwrap_or(i64::MAX),
        limits,
        ..DispatchState::default()
    };
    if let Some(row) = row {
        let instant = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        state.paused_by = row.paused_by;
        state.paused_at = instant(row.paused_at);
        state.blocked_reason = row.blocked_reason;
        state.failures = row.failures;
        state.failing_since = instant(row.failing_since);
        state.breaker_until = instant(row.breaker_until);
        state.tokens = row.tokens;
        state.refilled_at = instant(row.refilled_at);
    }
    Ok(state)
}
