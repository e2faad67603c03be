//! Under a key stands the answer that its first request was given, for programs and forms alike.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// The table `idempotency_keys`, with answers.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    /// Forms that were sent before are still known after it: their answer is the call's id.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = match manager.get_database_backend() {
            DbBackend::Postgres => "call_id::text",
            _ => "lower(hex(call_id))",
        };
        let db = manager.get_connection();
        db.execute_unprepared("ALTER TABLE idempotency_keys RENAME TO form_keys").await?;
        db.execute_unprepared(KEYS).await?;
        let kept = format!(
            "INSERT INTO idempotency_keys (scope, key, fingerprint, status, body, created_at)
            SELECT scope, key, key, 201, '\"' || {id} || '\"', created_at FROM form_keys"
        );
        db.execute_unprepared(&kept).await?;
        db.execute_unprepared("DROP TABLE form_keys").await?;
        db.execute_unprepared(BY_AGE).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uuid = match manager.get_database_backend() {
            DbBackend::Postgres => "uuid",
            _ => "blob",
        };
        let db = manager.get_connection();
        db.execute_unprepared("DROP TABLE idempotency_keys").await?;
        let before = format!(
            "CREATE TABLE idempotency_keys (
                scope text NOT NULL,
                key text NOT NULL,
                call_id {uuid} NOT NULL,
                created_at bigint NOT NULL,
                PRIMARY KEY (scope, key))"
        );
        db.execute_unprepared(&before).await?;
        Ok(())
    }
}

const KEYS: &str = "CREATE TABLE idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer,
    location text,
    etag text,
    body text,
    created_at bigint NOT NULL,
    CONSTRAINT idempotency_keys_once PRIMARY KEY (scope, key))";

const BY_AGE: &str = "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)";
