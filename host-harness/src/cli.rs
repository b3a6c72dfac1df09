//! Commands: what a person types, and what a person reads.
//!
//! Each command asks the library and shows the answer; nothing is decided here but words, streams and exit codes.

mod args;
mod conform;
mod connectivity;
mod describe;
mod error;
mod exit;
mod export;
mod form;
mod inspect;
mod out;
mod place;
mod progress;
mod record;
mod replay;
mod report;
mod stopping;
mod summary;
mod sync;
mod text;

use args::{Cli, Color, Command};
use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

/// Reads the command line, does what it says, and answers the exit code.
pub fn main() -> ExitCode {
    let cli = parse();
    colour(cli.color);
    let result = tokio::runtime::Runtime::new().map_err(Into::into).and_then(|runtime| runtime.block_on(run(cli)));
    let code = result.unwrap_or_else(|error| {
        eprint!("{}", error::lines(&error));
        error::code(&error)
    });
    ExitCode::from(code)
}

async fn run(cli: Cli) -> anyhow::Result<u8> {
    let verbosity = cli.verbose;
    match cli.command {
        Command::Inspect(args) => inspect::run(&args).await,
        Command::Describe(args) => describe::run(&args).await,
        Command::TestConnectivity(args) => connectivity::run(&args, verbosity).await,
        Command::Sync(args) => sync::run(&args, verbosity).await,
        Command::Export(args) => export::run(&args),
        Command::Replay(args) => replay::run(&args, verbosity).await,
        Command::Record(args) => record::run(&args, verbosity).await,
        Command::Conform(args) => conform::run(&args, verbosity).await,
    }
}

/// Ends the process on a usage error, with code 2, and after `--help`, with code 0.
fn parse() -> Cli {
    let plain = std::env::args().any(|arg| arg == "--color=never")
        || std::env::args().zip(std::env::args().skip(1)).any(|(name, value)| name == "--color" && value == "never");
    let choice = if plain { clap::ColorChoice::Never } else { clap::ColorChoice::Auto };
    let matches = Cli::command().color(choice).get_matches();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// `auto` leaves it to the terminal and to NO_COLOR.
fn colour(color: Color) {
    if color != Color::Auto {
        console::set_colors_enabled(color == Color::Always);
        console::set_colors_enabled_stderr(color == Color::Always);
    }
}
