//! What keeps a million calls of history from costing anything: indexes of the size of the open calls or of one page,
//! and a count of calls that is kept up to date.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// The indexes, and the table `call_counts` with the triggers that keep it.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let connection = manager.get_connection();
        for statement in INDEXES {
            let statement = statement.replace("{attention}", ATTENTION);
            connection.execute_unprepared(&statement).await?;
        }
        let counters = if on_postgres { on_postgres_up() } else { on_sqlite_up() };
        for statement in counters {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let counters = if on_postgres { ON_POSTGRES_DOWN } else { ON_SQLITE_DOWN };
        for statement in counters.iter().chain(INDEXES_DOWN) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

/// The reasons at which a person should have a look.
const ATTENTION: &str =
    "ended_reason IN ('invalid_number', 'provider_refused', 'missed', 'lost_contact', 'unknown')";

const INDEXES: &[&str] = &[
    // Each status in the list's order.
    "DROP INDEX calls_by_status",
    "CREATE INDEX calls_by_status ON calls (team_id, status, id)",
    // With the status in front, though it is always the same: SQLite prefers an index that fits two conditions.
    "DROP INDEX calls_pending_of_team",
    "CREATE INDEX calls_pending_of_team ON calls (team_id, status, due_at, id) WHERE status = 'pending'",
    "CREATE INDEX calls_by_due ON calls (team_id, due_at, id)",
    "CREATE INDEX calls_scheduled ON calls (team_id, scheduled_at, id) WHERE scheduled_at IS NOT NULL",
    "CREATE INDEX calls_needing_attention ON calls (team_id, id) WHERE {attention}",
    // A search that finds much reads the newest calls; it finds here all that it compares.
    "DROP INDEX calls_of_team",
    "CREATE INDEX calls_of_team ON calls (team_id, id, name_folded, phone_number)",
    "CREATE INDEX sim_calls_to_number ON sim_calls (to_number, placed_at, provider_call_id)",
    "CREATE INDEX attempts_open ON call_attempts (call_id, place_by) WHERE ended_at IS NULL",
];

const INDEXES_DOWN: &[&str] = &[
    "DROP INDEX attempts_open",
    "DROP INDEX sim_calls_to_number",
    "DROP INDEX calls_of_team",
    "CREATE INDEX calls_of_team ON calls (team_id, id)",
    "DROP INDEX calls_needing_attention",
    "DROP INDEX calls_scheduled",
    "DROP INDEX calls_by_due",
    "DROP INDEX calls_pending_of_team",
    "CREATE INDEX calls_pending_of_team ON calls (team_id, due_at, id) WHERE status = 'pending'",
    "DROP INDEX calls_by_status",
    "CREATE INDEX calls_by_status ON calls (team_id, status, ended_reason, id)",
];

/// A column of `call_counts`, and which calls it counts.
const COUNTED: [(&str, &str); 6] = [
    ("pending", "status IN ('pending', 'dispatching')"),
    ("active", "status IN ('initiated', 'ringing', 'in_progress')"),
    ("completed", "status = 'completed'"),
    ("failed", "status IN ('busy', 'no_answer', 'failed')"),
    ("canceled", "status = 'canceled'"),
    ("needs_attention", ATTENTION),
];

fn table(more: &str) -> String {
    let columns = COUNTED.map(|(column, _)| format!("{column} bigint NOT NULL DEFAULT 0"));
    format!("CREATE TABLE call_counts ({}{more})", columns.join(", "))
}

fn columns() -> String {
    COUNTED.map(|(column, _)| column).join(", ")
}

/// What of `which` row a column counts, 1 or 0; a reason that is not there counts as no.
fn counts(which: &str, condition: &str) -> String {
    let condition = condition.replace("status", &format!("{which}status"));
    let condition = condition.replace("ended_reason", &format!("{which}ended_reason"));
    format!("(CASE WHEN {condition} THEN 1 ELSE 0 END)")
}

/// There is one writer, so each team has one row, which every change of a call's status changes.
fn on_sqlite_up() -> Vec<String> {
    let set = |change: &dyn Fn(&str) -> String| {
        let set = COUNTED.map(|(column, condition)| format!("{column} = {column} {}", change(condition)));
        format!("UPDATE call_counts SET {}", set.join(", "))
    };
    let added = set(&|condition| format!("+ {}", counts("NEW.", condition)));
    let removed = set(&|condition| format!("- {}", counts("OLD.", condition)));
    let sums = COUNTED.map(|(_, condition)| format!("COALESCE(SUM({}), 0)", counts("c.", condition)));
    vec![
        table(", team_id blob PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE"),
        format!(
            "INSERT INTO call_counts (team_id, {}) SELECT t.id, {} FROM teams t LEFT JOIN calls c ON c.team_id = t.id \
             GROUP BY t.id",
            columns(),
            sums.join(", ")
        ),
        "CREATE TRIGGER call_counts_of_team AFTER INSERT ON teams
         BEGIN INSERT INTO call_counts (team_id) VALUES (NEW.id); END"
            .to_owned(),
        format!(
            "CREATE TRIGGER calls_created AFTER INSERT ON calls BEGIN {added} WHERE team_id = NEW.team_id; END"
        ),
        format!(
            "CREATE TRIGGER calls_deleted AFTER DELETE ON calls BEGIN {removed} WHERE team_id = OLD.team_id; END"
        ),
        format!(
            "CREATE TRIGGER calls_changed AFTER UPDATE OF status, ended_reason, team_id ON calls
             WHEN OLD.status <> NEW.status OR OLD.ended_reason IS NOT NEW.ended_reason OR OLD.team_id <> NEW.team_id
             BEGIN {removed} WHERE team_id = OLD.team_id; {added} WHERE team_id = NEW.team_id; END"
        ),
    ]
}

const ON_SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER calls_changed",
    "DROP TRIGGER calls_deleted",
    "DROP TRIGGER calls_created",
    "DROP TRIGGER call_counts_of_team",
    "DROP TABLE call_counts",
];

/// One row that every change changes would be a queue of all nodes. Each statement adds a row of differences instead,
/// which holds nobody up, and they are summed up now and then.
fn on_postgres_up() -> Vec<String> {
    let sums = |sign: i32| COUNTED.map(|(_, condition)| format!("{sign} * SUM({})", counts("", condition)));
    let plus =
        |source: &str| format!("SELECT team_id, {} FROM {source} GROUP BY team_id", sums(1).join(", "));
    let minus =
        |source: &str| format!("SELECT team_id, {} FROM {source} GROUP BY team_id", sums(-1).join(", "));
    let insert = format!("INSERT INTO call_counts (team_id, {})", columns());
    let totals = COUNTED.map(|(column, _)| format!("SUM({column})")).join(", ");
    let is_any = COUNTED.map(|(column, _)| format!("SUM({column}) <> 0")).join(" OR ");
    let trigger = |event: &str, tables: &str, source: &str| {
        vec![
            format!(
                "CREATE FUNCTION count_{event}_calls() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     {insert} {source};
                     RETURN NULL;
                 END $$"
            ),
            format!(
                "CREATE TRIGGER calls_{event} AFTER {} ON calls REFERENCING {tables}
                 FOR EACH STATEMENT EXECUTE FUNCTION count_{event}_calls()",
                match event {
                    "created" => "INSERT",
                    "deleted" => "DELETE",
                    _ => "UPDATE",
                }
            ),
        ]
    };
    let moved = format!(
        "SELECT team_id, {totals} FROM ({} UNION ALL {}) AS moved (team_id, {}) GROUP BY team_id HAVING {is_any}",
        plus("added"),
        minus("removed"),
        columns()
    );
    let mut statements = vec![
        table(", team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE"),
        format!("{insert} {}", plus("calls")),
    ];
    statements.extend(trigger("created", "NEW TABLE AS added", &plus("added")));
    statements.extend(trigger("deleted", "OLD TABLE AS removed", &minus("removed")));
    statements.extend(trigger("changed", "NEW TABLE AS added OLD TABLE AS removed", &moved));
    statements
}

const ON_POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER calls_changed ON calls",
    "DROP TRIGGER calls_deleted ON calls",
    "DROP TRIGGER calls_created ON calls",
    "DROP FUNCTION count_changed_calls()",
    "DROP FUNCTION count_deleted_calls()",
    "DROP FUNCTION count_created_calls()",
    "DROP TABLE call_counts",
];
