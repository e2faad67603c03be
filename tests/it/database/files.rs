//! The SQLite file itself: that it stays where it is, and what is in it after the end.

use super::read;
use crate::support::{Backend, TestDb};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use std::{
    fs,
    path::{Path, PathBuf},
};
use switchboard::{
    error::AppError,
    server::db::{Db, Written, settings},
};

async fn keep(db: &Db, name: &'static str) -> Result<(), AppError> {
    let work = async move |tx: switchboard::server::db::Tx| {
        let row = settings::ActiveModel {
            name: Set(name.to_owned()),
            value: Set("kept".to_owned()),
            created_at: Set(0),
        };
        settings::Entity::insert(row).exec_without_returning(tx.conn()).await?;
        Ok(Written::new(()))
    };
    db.write(work).await
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What is written into a file that has no name any more is gone with the process.
#[tokio::test]
async fn nothing_is_acknowledged_into_a_file_that_was_taken_away() {
    for ending in ["", "-wal", "-shm"] {
        let test = TestDb::new(Backend::Sqlite).await;
        let file = beside(&test.file().expect("a file"), ending);
        let elsewhere = file.with_extension("away");
        keep(&test.db, "before").await.expect("it is there");
        assert_eq!(test.db.write_failure(), None);

        fs::rename(&file, &elsewhere).expect("it is taken away");
        let why = test.db.write_failure().expect("it is noticed, without a write");
        assert!(why.contains("was removed while Switchboard runs"), "{why}");
        for _ in 0..3 {
            let refused = keep(&test.db, "lost").await.expect_err("nobody would find it");
            assert_eq!(refused.status(), 503, "{refused:?}");
        }
        assert!(!ending.is_empty() || !file.exists(), "no empty database is put in its place");

        fs::copy(&elsewhere, &file).expect("a copy");
        keep(&test.db, "lost").await.expect_err("it is another file");
        fs::rename(&elsewhere, &file).expect("the same one comes back");
        keep(&test.db, "lost").await.expect_err("what was opened meanwhile is not to be relied on");

        test.db.close().await;
        let again = test.another_node().await;
        keep(&again, "after").await.expect("it is there again");
        let names = "SELECT count(*) FROM settings WHERE name IN ('before', 'after')";
        assert_eq!(read::<i64>(&again, names).await, 2);
        assert_eq!(read::<i64>(&again, "SELECT count(*) FROM settings WHERE name = 'lost'").await, 0);
    }
}

/// A backup that is moved over the file of a running server is another file.
#[tokio::test]
async fn a_file_that_was_replaced_is_noticed() {
    let test = TestDb::new(Backend::Sqlite).await;
    let file = test.file().expect("a file");
    let copy = file.with_extension("copy");
    fs::copy(&file, &copy).expect("a copy");
    fs::rename(&copy, &file).expect("it takes the place");
    let why = test.db.write_failure().expect("it is noticed, without a write");
    assert!(why.contains("was replaced while Switchboard runs"), "{why}");
    assert_eq!(keep(&test.db, "lost").await, Err(AppError::NotWritable));
}

/// Whoever copies the one file has everything.
#[tokio::test]
async fn after_the_end_the_one_file_is_the_whole_database() {
    let test = TestDb::new(Backend::Sqlite).await;
    let file = test.file().expect("a file");
    keep(&test.db, "greeting").await.expect("it is written");
    let log = beside(&file, "-wal");
    assert!(log.metadata().is_ok_and(|about| about.len() > 0), "it stands in the log");

    test.db.close().await;
    assert!(!log.exists(), "the log is not needed any more");
    assert_eq!(keep(&test.db, "late").await, Err(AppError::Unavailable));
    let copy = file.with_extension("copy");
    fs::copy(&file, &copy).expect("a copy");
    let copied = Db::look_at(&format!("sqlite://{}", copy.display())).await.expect("a database");
    assert_eq!(read::<i64>(&copied, "SELECT count(*) FROM settings WHERE name = 'greeting'").await, 1);
}

/// What waits to be written when the end comes is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_waits_for_what_was_asked_for() {
    let test = TestDb::new(Backend::Sqlite).await;
    let (db, names) = (test.db.clone(), ["one", "two", "three", "four"]);
    let asked = tokio::spawn(async move {
        let [one, two, three, four] = names.map(|name| keep(&db, name));
        tokio::join!(one, two, three, four)
    });
    test.db.close().await;
    let (one, two, three, four) = asked.await.expect("no panic");
    let other = test.another_node().await;
    for (name, answer) in names.into_iter().zip([one, two, three, four]) {
        let query = format!("SELECT count(*) FROM settings WHERE name = '{name}'");
        assert_eq!(answer.is_ok(), read::<i64>(&other, &query).await == 1, "{name}: {answer:?}");
    }
}

/// A log that can't be moved into the file is seen by whoever watches.
#[tokio::test]
async fn a_log_that_another_program_holds_up_is_seen_to_grow() {
    let test = TestDb::new(Backend::Sqlite).await;
    let other = test.another_node().await;
    let reading = "BEGIN; SELECT count(*) FROM settings";
    other.read().execute_unprepared(reading).await.expect("a transaction that stays open");
    let work = async |tx: switchboard::server::db::Tx| {
        tx.conn().execute_unprepared("CREATE TABLE filling (bytes blob)").await?;
        Ok(Written::new(()))
    };
    test.db.write(work).await.expect("a table");
    for _ in 0..4 {
        let work = async |tx: switchboard::server::db::Tx| {
            tx.conn().execute_unprepared("INSERT INTO filling VALUES (zeroblob(4000000))").await?;
            Ok(Written::new(()))
        };
        test.db.write(work).await.expect("it is written");
    }
    let bytes = test.db.wal_bytes().expect("a log");
    assert!(bytes > 16_000_000, "{bytes}: it begins anew while somebody reads");
}
