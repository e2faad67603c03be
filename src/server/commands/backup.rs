//! `switchboard backup`: one file with everything in it, made beside its place and moved there once it is whole.

use super::as_it_is;
use crate::server::{
    StartError,
    config::Config,
    db::{self, Db},
    stdout::say,
};
use percent_encoding::{PercentDecode, percent_decode_str};
use reqwest::Url;
use sea_orm::DbBackend;
use std::{
    borrow::Cow,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::NamedTempFile;
use tokio::process::Command;

/// What stands where the copy is to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nothing, or it is an error.
    Free,
    /// A file, perhaps, which is replaced.
    Taken,
}

/// Copies all data into `file`, as it stands at one instant.
///
/// # Errors
/// A [`StartError`]; nothing is left at `file` then but what was there before.
pub async fn back_up(config: &Config, file: &Path, place: Place) -> Result<(), StartError> {
    if place == Place::Free && file.exists() {
        return Err(taken(file));
    }
    let db = as_it_is(config).await?;
    let folder = folder_of(file);
    // Only its owner may read it, from the beginning.
    let copy = NamedTempFile::new_in(&folder).map_err(|why| {
        StartError(format!("Nothing can be written into {}: {why}. Choose another place.", folder.display()))
    })?;
    let holds = match db.backend() {
        DbBackend::Sqlite => copy_file(&db, copy.path()).await?,
        _ => dump(&config.database_url, copy.path()).await?,
    };
    db.close().await;
    keep(copy, file, &folder, place)?;
    say(format!("{} holds {holds}, and the secrets: keep it where only you can read it.", file.display()));
    Ok(())
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

fn taken(file: &Path) -> StartError {
    StartError(format!("{} is there already. Choose another name, or say --force.", file.display()))
}

/// Copies a SQLite file and reads the copy through.
async fn copy_file(db: &Db, to: &Path) -> Result<String, StartError> {
    db.copy_into(to).await.map_err(|why| StartError(format!("The copy could not be made: {why}.")))?;
    let calls = db::check_copy(to).await?;
    Ok(format!("{calls} calls"))
}

/// Has PostgreSQL's own program make an archive, and list it.
async fn dump(url: &str, to: &Path) -> Result<String, StartError> {
    let (url, password) = without_password(url)?;
    let mut dump = Command::new("pg_dump");
    dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"])
        .arg(to)
        .arg("--dbname")
        .arg(&url);
    if let Some(password) = password {
        // Not among the arguments, which everybody on the machine can see.
        dump.env("PGPASSWORD", password);
    }
    told(dump).await?;
    let mut list = Command::new("pg_restore");
    list.arg("--list").arg(to);
    let tables = told(list).await?.lines().filter(|line| line.contains(" TABLE DATA ")).count();
    Ok(format!("the {tables} tables of the database"))
}

/// The URL as it may be seen, and the password.
fn without_password(url: &str) -> Result<(String, Option<String>), StartError> {
    let unreadable = || StartError("DATABASE_URL can't be read.".to_owned());
    let mut url: Url = url.parse().map_err(|_| unreadable())?;
    let password = url.password().map(percent_decode_str).map(PercentDecode::decode_utf8);
    let password = password.transpose().map_err(|_| unreadable())?.map(Cow::into_owned);
    if password.is_some() {
        url.set_password(None).map_err(|()| unreadable())?;
    }
    Ok((url.to_string(), password))
}

/// Runs a program to its end, and answers what it said.
async fn told(mut command: Command) -> Result<String, StartError> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().await.map_err(|why| match why.kind() {
        ErrorKind::NotFound => StartError(format!(
            "{name} is not installed here. Install PostgreSQL's client programs (Debian: postgresql-client), or run \
             `pg_dump --format=custom --no-owner --file FILE DATABASE_URL` where they are."
        )),
        _ => StartError(format!("{name} can't be run: {why}.")),
    })?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(StartError(format!("{name} failed: {}", said.lines().next_back().unwrap_or("it did not say why"))))
}

/// Puts the copy into its place, whole and on the disk, or not at all.
fn keep(copy: NamedTempFile, file: &Path, folder: &Path, place: Place) -> Result<(), StartError> {
    let failed = |why: std::io::Error| StartError(format!("{} can't be written: {why}.", file.display()));
    // Another handle: the copy may have been written through a name, not through this one.
    File::open(copy.path()).and_then(|file| file.sync_all()).map_err(failed)?;
    match place {
        Place::Taken => copy.persist(file).map_err(|error| failed(error.error))?,
        Place::Free => copy.persist_noclobber(file).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => taken(file),
            _ => failed(error.error),
        })?,
    };
    // The name too must survive a crash; some systems know no such thing.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_taken_out_and_decoded() {
        let (url, password) =
            without_password("postgres://ada:a%40b%2Bc@host:5433/calls?sslmode=require").expect("a URL");
        assert_eq!(url, "postgres://ada@host:5433/calls?sslmode=require");
        assert_eq!(password.as_deref(), Some("a@b+c"));
        let by_socket = "postgres:///calls?host=/run/postgresql&user=ada";
        assert_eq!(without_password(by_socket).expect("a URL"), (by_socket.to_owned(), None));
    }
}
