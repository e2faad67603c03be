//! Counting: the numbers on the tabs are kept with every change of a call, whoever makes it; totals are exact where
//! that costs nothing.

use crate::support::{
    app::{App, COMPLETES, text},
    both_databases,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use std::collections::BTreeMap;
use switchboard::{
    domain::{
        actor::Actor,
        call::Counts,
        filter::CallFilter,
        status::{CallStatus, EndedReason, Phase},
    },
    server::{
        calls::{
            counts::{counts, sum_up},
            list,
        },
        db::{Db, Tx, Written},
    },
};

both_databases!(
    every_status_and_reason_is_counted_as_the_rules_say,
    what_was_there_before_is_counted,
    nothing_is_lost_while_many_write_and_the_counts_are_summed_up,
    a_total_says_whether_all_calls_were_looked_at,
);

async fn run(db: &Db, sql: String) {
    let work = async move |tx: Tx| {
        tx.conn().execute_unprepared(&sql).await?;
        Ok(Written::new(()))
    };
    db.write(work).await.expect("a change");
}

/// The phases' and the tab's counts, as they are kept.
async fn kept(db: &Db) -> Counts {
    let counts = counts(db, &Actor::anonymous()).await.expect("counts");
    Counts { dispatching: 0, next_due_at: None, ..counts }
}

/// The same, counted anew by the rules of the domain.
async fn counted(db: &Db) -> Counts {
    let sql = "SELECT status, ended_reason, COUNT(*) AS many FROM calls GROUP BY status, ended_reason";
    let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.expect("rows");
    let mut of = BTreeMap::new();
    let mut needs_attention = 0;
    for row in rows {
        let status: String = row.try_get("", "status").expect("a status");
        let reason: Option<String> = row.try_get("", "ended_reason").expect("a reason");
        let many: i64 = row.try_get("", "many").expect("a number");
        let status: CallStatus = status.parse().expect("a status");
        *of.entry(status.phase().as_str()).or_insert(0) += many;
        let reason: Option<EndedReason> = reason.map(|reason| reason.parse().expect("a reason"));
        needs_attention += if reason.is_some_and(EndedReason::needs_attention) { many } else { 0 };
    }
    let phase = |phase: Phase| of.get(phase.as_str()).copied().unwrap_or(0);
    Counts {
        pending: phase(Phase::Pending),
        active: phase(Phase::Active),
        completed: phase(Phase::Completed),
        failed: phase(Phase::Failed),
        canceled: phase(Phase::Canceled),
        needs_attention,
        dispatching: 0,
        next_due_at: None,
    }
}

async fn every_status_and_reason_is_counted_as_the_rules_say(app: App) {
    let db = &app.state().db;
    for _ in 0..3 {
        app.create(COMPLETES).await;
    }
    let call = app.create(COMPLETES).await;
    assert_eq!((kept(db).await.pending, kept(db).await.total()), (4, 4));
    let id = text(&call["id"]).replace('-', "");
    let this = match db.backend() {
        DbBackend::Postgres => format!("'{id}'"),
        _ => format!("x'{id}'"),
    };
    let reasons = EndedReason::ALL.iter().map(|reason| format!("'{reason}'"));
    let reasons: Vec<String> = reasons.chain(["NULL".to_owned()]).collect();
    for status in CallStatus::ALL {
        for reason in &reasons {
            let set =
                format!("UPDATE calls SET status = '{status}', ended_reason = {reason} WHERE id = {this}");
            run(db, set).await;
            assert_eq!(kept(db).await, counted(db).await, "{status}, {reason}");
        }
    }
    run(db, "UPDATE calls SET status = 'failed', ended_reason = 'missed'".to_owned()).await;
    assert_eq!((kept(db).await.failed, kept(db).await.needs_attention), (4, 4), "several at once");
    run(db, format!("DELETE FROM calls WHERE id = {this}")).await;
    assert_eq!(kept(db).await, counted(db).await);
    run(db, "DELETE FROM calls".to_owned()).await;
    assert_eq!(kept(db).await, Counts::default());
}

async fn what_was_there_before_is_counted(app: App) {
    let db = &app.state().db;
    for _ in 0..2 {
        app.create(COMPLETES).await;
    }
    app.live(12).await;
    app.create(COMPLETES).await;
    let before = kept(db).await;
    db.undo_migrations(Some(1)).await.expect("one step back");
    db.migrate().await.expect("and on again");
    assert_eq!((kept(db).await, before.completed, before.pending), (before, 2, 1));
}

/// Several nodes at once.
async fn nothing_is_lost_while_many_write_and_the_counts_are_summed_up(app: App) {
    let db = &app.state().db;
    let writers = (0..4).map(async |_| {
        for _ in 0..40 {
            app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
        }
    });
    let summing = async {
        for _ in 0..30 {
            sum_up(db).await.expect("it is summed up");
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(futures::future::join_all(writers), summing, async {
        for _ in 0..30 {
            sum_up(db).await.expect("another node sums up too");
        }
    });
    sum_up(db).await.expect("it is summed up");
    assert_eq!(kept(db).await.pending, 160);
    assert!(app.count("SELECT COUNT(*) FROM call_counts").await <= 100);
}

async fn a_total_says_whether_all_calls_were_looked_at(app: App) {
    let db = &app.state().db;
    app.create(COMPLETES).await;
    app.live(12).await;
    let (_, few) = app.get("/api/calls?workflow=support&q=ada&include_total=true").await;
    assert_eq!((&few["total"], &few["total_is_exact"]), (&json!(1), &json!(true)));
    app.pass_secs(30);
    let since = app.now().to_rfc3339();
    app.create_with("+4930123456", json!({"customer_name": "+4930 GmbH"})).await;
    let (_, young) = app.get(&format!("/api/calls?created_from={since}&include_total=true")).await;
    assert_eq!((&young["total"], &young["total_is_exact"]), (&json!(1), &json!(true)));
    let (_, once) = app.get("/api/calls?q=%2B4930&include_total=true").await;
    assert_eq!(once["total"], 1, "its name and its number start so");
    run(db, "DELETE FROM calls WHERE status = 'pending'".to_owned()).await;
    // As many copies as can't be looked at while somebody waits; every third is named otherwise.
    let many = i64::try_from(list::COUNTED_TO).expect("a number") + 500;
    copies(db, many).await;
    for (query, total, is_exact) in [
        // What the tabs count is exact however much it is.
        ("", many + 1, true),
        ("phase=completed", many + 1, true),
        ("phase=failed", 0, true),
        ("needs_attention=true", 0, true),
        ("workflow=support", 10_000, false),
        ("status=completed", many + 1, true),
        ("q=grace", many / 3, true),
        ("sort=ended", 10_000, false),
        ("phase=pending&status=completed", 0, true),
        ("phase=pending&status=completed&needs_attention=true", 0, true),
        ("sort=ended&phase=completed", 10_000, false),
    ] {
        let (_, page) = app.get(&format!("/api/calls?{query}&include_total=true&limit=1")).await;
        let told = (page["total"].as_i64(), page["total_is_exact"].as_bool());
        assert_eq!(told, (Some(total), Some(is_exact)), "{query}");
    }
    let (_, both) = app.get("/api/calls?q=grace&workflow=support&include_total=true&limit=7").await;
    assert_eq!(both["total_is_exact"], json!(false));
    assert!((7..10_000).contains(&both["total"].as_i64().expect("a number")), "{}", both["total"]);
    let filter = CallFilter { include_total: true, ..CallFilter::default() };
    let limits = app.state().config.limits();
    let listed = list::list(db, &app.stranger().await, &filter, limits, app.now()).await.expect("a list");
    assert_eq!(listed.total, Some(list::Total { calls: 0, is_exact: true }), "another team's");
}

/// Copies the one call there is.
async fn copies(db: &Db, many: i64) {
    let id = match db.backend() {
        DbBackend::Postgres => "CAST(lpad(to_hex(n), 32, '0') AS uuid)",
        _ => "unhex(printf('%032x', n))",
    };
    let same = "team_id, version, phone_number, workflow, status, due_at, wanted_at, max_attempts, attempts_made, \
                lease_epoch, ended_at, ended_reason, metadata, warnings, created_by, created_at, updated_at";
    run(
        db,
        format!(
            "INSERT INTO calls (id, customer_name, name_folded, {same}) \
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many}) \
             SELECT {id}, 'Copy', CASE n % 3 WHEN 0 THEN 'grace' ELSE 'ada' END, {same} FROM calls, numbers"
        ),
    )
    .await;
}
