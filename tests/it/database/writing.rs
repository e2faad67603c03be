//! Writing: all or nothing, in one place, and announced.

use super::read;
use crate::support::{Backend, TestDb, both_databases};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use std::{sync::Arc, time::Duration};
use switchboard::{
    domain::{id::CallId, timestamp::Timestamp},
    error::AppError,
    server::db::{Changes, Db, Tx, Written, is_duplicate, settings},
};
use tokio::{sync::Notify, task::JoinSet};
use tracing::Instrument;
use uuid::Uuid;

both_databases!(
    what_is_written_is_read,
    an_error_leaves_nothing_behind,
    a_panic_leaves_nothing_behind_and_the_next_one_writes,
    whoever_keeps_the_transaction_writes_nothing,
    a_caller_that_goes_away_does_not_cut_a_commit_in_half,
    a_commit_is_announced_and_a_refusal_is_not,
    many_writers_at_once_all_get_through,
    who_fails_takes_nobody_along,
    the_second_of_the_same_key_is_told_from_other_refusals,
    what_the_database_refuses_is_our_fault,
);

async fn what_is_written_is_read(test: TestDb) {
    let answer = test.db.write(|tx| async move { put(&tx, "greeting").await.map(|()| Written::new(7)) });
    assert_eq!(answer.await, Ok(7));
    assert_eq!(rows(&test.db).await, 1);
}

async fn an_error_leaves_nothing_behind(test: TestDb) {
    let answer = test.db.write::<(), _, _>(|tx| async move {
        put(&tx, "greeting").await?;
        Err(AppError::refused("no", "Not today."))
    });
    assert_eq!(answer.await, Err(AppError::refused("no", "Not today.")));
    assert_eq!(rows(&test.db).await, 0);
}

async fn a_panic_leaves_nothing_behind_and_the_next_one_writes(test: TestDb) {
    let answer = test.db.write::<(), _, _>(|tx| async move {
        put(&tx, "lost").await?;
        panic!("this panic belongs to the test");
    });
    assert_eq!(answer.await, Err(AppError::Internal));
    write(&test.db, "kept").await.expect("the writer is free again");
    assert_eq!(rows(&test.db).await, 1);
}

async fn whoever_keeps_the_transaction_writes_nothing(test: TestDb) {
    let kept: Arc<std::sync::Mutex<Option<Tx>>> = Arc::default();
    let keeper = Arc::clone(&kept);
    let answer = test.db.write(|tx| async move {
        put(&tx, "lost").await?;
        *keeper.lock().unwrap() = Some(tx.clone());
        Ok(Written::new(()))
    });
    assert_eq!(answer.await, Err(AppError::Internal));
    drop(kept.lock().unwrap().take());
    write(&test.db, "kept").await.expect("the writer is free again");
    assert_eq!(rows(&test.db).await, 1);
}

async fn a_caller_that_goes_away_does_not_cut_a_commit_in_half(test: TestDb) {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (is_begun, may_go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
    let mut changes = test.db.feed().changes();
    let db = test.db.clone();
    let caller = tokio::spawn(async move {
        db.write(|tx| async move {
            put(&tx, "first half").await?;
            is_begun.notify_one();
            may_go_on.notified().await;
            put(&tx, "second half").await?;
            Ok(Written::new(()).changed(CallId(Uuid::nil())))
        })
        .await
    });
    begun.notified().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());

    go_on.notify_one();
    let announced = tokio::time::timeout(Duration::from_secs(10), changes.recv()).await;
    announced.expect("the commit comes").expect("and is announced");
    assert_eq!(rows(&test.db).await, 2);
}

async fn a_commit_is_announced_and_a_refusal_is_not(test: TestDb) {
    let (mut changes, mut due) = (test.db.feed().changes(), test.db.feed().due());
    due.mark_unchanged();
    let call = CallId(Uuid::from_u128(1));
    let (noon, one) = (Timestamp::from_millis(43_200_000), Timestamp::from_millis(46_800_000));

    let refused = test.db.write::<(), _, _>(|_| async { Err(AppError::NotFound("call".to_owned())) });
    refused.await.unwrap_err();
    let quiet = test.db.write(|_| async { Ok(Written::new(())) });
    quiet.await.unwrap();
    assert!(!due.has_changed().unwrap());

    let written =
        test.db.write(move |_| async move { Ok(Written::new(()).changed(call).wake(one).wake(noon)) });
    written.await.unwrap();
    assert!(due.has_changed().unwrap());
    assert_eq!(
        changes.try_recv(),
        Ok(Changes { wake_at: Some(noon), calls: vec![call], ..Changes::default() })
    );
    assert!(changes.try_recv().is_err(), "only the commit that changed something is announced");
}

/// Each reads before it writes, which is where a SQLite transaction that is not immediate fails as soon as there
/// is a second connection that writes: another process, as `switchboard migrate` or a backup is.
async fn many_writers_at_once_all_get_through(test: TestDb) {
    let second = test.another_node().await;
    let mut writers = JoinSet::new();
    for writer in 0..64 {
        let db = if writer % 2 == 0 { test.db.clone() } else { second.clone() };
        writers.spawn(async move {
            db.write(move |tx| async move {
                let before = settings::Entity::find().all(tx.conn()).await?;
                put(&tx, &format!("writer {writer}")).await?;
                Ok(Written::new(before.len()))
            })
            .await
        });
    }
    let answers = writers.join_all().await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(rows(&test.db).await, 64);
}

/// What is written at the same moment may share a commit, but not a fate.
async fn who_fails_takes_nobody_along(test: TestDb) {
    let mut changes = test.db.feed().changes();
    let mut writers = JoinSet::new();
    for writer in 0..60_u128 {
        let db = test.db.clone();
        writers.spawn(async move {
            let work = move |tx| async move {
                put(&tx, &format!("writer {writer}")).await?;
                match writer % 3 {
                    0 => Ok(Written::new(writer).changed(CallId(Uuid::from_u128(writer)))),
                    1 => Err(AppError::refused("no", "Not today.")),
                    _ => panic!("this panic belongs to the test"),
                }
            };
            (writer, db.write(work).await)
        });
    }
    for (writer, answer) in writers.join_all().await {
        let expected = match writer % 3 {
            0 => Ok(writer),
            1 => Err(AppError::refused("no", "Not today.")),
            _ => Err(AppError::Internal),
        };
        assert_eq!(answer, expected);
    }
    assert_eq!(rows(&test.db).await, 20);
    let mut announced = 0;
    while changes.try_recv().is_ok() {
        announced += 1;
    }
    assert_eq!(announced, 20);
}

async fn the_second_of_the_same_key_is_told_from_other_refusals(test: TestDb) {
    write(&test.db, "greeting").await.expect("the first");
    for (second, is_second) in [
        ("INSERT INTO settings (name, value, created_at) VALUES ('greeting', 'hello', 0)", true),
        ("INSERT INTO settings (name) VALUES ('no value')", false),
    ] {
        let (tell, told) = tokio::sync::oneshot::channel();
        let answer = test.db.write::<(), _, _>(async move |tx| {
            let refused = tx.conn().execute_unprepared(second).await.expect_err("it is refused");
            tell.send(is_duplicate(&refused)).ok();
            Err(refused.into())
        });
        assert_eq!(answer.await, Err(AppError::Internal));
        assert_eq!(told.await, Ok(is_second));
    }
}

async fn what_the_database_refuses_is_our_fault(test: TestDb) {
    let answer = test.db.write::<(), _, _>(|tx| async move {
        tx.conn().execute_unprepared("INSERT INTO nowhere VALUES (1)").await?;
        Ok(Written::new(()))
    });
    assert_eq!(answer.await, Err(AppError::Internal));
}

#[test]
fn a_database_that_is_away_is_named_so() {
    let away = DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout);
    assert_eq!(AppError::from(away), AppError::Unavailable);
}

/// Every line of the log must lead to the request that caused it.
#[tokio::test]
async fn what_is_logged_in_a_write_belongs_to_the_request() {
    let test = TestDb::new(Backend::Sqlite).await;
    let _log =
        tracing::subscriber::set_default(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    let request = tracing::info_span!("request");
    let inside = test.db.write(|_| async { Ok(Written::new(tracing::Span::current().id())) });
    assert_eq!(inside.instrument(request.clone()).await, Ok(request.id()));
}

#[tokio::test]
async fn a_server_that_shuts_down_is_away_and_not_our_fault() {
    let test = TestDb::new(Backend::Postgres).await;
    let answer = test.db.write::<(), _, _>(|tx| async move {
        tx.conn().execute_unprepared("SELECT pg_terminate_backend(pg_backend_pid())").await?;
        Ok(Written::new(()))
    });
    assert_eq!(answer.await, Err(AppError::Unavailable));
    write(&test.db, "greeting").await.expect("a new connection");
}

#[tokio::test]
async fn one_of_two_that_lock_each_other_out_is_told_to_try_again() {
    let test = TestDb::new(Backend::Postgres).await;
    write(&test.db, "left").await.unwrap();
    write(&test.db, "right").await.unwrap();
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let crossing = |first: &'static str, second: &'static str| {
        let both = Arc::clone(&both);
        test.db.write(move |tx| async move {
            touch(&tx, first).await?;
            both.wait().await;
            touch(&tx, second).await?;
            Ok(Written::new(()))
        })
    };
    let (one, other) = tokio::join!(crossing("left", "right"), crossing("right", "left"));
    let mut answers = [one, other];
    answers.sort_by_key(Result::is_ok);
    assert_eq!(answers, [Err(AppError::Changed), Ok(())]);
}

async fn write(db: &Db, name: &'static str) -> Result<(), AppError> {
    db.write(move |tx| async move { put(&tx, name).await.map(Written::new) }).await
}

async fn put(tx: &Tx, name: &str) -> Result<(), AppError> {
    settings::Entity::insert(row(name)).exec_without_returning(tx.conn()).await?;
    Ok(())
}

async fn touch(tx: &Tx, name: &str) -> Result<(), AppError> {
    tx.conn().execute_unprepared(&format!("UPDATE settings SET value = 'x' WHERE name = '{name}'")).await?;
    Ok(())
}

fn row(name: &str) -> settings::ActiveModel {
    settings::ActiveModel { name: Set(name.to_owned()), value: Set("hello".to_owned()), created_at: Set(0) }
}

async fn rows(db: &Db) -> i64 {
    read(db, "SELECT count(*) FROM settings").await
}
