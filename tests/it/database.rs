//! The database layer, on both databases: connecting, migrating, writing.

mod breaking;
mod connecting;
mod failing;
mod files;
mod migrating;
mod secrets;
mod serving;
mod words;
mod writing;

use sea_orm::{ConnectionTrait, Statement};
use switchboard::server::db::Db;

/// The first column of the first row, as a reader sees it.
async fn read<T: sea_orm::TryGetable>(db: &Db, sql: &str) -> T {
    first(db.read(), sql).await
}

/// The first column of the first row.
async fn first<T: sea_orm::TryGetable>(conn: &impl ConnectionTrait, sql: &str) -> T {
    let query = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(query).await.expect("a query").expect("a row");
    row.try_get_by_index(0).expect("a value")
}

/// The first column of each row.
async fn column(db: &Db, sql: &str) -> Vec<String> {
    let query = Statement::from_string(db.backend(), sql);
    let rows = db.read().query_all_raw(query).await.expect("a query");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
}
