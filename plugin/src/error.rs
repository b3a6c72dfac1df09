//! One error for the whole connector: who can mend it, and a trail of what was being done.
//!
//! It is the contract's `problem` in the making; [`Error::problem`] is the crossing.

use crate::bindings::connector::contract::problems::{Problem, ProblemKind};

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// Who can mend it.
    pub kind: ProblemKind,
    /// What it is, finely: `credentials.refused`.
    pub code: &'static str,
    /// One lower-case clause without full stop.
    pub message: String,
    /// What to do next, as a sentence.
    pub hint: Option<String>,
    /// Seconds after which another attempt makes sense.
    pub retry_after_secs: Option<u32>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ProblemKind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: None, retry_after_secs: None }
    }

    /// A valid and empty host list: nearly always a matter of what the account may see.
    pub fn no_hosts() -> Self {
        Self::new(ProblemKind::Permission, "hosts.none", "the account sees no hosts at all").hint(
            "Assign asset groups to the user in the console, under Users; a Scanner or Reader sees only their hosts.",
        )
    }

    /// Adds what a person does next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what was being done, before what was said so far.
    pub fn during(mut self, doing: &str) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }

    /// The host said stop.
    pub fn is_cancelled(&self) -> bool {
        self.kind == ProblemKind::Cancelled
    }

    /// The source's limits say: not now.
    pub fn is_limit(&self) -> bool {
        self.code.starts_with("limit.")
    }

    /// The same in the contract's words.
    pub fn problem(self) -> Problem {
        Problem {
            kind: self.kind,
            code: self.code.into(),
            message: self.message,
            hint: self.hint,
            field: None,
            retry_after_secs: self.retry_after_secs,
        }
    }
}
