//! Tell the other nodes that something was committed, and hear it from them: PostgreSQL's NOTIFY and LISTEN. A
//! notification carries nothing: who hears one looks into the database. One that is lost is made up for by the
//! loops' own looks.

use super::Db;
use sea_orm::sqlx::{
    self, Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const CHANNEL: &str = "switchboard";
/// At most one notification in this time, however many commits there are.
const AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// After this long without a notification the listening connection is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(10);
/// How long the server may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// Between two tries to reach the server.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);

impl Db {
    /// Tells the other nodes of this one's commits and wakes this one's loops by theirs, until `stop`. On SQLite
    /// there are no others, and it ends at once.
    pub async fn share_news(&self, stop: CancellationToken) {
        let Some(server) = &self.inner.server else { return };
        // The server sends a notification to the node that caused it too; that one has been woken already.
        let own = Arc::new(AtomicU32::new(0));
        let talk = async { tokio::join!(self.tell(server, &own), self.hear(server, &own)) };
        tokio::select! {
            _ = talk => {}
            () = stop.cancelled() => {}
        }
    }

    /// Tells the other nodes once that something was committed: for a process that ends after its one command.
    ///
    /// # Errors
    /// What the server says.
    pub async fn tell_once(&self) -> Result<(), sqlx::Error> {
        let Some(server) = &self.inner.server else { return Ok(()) };
        let mut connection = PgConnection::connect_with(server).await?;
        notify(&mut connection).await
    }

    async fn tell(&self, server: &PgConnectOptions, own: &AtomicU32) {
        let mut committed = self.feed().committed();
        loop {
            let told = async {
                let mut connection = PgConnection::connect_with(server).await?;
                let pid: i32 =
                    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
                own.store(pid.cast_unsigned(), Ordering::Relaxed);
                while committed.changed().await.is_ok() {
                    in_time(notify(&mut connection)).await?;
                    sleep(AT_MOST_EVERY).await;
                }
                Ok::<_, sqlx::Error>(())
            };
            match told.await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "the other nodes can't be told; it is tried again"),
            }
            // What could not be told is told with the next connection.
            committed.mark_changed();
            sleep(TRY_AGAIN_AFTER).await;
        }
    }

    async fn hear(&self, server: &PgConnectOptions, own: &AtomicU32) {
        loop {
            let heard = async {
                let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(server.clone());
                let mut listener = PgListener::connect_with(&pool).await?;
                listener.listen(CHANNEL).await?;
                loop {
                    // What was said before the connection stood, and while it was broken, was not heard.
                    self.feed().heard();
                    while let Some(news) = next(&mut listener).await? {
                        if news.process_id() != own.load(Ordering::Relaxed) {
                            self.feed().heard();
                        }
                    }
                    tracing::info!("the connection that hears of other nodes broke, and stands again");
                }
            };
            let Err::<(), sqlx::Error>(error) = heard.await else { return };
            tracing::warn!(%error, "other nodes can't be heard; it is tried again");
            sleep(TRY_AGAIN_AFTER).await;
        }
    }
}

/// The next notification, however long it takes; none when the connection broke and stands again. A connection that
/// has fallen silent looks like one on which nothing happens, so it is asked for a sign of life now and then.
async fn next(listener: &mut PgListener) -> Result<Option<PgNotification>, sqlx::Error> {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(news) => return news,
            Err(_) => {
                in_time(listener.execute("SELECT 1")).await?;
            }
        }
    }
}

/// Waits for the server's answer, but not for ever.
async fn in_time<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    timeout(ANSWERS_WITHIN, answer)
        .await
        .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
}

async fn notify(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute(sqlx::AssertSqlSafe(format!("NOTIFY {CHANNEL}"))).await.map(drop)
}
