//! Why Switchboard can't start, in one sentence.

use super::db::ConnectError;
use crate::error::AppError;

/// Why it can't start: one sentence that says what is wrong and how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl From<ConnectError> for StartError {
    fn from(error: ConnectError) -> Self {
        Self(error.0)
    }
}

impl From<AppError> for StartError {
    fn from(error: AppError) -> Self {
        Self(format!("The database can't be used: {error} The log says more."))
    }
}

impl From<clap::Error> for StartError {
    /// What is wrong, without the usage that clap writes below it.
    fn from(error: clap::Error) -> Self {
        let text = error.to_string();
        let what = text.split("\n\n").next().unwrap_or_default();
        let what: Vec<&str> = what.trim_start_matches("error: ").split_whitespace().collect();
        Self(format!("{}. `switchboard --help` tells of every setting.", what.join(" ")))
    }
}

impl From<dotenvy::Error> for StartError {
    /// The line itself is not shown, since it may hold a secret.
    fn from(error: dotenvy::Error) -> Self {
        let why = match error {
            dotenvy::Error::LineParse(..) => {
                "a line of it is not of the form NAME=value, with quotes around a value that has spaces"
                    .to_owned()
            }
            other => other.to_string(),
        };
        Self(format!("The .env file can't be read: {why}."))
    }
}
