//! A fresh database for one test.

use super::postgres::Server;
use std::path::{Path, PathBuf};
use switchboard::server::db::Db;
use tempfile::TempDir;

/// Which kind of database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that one test has for itself. It is gone when this is dropped.
pub struct TestDb {
    /// Connected as the server connects.
    pub db: Db,
    /// Where it is, for a second node.
    pub url: String,
    place: Place,
}

enum Place {
    /// A file in a folder of its own: in memory, several connections would be several databases.
    Folder(TempDir),
    Server(&'static Server, String),
}

/// What stands on a database: [`TestDb`] itself, and the worlds of stories that need more.
pub trait OnDatabase {
    /// A new one on a database of this kind.
    async fn on(backend: Backend) -> Self;
}

impl OnDatabase for TestDb {
    async fn on(backend: Backend) -> Self {
        Self::new(backend).await
    }
}

impl TestDb {
    /// A database with every table and nothing in them.
    pub async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let fresh = Self::empty(backend).await;
                fresh.db.migrate().await.expect("its tables");
                fresh
            }
            Backend::Postgres => {
                let server = Server::get().await;
                Self::at(server, server.create().await).await
            }
        }
    }

    /// A database without tables.
    pub async fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite://{}?mode=rwc", file_in(folder.path()).display());
                let db = Db::connect(&url).await.expect("a SQLite file");
                Self { db, url, place: Place::Folder(folder) }
            }
            Backend::Postgres => {
                let server = Server::get().await;
                Self::at(server, server.create_empty().await).await
            }
        }
    }

    /// A second node on the same database.
    pub async fn another_node(&self) -> Db {
        Db::connect(&self.url).await.expect("the same database once more")
    }

    /// The SQLite file; none on PostgreSQL.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(file_in(folder.path())),
            Place::Server(..) => None,
        }
    }

    async fn at(server: &'static Server, name: String) -> Self {
        let url = server.url(&name);
        let db = Db::connect(&url).await.expect("a PostgreSQL database");
        Self { db, url, place: Place::Server(server, name) }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Place::Server(server, name) = &self.place {
            server.finish(name);
        }
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("switchboard.db")
}
