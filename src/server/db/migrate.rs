//! Bring the database up to date.

use super::{Db, write::immediate};
use crate::server::migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, TransactionTrait};
use sea_orm_migration::MigratorTrait;

/// Under this key nodes that start together take turns. (Any constant would do.)
const ADVISORY_KEY: i64 = 0x5357_4348;

impl Db {
    /// Applies the migrations that are missing. Whoever comes at the same time waits for its turn.
    ///
    /// # Errors
    /// What the database says; what the failing migration did is taken back.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        self.in_turn(async |writer| Migrator::up(writer, None).await).await
    }

    /// Takes back the newest `steps` migrations, or all of them.
    ///
    /// # Errors
    /// What the database says; what the failing migration did is taken back.
    pub async fn undo_migrations(&self, steps: Option<u32>) -> Result<(), DbErr> {
        self.in_turn(async |writer| Migrator::down(writer, steps).await).await
    }

    /// How many migrations are missing. Changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        Ok(Migrator::get_pending_migrations_read_only(self.read()).await?.len())
    }

    /// On SQLite the turn is the transaction itself, since the file has room for one writer only. On PostgreSQL
    /// the turn is a lock on another connection, so that a later migration may do without a transaction.
    async fn in_turn(
        &self,
        work: impl AsyncFnOnce(DatabaseExecutor<'_>) -> Result<(), DbErr>,
    ) -> Result<(), DbErr> {
        let writer = &self.inner.writer;
        let turn = writer.begin_with_options(immediate()).await?;
        if self.backend() == DbBackend::Postgres {
            turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_KEY})")).await?;
            work(writer.into()).await?;
        } else {
            work((&turn).into()).await?;
        }
        turn.commit().await
    }
}
