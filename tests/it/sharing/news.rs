//! News: what one node commits wakes the loops of the others at once.

use crate::support::{Backend, TestDb, dispatcher::new_call};
use std::time::Duration;
use switchboard::{
    domain::{actor::Actor, timestamp::Timestamp},
    server::{calls::create::create, clock::Clock, db::Db},
};
use tokio::sync::watch::Receiver;
use tokio_util::sync::CancellationToken;

/// However slow the machine.
const PATIENCE: Duration = Duration::from_mins(1);

async fn add(db: &Db) {
    let clock = Clock::manual(Timestamp::from_millis(1_795_251_600_000));
    let work = async move |tx| create(&tx, &Actor::system(), new_call(), None, &clock).await;
    db.write(work).await.expect("a call");
}

/// Commits on `one` until the other has heard of it: its ear may not be open yet.
async fn until_heard(one: &Db, other: &mut Receiver<u64>) {
    let heard = async {
        loop {
            add(one).await;
            if tokio::time::timeout(Duration::from_millis(200), other.changed()).await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("the other node hears of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_wakes_the_other_nodes_and_a_broken_connection_is_made_anew() {
    let test = TestDb::new(Backend::Postgres).await;
    let other = test.another_node().await;
    let stop = CancellationToken::new();
    for node in [test.db.clone(), other.clone()] {
        let stop = stop.clone();
        tokio::spawn(async move { node.share_news(stop).await });
    }
    let mut woken = other.feed().due();
    until_heard(&test.db, &mut woken).await;

    // Whoever listens or tells loses its connection.
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND query ILIKE ANY (ARRAY['LISTEN%', 'NOTIFY%'])";
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let ended = sea_orm::ConnectionTrait::query_all_raw(test.db.read(), statement).await.expect("a query");
    assert!(!ended.is_empty());
    woken.mark_unchanged();
    until_heard(&test.db, &mut woken).await;
    stop.cancel();
}

#[tokio::test]
async fn on_sqlite_there_is_nobody_to_tell() {
    let test = TestDb::new(Backend::Sqlite).await;
    test.db.share_news(CancellationToken::new()).await;
    test.db.tell_once().await.expect("nothing to do");
}
