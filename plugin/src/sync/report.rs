//! How a sync ended, in the contract's words: stages that balance, and what a person should know.

use super::position::Standing;
use super::tally::Tally;
use super::{detections, hosts, knowledge_base};
use crate::bindings::connector::contract::problems::{Problem, ProblemKind};
use crate::bindings::exports::connector::contract::sync::{Ended, Outcome, Stage, Summary};
use crate::error::Error;
use crate::settings::{Compliance, Settings};
use std::collections::BTreeSet;

/// Ranges of hosts that could not be read which a warning names.
pub const RANGES_MAX: usize = 10;

/// Which parts were read to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Finished {
    /// The host list.
    pub hosts: bool,
    /// The detections of all its hosts; never when a host was set aside.
    pub detections: bool,
    /// The knowledge base, for all QIDs named.
    pub knowledge_base: bool,
}

/// Ends an attempt: `given_up` is the error of a part that the sync went on without, `error` the one that ended it.
///
/// What it leaves for the next sync is not known here.
pub fn outcome(
    standing: &Standing,
    finished: Finished,
    given_up: Option<Error>,
    error: Option<Error>,
    settings: &Settings,
) -> Outcome {
    let whole = finished.hosts && finished.detections && finished.knowledge_base;
    let ended = match &error {
        None if whole => Ended::Complete,
        None => Ended::InPart,
        Some(error) if error.kind == ProblemKind::Cancelled => Ended::Stopped,
        Some(_) => Ended::Failed,
    };
    Outcome {
        ended,
        summary: Summary {
            stages: stages(standing, finished),
            warnings: warnings(standing, finished, given_up, settings),
            source_counts: vec![],
        },
        problem: error.filter(|_| ended == Ended::Failed).map(Error::problem),
        state: None,
    }
}

fn stages(Standing { totals, .. }: &Standing, finished: Finished) -> Vec<Stage> {
    vec![
        stage(hosts::STAGE, &totals.hosts, finished.hosts),
        stage(detections::STAGE, &totals.detections, finished.detections),
        stage(knowledge_base::STAGE, &totals.knowledge_base, finished.knowledge_base),
    ]
}

fn stage(name: &str, tally: &Tally, finished: bool) -> Stage {
    Stage {
        name: name.into(),
        lists_assets: name == hosts::STAGE,
        finished,
        seen: tally.seen(),
        emitted: tally.emitted,
        unchanged: 0,
        dropped: tally.drop_counts(),
    }
}

fn warnings(standing: &Standing, finished: Finished, given_up: Option<Error>, settings: &Settings) -> Vec<Problem> {
    let totals = &standing.totals;
    // What is stored had scores; nothing of today has any rating only where they were switched off since.
    let of_today = if totals.relied_on == 0 { totals.scored } else { totals.knowledge_base.emitted - totals.unrated };
    let unscored = totals.knowledge_base.emitted > 0 && of_today == 0;
    let warnings = [
        (finished.hosts && totals.hosts.seen() == 0).then(Error::no_hosts),
        (totals.hosts_without_id > 0).then(|| hosts_without_id(totals.hosts_without_id)),
        standing.quarantine.warning(),
        left_out(&totals.left_out),
        (totals.late > 0).then(|| late(totals.late)),
        (totals.unknown_qids > 0).then(|| unknown_qids(totals.unknown_qids)),
        unscored.then(no_scores),
        matches!(settings.compliance, Compliance::Gateway | Compliance::Classic).then(no_compliance),
        given_up,
    ];
    let known = standing.known.warnings(settings.api_generation);
    warnings.into_iter().flatten().chain(known).map(Error::problem).collect()
}

fn hosts_without_id(count: u64) -> Error {
    let message = format!(
        "records of the host list without a readable ID: {count}, so nothing is concluded from hosts that are missing"
    );
    Error::new(ProblemKind::Protocol, "hosts.without-id", message)
        .hint("See the dropped records; if they stay, report them with a recording.")
}

fn left_out(ranges: &BTreeSet<(u64, u64)>) -> Option<Error> {
    let ranges: Vec<_> = ranges.iter().map(|(first, last)| format!("{first} to {last}")).collect();
    let message = format!(
        "the detections of hosts that were not listed could not be read, if there are any, among the IDs {}",
        ranges.join(", ")
    );
    let error = Error::new(ProblemKind::Unavailable, "hosts.left-out", message)
        .hint("Those that were scanned in between are listed by the next sync.");
    (!ranges.is_empty()).then_some(error)
}

fn late(count: u64) -> Error {
    let message = format!("hosts that have detections and were not read from the host list: {count}");
    Error::new(ProblemKind::Unavailable, "hosts.late", message)
        .hint("Those that were scanned in between are listed by the next sync; the dropped records name the others.")
}

fn unknown_qids(count: u64) -> Error {
    let message = format!(
        "QIDs that are not in the knowledge base: {count}; their findings have the title \"QID n\" and no score"
    );
    Error::new(ProblemKind::Permission, "knowledge-base.unknown-qids", message).hint(
        "They are retired, custom or restricted, or their entry could not be read; only their description is missing.",
    )
}

fn no_scores() -> Error {
    Error::new(
        ProblemKind::Permission,
        "knowledge-base.no-scores",
        "no entry of the knowledge base has a CVSS v3 score",
    )
    .hint("Switch it on in the console, under Reports > Setup > CVSS Scoring.")
}

fn no_compliance() -> Error {
    Error::new(ProblemKind::Settings, "compliance.not-read", "this version of the connector reads no compliance")
        .hint("Set compliance to off, and this warning is gone.")
}
