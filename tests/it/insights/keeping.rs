//! What is pruned stays in the numbers, and what is there can be counted anew.

use super::{catch_up, expect_same};
use crate::{
    starting::run,
    support::{
        app::{App, BUSY, COMPLETES, text},
        both_databases,
    },
};
use serde_json::{Value, json};
use switchboard::server::{
    calls::prune,
    db::{Tx, Written},
    insights::follow,
};

both_databases!(
    what_was_pruned_stays_in_the_numbers,
    a_late_word_about_a_pruned_quarter_of_an_hour_changes_nothing,
    the_command_counts_everything_anew,
    prune_counts_before_it_deletes,
);

const DAY: i64 = 86_400;

async fn totals(app: &App, query: &str) -> Value {
    app.get(&format!("/api/insights?{query}")).await.1["totals"].clone()
}

async fn prune_all(app: &App, secs_old: i64) -> u64 {
    let before = app.now().plus_secs(-secs_old);
    let work = async move |tx: Tx| prune::prune(&tx, before, 100).await;
    app.state().db.write(work).await.expect("a round").calls
}

async fn what_was_pruned_stays_in_the_numbers(app: App) {
    app.create(COMPLETES).await;
    app.create(BUSY).await;
    app.live(12).await;
    catch_up(&app).await;
    let before = totals(&app, "range=today").await;
    assert_eq!((&before["completed"], &before["busy"]), (&json!(1), &json!(1)));
    app.pass_secs(3 * DAY);
    assert_eq!(prune_all(&app, DAY).await, 2);
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let after = totals(&app, "range=7d").await;
    assert_eq!((&after["completed"], &after["busy"]), (&json!(2), &json!(1)));
    follow::rebuild(&app.state().db, app.now()).await.expect("it is counted anew");
    assert_eq!(totals(&app, "range=7d").await, after, "also after a count of what is left");
    expect_same(&app.state().db, "range=today", app.now()).await;
}

async fn a_late_word_about_a_pruned_quarter_of_an_hour_changes_nothing(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    app.pass_secs(120);
    // It ends in the same quarter of an hour, a little later.
    let young = app.create(BUSY).await;
    app.live(12).await;
    catch_up(&app).await;
    let before = totals(&app, "range=today").await;
    app.pass_secs(DAY - 60);
    assert_eq!(prune_all(&app, DAY).await, 1, "the younger one stays");
    let (status, _) =
        app.post(&format!("/api/calls/{}/notes", text(&young["id"])), &json!({"note": "Late."})).await;
    assert!(status.is_success());
    app.command(&young["id"], "cancel").await;
    catch_up(&app).await;
    assert_eq!(totals(&app, "range=7d").await, before);
}

async fn the_command_counts_everything_anew(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let spoil = async |tx: Tx| {
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), "UPDATE insight_calls SET busy = 40").await?;
        Ok(Written::new(()))
    };
    app.state().db.write(spoil).await.expect("wrong numbers");
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["insights", "rebuild", "--database-url", &app.test_db.url], &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "Counted 1 call.\n"), "{said:?}");
    expect_same(&app.state().db, "range=today", app.now()).await;

    let said = run(folder.path(), &["insights", "rebuild"], &[]);
    assert!(said.err.contains("There is no database at"), "{said:?}");
}

/// The command goes by the real clock, at which the story's calls lie in the future or long ago.
async fn prune_counts_before_it_deletes(app: App) {
    let call = app.create_with(COMPLETES, json!({"delay_secs": 60})).await;
    app.command(&call["id"], "cancel").await;
    let long_ago = async |tx: Tx| {
        let sql = "UPDATE calls SET ended_at = 1000000000000";
        sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), sql).await?;
        Ok(Written::new(()))
    };
    app.state().db.write(long_ago).await.expect("it ended in 2001");
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["prune", "--older-than", "90d", "--database-url", &app.test_db.url], &[]);
    assert!(said.out.starts_with("Deleted 1 calls"), "{said:?}");
    assert_eq!(totals(&app, "from=2001-09-09&to=2001-09-09").await["canceled"], 1);
}
