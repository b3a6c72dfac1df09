//! All checks, in the order of dependence.

use crate::bindings::connector::contract::problems::Problem;
use crate::bindings::exports::connector::contract::test_connectivity::{Check, CheckStatus};
use crate::error::Error;

/// (ID, title, a sync cannot work while it fails)
pub const CHECKS: &[(&str, &str, bool)] = &[
    ("url", "Address of the API server", true),
    ("network", "Way to the API server", true),
    ("sign-in", "Sign-in", true),
    ("quota", "Calls left", false),
    ("hosts", "Host list", true),
    ("detections", "Detections", true),
    ("knowledge-base", "Knowledge base", true),
    ("cvss-scoring", "CVSS v3 scores", false),
    ("enrichment", "Host asset search", false),
    ("asset-groups", "Asset groups", false),
    ("gateway", "Way to the gateway", false),
    ("compliance", "Compliance", false),
    ("clock", "Clock", false),
    ("api-version", "Version of the endpoints", false),
];

/// How one check went.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// As it should be; what was found.
    Passed(String),
    /// A sync works, and something is missing.
    Warned(Error),
    /// It does not work.
    Failed(Error),
    /// It was not tried, and why.
    Skipped(String),
}

/// The check of this ID, with what was found.
pub fn check(id: &str, title: &str, required: bool, finding: Finding) -> Check {
    let (status, message, problem) = match finding {
        Finding::Passed(message) => (CheckStatus::Passed, message, None),
        Finding::Skipped(why) => (CheckStatus::Skipped, why, None),
        Finding::Warned(error) => told(CheckStatus::Warned, error),
        Finding::Failed(error) => told(CheckStatus::Failed, error),
    };
    let hint = problem.as_ref().and_then(|problem| problem.hint.clone());
    Check { id: id.into(), title: title.into(), status, required, message, hint, problem }
}

fn told(status: CheckStatus, error: Error) -> (CheckStatus, String, Option<Problem>) {
    let problem = error.problem();
    (status, sentence(&problem.message), Some(problem))
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
