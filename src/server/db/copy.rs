//! A copy of a SQLite file, as it stands at one instant, and whether it can be trusted.

use super::{ConnectError, Db};
use sea_orm::{
    ConnectionTrait, DbErr, Statement,
    sqlx::{self, Connection, SqliteConnection, sqlite::SqliteConnectOptions},
};
use std::path::Path;

impl Db {
    /// Copies the SQLite file into another, which must be empty or not there. Whoever writes meanwhile goes on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn copy_into(&self, file: &Path) -> Result<(), DbErr> {
        let name = file.to_str().ok_or_else(|| DbErr::Custom("the path is no text".to_owned()))?;
        let copy = Statement::from_sql_and_values(self.backend(), "VACUUM INTO ?", [name.into()]);
        self.inner.writer.execute_raw(copy).await.map(drop)
    }
}

/// Reads a copy through, and answers how many calls are in it.
///
/// # Errors
/// A [`ConnectError`] that says what is wrong with it.
pub async fn check_copy(file: &Path) -> Result<i64, ConnectError> {
    let wrong = |why: sqlx::Error| ConnectError(format!("The copy can't be read: {why}."));
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut copy = SqliteConnection::connect_with(&options).await.map_err(wrong)?;
    let found: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut copy).await.map_err(wrong)?;
    if found != "ok" {
        return Err(ConnectError(format!("The copy is damaged, and so may be the database: {found}.")));
    }
    let calls = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(&mut copy).await.map_err(wrong)?;
    copy.close().await.map_err(wrong)?;
    Ok(calls)
}
