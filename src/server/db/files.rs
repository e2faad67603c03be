//! Whether the files that SQLite has open are still those at their path. A file that was removed or replaced goes on
//! taking writes without an error, and all of them are gone with the process. Once that has happened only a restart
//! helps, even if the file comes back: meanwhile a connection may have been opened on another one.

use std::{
    fs::Metadata,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The database's file, its write-ahead log and the log's index. They are looked at by their names: opening and closing
/// one of them here would drop the locks that SQLite holds on it.
#[derive(Debug)]
pub(super) struct OpenFiles {
    database: OpenFile,
    log: OpenFile,
    /// What all processes that have the database open share: who reads what, and how far the log goes.
    index: OpenFile,
    /// Why they can't be relied on any more.
    lost: OnceLock<String>,
}

#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    /// Known from the first look that finds it.
    identity: OnceLock<Identity>,
}

/// Which file it is, whatever its name: device and inode.
type Identity = (u64, u64);

impl OpenFiles {
    /// Those of the database at `path`, which has just been opened.
    pub fn of(path: &Path) -> Self {
        let files = Self {
            database: OpenFile::at(path.to_owned()),
            log: OpenFile::at(log_of(path)),
            index: OpenFile::at(beside(path, "-shm")),
            lost: OnceLock::new(),
        };
        // The first look only remembers.
        let _ = files.check();
        files
    }

    /// Whether all are where they were.
    ///
    /// # Errors
    /// What is wrong and how to mend it, in words for operators.
    pub fn check(&self) -> Result<(), String> {
        let found = [&self.database, &self.log, &self.index].into_iter().try_for_each(OpenFile::check);
        if let Err(Found::Lost(why)) = &found {
            let _ = self.lost.set(why.clone());
        }
        match (self.lost.get(), found) {
            (Some(why), _) => Err(why.clone()),
            (None, Ok(())) => Ok(()),
            (None, Err(Found::Lost(why) | Found::Unreadable(why))) => Err(why),
        }
    }

    /// How large the write-ahead log is, in bytes.
    pub fn log_bytes(&self) -> u64 {
        self.log.path.metadata().map_or(0, |about| about.len())
    }
}

/// Where the write-ahead log of the database at `path` is: beside the file itself, also where `path` is a link.
pub(super) fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.canonicalize().unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(ending);
    name.into()
}

/// What a look found instead of the file.
enum Found {
    /// Another file, or none.
    Lost(String),
    /// It could not be looked at.
    Unreadable(String),
}

impl OpenFile {
    fn at(path: PathBuf) -> Self {
        Self { path, identity: OnceLock::new() }
    }

    fn check(&self) -> Result<(), Found> {
        let found = match self.path.metadata() {
            Ok(found) => Some(identity_of(&found)),
            Err(why) if why.kind() == ErrorKind::NotFound => None,
            Err(why) => return Err(self.unreadable(&why)),
        };
        let known = match found {
            Some(found) => Some(self.identity.get_or_init(|| found)),
            None => self.identity.get(),
        };
        match (known, found) {
            (Some(_), None) => Err(self.lost("removed")),
            (Some(known), Some(found)) if *known != found => Err(self.lost("replaced")),
            _ => Ok(()),
        }
    }

    fn lost(&self, how: &str) -> Found {
        let file = self.path.display();
        Found::Lost(format!(
            "{file} was {how} while Switchboard runs. Stop Switchboard, put the right file back, and start it again."
        ))
    }

    fn unreadable(&self, why: &io::Error) -> Found {
        Found::Unreadable(format!("{} can't be looked at: {why}.", self.path.display()))
    }
}

#[cfg(unix)]
fn identity_of(found: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

/// Elsewhere a file that is open can't be removed or replaced.
#[cfg(not(unix))]
fn identity_of(_: &Metadata) -> Identity {
    (0, 0)
}
