//! Serving: one process for a SQLite file, any number of nodes for PostgreSQL.

use crate::support::{Backend, TestDb};

#[tokio::test]
async fn a_sqlite_file_is_served_by_one_process() {
    let test = TestDb::new(Backend::Sqlite).await;
    let other = test.another_node().await;
    let serving = test.db.lock_for_serving().expect("nobody serves it yet");

    let words = other.lock_for_serving().unwrap_err().to_string();
    let file = test.file().unwrap().display().to_string();
    assert!(words.contains(&format!("already serves {file}. Stop it first")), "{words}");
    other.migrate().await.expect("commands that do not serve go on working");

    drop(serving);
    other.lock_for_serving().expect("it is free again");
}

#[tokio::test]
async fn any_number_of_nodes_serve_postgres() {
    let test = TestDb::new(Backend::Postgres).await;
    let other = test.another_node().await;
    let _first = test.db.lock_for_serving().expect("nothing to take");
    let _second = other.lock_for_serving().expect("nothing to take");
}
