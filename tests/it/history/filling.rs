//! Years of history, written behind the server's back.

use crate::support::app::START;
use sea_orm::{ConnectionTrait, DbBackend};
use std::ops::Range;
use switchboard::server::db::{Db, Tx, Written};

/// All calls of history.
pub const CALLS: i64 = 100_000;
/// Calls of one transaction.
const AT_ONCE: i64 = 20_000;

/// `n` counts calls; `{made}` is when one was created, a hundred thousand in 92 days. The oldest thousand were canceled,
/// one in a thousand was missed, one in a hundred is a reminder, and every number begins with +4930.
const ROWS: [(&str, &str); 9] = [
    (
        "calls (id, team_id, version, customer_name, name_folded, phone_number, workflow, status, scheduled_at, due_at, \
         wanted_at, max_attempts, attempts_made, lease_epoch, ended_at, ended_reason, metadata, warnings, created_by, \
         created_at, updated_at)",
        "{call}, (SELECT id FROM teams), 6, 'Person ' || n % 5000, 'person ' || n % 5000, \
         '+4930' || (1000000 + n * 7919 % 1000000), CASE n % 100 WHEN 0 THEN 'reminder' ELSE 'support' END, \
         CASE WHEN n < 1000 THEN 'canceled' WHEN n % 7 = 0 THEN 'busy' WHEN n % 7 = 1 THEN 'no_answer' \
         WHEN n % 7 = 2 THEN 'failed' ELSE 'completed' END, CASE n % 3 WHEN 0 THEN {made} END, \
         {made}, {made}, 1, 1, 1, {made} + 60000, CASE WHEN n < 1000 THEN 'canceled' WHEN n % 1000 = 7 THEN 'missed' \
         ELSE 'answered' END, CAST('{}' AS {json}), CAST('[]' AS {json}), 'token', {made}, {made} + 60000",
    ),
    (
        "call_attempts (id, call_id, number, status, provider, provider_call_id, place_by, due_at, claimed_at, accepted_at, \
         ended_at, ended_reason, provisional, checks, refusals)",
        "{attempt}, {call}, 1, 'completed', 'simulator', 'old-' || n, {made}, {made}, {made}, {made}, {made} + 60000, \
         'answered', {no}, 0, 0",
    ),
    (
        "call_events (call_id, team_id, seq, kind, actor, repeats, payload, occurred_at, created_at)",
        "{call}, (SELECT id FROM teams), 1, 'created', 'token', 0, CAST('{}' AS {json}), {made}, {made}",
    ),
    (
        "call_events (call_id, team_id, seq, attempt_id, kind, actor, verdict, dedupe_key, repeats, payload, occurred_at, \
         created_at)",
        "{call}, (SELECT id FROM teams), 2, {attempt}, 'report', 'provider', 'applied', 'old-' || n, 0, \
         CAST('{}' AS {json}), {made} + 60000, {made} + 60000",
    ),
    (
        "webhook_deliveries (id, endpoint_id, event, call_id, body, status, attempts, tries, delivered_at, created_at)",
        "{attempt}, (SELECT id FROM webhook_endpoints), 'call.ended', {call}, '{}', 'delivered', 1, 0, {made}, {made}",
    ),
    (
        "sim_calls (provider_call_id, attempt_id, to_number, customer_name, workflow, callback_url, nth, script, speed, \
         placed_at)",
        "'old-' || n, 'attempt-' || n, '+4930' || n, 'Person', 'support', '', 1, (SELECT script FROM sim_calls LIMIT 1), 1, {made}",
    ),
    (
        "sim_callbacks (webhook_id, provider_call_id, sequence, status, payload, occurred_at, due_at, copies, tries, \
         delivered_at)",
        "'old-' || n, 'old-' || n, 1, 'completed', (SELECT payload FROM sim_callbacks LIMIT 1), {made}, \
         {made}, 1, 1, {made}",
    ),
    ("sim_placings (to_number, placings)", "'+4930' || n, 1"),
    ("idempotency_keys (scope, key, fingerprint, status, created_at)", "'old', 'old-' || n, '', 201, {now}"),
];

/// Writes these calls, which have ended, with all that goes with them. There must be one team,
/// one webhook endpoint, and a call that the simulator has taken.
pub async fn fill(db: &Db, calls: Range<i64>) {
    for first in calls.clone().step_by(usize::try_from(AT_ONCE).expect("a few")) {
        let some = first..(first + AT_ONCE).min(calls.end);
        let batch: Vec<_> = ROWS.iter().map(|(into, row)| insert(db.backend(), into, row, &some)).collect();
        let work = async move |tx: Tx| {
            for statement in &batch {
                tx.conn().execute_unprepared(statement).await?;
            }
            Ok(Written::new(()))
        };
        db.write(work).await.expect("some history");
    }
}

fn insert(backend: DbBackend, into: &str, row: &str, of: &Range<i64>) -> String {
    let made = format!("({START} - ({CALLS} - n) * 80000)");
    let (json, no) = if backend == DbBackend::Postgres { ("jsonb", "false") } else { ("text", "0") };
    let row = row
        .replace("{call}", &id(backend, 'c', &made))
        .replace("{attempt}", &id(backend, 'a', &made))
        .replace("{made}", &made)
        .replace("{now}", &START.to_string())
        .replace("{json}", json)
        .replace("{no}", no);
    format!(
        "WITH RECURSIVE numbers (n) AS (SELECT CAST({} AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {} - 1) \
         INSERT INTO {into} SELECT {row} FROM numbers",
        of.start, of.end
    )
}

/// An id of the kind that is made at `millis`: they sort by time.
fn id(backend: DbBackend, kind: char, millis: &str) -> String {
    match backend {
        DbBackend::Postgres => {
            format!(
                "CAST(lpad(to_hex({millis}), 12, '0') || '7000800{kind}' || lpad(to_hex(n), 12, '0') AS uuid)"
            )
        }
        _ => format!("unhex(printf('%012x7000800{kind}%012x', {millis}, n))"),
    }
}
