//! How an error looks on stderr, and which exit code it has.

use super::{exit, text};
use console::style;
use host_harness::connector::Incompatible;

/// An error of a command that says what to do and which code it ends with.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Told {
    /// What the process answers.
    pub code: u8,
    /// One clause.
    pub message: String,
    /// What to do, as a sentence or a command.
    pub hint: String,
}

impl Told {
    /// The command line asks for something that does not go.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: exit::USAGE, message: message.into(), hint: hint.into() }
    }

    /// The operator can mend it.
    pub fn operator(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: exit::OPERATOR, message: message.into(), hint: hint.into() }
    }
}

/// The exit code of an error.
pub fn code(error: &anyhow::Error) -> u8 {
    let incompatible = error.downcast_ref::<Incompatible>().map(|_| exit::INCOMPATIBLE);
    error.downcast_ref::<Told>().map(|told| told.code).or(incompatible).unwrap_or(exit::BROKEN)
}

/// An error as lines: what failed, why, and what to do.
pub fn lines(error: &anyhow::Error) -> String {
    let causes = error.chain().enumerate().map(|(depth, cause)| {
        let label = if depth == 0 { style("error").red().bold() } else { style("  caused by").dim() };
        format!("{}: {}\n", label.for_stderr(), text::line(&message(cause)))
    });
    let hint = hint(error).map(|hint| format!("{}: {}\n", style("hint").cyan().bold().for_stderr(), text::line(hint)));
    causes.chain(hint).collect()
}

fn message(cause: &(dyn std::error::Error + 'static)) -> String {
    cause.downcast_ref::<Incompatible>().map_or_else(|| cause.to_string(), |error| error.what.clone())
}

/// The hint of whichever cause knows one.
fn hint(error: &anyhow::Error) -> Option<&str> {
    let told = error.downcast_ref::<Told>().map(|told| told.hint.as_str());
    told.or_else(|| error.downcast_ref::<Incompatible>().map(|error| error.hint.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_why_and_what_to_do() {
        let told = Told::usage("there is no live transport yet", "add --replay SCENARIO");
        let error = anyhow::Error::new(told).context("syncing acme");
        let expected = "\
error: syncing acme
  caused by: there is no live transport yet
hint: add --replay SCENARIO
";
        assert_eq!(console::strip_ansi_codes(&lines(&error)), expected);
        assert_eq!(code(&error), exit::USAGE);
    }

    #[test]
    fn what_a_command_adds_to_an_error_counts_as_well() {
        let error = anyhow::anyhow!("no such variable").context(Told::operator("the file cannot be used", "mend it"));
        let expected = "\
error: the file cannot be used
  caused by: no such variable
hint: mend it
";
        assert_eq!(console::strip_ansi_codes(&lines(&error)), expected);
        assert_eq!(code(&error), exit::OPERATOR);
    }

    #[test]
    fn an_error_nobody_knows_is_the_hosts_own() {
        let incompatible = Incompatible { what: "a core module".into(), hint: "build a component".into() };
        let error = anyhow::Error::new(incompatible).context("loading x.wasm");
        assert_eq!(code(&error), exit::INCOMPATIBLE);
        assert!(
            console::strip_ansi_codes(&lines(&error)).ends_with("caused by: a core module\nhint: build a component\n")
        );
        assert_eq!(code(&anyhow::anyhow!("anything else")), exit::BROKEN);
        assert_eq!(code(&Told::operator("m", "h").into()), exit::OPERATOR);
    }
}
