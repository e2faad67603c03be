//! The end of the work with a database. Of SQLite then the one file is the whole database: what stands in the write-ahead
//! log is moved into it.

use super::Db;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use std::time::Duration;
use tokio::time::timeout;

/// How long whoever still reads is waited for.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// How long other programs that read are waited for, in milliseconds.
const OTHERS_READ_WITHIN: &str = "PRAGMA busy_timeout = 1000";
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

impl Db {
    /// Writes what waits to be written, closes all connections, and leaves nothing in SQLite's write-ahead log. Whoever
    /// asks for anything afterwards is told that the database does not answer.
    pub async fn close(&self) {
        if let Some(group) = &self.inner.group {
            group.close().await;
        }
        if timeout(READ_WITHIN, self.inner.reader.close_by_ref()).await.is_err() {
            tracing::warn!("some reads did not finish");
        }
        let is_lost = self.inner.open_files.as_ref().is_none_or(|files| files.check().is_err());
        if self.inner.group.is_none() || is_lost {
            return;
        }
        match checkpoint(&self.inner.writer).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "another program reads the database: its newest changes stay in the write-ahead log beside the file, \
                 which belongs to it"
            ),
            Err(error) => tracing::warn!(
                %error,
                "the write-ahead log could not be moved into the database: both files belong together"
            ),
        }
        let _ = timeout(READ_WITHIN, self.inner.writer.close_by_ref()).await;
    }
}

/// Moves all of the log into the file; false if somebody who reads is in the way.
async fn checkpoint(writer: &DatabaseConnection) -> Result<bool, DbErr> {
    writer.execute_unprepared(OTHERS_READ_WITHIN).await?;
    let row = writer.query_one_raw(Statement::from_string(writer.get_database_backend(), CHECKPOINT)).await?;
    let is_busy = |row: QueryResult| row.try_get_by_index::<i32>(0);
    Ok(row.map(is_busy).transpose()? == Some(0))
}
