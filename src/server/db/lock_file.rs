//! One serving process per SQLite file, held by a lock beside it: so that at start all leases in the file are
//! this process's own, and void.

use super::{ConnectError, Db};
use std::fs::{File, TryLockError};

/// Holds the lock until it is dropped, or the process ends however it ends.
#[derive(Debug)]
pub struct LockFile {
    file: Option<File>,
}

impl LockFile {
    /// Whether a file is held, so that no other process serves the same database.
    pub fn is_held(&self) -> bool {
        self.file.is_some()
    }
}

impl Db {
    /// Takes the file for this process. On PostgreSQL any number of nodes may serve, and nothing is taken.
    ///
    /// # Errors
    /// A [`ConnectError`] when another process serves the file.
    pub fn lock_for_serving(&self) -> Result<LockFile, ConnectError> {
        let Some(file) = &self.inner.file else { return Ok(LockFile { file: None }) };
        let mut name = file.as_os_str().to_owned();
        name.push(".lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&name);
        let lock =
            lock.map_err(|why| ConnectError(format!("{} can't be opened: {why}.", name.to_string_lossy())))?;
        match lock.try_lock() {
            Ok(()) => Ok(LockFile { file: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(ConnectError(format!(
                "Another Switchboard already serves {}. Stop it first, or set DATABASE_URL to another file; \
                 several nodes need PostgreSQL.",
                file.display()
            ))),
            Err(TryLockError::Error(why)) => {
                Err(ConnectError(format!("{} can't be locked: {why}.", name.to_string_lossy())))
            }
        }
    }
}
