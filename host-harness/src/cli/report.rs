//! The facts about one sync, for people and programs alike: `summary` writes them as text, `--json` as one object.

use super::place::Names;
use super::text;
use host_harness::bindings::problems::{Problem, ProblemKind};
use host_harness::bindings::sync;
use host_harness::lifecycle::Archiving;
use host_harness::outcome::{Usage, Verdict};
use host_harness::store::{self, Counts, Store};
use serde::Serialize;

/// How many of the worst findings are named.
const WORST_MAX: u32 = 5;

/// What one sync did, and how the store stands after it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whose sync it was.
    pub tenant: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's version.
    pub version: String,
    /// How it ended.
    pub ended: Ended,
    /// What the process answers.
    pub exit_code: u8,
    /// Where it started; absent when it ended before that could be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Started>,
    /// Why it did not complete.
    pub problems: Vec<Note>,
    /// When another attempt makes sense, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continue_after: Option<String>,
    /// What was read, stage by stage.
    pub stages: Vec<Stage>,
    /// What a person should know.
    pub warnings: Vec<Note>,
    /// What the close of the sync decided; absent while it is not closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// How the store stands.
    pub store: Holdings,
    /// What it used.
    pub used: Usage,
    /// What to do next, one command or sentence each.
    pub next: Vec<String>,
}

/// Where a sync started, and why there.
#[derive(Debug, Serialize)]
pub struct Started {
    /// It went on from the position of an earlier attempt.
    pub resumed: bool,
    /// Why it started there.
    pub reason: String,
}

/// How a sync ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Every stage was finished or is switched off.
    Complete,
    /// It is over, and something is missing.
    InPart,
    /// It can go on from its position.
    Stopped,
    /// The connector could not go on.
    Failed,
    /// The settings were refused.
    Unconfigured,
    /// A bound was hit.
    Limited,
    /// A law of the contract was broken.
    Unlawful,
    /// The connector trapped.
    Trapped,
}

/// A problem or a warning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    /// Who can mend it, in the contract's word; absent for what the host itself says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// What it is, for programs.
    pub code: String,
    /// What it is, for people.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The setting it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds after which another attempt makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_secs: Option<u32>,
}

/// What one stage read.
#[derive(Debug, Serialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// It was read to its end.
    pub finished: bool,
    /// Records read.
    pub seen: u64,
    /// Records that became rows.
    pub emitted: u64,
    /// Records that need not be sent.
    pub unchanged: u64,
    /// Records dropped, by reason.
    pub dropped: std::collections::BTreeMap<String, u64>,
}

/// What the close of a sync decided.
#[derive(Debug, Serialize)]
pub struct Closed {
    /// Why nothing was archived, where that was so by decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_archived: Option<&'static str>,
    /// Assets that were not seen any more.
    pub archived: u64,
    /// Archived assets that are back.
    pub restored: u64,
    /// Findings that their asset no longer reports.
    pub no_longer_reported: u64,
    /// References to something that did not come.
    pub unresolved: u64,
}

impl From<&store::Closed> for Closed {
    fn from(closed: &store::Closed) -> Self {
        Self {
            not_archived: match closed.archiving {
                Archiving::Unseen { .. } => None,
                Archiving::NoListing => Some("because no stage lists assets"),
                Archiving::Unfinished => Some("because the listing was not read to its end"),
                Archiving::Empty => Some("because the listing was empty, which is rather a lost permission"),
                Archiving::TooManyDropped => Some("because the listing dropped too many records"),
            },
            archived: closed.archived,
            restored: closed.restored,
            no_longer_reported: closed.no_longer_reported,
            unresolved: closed.unresolved,
        }
    }
}

/// How a store stands.
#[derive(Debug, Serialize)]
pub struct Holdings {
    /// Assets that are not archived.
    pub assets: u64,
    /// Assets that are.
    pub archived: u64,
    /// Weaknesses and rules.
    pub vulnerabilities: u64,
    /// Findings, by status, the most pressing first.
    #[serde(serialize_with = "as_map")]
    pub findings: Vec<(String, u64)>,
    /// Findings that their asset no longer reports; they are counted above too.
    pub unreported: u64,
    /// Lines of records that the latest sync dropped, which `export --dropped` writes.
    pub dropped: u64,
    /// Records that it dropped and that have no line, because there are too many.
    pub dropped_beyond: u64,
    /// The open vulnerabilities with the greatest scores.
    pub worst: Vec<Worst>,
}

impl Holdings {
    /// Asks the store.
    pub fn of(store: &Store) -> anyhow::Result<Self> {
        let counts = store.counts()?;
        let Counts { assets, archived, vulnerabilities, findings, unreported, dropped, dropped_beyond } = counts;
        let worst = store.worst(WORST_MAX)?.into_iter().map(Worst::from).collect();
        Ok(Self { assets, archived, vulnerabilities, findings, unreported, dropped, dropped_beyond, worst })
    }
}

fn as_map<S: serde::Serializer>(pairs: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, count)| (name, count)))
}

/// One of the worst open findings.
#[derive(Debug, Serialize)]
pub struct Worst {
    /// How bad it is, 0.0 to 10.0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The vulnerability's title.
    pub title: String,
    /// An asset on which it is open.
    pub asset: String,
    /// How many assets it is open on.
    pub assets: u64,
}

impl From<store::Worst> for Worst {
    fn from(worst: store::Worst) -> Self {
        let title = text::line(worst.title.as_ref().unwrap_or(&worst.vulnerability_key));
        Self { score: worst.score, title, asset: text::line(&worst.asset), assets: worst.assets }
    }
}

impl From<&Problem> for Note {
    fn from(problem: &Problem) -> Self {
        let hint = problem.hint.as_deref().map(text::line);
        let field = problem.field.as_deref().map(text::line);
        Self {
            kind: Some(store::summary::kind(problem.kind)),
            code: text::line(&problem.code),
            message: text::line(&problem.message),
            hint,
            field,
            retry_after_secs: problem.retry_after_secs,
        }
    }
}

impl From<&sync::Stage> for Stage {
    fn from(stage: &sync::Stage) -> Self {
        Self {
            name: text::line(&stage.name),
            finished: stage.finished,
            seen: stage.seen,
            emitted: stage.emitted,
            unchanged: stage.unchanged,
            dropped: stage.dropped.iter().map(|drop| (text::line(&drop.reason), drop.count)).collect(),
        }
    }
}

/// How a run ended, and why; what was returned says so itself.
pub fn ending<T>(verdict: &Verdict<T>, returned: impl FnOnce(&T) -> (Ended, Vec<Note>)) -> (Ended, Vec<Note>) {
    let host_note = |code: &str, message: &str| {
        let (hint, field, retry_after_secs) = (None, None, None);
        vec![Note { kind: None, code: code.into(), message: text::line(message), hint, field, retry_after_secs }]
    };
    match verdict {
        Verdict::Returned(value) => returned(value),
        Verdict::Unconfigured(problems) => (Ended::Unconfigured, problems.iter().map(Note::from).collect()),
        Verdict::Limited(limited) => (Ended::Limited, host_note(limited.limit, &limited.message)),
        Verdict::Unlawful(unlawful) => (Ended::Unlawful, host_note(unlawful.law, &unlawful.message)),
        Verdict::Trapped(message) => (Ended::Trapped, host_note("trap", message)),
    }
}

/// How a sync says that it ended, and why.
pub fn ending_of_sync(outcome: &sync::Outcome) -> (Ended, Vec<Note>) {
    let ended = match outcome.ended {
        sync::Ended::Complete => Ended::Complete,
        sync::Ended::InPart => Ended::InPart,
        sync::Ended::Stopped => Ended::Stopped,
        sync::Ended::Failed => Ended::Failed,
    };
    (ended, outcome.problem.iter().map(Note::from).collect())
}

/// What a person does next.
pub fn next(ended: Ended, problem: Option<ProblemKind>, continue_after: Option<i64>, names: &Names) -> Vec<String> {
    use ProblemKind::*;
    let export = format!("harness export {}", names.store);
    let author = "pass this summary on to the connector's author; what was committed is kept".to_owned();
    let again = match continue_after {
        Some(time) => format!("run the same command after {}: it goes on from there", text::time(time)),
        None => "run the same command again: it goes on from there".into(),
    };
    match (ended, problem) {
        (Ended::Complete, _) => vec![export],
        (Ended::InPart, _) => vec![export, "the warnings tell what is missing; the next sync tries it again".into()],
        (Ended::Unconfigured, _) => vec!["mend these settings, then run the same command again".into()],
        (Ended::Failed, Some(Settings | Credentials | Permission)) => {
            vec![format!("mend it, then harness test-connectivity {}", names.source)]
        }
        (Ended::Stopped, _) | (Ended::Failed, Some(Unavailable | Cancelled)) => vec![again],
        (Ended::Failed | Ended::Limited | Ended::Unlawful | Ended::Trapped, _) => vec![author],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_says_what_to_do_next() {
        let cases = [
            (Ended::Complete, None, None, "harness export --store t.db"),
            (Ended::InPart, None, None, "the next sync tries it again"),
            (Ended::Stopped, None, None, "run the same command again"),
            (Ended::Stopped, None, Some(1_772_431_200), "after 2026-03-02 06:00:00 UTC"),
            (Ended::Failed, Some(ProblemKind::Credentials), None, "harness test-connectivity --config t.toml"),
            (Ended::Failed, Some(ProblemKind::Unavailable), None, "run the same command again"),
            (Ended::Failed, Some(ProblemKind::Protocol), None, "the connector's author"),
            (Ended::Unconfigured, None, None, "mend these settings"),
            (Ended::Trapped, None, None, "the connector's author"),
        ];
        for (ended, problem, continue_after, expected) in cases {
            let names = Names { source: "--config t.toml".into(), store: "--store t.db".into() };
            let got = next(ended, problem, continue_after, &names).join("; ");
            assert!(got.contains(expected), "{ended:?} {problem:?}: {got}");
        }
    }
}
