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
    let known = |cause: &(dyn std::error::Error + 'static)| {
        let told = cause.downcast_ref::<Told>().map(|told| told.code);
        told.or_else(|| cause.is::<Incompatible>().then_some(exit::INCOMPATIBLE))
    };
    error.chain().find_map(known).unwrap_or(exit::BROKEN)
}

/// An error as lines: what failed, why, and what to do.
pub fn lines(error: &anyhow::Error) -> String {
    let causes = error.chain().enumerate().map(|(depth, cause)| {
        let label = if depth == 0 { style("error").red().bold() } else { style("  caused by").dim() };
        format!("{}: {}\n", label.for_stderr(), text::line(&message(cause)))
    });
    let hints = error.chain().filter_map(hint);
    let hints = hints.map(|hint| format!("{}: {}\n", style("hint").cyan().bold().for_stderr(), text::line(&hint)));
    causes.chain(hints).collect()
}

fn message(cause: &(dyn std::error::Error + 'static)) -> String {
    cause.downcast_ref::<Incompatible>().map_or_else(|| cause.to_string(), |error| error.what.clone())
}

fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    let told = cause.downcast_ref::<Told>().map(|told| told.hint.clone());
    told.or_else(|| cause.downcast_ref::<Incompatible>().map(|error| error.hint.clone()))
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
    fn the_first_cause_that_knows_a_code_decides() {
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
