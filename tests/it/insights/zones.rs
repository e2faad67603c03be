//! Days and hours are those of a time zone, also where the clocks change or are not whole hours apart.

use super::{expect_same, range};
use crate::support::{TestDb, both_databases};
use sea_orm::{ConnectionTrait, DbBackend};
use switchboard::{
    domain::{actor::Actor, timestamp::Timestamp},
    server::{
        db::{Db, Tx, Written},
        insights::{follow, numbers::numbers},
    },
};

both_databases!(
    every_zone_counts_its_own_days,
    a_day_of_25_hours_has_25_columns,
    a_year_is_counted_in_weeks,
    days_without_calls_are_there_too,
);

/// 2 January 2027, 00:00 UTC.
pub fn now() -> Timestamp {
    Timestamp::from_millis(1_798_848_000_000)
}

/// Calls that ended every 2 hours, 55 minutes and 7 seconds over a year, each with an attempt shortly before; every status, reason and
/// workflow is among them.
pub async fn fill(db: &Db) {
    let (hex, no, json) = match db.backend() {
        DbBackend::Postgres => ("CAST(lpad(to_hex(n), 32, '0') AS uuid)", "false", "jsonb"),
        _ => ("unhex(printf('%032x', n))", "0", "text"),
    };
    let numbers = "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)";
    let ended = "1767225600000 + n * 10507000";
    let calls = format!(
        "{numbers} INSERT INTO calls (id, team_id, version, customer_name, name_folded, phone_number, workflow, status, \
         due_at, wanted_at, max_attempts, attempts_made, lease_epoch, ended_at, ended_reason, metadata, warnings, \
         created_by, created_at, updated_at) \
         SELECT {hex}, (SELECT id FROM teams), 1, 'Ada', 'ada', '+14155550101', \
         CASE n % 3 WHEN 0 THEN 'support' WHEN 1 THEN 'sales' ELSE 'reminder' END, \
         CASE n % 7 WHEN 0 THEN 'busy' WHEN 1 THEN 'no_answer' WHEN 2 THEN 'failed' WHEN 3 THEN 'canceled' ELSE 'completed' END, \
         0, 0, 1, 1, 0, {ended}, CASE n % 5 WHEN 0 THEN 'missed' WHEN 1 THEN 'lost_contact' ELSE 'answered' END, \
         CAST('{{}}' AS {json}), CAST('[]' AS {json}), 'token', 0, 0 FROM numbers"
    );
    let attempts = format!(
        "{numbers} INSERT INTO call_attempts (id, call_id, number, status, provider, due_at, claimed_at, accepted_at, \
         ringing_at, answered_at, ended_at, provisional, checks, refusals, duration_secs) \
         SELECT {hex}, {hex}, 1, CASE n % 4 WHEN 0 THEN 'busy' ELSE 'completed' END, 'simulator', \
         {ended} - 60000 - (n % 900) * 997, {ended} - 60000, {ended} - 59000, {ended} - 58000, \
         CASE n % 4 WHEN 0 THEN NULL ELSE {ended} - 58000 + (n % 61) * 1013 END, {ended}, {no}, 0, 0, n % 4000 FROM numbers"
    );
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&calls).await?;
        tx.conn().execute_unprepared(&attempts).await?;
        Ok(Written::new(()))
    };
    db.write(work).await.expect("a year of calls");
    follow::catch_up(db, now()).await.expect("it is counted");
}

async fn every_zone_counts_its_own_days(test: TestDb) {
    fill(&test.db).await;
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        // Its clocks go forward at midnight.
        "Africa/Cairo",
    ];
    for zone in zones {
        for days in [
            "from=2026-03-28&to=2026-04-25",
            "from=2026-10-04&to=2026-11-02&workflow=sales",
            "from=2026-10-25&to=2026-10-25",
        ] {
            expect_same(&test.db, &format!("{days}&time_zone={zone}"), now()).await;
        }
    }
}

async fn a_day_of_25_hours_has_25_columns(test: TestDb) {
    fill(&test.db).await;
    for (day, zone, columns) in [
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-04-05", "Australia/Lord_Howe", 25),
        ("2026-10-25", "UTC", 24),
    ] {
        let range = range(&format!("from={day}&to={day}&time_zone={zone}"), now());
        let counted = numbers(&test.db, &Actor::system(), &range, now()).await.expect("the numbers");
        assert_eq!(counted.columns.len(), columns, "{day} in {zone}");
        let last = counted.columns.last().expect("a column");
        assert_eq!(last.ends_at.as_millis(), range.end(), "the last hour may be a half one");
        expect_same(&test.db, &format!("from={day}&to={day}&time_zone={zone}"), now()).await;
    }
}

async fn a_year_is_counted_in_weeks(test: TestDb) {
    fill(&test.db).await;
    let range = range("from=2026-01-01&to=2027-01-01&time_zone=Europe/Berlin", now());
    let counted = numbers(&test.db, &Actor::system(), &range, now()).await.expect("the numbers");
    assert_eq!(counted.columns.len(), 53);
    let starts: Vec<_> = counted.columns.iter().map(|column| column.starts_at.to_rfc3339()).collect();
    assert_eq!(
        (starts[0].as_str(), starts[1].as_str()),
        ("2025-12-31T23:00:00.000Z", "2026-01-04T23:00:00.000Z")
    );
    let all = range.end() - range.start();
    let sum: i64 = counted.columns.iter().map(|column| column.ends_at.millis_since(column.starts_at)).sum();
    assert_eq!(sum, all, "no gap and no overlap");
    let total: i64 = counted.totals().iter().sum();
    let sql = format!(
        "SELECT COUNT(*) FROM calls WHERE ended_at >= {} AND ended_at < {}",
        range.start(),
        range.end()
    );
    assert_eq!(total, count(&test.db, &sql).await);
}

async fn days_without_calls_are_there_too(test: TestDb) {
    follow::catch_up(&test.db, now()).await.expect("there is nothing to count");
    let range = range("range=30d", now());
    let counted = numbers(&test.db, &Actor::system(), &range, now()).await.expect("the numbers");
    assert!(counted.is_empty());
    assert_eq!((counted.columns.len(), counted.workflows.len()), (30, 3));
}

async fn count(db: &Db, sql: &str) -> i64 {
    let row = db.read().query_one_raw(sea_orm::Statement::from_string(db.backend(), sql)).await;
    row.expect("a query").expect("a row").try_get_by_index(0).expect("a number")
}
