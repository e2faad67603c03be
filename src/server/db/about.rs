//! What the database says of itself.

use super::Db;
use crate::{error::AppError, server::migrations::Migrator};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

/// Which database it is, and how far it has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// Its kind and version: `SQLite 3.51.3`, `PostgreSQL 17.2`.
    pub version: String,
    /// How many migrations it has had.
    pub applied: usize,
    /// How many it still lacks.
    pub pending: usize,
}

impl Db {
    /// What it says of itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn about(&self) -> Result<About, AppError> {
        let (kind, ask) = match self.backend() {
            DbBackend::Postgres => ("PostgreSQL", "SELECT current_setting('server_version') AS version"),
            _ => ("SQLite", "SELECT sqlite_version() AS version"),
        };
        let row = self.read().query_one_raw(Statement::from_string(self.backend(), ask)).await?;
        let version: String = row.and_then(|row| row.try_get("", "version").ok()).unwrap_or_default();
        let pending = self.pending_migrations().await?;
        let applied = Migrator::migrations().len().saturating_sub(pending);
        Ok(About { version: format!("{kind} {version}").trim().to_owned(), applied, pending })
    }
}
