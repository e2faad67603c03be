//! Secrets that were made here and that every node needs: never in a file, always in the database.

use super::{Db, Written};
use crate::error::AppError;
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

/// The table `settings`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    /// Its name: `webhook_secret`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What it is.
    pub value: String,
    /// When it was made, in epoch milliseconds.
    pub created_at: i64,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The setting called `name`, if it was ever made.
///
/// # Errors
/// What the database says.
pub async fn get(db: &Db, name: &str) -> Result<Option<String>, AppError> {
    Ok(Entity::find_by_id(name).one(db.read()).await?.map(|kept| kept.value))
}

/// The setting called `name`; made of `made` when there is none. Nodes that start together agree on one.
///
/// # Errors
/// What the database says.
pub async fn get_or_create(
    db: &Db,
    name: &'static str,
    made: String,
    now_millis: i64,
) -> Result<String, AppError> {
    db.write(move |tx| async move {
        let row = ActiveModel { name: Set(name.to_owned()), value: Set(made), created_at: Set(now_millis) };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
            .try_insert()
            .exec_without_returning(tx.conn())
            .await?;
        let kept = Entity::find_by_id(name).one(tx.conn()).await?;
        Ok(Written::new(kept.ok_or(AppError::Internal)?.value))
    })
    .await
}
