//! Where a SQLite file lies, or will lie: whether it can be written there, and how much room is left.

use super::Findings;
use crate::server::{config::Config, db::Db};
use std::path::{Path, PathBuf};

/// Below this, somebody should do something, in bytes.
const LITTLE: u64 = 100 * MEGABYTE;
const MEGABYTE: u64 = 1_000_000;
/// A write-ahead log of this size is no longer moved into the file, in bytes.
const LONG_LOG: u64 = 256 * MEGABYTE;

/// Looks at the disk. A PostgreSQL server minds its own.
pub fn look(config: &Config, findings: &mut Findings) {
    if let Ok(Some(file)) = Db::file_at(&config.database_url) {
        findings.add("disk", of(&file));
        if file.exists() {
            findings.add("write-ahead log", log(Db::wal_bytes_of(&file)));
        }
    }
}

fn of(file: &Path) -> Result<String, String> {
    let folder = nearest_folder(file);
    let shown = folder.display();
    let mut places = vec![folder.as_path()];
    places.extend(file.exists().then_some(file));
    for place in places {
        if !may_write(place) {
            let why = "Let this user write there, or set DATABASE_URL to another place.";
            return Err(format!("{} can't be written. {why}", place.display()));
        }
    }
    match free_bytes(&folder) {
        Some(free) if free < LITTLE => {
            Err(format!("only {} MB are free at {shown}. Make room, or move the database.", free / MEGABYTE))
        }
        Some(free) => Ok(format!("has {} MB free at {shown}, which can be written", free / MEGABYTE)),
        None => Ok(format!("can be written at {shown}")),
    }
}

/// How large the write-ahead log is. It is moved into the file as it grows, unless somebody still reads what was there
/// before, or the file can't take it.
fn log(bytes: u64) -> Result<String, String> {
    let size = bytes / MEGABYTE;
    if bytes < LONG_LOG {
        return Ok(format!("has {size} MB"));
    }
    Err(format!(
        "has {size} MB and is not moved into the database. Another program holds a reading transaction on the file, as \
         an open `sqlite3` does (`lsof` on the file names it): end it. Or the file itself can't be written."
    ))
}

/// The folder of the file, or the first one above it that is there: what is missing is made at the first start.
fn nearest_folder(file: &Path) -> PathBuf {
    let above = file.ancestors().skip(1).find(|folder| folder.is_dir());
    above
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

#[cfg(unix)]
fn may_write(place: &Path) -> bool {
    rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn may_write(place: &Path) -> bool {
    place.metadata().is_ok_and(|about| !about.permissions().readonly())
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
