//! The crash harness: real nodes, a real database and an independent provider, killed, frozen and cut off from each
//! other at random, and then a check that nobody was dialed twice and no call was lost. `make torture` runs it long;
//! a short run of it is part of the tests. docs/RELIABILITY.md tells what it proves and what not.

mod base;
mod chance;
mod checker;
mod driver;
mod history;
mod killer;
mod nodes;
mod options;
#[path = "../it/support/postgres_process.rs"]
mod postgres_process;
mod provider;
mod proxy;
mod table;
mod world;

use base::Outcome;
use options::{Configuration, Options};
use std::process::ExitCode;
use table::Row;

/// How many broken rules are told in full.
const TOLD: usize = 12;

fn main() -> ExitCode {
    let options = Options::read();
    if options.is_listing() {
        println!("torture: test");
        return ExitCode::SUCCESS;
    }
    if !options.is_meant() {
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match runtime.block_on(run_all(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("torture: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run_all(options: &Options) -> Outcome<bool> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    checker::sees_everything()?;
    let seed = options.seed.unwrap_or_else(|| rand::random::<u32>().into());
    println!("torture: seed {seed}");
    let mut rows: Vec<Row> = Vec::new();
    let mut all_hold = true;
    for configuration in options.configurations() {
        let (row, holds) = run_one(configuration, seed, options.keep).await?;
        rows.push(row);
        all_hold &= holds;
    }
    table::print(&rows);
    Ok(all_hold)
}

async fn run_one(configuration: Configuration, seed: u64, keep: bool) -> Outcome<(Row, bool)> {
    let (database, provider) = configuration.names();
    println!(
        "torture: {database} with {} nodes, {provider}, {} kills",
        configuration.nodes, configuration.kills
    );
    let folder =
        tempfile::Builder::new().prefix("switchboard-torture.").tempdir().map_err(|why| why.to_string())?;
    let result = world::run(configuration, seed, folder.path()).await;
    let holds = result.as_ref().is_ok_and(|result| result.violations.is_empty());
    if keep || !holds {
        println!("torture: the logs are in {}", folder.keep().display());
    }
    let result = result?;
    for violation in result.violations.iter().take(TOLD) {
        println!("\nBROKEN {:?}: {}", violation.rule, violation.words);
        if let Some(call) = &violation.call {
            print!("{}", checker::story(&result.evidence, call));
        }
    }
    if result.violations.len() > TOLD {
        println!("\n… and {} more", result.violations.len() - TOLD);
    }
    Ok((result.row, holds))
}
