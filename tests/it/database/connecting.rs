//! Connecting: how both databases are set up, and what is said when it can't be done.

use super::{first, read};
use crate::support::{Backend, TestDb, both_databases};
use rstest::rstest;
use switchboard::server::db::{Db, Written};

both_databases!(the_clock_of_the_same_machine_needs_no_offset);

async fn the_clock_of_the_same_machine_needs_no_offset(test: TestDb) {
    assert_eq!(test.db.clock_offset_millis().await.expect("the time"), 0);
}

#[tokio::test]
async fn a_sqlite_commit_is_on_the_disk_before_it_is_answered() {
    let test = TestDb::new(Backend::Sqlite).await;
    let settings = test.db.write(|tx| async move {
        let journal: String = first(tx.conn(), "PRAGMA journal_mode").await;
        let synchronous: i32 = first(tx.conn(), "PRAGMA synchronous").await;
        let foreign_keys: i32 = first(tx.conn(), "PRAGMA foreign_keys").await;
        let busy_timeout: i32 = first(tx.conn(), "PRAGMA busy_timeout").await;
        Ok(Written::new((journal, synchronous, foreign_keys, busy_timeout)))
    });
    assert_eq!(settings.await, Ok(("wal".to_owned(), 2, 1, 10_000)));
}

#[tokio::test]
async fn readers_of_a_sqlite_file_can_only_read() {
    use sea_orm::ConnectionTrait;
    let test = TestDb::new(Backend::Sqlite).await;
    let refused = test.db.read().execute_unprepared("DELETE FROM teams").await;
    assert!(refused.unwrap_err().to_string().contains("readonly"));
    assert_eq!(read::<i64>(&test.db, "SELECT count(*) FROM teams").await, 1);
}

#[tokio::test]
async fn postgres_reads_what_is_committed() {
    let test = TestDb::new(Backend::Postgres).await;
    let level = test.db.write(|tx| async move {
        Ok(Written::new(first::<String>(tx.conn(), "SHOW transaction_isolation").await))
    });
    assert_eq!(level.await, Ok("read committed".to_owned()));
}

#[tokio::test]
async fn a_new_file_is_made_with_its_folders() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new folder/data/calls.db");
    Db::connect(&format!("sqlite://{}", file.display().to_string().replace(' ', "%20")))
        .await
        .expect("a file");
    assert!(file.is_file());
}

#[tokio::test]
async fn a_file_that_must_be_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.db");
    let words = refusal(&format!("sqlite://{}?mode=rw", file.display())).await;
    assert!(
        words.contains("calls.db can't be opened: unable to open") && words.contains("Check the path"),
        "{words}"
    );
    assert!(!file.exists());
}

#[tokio::test]
async fn what_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.txt");
    std::fs::write(&file, "Dear Ada, this is a letter and not a database.").unwrap();
    let words = refusal(&format!("sqlite://{}", file.display())).await;
    assert!(words.contains("letter.txt can't be opened: file is not a database"), "{words}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("Dear Ada"));
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data"), "a file where a folder should be").unwrap();
    let words = refusal(&format!("sqlite://{}/data/calls.db", folder.path().display())).await;
    assert!(words.starts_with("The folder ") && words.contains("can't be made: "), "{words}");
}

#[rstest]
#[case::another_product("mysql://localhost/calls", "begins with sqlite://")]
#[case::a_bare_path("data/switchboard.db", "begins with sqlite://")]
#[case::nothing("", "begins with sqlite://")]
#[case::memory("sqlite::memory:", "in memory would lose every call")]
#[case::memory_by_another_name("sqlite://calls?mode=memory", "in memory would lose every call")]
#[case::no_file("sqlite://", "names no file")]
#[case::a_misspelt_option("sqlite://calls.db?moed=rwc", "can't be read: unknown query parameter `moed`")]
#[case::a_misspelt_port("postgres://ada:hunter2@localhost:54x2/calls", "can't be read: invalid port number")]
#[case::no_server(
    "postgres://ada:hunter2@localhost/calls?host=/nowhere",
    "calls at /nowhere can't be reached: "
)]
#[case::the_other_scheme(
    "postgresql://ada:hunter2@localhost/calls?host=/nowhere",
    "calls at /nowhere can't be"
)]
#[tokio::test]
async fn a_wrong_url_is_refused_in_one_line(#[case] url: &str, #[case] expected: &str) {
    let words = refusal(url).await;
    assert!(words.contains(expected), "{words}");
    assert!(!words.contains("hunter2"), "{words}");
}

#[tokio::test]
async fn a_database_that_the_server_does_not_have_is_named() {
    let test = TestDb::new(Backend::Postgres).await;
    let words = refusal(&test.url.replace("/test_", "/no_such_")).await;
    assert!(words.contains("database \"no_such_") && words.contains("does not exist"), "{words}");
}

/// What is said when `url` is no good; always one line that ends like a sentence.
async fn refusal(url: &str) -> String {
    let words = Db::connect(url).await.err().expect("a refusal").to_string();
    assert!(words.ends_with('.') && !words.contains('\n'), "{words}");
    words
}
