//! How the simulator was set while it ran. Rows, so that it outlives a restart.

use super::{Simulator, internal, table::setting, time::Course};
use crate::{
    error::AppError,
    server::db::{Db, Written},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

/// What divides the normal times.
pub const SPEED: &str = "speed";
/// How the clock of what happens to calls stands to the machine's.
pub const CLOCK: &str = "clock";

/// What was set under `name`, if anything was.
pub async fn get<T: DeserializeOwned>(db: &impl ConnectionTrait, name: &str) -> Result<Option<T>, AppError> {
    let kept = setting::Entity::find_by_id(name).one(db).await?;
    kept.map(|kept| serde_json::from_str(&kept.value).map_err(internal)).transpose()
}

/// Sets `name`.
pub async fn set(db: &Db, name: &'static str, value: &(impl Serialize + Sync)) -> Result<(), AppError> {
    let value = serde_json::to_string(value).map_err(internal)?;
    let write = db.write(move |tx| async move {
        let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value) };
        let again =
            OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        setting::Entity::insert(row).on_conflict(again).exec_without_returning(tx.conn()).await?;
        Ok(Written::new(()))
    });
    write.await
}

/// What divides the normal times now: what was set while it ran, else what it was started with.
pub async fn speed(sim: &Simulator, db: &impl ConnectionTrait) -> Result<f64, AppError> {
    Ok(get(db, SPEED).await?.unwrap_or(sim.config.speed))
}

/// Has the clock stand to the machine's as it did when the last process ended.
pub async fn resume_clock(sim: &Simulator) -> Result<(), AppError> {
    if let Some(course) = get::<Course>(sim.db.read(), CLOCK).await? {
        sim.clock.set(course);
    }
    Ok(())
}
