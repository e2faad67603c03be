//! What can be asked of a run.

use clap::{Parser, ValueEnum};
use std::ffi::OsString;

/// Crashes Switchboard on purpose, and checks that it dialed nobody twice and lost no call.
#[derive(Parser, Clone, Debug)]
#[command(name = "torture", args_override_self = true)]
pub struct Options {
    /// What everything random is drawn from. Default: another one each time; it is printed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How often a node is killed, in each configuration.
    #[arg(long, default_value_t = 6)]
    pub kills: u32,
    /// On which database.
    #[arg(long, value_enum, default_value = "all")]
    pub database: DatabaseChoice,
    /// With which kind of provider.
    #[arg(long, value_enum, default_value = "protocol")]
    pub provider: ProviderChoice,
    /// How many nodes share a PostgreSQL database. (A SQLite file is served by one.)
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub nodes: u32,
    /// Keep the folder with the logs, the provider's log and the requests. It is also kept when a rule is broken.
    #[arg(long)]
    pub keep: bool,

    // What `cargo test` passes to every test program.
    #[arg(hide = true)]
    filters: Vec<String>,
    #[arg(long, hide = true)]
    list: bool,
    #[arg(long, hide = true)]
    ignored: bool,
    #[arg(long, hide = true)]
    skip: Vec<String>,
}

/// The databases to run on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum DatabaseChoice {
    /// One node on a file.
    Sqlite,
    /// Several nodes on a server.
    Postgres,
    /// One after the other.
    All,
}

/// The providers to run with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ProviderChoice {
    /// The provider protocol, with callbacks.
    Protocol,
    /// The Call API: no callbacks, no idempotency.
    CallApi,
    /// One after the other.
    All,
}

/// Arguments of libtest that mean nothing here.
const WITHOUT_VALUE: [&str; 7] =
    ["--nocapture", "--no-capture", "--exact", "--quiet", "-q", "--show-output", "--include-ignored"];
const WITH_VALUE: [&str; 4] = ["--test-threads", "--format", "--color", "-Z"];

impl Options {
    /// Reads the command line.
    pub fn read() -> Self {
        let mut kept: Vec<OsString> = Vec::new();
        let mut arguments = std::env::args_os();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            if WITH_VALUE.contains(&text.as_ref()) {
                arguments.next();
            } else if !WITHOUT_VALUE.contains(&text.as_ref())
                && !WITH_VALUE.iter().any(|known| text.starts_with(&format!("{known}=")))
            {
                kept.push(argument);
            }
        }
        Self::parse_from(kept)
    }

    /// Whether this is about the torture at all: `cargo test some_name` asks every test program for that name.
    pub fn is_meant(&self) -> bool {
        let named =
            self.filters.is_empty() || self.filters.iter().any(|filter| "torture".contains(filter.as_str()));
        named && !self.ignored && !self.skip.iter().any(|skipped| "torture".contains(skipped.as_str()))
    }

    /// Whether only the names of the tests are asked for.
    pub fn is_listing(&self) -> bool {
        self.list
    }

    /// What to run, in order.
    pub fn configurations(&self) -> Vec<Configuration> {
        let databases: &[Database] = match self.database {
            DatabaseChoice::Sqlite => &[Database::Sqlite],
            DatabaseChoice::Postgres => &[Database::Postgres],
            DatabaseChoice::All => &[Database::Sqlite, Database::Postgres],
        };
        let faces: &[Face] = match self.provider {
            ProviderChoice::Protocol => &[Face::Protocol],
            ProviderChoice::CallApi => &[Face::CallApi],
            ProviderChoice::All => &[Face::Protocol, Face::CallApi],
        };
        let pairs = databases.iter().flat_map(|database| faces.iter().map(move |face| (*database, *face)));
        let nodes = |database| if database == Database::Sqlite { 1 } else { self.nodes };
        pairs
            .map(|(database, face)| Configuration {
                database,
                face,
                nodes: nodes(database),
                kills: self.kills,
            })
            .collect()
    }
}

/// One thing to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Configuration {
    /// The database.
    pub database: Database,
    /// How the provider speaks.
    pub face: Face,
    /// How many nodes.
    pub nodes: u32,
    /// How often one of them is killed.
    pub kills: u32,
}

/// A database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// How the provider speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// The provider protocol.
    Protocol,
    /// The Call API.
    CallApi,
}

impl Configuration {
    /// Its name in the table and in the command that repeats it.
    pub fn names(&self) -> (&'static str, &'static str) {
        let database = match self.database {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        };
        let face = match self.face {
            Face::Protocol => "protocol",
            Face::CallApi => "call_api",
        };
        (database, face)
    }
}
