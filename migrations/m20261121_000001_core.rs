//! Teams, calls, their attempts and events, what holds for all placings, settings, and the keys of forms.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// The first migration.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        for statement in TABLES.iter().chain(INDEXES) {
            db.execute_unprepared(&spelled(statement, on_postgres)).await?;
        }
        for statement in SEEDS {
            db.execute_unprepared(&spelled(statement, on_postgres)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for table in NEWEST_FIRST {
            db.execute_unprepared(&format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}

/// One text for both databases: only these words differ between them.
fn spelled(statement: &str, on_postgres: bool) -> String {
    let words: [(&str, &str, &str); 7] = [
        ("{uuid}", "uuid", "blob"),
        ("{json}", "jsonb", "text"),
        ("{real}", "double precision", "real"),
        (
            "{position}",
            "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            "integer PRIMARY KEY AUTOINCREMENT",
        ),
        ("{xid}", "xid xid8 NOT NULL DEFAULT pg_current_xact_id(),", ""),
        ("{prefix}", "text_pattern_ops", ""),
        ("{home}", "'00000000-0000-7000-8000-000000000001'", "x'00000000000070008000000000000001'"),
    ];
    words.iter().fold(statement.to_owned(), |text, (word, postgres, sqlite)| {
        text.replace(word, if on_postgres { postgres } else { sqlite })
    })
}

const NEWEST_FIRST: &[&str] =
    &["idempotency_keys", "settings", "dispatch_state", "call_events", "call_attempts", "calls", "teams"];

const TABLES: &[&str] = &[
    "CREATE TABLE teams (id {uuid} PRIMARY KEY, name text NOT NULL, created_at bigint NOT NULL)",
    "CREATE TABLE calls (
        id {uuid} PRIMARY KEY,
        team_id {uuid} NOT NULL REFERENCES teams (id),
        version bigint NOT NULL,
        customer_name text NOT NULL,
        name_folded text NOT NULL,
        phone_number text NOT NULL,
        workflow text NOT NULL CHECK (workflow IN ('support', 'sales', 'reminder')),
        status text NOT NULL CHECK (status IN ('pending', 'dispatching', 'initiated', 'ringing', 'in_progress',
            'completed', 'busy', 'no_answer', 'failed', 'canceled')),
        scheduled_at bigint,
        due_at bigint NOT NULL,
        wanted_at bigint NOT NULL,
        delayed_by text,
        max_attempts integer NOT NULL,
        attempts_made integer NOT NULL,
        cancel_requested_at bigint,
        lease_owner text,
        lease_epoch bigint NOT NULL,
        lease_until bigint,
        ended_at bigint,
        ended_reason text,
        metadata {json} NOT NULL,
        external_id text,
        warnings {json} NOT NULL,
        created_by text NOT NULL,
        created_at bigint NOT NULL,
        updated_at bigint NOT NULL)",
    "CREATE TABLE call_attempts (
        id {uuid} PRIMARY KEY,
        call_id {uuid} NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
        number integer NOT NULL,
        status text NOT NULL CHECK (status IN ('dispatching', 'initiated', 'ringing', 'in_progress',
            'completed', 'busy', 'no_answer', 'failed', 'canceled')),
        provider text NOT NULL,
        provider_call_id text,
        place_by bigint,
        due_at bigint NOT NULL,
        claimed_at bigint NOT NULL,
        accepted_at bigint,
        ringing_at bigint,
        answered_at bigint,
        ended_at bigint,
        ended_reason text,
        provisional boolean NOT NULL,
        hangup_requested_at bigint,
        hangup_next_at bigint,
        last_heard_at bigint,
        check_at bigint,
        checks integer NOT NULL,
        refusals integer NOT NULL,
        last_sequence bigint,
        duration_secs integer,
        answered_by text,
        recording_url text,
        UNIQUE (call_id, number),
        UNIQUE (provider, provider_call_id))",
    "CREATE TABLE call_events (
        position {position},
        {xid}
        call_id {uuid},
        team_id {uuid} NOT NULL,
        seq bigint,
        attempt_id {uuid},
        kind text NOT NULL,
        actor text NOT NULL,
        verdict text,
        dedupe_key text UNIQUE,
        repeats integer NOT NULL,
        payload {json} NOT NULL,
        occurred_at bigint NOT NULL,
        created_at bigint NOT NULL,
        UNIQUE (call_id, seq))",
    "CREATE TABLE dispatch_state (
        id integer PRIMARY KEY CHECK (id = 1),
        paused_by text,
        paused_at bigint,
        blocked_reason text,
        tokens {real} NOT NULL,
        refilled_at bigint,
        failing_since bigint,
        breaker_until bigint)",
    "CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL, created_at bigint NOT NULL)",
    "CREATE TABLE idempotency_keys (
        scope text NOT NULL,
        key text NOT NULL,
        call_id {uuid} NOT NULL,
        created_at bigint NOT NULL,
        PRIMARY KEY (scope, key))",
];

const INDEXES: &[&str] = &[
    "CREATE INDEX calls_of_team ON calls (team_id, id)",
    "CREATE INDEX calls_by_status ON calls (team_id, status, ended_reason, id)",
    "CREATE INDEX calls_by_workflow ON calls (team_id, workflow, id)",
    "CREATE INDEX calls_pending_of_team ON calls (team_id, due_at, id) WHERE status = 'pending'",
    "CREATE INDEX calls_due ON calls (due_at, id) WHERE status = 'pending'",
    "CREATE INDEX calls_wanted ON calls (wanted_at) WHERE status = 'pending'",
    "CREATE INDEX calls_leased ON calls (lease_until) WHERE status = 'dispatching'",
    "CREATE INDEX calls_ended ON calls (team_id, ended_at, id) WHERE ended_at IS NOT NULL",
    "CREATE INDEX calls_by_name ON calls (team_id, name_folded {prefix})",
    "CREATE INDEX calls_by_number ON calls (team_id, phone_number {prefix})",
    "CREATE UNIQUE INDEX calls_by_external_id ON calls (team_id, external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX attempts_to_check ON call_attempts (check_at) WHERE ended_at IS NULL AND place_by IS NOT NULL",
    "CREATE INDEX attempts_to_hang_up ON call_attempts (hangup_next_at) WHERE ended_at IS NULL AND hangup_next_at IS NOT NULL",
    "CREATE INDEX events_of_team ON call_events (team_id, position)",
];

const SEEDS: &[&str] = &[
    "INSERT INTO teams (id, name, created_at) VALUES ({home}, 'Home', 0)",
    "INSERT INTO dispatch_state (id, tokens) VALUES (1, 0)",
];
