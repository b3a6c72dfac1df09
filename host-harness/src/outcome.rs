//! How a run ended, as a value: whatever a connector does is an outcome, and never an error of the host.

use crate::bindings::problems::Problem;
use serde::Serialize;
use std::convert::Infallible;

/// How a run ended, and what it used.
#[derive(Debug)]
pub struct Outcome<T> {
    /// How it ended.
    pub verdict: Verdict<T>,
    /// When another attempt makes sense, in seconds since 1970: the run stopped for a lane's wait.
    pub continue_after: Option<i64>,
    /// What it used.
    pub usage: Usage,
}

/// How a run ended.
#[derive(Debug)]
pub enum Verdict<T> {
    /// The connector returned this.
    Returned(T),
    /// `configure` named these problems; nothing was run.
    Unconfigured(Vec<Problem>),
    /// A bound was hit; the instance was thrown away.
    Limited(Limited),
    /// The connector broke a law of the contract; the instance was thrown away.
    Unlawful(Unlawful),
    /// The connector trapped: a panic, or an instruction that cannot be.
    Trapped(String),
}

impl Verdict<Infallible> {
    /// The same verdict where something could have been returned.
    pub(crate) fn widen<T>(self) -> Verdict<T> {
        match self {
            Self::Returned(never) => match never {},
            Self::Unconfigured(problems) => Verdict::Unconfigured(problems),
            Self::Limited(limited) => Verdict::Limited(limited),
            Self::Unlawful(unlawful) => Verdict::Unlawful(unlawful),
            Self::Trapped(message) => Verdict::Trapped(message),
        }
    }
}

impl<T> std::fmt::Display for Verdict<T> {
    /// One clause for a person; nothing of what was returned.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Returned(_) => f.write_str("it returned"),
            Self::Unconfigured(problems) => {
                let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
                write!(f, "the settings are not right: {}", messages.join("; "))
            }
            Self::Limited(limited) => write!(f, "a bound was hit: {limited}"),
            Self::Unlawful(unlawful) => write!(f, "a law of the contract was broken: {unlawful}"),
            Self::Trapped(message) => write!(f, "the connector trapped: {message}"),
        }
    }
}

/// Which bound was hit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{limit}: {message}")]
pub struct Limited {
    /// The field of [`crate::limits::Limits`]: `memory_bytes_max`.
    pub limit: &'static str,
    /// One clause for a person.
    pub message: String,
}

/// Which law was broken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{law}: {message}")]
pub struct Unlawful {
    /// The heading of the law in the contract, in lower case: `stop`, `balance`; or the interface that says it: `model`, `configure`.
    pub law: &'static str,
    /// One clause for a person.
    pub message: String,
}

/// What a run used.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Usage {
    /// Largest linear memory, in bytes.
    pub memory_peak_bytes: u64,
    /// Time that the connector kept a thread busy, in milliseconds, without what the sink took of it.
    pub cpu_ms: u64,
    /// Requests that left.
    pub requests: u64,
    /// Bytes of answers that the connector read.
    pub answer_bytes: u64,
    /// Seconds that requests waited for their lanes.
    pub waited_secs: u64,
    /// Commits.
    pub commits: u64,
    /// Log lines, those beyond the bound included.
    pub log_lines: u64,
}
