//! What a command line may say. Parsing only: nothing here opens a file.

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use host_harness::conform::LAWS;
use std::path::PathBuf;

const TOP_EXAMPLES: &str = "\
Examples:
  harness describe connector.wasm --format toml > tenant.toml    a tenant.toml to fill in
  harness test-connectivity --config tenant.toml                 is the way to the source open?
  harness sync --config tenant.toml                              bring everything into the store
  harness export --config tenant.toml > export.jsonl             hand it on, one JSON object a line

Exit codes:
  0 complete   1 host, trap, limit or difference   2 usage   3 settings, credentials or permission
  4 temporary  5 finished in part                  6 incompatible component        130 interrupted";

const INSPECT_EXAMPLES: &str = "\
Examples:
  harness inspect connector.wasm
  harness inspect connector.wasm --json | jq .imports";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  harness describe connector.wasm                                the settings as a table
  harness describe connector.wasm --format toml > tenant.toml    a tenant.toml to fill in
  harness describe connector.wasm --format json                  the settings' JSON Schema";

const CONNECTIVITY_EXAMPLES: &str = "\
Examples:
  harness test-connectivity --config tenant.toml                 ask the source itself
  harness test-connectivity --config tenant.toml --json | jq '.checks[].status'
  harness test-connectivity --component connector.wasm --replay small --json";

const SYNC_EXAMPLES: &str = "\
Examples:
  harness sync --config tenant.toml                              from where the last sync ended
  harness sync --config tenant.toml --full                       everything anew
  harness sync --component connector.wasm --store demo.db --replay small --json

Ctrl-C leaves a position: the same command goes on from there.
So does a source that wants to be left alone: exit code 4, and the time from which to go on.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  harness export --config tenant.toml > export.jsonl
  harness export --store demo.db --dropped | jq -c 'select(.stream == \"dropped\")'";

const REPLAY_EXAMPLES: &str = "\
Examples:
  harness replay connector.wasm scenarios/*                      every recording, whole bodies
  harness replay connector.wasm scenarios/small --pieces 1       bodies one byte at a time
  harness replay connector.wasm scenarios/small --bless          accept what came out";

const RECORD_EXAMPLES: &str = "\
Examples:
  harness record --config tenant.toml --to recordings/acme       a sync, written to be replayed
  harness record --config tenant.toml --to acme --json | jq .recording
  harness replay connector.wasm recordings/acme                  what others do with it

The sync goes into a store of its own: the tenant's stays as it is.
Secrets, kept answers, cookies and names of accounts are replaced before anything is written.
The folder is searched for them anew before it gets its name; until then it ends in .unverified.
Hosts, addresses and findings stay as they came: read a recording before you pass it on.
Ctrl-C leaves a partial recording that says so.";

const CONFORM_EXAMPLES: &str = "\
Examples:
  harness conform connector.wasm                                 what needs no recording
  harness conform connector.wasm scenarios/*                     every law, on every recording
  harness conform connector.wasm scenarios/small --law resume --law stop

Nothing is asked of anybody: recordings answer. With --json, programs get the report.";

/// Runs connector components in isolation, and keeps what they bring.
#[derive(Debug, Parser)]
#[command(name = "harness", version, max_term_width = 120, after_help = TOP_EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// Whether output is coloured: auto, always or never; auto respects NO_COLOR.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_possible_values = true)]
    pub color: Color,
    /// Show the connector's info lines too; twice for its debug lines.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always, also into a pipe.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a component needs and offers.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(Inspect),
    /// Show a connector's settings, or write a tenant.toml to fill in.
    #[command(after_help = DESCRIBE_EXAMPLES)]
    Describe(Describe),
    /// Try what a sync would need.
    #[command(after_help = CONNECTIVITY_EXAMPLES)]
    TestConnectivity(TestConnectivity),
    /// Bring what the source has into the tenant's store.
    #[command(after_help = SYNC_EXAMPLES)]
    Sync(Sync),
    /// Write everything a store holds, one JSON object a line.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Run a component against recordings, and compare what it brings.
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Sync, and write what is asked and answered, without secrets, for others to replay.
    #[command(after_help = RECORD_EXAMPLES)]
    Record(Record),
    /// Try the contract's laws on a component.
    #[command(after_help = CONFORM_EXAMPLES)]
    Conform(Conform),
}

/// `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The component.
    pub component: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `describe`.
#[derive(Debug, Args)]
pub struct Describe {
    /// The component.
    pub component: PathBuf,
    /// What to print: markdown for people, json for the settings' schema, toml for a file to fill in.
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: DescribeFormat,
}

/// What `describe` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub enum DescribeFormat {
    /// A page for people.
    #[default]
    Markdown,
    /// The settings' JSON Schema.
    Json,
    /// A tenant.toml to fill in.
    Toml,
}

/// Whose run it is, of what, answered by what.
#[derive(Debug, Default, Args)]
pub struct Source {
    /// The tenant's file.
    #[arg(long, value_name = "TENANT.TOML", required_unless_present = "replay")]
    pub config: Option<PathBuf>,
    /// Take settings, clock and answers from a recording.
    #[arg(long, value_name = "SCENARIO")]
    pub replay: Option<PathBuf>,
    /// The component, instead of the one that the tenant's file names.
    #[arg(long, value_name = "COMPONENT")]
    pub component: Option<PathBuf>,
}

/// `test-connectivity`.
#[derive(Debug, Args)]
pub struct TestConnectivity {
    #[command(flatten)]
    pub source: Source,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `sync`.
#[derive(Debug, Args)]
pub struct Sync {
    #[command(flatten)]
    pub source: Source,
    /// The store, instead of the one that the tenant's file names; created when absent.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Read everything, whatever the last sync left.
    #[arg(long)]
    pub full: bool,
    /// Print the summary as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The tenant's file.
    #[arg(long, value_name = "TENANT.TOML", required_unless_present = "store")]
    pub config: Option<PathBuf>,
    /// The store, instead of the one that the tenant's file names.
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// How to write it: jsonl.
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ExportFormat,
    /// Write the dropped records too, each with its reason.
    #[arg(long)]
    pub dropped: bool,
}

/// How `export` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub enum ExportFormat {
    /// One compact JSON object a line.
    #[default]
    Jsonl,
}

/// `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The component.
    pub component: PathBuf,
    /// Folders with settings.toml, exchanges, expected.jsonl and, where records are dropped, dropped.jsonl.
    #[arg(required = true)]
    pub scenarios: Vec<PathBuf>,
    /// Rewrite expected.jsonl and dropped.jsonl with what came out.
    #[arg(long)]
    pub bless: bool,
    /// Hand bodies over in pieces of so many bytes, instead of whole.
    #[arg(long, value_name = "BYTES")]
    pub pieces: Option<std::num::NonZeroUsize>,
}

/// `record`.
#[derive(Debug, Args)]
pub struct Record {
    #[command(flatten)]
    pub source: Source,
    /// The folder to write; it must not be there yet, or be empty.
    #[arg(long, value_name = "SCENARIO")]
    pub to: PathBuf,
    /// Print what came of it as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `conform`.
#[derive(Debug, Args)]
pub struct Conform {
    /// The component.
    pub component: PathBuf,
    /// Folders with settings.toml and exchanges.
    pub scenarios: Vec<PathBuf>,
    /// Try this law alone; may be given again.
    #[arg(long = "law", value_name = "LAW", value_parser = PossibleValuesParser::new(LAWS.iter().map(|law| law.id)))]
    pub laws: Vec<String>,
    /// Try each scenario also as the second sync of a store that has seen it.
    #[arg(long)]
    pub again: bool,
    /// Print the report as one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;

    #[test]
    fn command_lines_are_taken_or_refused() {
        use ErrorKind::*;
        let cases: &[(&str, Option<ErrorKind>)] = &[
            ("inspect c.wasm", None),
            ("inspect c.wasm --json --color never", None),
            ("inspect", Some(MissingRequiredArgument)),
            ("describe c.wasm --format toml", None),
            ("describe c.wasm --format yaml", Some(InvalidValue)),
            ("sync --config t.toml", None),
            ("sync --config t.toml --replay s --full --json -v", None),
            ("sync --component c.wasm --store s.db --replay s", None),
            ("sync --component c.wasm --store s.db", Some(MissingRequiredArgument)),
            ("sync", Some(MissingRequiredArgument)),
            ("sync --config t.toml --password made-up", Some(UnknownArgument)),
            ("export --config t.toml", None),
            ("export --store s.db --dropped --format jsonl", None),
            ("export", Some(MissingRequiredArgument)),
            ("test-connectivity --config t.toml --json", None),
            ("test-connectivity --component c.wasm --replay s", None),
            ("replay c.wasm a b --bless", None),
            ("replay c.wasm a --pieces 7", None),
            ("replay c.wasm a --pieces 0", Some(ValueValidation)),
            ("replay c.wasm", Some(MissingRequiredArgument)),
            ("record --config t.toml --to s", None),
            ("record --component c.wasm --replay s --to t --json", None),
            ("record --config t.toml", Some(MissingRequiredArgument)),
            ("record --to s", Some(MissingRequiredArgument)),
            ("conform c.wasm", None),
            ("conform c.wasm a b --law resume --law stop --again --json", None),
            ("conform c.wasm --law gravity", Some(InvalidValue)),
            ("conform", Some(MissingRequiredArgument)),
            ("", Some(DisplayHelpOnMissingArgumentOrSubcommand)),
            ("sync --help", Some(DisplayHelp)),
            ("fly", Some(InvalidSubcommand)),
        ];
        for (line, refused) in cases {
            let got = Cli::try_parse_from(std::iter::once("harness").chain(line.split_whitespace()));
            assert_eq!(got.as_ref().err().map(clap::Error::kind), *refused, "harness {line}");
        }
    }

    #[test]
    fn every_command_has_examples_of_itself() {
        use clap::CommandFactory;
        for command in Cli::command().get_subcommands() {
            let help = command.clone().render_help().to_string();
            let example = format!("  harness {} ", command.get_name());
            assert!(help.contains("Examples:") && help.contains(&example), "{}: {help}", command.get_name());
            let after = command.get_after_help().unwrap().to_string();
            assert!(after.lines().all(|line| line.chars().count() <= 98), "an example is wrapped: {after}");
        }
    }
}
