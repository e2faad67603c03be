//! Looking at a database without changing it: nothing is made, nothing is brought up to date.

use super::{ConnectError, Db, files::log_of, sqlite};
use std::path::{Path, PathBuf};

impl Db {
    /// The SQLite file that `url` names; none for a server.
    ///
    /// # Errors
    /// A [`ConnectError`] for a URL that can't be read.
    pub fn file_at(url: &str) -> Result<Option<PathBuf>, ConnectError> {
        if url.starts_with("sqlite:") { sqlite::file_of(url).map(Some) } else { Ok(None) }
    }

    /// The same, if it is not there.
    ///
    /// # Errors
    /// A [`ConnectError`] for a URL that can't be read.
    pub fn missing_file(url: &str) -> Result<Option<PathBuf>, ConnectError> {
        Ok(Self::file_at(url)?.filter(|file| !file.exists()))
    }

    /// How large the write-ahead log of a SQLite file is, in bytes; 0 if there is none.
    pub fn wal_bytes_of(file: &Path) -> u64 {
        log_of(file).metadata().map_or(0, |about| about.len())
    }

    /// Connects in order to read. A SQLite file must be there, and can't be written through this.
    ///
    /// # Errors
    /// A [`ConnectError`] that says what to do.
    pub async fn look_at(url: &str) -> Result<Self, ConnectError> {
        if url.starts_with("sqlite:") { sqlite::look_at(url).await } else { Self::connect(url).await }
    }
}
