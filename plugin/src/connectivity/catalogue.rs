//! All checks, in the order of dependence.

use super::round::Answers;
use super::{compliance, first, modules, versions};
use crate::bindings::connector::contract::problems::{Problem, ProblemKind};
use crate::bindings::exports::connector::contract::test_connectivity::{Check, CheckStatus};
use crate::error::Error;
use crate::settings::Settings;

/// (ID, title, a sync cannot work while it fails, what it finds)
type Row = (&'static str, &'static str, bool, fn(&Answers, &Settings) -> Finding);

/// Every check.
pub const CHECKS: &[Row] = &[
    ("url", "Address of the API server", true, first::url),
    ("network", "Way to the API server", true, first::network),
    ("sign-in", "Sign-in", true, first::sign_in),
    ("quota", "Calls left", false, first::quota),
    ("hosts", "Host list", true, first::hosts),
    ("detections", "Detections", true, modules::detections),
    ("knowledge-base", "Knowledge base", true, modules::knowledge_base),
    ("cvss-scoring", "CVSS v3 scores", false, modules::cvss_scoring),
    ("enrichment", "Host asset search", false, modules::enrichment),
    ("asset-groups", "Asset groups", false, modules::asset_groups),
    ("gateway", "Way to the gateway", false, compliance::gateway),
    ("compliance", "Compliance", false, compliance::compliance),
    ("clock", "Clock", false, first::clock),
    ("api-version", "Version of the endpoints", false, versions::api_version),
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
        Finding::Warned(error) => told(id, CheckStatus::Warned, error),
        Finding::Failed(error) => told(id, CheckStatus::Failed, error),
    };
    let hint = problem.as_ref().and_then(|problem| problem.hint.clone());
    Check { id: id.into(), title: title.into(), status, required, message, hint, problem }
}

/// People read the title beside what went wrong; programs have the trail.
fn told(id: &str, status: CheckStatus, error: Error) -> (CheckStatus, String, Option<Problem>) {
    let hint = error.hint.clone().unwrap_or_else(|| otherwise(error.kind).into());
    let message = sentence(&error.message);
    (status, message, Some(error.hint(hint).during(&format!("testing {id}")).problem()))
}

/// What to do where nobody knows better.
fn otherwise(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unavailable => "Test again in a few minutes.",
        ProblemKind::Cancelled => "Test again, and let it end.",
        ProblemKind::Settings | ProblemKind::Credentials => "Check the settings.",
        ProblemKind::Permission => "Ask a manager of the subscription for the permission.",
        ProblemKind::Protocol => "Make sure that this is the newest version of the connector; then report it.",
    }
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
