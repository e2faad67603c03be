//! The end of the work with a database. Who is the last to close a SQLite file moves what stands in the write-ahead log
//! into it: then the one file is the whole database.

use super::Db;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use std::time::Duration;
use tokio::time::timeout;

/// How long connections may take to come back and close, and the log to be moved into the file.
const CLOSES_WITHIN: Duration = Duration::from_secs(5);
/// How long other programs that read are waited for, in milliseconds.
const OTHERS_READ_WITHIN: &str = "PRAGMA busy_timeout = 1000";
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

impl Db {
    /// Writes what waits to be written and closes all connections. Whoever asks for anything afterwards is told that the
    /// database does not answer.
    pub async fn close(&self) {
        if let Some(group) = &self.inner.group {
            group.close().await;
        }
        if timeout(CLOSES_WITHIN, self.inner.reader.close_by_ref()).await.is_err() {
            tracing::warn!("some reads did not finish");
        }
        let _ = timeout(CLOSES_WITHIN, self.inner.writer.close_by_ref()).await;
    }

    /// Moves what stands in SQLite's write-ahead log into the file, also while other programs have it open, and says so
    /// where that can't be done: for the process that serves, before it closes. Nothing can be written afterwards.
    pub async fn empty_log(&self) {
        let is_there = self.inner.open_files.as_ref().is_some_and(|files| files.check().is_ok());
        let Some(group) = self.inner.group.as_ref().filter(|_| is_there) else { return };
        group.close().await;
        match timeout(CLOSES_WITHIN, checkpoint(&self.inner.writer)).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => tracing::warn!(
                "another program reads the database: its newest changes stay in the write-ahead log beside the file, \
                 which belongs to it"
            ),
            Ok(Err(error)) => tracing::warn!(
                %error,
                "the write-ahead log could not be moved into the database: both files belong together"
            ),
            Err(_) => tracing::warn!("the disk does not answer: the database and its log belong together"),
        }
    }
}

/// Moves all of the log into the file; false if somebody who reads is in the way.
async fn checkpoint(writer: &DatabaseConnection) -> Result<bool, DbErr> {
    writer.execute_unprepared(OTHERS_READ_WITHIN).await?;
    let row = writer.query_one_raw(Statement::from_string(writer.get_database_backend(), CHECKPOINT)).await?;
    let is_busy = |row: QueryResult| row.try_get_by_index::<i32>(0);
    Ok(row.map(is_busy).transpose()? == Some(0))
}
