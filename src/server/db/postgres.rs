//! A PostgreSQL server: one pool for all.

use super::{
    ConnectError, Db, Inner, Timings, WriteHealth,
    connect::{PATIENCE, innermost},
};
use crate::server::feed::Feed;
use sea_orm::{
    ConnectOptions, Database, DbErr,
    sqlx::{
        self, Connection,
        postgres::{PgConnectOptions, PgConnection, PgPoolOptions},
    },
};
use std::{io, sync::Arc, time::Duration};
use tokio::time::timeout;

const CONNECTIONS: u32 = 16;
/// How long a connection may take to show that it is alive, before it is used and before others may use it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// The server ends a session that stands still within a transaction for so long: a node that is frozen, or cut off
/// without a word, would hold what it has locked for ever, and with `dispatch_state` hold up every other node.
const STANDSTILL: (&str, &str) = ("idle_in_transaction_session_timeout", "5s");

pub(super) async fn connect(url: &str) -> Result<Db, ConnectError> {
    let server: PgConnectOptions = url.parse().map_err(|why: sqlx::Error| {
        ConnectError(format!(
            "DATABASE_URL can't be read: {}. Write it as postgres://user:password@host/database.",
            innermost(&DbErr::Custom(why.to_string()))
        ))
    })?;
    let place = place_of(&server);
    let pool = Database::connect(options(server.clone())).await.map_err(|why| {
        let what = format!("The PostgreSQL database {place} can't be reached: {}", innermost(&why));
        ConnectError(format!("{what}. Check DATABASE_URL, and that the server runs and lets this user in."))
    })?;
    let (mut reader, timings) = (pool.clone(), Timings::default());
    timings.time_reads(&mut reader);
    let server = Some(quietly(server));
    Ok(Db {
        inner: Arc::new(Inner {
            group: None,
            writer: pool,
            reader,
            file: None,
            open_files: None,
            server,
            feed: Feed::new(),
            timings,
            health: WriteHealth::default(),
        }),
    })
}

fn options(server: PgConnectOptions) -> ConnectOptions {
    let server = quietly(server).options([STANDSTILL]);
    // The real URL goes around the library, which writes the one it is given into its trace, password and all.
    let mut options = ConnectOptions::new("postgres://");
    options.map_sqlx_postgres_opts(move |_| server.clone());
    options.map_sqlx_postgres_pool_opts(without_silent_ones);
    options.sqlx_logging(false).max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
    options
}

fn quietly(server: PgConnectOptions) -> PgConnectOptions {
    sqlx::ConnectOptions::disable_statement_logging(server.application_name("switchboard"))
}

/// The pool's own tests wait for a silent connection as long as it takes, and meanwhile nobody else gets its place.
fn without_silent_ones(pool: PgPoolOptions) -> PgPoolOptions {
    pool.test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_alive(connection)))
        .after_release(|connection, _| Box::pin(is_alive(connection)))
}

async fn is_alive(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match timeout(SIGN_OF_LIFE, connection.ping()).await {
        Ok(answered) => Ok(answered.is_ok()),
        // An error, so that nobody says goodbye to it either.
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
    }
}

/// Database and server by name, for people.
fn place_of(server: &PgConnectOptions) -> String {
    let name = server.get_database().unwrap_or_else(|| server.get_username());
    match server.get_socket() {
        Some(folder) => format!("{name} at {}", folder.display()),
        None => format!("{name} at {}:{}", server.get_host(), server.get_port()),
    }
}
