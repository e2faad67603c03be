//! A PostgreSQL server for this run of the tests: started by the first test that wants it, stopped and removed
//! when the process ends however it ends (`postgres.sh` sees to that).

use super::postgres_process::{Process, Survives};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};
use switchboard::server::migrations::Migrator;
use tokio::sync::OnceCell;

/// Copied for every test: copying a migrated database is several times faster than migrating one.
const TEMPLATE: &str = "migrated";
/// What a test at its busiest may hold: two nodes with full pools, and whoever looks in from outside.
const CONNECTIONS_PER_TEST: usize = 40;

static SERVER: OnceCell<Result<Server, String>> = OnceCell::const_new();

/// The server of this process.
pub struct Server {
    process: Process,
    made: AtomicUsize,
    /// Databases whose tests have ended. The next test removes them: a `Drop` can't wait for a server.
    finished: Mutex<Vec<String>>,
}

impl Server {
    /// The server, started if this is the first test that asks.
    pub async fn get() -> &'static Self {
        let server = SERVER.get_or_init(async || {
            let server = Self::start()?;
            server.make_template().await.map_err(|why| format!("the template can't be made: {why}"))?;
            Ok(server)
        });
        server.await.as_ref().unwrap_or_else(|why| panic!("No PostgreSQL for the tests. {why}"))
    }

    /// A new database with every table and nothing in them; its name.
    pub async fn create(&self) -> String {
        let name = self.new_name();
        let admin = self.admin("postgres").await;
        let finished = std::mem::take(&mut *self.finished.lock().unwrap());
        for old in finished {
            run(&admin, &format!("DROP DATABASE {old} WITH (FORCE)")).await;
        }
        run(&admin, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        admin.close().await.expect("the connection closes");
        name
    }

    /// A new database with nothing in it; its name.
    pub async fn create_empty(&self) -> String {
        let name = self.new_name();
        let admin = self.admin("postgres").await;
        run(&admin, &format!("CREATE DATABASE {name}")).await;
        admin.close().await.expect("the connection closes");
        name
    }

    /// Nobody needs this database any more.
    pub fn finish(&self, name: &str) {
        self.finished.lock().unwrap().push(name.to_owned());
    }

    /// Where to reach a database.
    pub fn url(&self, name: &str) -> String {
        self.process.url(name)
    }

    fn start() -> Result<Self, String> {
        let threads = std::thread::available_parallelism().map_or(4, usize::from);
        let process = Process::start(threads * CONNECTIONS_PER_TEST, Survives::Nothing)?;
        Ok(Self { process, made: AtomicUsize::new(0), finished: Mutex::default() })
    }

    async fn make_template(&self) -> Result<(), sea_orm::DbErr> {
        let admin = self.admin("postgres").await;
        run(&admin, &format!("CREATE DATABASE {TEMPLATE}")).await;
        admin.close().await?;
        // A template can only be copied while nobody is connected to it.
        let template = self.admin(TEMPLATE).await;
        Migrator::up(&template, None).await?;
        template.close().await
    }

    /// A connection of its own each time: a pool dies with the runtime of the test that made it.
    async fn admin(&self, name: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url(name));
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("the tests' PostgreSQL answers")
    }

    fn new_name(&self) -> String {
        format!("test_{}", self.made.fetch_add(1, Ordering::Relaxed))
    }
}

async fn run(admin: &DatabaseConnection, sql: &str) {
    admin.execute_unprepared(sql).await.unwrap_or_else(|why| panic!("{sql}: {why}"));
}
