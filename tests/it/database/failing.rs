//! Writes that fail: an answer is true, whatever became of the commit.

use super::read;
use crate::support::{Backend, TestDb, both_databases};
use sea_orm::{ConnectionTrait, sqlx::Executor};
use std::{pin::pin, time::Duration};
use switchboard::{
    error::AppError,
    server::db::{Db, Tx, Written},
};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

both_databases!(
    commits_that_fail_in_a_row_leave_a_writer_that_tells_the_truth,
    a_statement_that_fails_and_is_passed_over_makes_no_lie,
    who_goes_away_while_waiting_is_not_written_later,
);

/// Until then it must have come, however slow the machine.
const DEADLINE: Duration = Duration::from_mins(1);
/// A row of `child` without its parent is found out by the COMMIT alone.
const TABLES: [&str; 3] = [
    "CREATE TABLE parent (id integer PRIMARY KEY)",
    "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE kept (id integer PRIMARY KEY, filling text)",
];
/// From now on the file may not grow, as far as this connection is concerned; then it must.
const FILL: [&str; 2] =
    ["PRAGMA max_page_count = 1", "INSERT INTO kept VALUES (-1, hex(randomblob(1000000)))"];

async fn sql(tx: &Tx, statement: &str) -> Result<(), AppError> {
    tx.conn().execute_unprepared(statement).await?;
    Ok(())
}

async fn write(db: &Db, statements: Vec<String>) -> Result<(), AppError> {
    let work = async move |tx: Tx| {
        for statement in &statements {
            sql(&tx, statement).await?;
        }
        Ok(Written::new(()))
    };
    db.write(work).await
}

async fn keep(db: &Db, id: i64) -> Result<(), AppError> {
    write(db, vec![format!("INSERT INTO kept (id) VALUES ({id})")]).await
}

async fn with_tables(test: &TestDb) {
    write(&test.db, TABLES.map(str::to_owned).to_vec()).await.expect("its tables");
}

/// Whether it is there for everybody, and not only for the connection that wrote it.
async fn is_kept(db: &Db, id: i64) -> bool {
    read::<i64>(db, &format!("SELECT count(*) FROM kept WHERE id = {id}")).await == 1
}

/// A write that has begun, and goes on until it is let go.
struct Held {
    go_on: oneshot::Sender<()>,
    task: JoinHandle<Result<(), AppError>>,
}

impl Held {
    async fn by(db: Db) -> Self {
        let ((begun, is_begun), (go_on, may_go_on)) = (oneshot::channel(), oneshot::channel::<()>());
        let work = async move |tx: Tx| {
            begun.send(()).ok();
            // Now and then it says something: PostgreSQL ends a session that stands still.
            let mut go_on = pin!(may_go_on);
            while timeout(Duration::from_millis(500), &mut go_on).await.is_err() {
                sql(&tx, "SELECT 1").await?;
            }
            Ok(Written::new(()))
        };
        let task = tokio::spawn(async move { db.write(work).await });
        is_begun.await.expect("it begins");
        Self { go_on, task }
    }

    async fn let_go(self) {
        self.go_on.send(()).expect("it waits");
        self.task.await.expect("no panic").expect("it is written");
    }
}

async fn works_again(db: &Db) {
    let again = async {
        while db.write_failure().is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(DEADLINE, again).await.expect("it recovers by itself");
}

async fn commits_that_fail_in_a_row_leave_a_writer_that_tells_the_truth(test: TestDb) {
    with_tables(&test).await;
    for (round, failures) in (1_i64..).zip([1, 2, 3, 20]) {
        for failure in 1..=failures {
            let id = round * 100 + failure;
            let orphan = format!("INSERT INTO child VALUES ({id}, -1)");
            let kept = format!("INSERT INTO kept (id) VALUES ({id})");
            let answer = write(&test.db, vec![kept, orphan]).await;
            assert_eq!(answer, Err(AppError::Internal));
            assert!(!is_kept(&test.db, id).await, "failure {failure} of {failures}");
        }
        assert_eq!(keep(&test.db, round * 100).await, Ok(()), "after {failures} failures");
        assert!(is_kept(&test.db, round * 100).await, "what was acknowledged is there");
    }
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM kept").await, 4);
    assert_eq!(test.db.write_failure(), None, "it works again");
}

/// PostgreSQL undoes such a transaction, and answers its COMMIT without an error. SQLite undoes the statement alone.
async fn a_statement_that_fails_and_is_passed_over_makes_no_lie(test: TestDb) {
    with_tables(&test).await;
    let work = async |tx: Tx| {
        sql(&tx, "INSERT INTO kept (id) VALUES (1)").await?;
        let twice = sea_orm::Statement::from_string(
            tx.conn().get_database_backend(),
            "INSERT INTO kept (id) VALUES (1)",
        );
        tx.conn().execute_raw(twice).await.expect_err("the key is taken");
        Ok(Written::new(()))
    };
    let answer = test.db.write(work).await;
    assert_eq!(answer.is_ok(), is_kept(&test.db, 1).await, "{answer:?}");
}

async fn who_goes_away_while_waiting_is_not_written_later(test: TestDb) {
    with_tables(&test).await;
    // All connections that write are taken: one on SQLite, a pool of them on PostgreSQL.
    let mut held = Vec::new();
    for _ in 0..if test.file().is_some() { 1 } else { 16 } {
        held.push(Held::by(test.db.clone()).await);
    }
    let db = test.db.clone();
    let waits = tokio::spawn(async move { keep(&db, 1).await });
    // It waits where nobody can see it; a write behind it tells nothing, since it waits too.
    tokio::time::sleep(Duration::from_millis(100)).await;
    waits.abort();
    assert!(waits.await.is_err_and(|why| why.is_cancelled()), "it waited");

    for held in held {
        held.let_go().await;
    }
    keep(&test.db, 2).await.expect("the next one");
    assert!(!is_kept(&test.db, 1).await, "nobody waited for it any more");
}

/// SQLite undoes the whole transaction when its disk is full, also what other parts have written to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fills_the_disk_takes_its_commit_along_and_everybody_is_told() {
    let test = TestDb::new(Backend::Sqlite).await;
    with_tables(&test).await;
    let mut writers = JoinSet::new();
    for id in 1..=300_i64 {
        let db = test.db.clone();
        writers.spawn(async move {
            let mut statements = vec![format!("INSERT INTO kept (id) VALUES ({id})")];
            if id % 50 == 7 {
                statements.extend(FILL.map(str::to_owned));
            }
            (id, write(&db, statements).await)
        });
    }
    let mut refused = 0;
    for (id, answer) in writers.join_all().await {
        assert_eq!(answer.is_ok(), is_kept(&test.db, id).await, "{id}: {answer:?}");
        if let Err(error) = answer {
            assert_eq!((error.status(), error.code()), (503, "not_writable"));
            refused += 1;
        } else {
            assert_ne!(id % 50, 7, "there was no room");
        }
    }
    assert!(refused >= 6, "each that found no room was refused");
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM kept WHERE id = -1").await, 0);
    // The last of them may have been the last of all.
    works_again(&test.db).await;
    assert_eq!(keep(&test.db, 1_000).await, Ok(()));
    assert!(is_kept(&test.db, 1_000).await);
}

/// As every request with an `Idempotency-Key` is carried out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fills_the_disk_within_a_savepoint_is_said_so() {
    let test = TestDb::new(Backend::Sqlite).await;
    with_tables(&test).await;
    let work = async |tx: Tx| {
        sql(&tx, "INSERT INTO kept (id) VALUES (1)").await?;
        let filled = tx.attempt(async |tx: Tx| {
            for statement in FILL {
                sql(&tx, statement).await?;
            }
            Ok(())
        });
        // Whatever a verb makes of it, nothing is left of what it wrote before.
        let _ = filled.await;
        Ok(Written::new(()))
    };
    assert_eq!(test.db.write(work).await, Err(AppError::NotWritable));
    let work = async |tx: Tx| {
        let filled = async |tx: Tx| {
            for statement in FILL {
                sql(&tx, statement).await?;
            }
            Ok(())
        };
        tx.attempt(filled).await?.map(Written::new)
    };
    works_again(&test.db).await;
    assert_eq!(test.db.write(work).await, Err(AppError::NotWritable));
    works_again(&test.db).await;
    assert!(!is_kept(&test.db, 1).await);
}

/// Whoever asks while another program holds SQLite's place for writers is told so, and not kept waiting in a row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_program_that_writes_for_long_is_not_waited_for_in_a_row() {
    let test = TestDb::new(Backend::Sqlite).await;
    with_tables(&test).await;
    // A verb of ours would be cut off in time.
    let other = test.another_node().await;
    let other = other.read().get_sqlite_connection_pool();
    let mut other = other.acquire().await.expect("a connection");
    let hold = "PRAGMA query_only = OFF; BEGIN IMMEDIATE";
    other.execute(hold).await.expect("it holds the place");
    assert_eq!(keep(&test.db, 1).await, Err(AppError::Unavailable));
    for id in 2..20 {
        assert_eq!(keep(&test.db, id).await, Err(AppError::NotWritable));
    }
    let why = test.db.write_failure().expect("it is known");
    assert!(why.contains("locked"), "{why}");

    other.execute("ROLLBACK").await.expect("it lets go");
    works_again(&test.db).await;
    assert_eq!(keep(&test.db, 20).await, Ok(()));
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM kept").await, 1);
}

/// Nobody is kept waiting for what can't come in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_of_writes_is_bounded() {
    let test = TestDb::new(Backend::Sqlite).await;
    with_tables(&test).await;
    let held = Held::by(test.db.clone()).await;
    let mut writers = JoinSet::new();
    for id in 1..=3_000 {
        let db = test.db.clone();
        writers.spawn(async move { (id, keep(&db, id).await) });
    }
    let (_, first) = writers.join_next().await.expect("a writer").expect("no panic");
    assert_eq!(first, Err(AppError::Unavailable), "it is told at once, while the writer is held");
    held.let_go().await;
    for (id, answer) in writers.join_all().await {
        assert_eq!(answer.is_ok(), is_kept(&test.db, id).await, "{id}: {answer:?}");
    }
}
