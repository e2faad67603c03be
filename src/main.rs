//! The binary: settings, then one of the subcommands.

use clap::Parser;
use std::{io::Write, process::ExitCode};
use switchboard::server::{
    StartError,
    commands::{Command, obey},
    config::Config,
    telemetry,
};

/// A self-hosted call manager: never dials twice, never loses a call, and can always say why.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

fn main() -> ExitCode {
    // A missing .env is no error; a broken one is.
    if let Err(why) = dotenvy::dotenv()
        && !why.not_found()
    {
        return fail(&why.into());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(asked) if !asked.use_stderr() => {
            // --help and --version are no errors.
            let _ = asked.print();
            return ExitCode::SUCCESS;
        }
        Err(why) => return fail(&why.into()),
    };
    telemetry::init(cli.config.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => return fail(&StartError(why.to_string())),
    };
    let command = cli.command.unwrap_or(Command::Serve);
    match runtime.block_on(obey(command, cli.config.without_blanks())) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &StartError) -> ExitCode {
    // Where nobody can read it, the code is all that is left to say.
    let _ = writeln!(std::io::stderr(), "switchboard: {error}");
    ExitCode::FAILURE
}
