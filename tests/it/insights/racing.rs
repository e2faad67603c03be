//! Several nodes count, and nodes die while they do: the numbers are the same.

use super::{catch_up, expect_same, zones};
use crate::support::{
    TestDb,
    app::{App, BUSY, COMPLETES},
    both_databases,
};
use switchboard::server::{
    db::Written,
    insights::{
        follow::{self, Left},
        ledger,
    },
};
use tokio::task::JoinSet;

both_databases!(
    nodes_that_count_at_once_count_once,
    who_was_overtaken_keeps_nothing,
    a_count_that_broke_off_goes_on_where_it_was,
    what_happens_during_the_first_count_is_counted_too,
    a_place_of_another_history_has_everything_counted_anew,
);

async fn nodes_that_count_at_once_count_once(test: TestDb) {
    zones::fill(&test.db).await;
    let forget = async |tx: switchboard::server::db::Tx| Ok(Written::new(ledger::forget_place(&tx).await?));
    test.db.write(forget).await.expect("everything is to be counted anew");
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        // A file has one process that writes.
        let db = if test.file().is_some() { test.db.clone() } else { test.another_node().await };
        nodes.spawn(async move { follow::catch_up(&db, zones::now()).await });
    }
    for done in nodes.join_all().await {
        done.expect("each counts or finds it counted");
    }
    expect_same(&test.db, "from=2026-01-01&to=2026-12-31", zones::now()).await;
}

async fn who_was_overtaken_keeps_nothing(app: App) {
    let db = &app.state().db;
    catch_up(&app).await;
    let seen = ledger::read(db).await.expect("a row");
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    let kept = ledger::read(db).await.expect("a row");
    let late = async move |tx| Ok(Written::new(ledger::advance(&tx, &seen, &seen).await?));
    assert_eq!(db.write(late).await, Ok(false));
    assert_eq!(ledger::read(db).await, Ok(kept));
}

async fn a_count_that_broke_off_goes_on_where_it_was(test: TestDb) {
    zones::fill(&test.db).await;
    let forget = async |tx: switchboard::server::db::Tx| Ok(Written::new(ledger::forget_place(&tx).await?));
    test.db.write(forget).await.expect("everything is to be counted anew");
    for _ in 0..5 {
        assert_eq!(follow::run_once(&test.db, zones::now()).await, Ok(Left::More));
    }
    let broken_off = ledger::read(&test.db).await.expect("a row").fill_from.expect("it is under way");
    let after = test.another_node().await;
    assert_eq!(follow::run_once(&after, zones::now()).await, Ok(Left::More));
    let went_on = ledger::read(&after).await.expect("a row").fill_from.expect("it is under way");
    assert!(went_on > broken_off, "it does not begin again");
    follow::catch_up(&after, zones::now()).await.expect("it is counted");
    expect_same(&after, "from=2026-01-01&to=2026-12-31", zones::now()).await;
}

async fn what_happens_during_the_first_count_is_counted_too(app: App) {
    let call = app.create(BUSY).await;
    app.live(12).await;
    let db = &app.state().db;
    assert_eq!(follow::run_once(db, app.now()).await, Ok(Left::More), "it begins");
    assert_eq!(follow::run_once(db, app.now()).await, Ok(Left::More), "this morning is counted");
    app.command(&call["id"], "retry").await;
    app.create(COMPLETES).await;
    app.live(12).await;
    catch_up(&app).await;
    expect_same(db, "range=today", app.now()).await;
}

async fn a_place_of_another_history_has_everything_counted_anew(app: App) {
    app.create(COMPLETES).await;
    app.live(12).await;
    let db = &app.state().db;
    for elsewhere in ["7000000000-7000000000", "0-99999999", "nonsense"] {
        catch_up(&app).await;
        let sql = format!("UPDATE insight_state SET place = '{elsewhere}'");
        let spoil = "UPDATE insight_calls SET completed = 77";
        let work = async move |tx: switchboard::server::db::Tx| {
            sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), &sql).await?;
            sea_orm::ConnectionTrait::execute_unprepared(tx.conn(), spoil).await?;
            Ok(Written::new(()))
        };
        db.write(work).await.expect("another history");
        catch_up(&app).await;
        expect_same(db, "range=today", app.now()).await;
    }
}
