//! Connections to a server that break, fall silent, or stand still.

use crate::support::{Backend, TestDb};
use sea_orm::{ConnectionTrait, EntityTrait};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use switchboard::{
    domain::waiting::Limits,
    error::AppError,
    server::{
        calls::dispatch_state,
        db::{Db, Written, settings},
    },
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    sync::{Notify, watch},
};

/// Until then it must have come, however slow the machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// Whoever loses the connection at that moment doesn't know how it ended, and must not be told that nothing happened.
#[tokio::test]
async fn who_loses_the_connection_during_the_commit_is_told_that_nobody_knows() {
    let test = TestDb::new(Backend::Postgres).await;
    let ends_at_the_commit = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON settings DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()";
    test.db.read().execute_unprepared(ends_at_the_commit).await.expect("a trigger");

    let answer = test.db.write::<(), _, _>(|tx| async move {
        let sql = "INSERT INTO settings (name, value, created_at) VALUES ('greeting', 'hello', 0)";
        tx.conn().execute_unprepared(sql).await?;
        Ok(Written::new(()))
    });
    let error = answer.await.expect_err("no answer to the commit");

    assert_eq!((error.clone(), error.status(), error.code()), (AppError::Unconfirmed, 503, "unconfirmed"));
    assert!(!error.to_string().contains("othing was changed"), "{error}");
}

/// A node that is frozen, or cut off without a word, while it holds what every claim locks first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_in_a_transaction_holds_up_the_others_for_seconds_only() {
    let test = TestDb::new(Backend::Postgres).await;
    let frozen = test.another_node().await;
    let holds = Arc::new(Notify::new());
    let held = Arc::clone(&holds);
    let standing = tokio::spawn(async move {
        frozen
            .write::<(), _, _>(|tx| async move {
                dispatch_state::lock(&tx, Limits::default()).await?;
                held.notify_one();
                std::future::pending().await
            })
            .await
    });
    holds.notified().await;

    let other = test.db.write(|tx| async move {
        dispatch_state::lock(&tx, Limits::default()).await?;
        Ok(Written::new(()))
    });

    assert_eq!(tokio::time::timeout(DEADLINE, other).await, Ok(Ok(())));
    standing.abort();
}

/// Nobody says that such a connection is dead: the next one who needs the database must not wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_fall_silent_are_replaced() {
    let test = TestDb::new(Backend::Postgres).await;
    let line = Line::to(&test).await;
    let db = Db::connect(&line.url).await.expect("a server behind a line");
    settings::Entity::find().all(db.read()).await.expect("it answers");

    line.silence();
    let begun = Instant::now();
    while settings::Entity::find().all(db.read()).await.is_err() {
        assert!(begun.elapsed() < DEADLINE, "the silent connection is still waited for");
    }
    // What is given up in the middle comes back to the pool, and must not take up its place there for ever.
    for _ in 0..20 {
        let slow = db.read().execute_unprepared("SELECT pg_sleep(3600)");
        let given_up = tokio::time::timeout(Duration::from_millis(20), slow).await;
        assert!(given_up.is_err(), "{given_up:?}");
    }
    let answer = async { while settings::Entity::find().all(db.read()).await.is_err() {} };
    tokio::time::timeout(DEADLINE, answer).await.expect("there is room in the pool again");
}

/// A line over TCP to the tests' server.
struct Line {
    url: String,
    silent: watch::Sender<bool>,
}

impl Line {
    async fn to(test: &TestDb) -> Self {
        let (before, socket) = test.url.split_once("?host=").expect("a socket");
        let name = before.rsplit('/').next().expect("a name");
        let socket = format!("{socket}/.s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let silent = watch::Sender::new(false);
        let falls_silent = silent.subscribe();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (socket, mut falls_silent) = (socket.clone(), falls_silent.clone());
                falls_silent.mark_unchanged();
                tokio::spawn(async move {
                    let mut server = UnixStream::connect(socket).await.expect("the server");
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = falls_silent.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { url: format!("postgres://switchboard@{address}/{name}?sslmode=disable"), silent }
    }

    /// Nothing comes through what is open now, and neither side hears of it.
    fn silence(&self) {
        self.silent.send_replace(true);
    }
}
