//! The laws of what a sync returns: it balances, and carries what its end asks for.

use crate::bindings::sync::{Ended, Outcome, SourceCount, Stage};
use crate::outcome::Unlawful;
use std::collections::BTreeSet;

/// The streams that a source's own count may be about.
const STREAMS: [&str; 3] = ["asset", "vulnerability", "finding"];

/// Says which law an outcome breaks.
pub fn judge(outcome: &Outcome, stopped: bool) -> Result<(), Unlawful> {
    let stages = &outcome.summary.stages;
    stages.iter().try_for_each(stage)?;
    if let Some(name) = twice(stages.iter().map(|stage| stage.name.as_str())) {
        return Err(unbalanced(format!("the stage `{name}` is in the summary twice")));
    }
    if stages.iter().filter(|stage| stage.lists_assets).count() > 1 {
        return Err(Unlawful { law: "seen", message: "more than one stage lists assets".into() });
    }
    outcome.summary.source_counts.iter().try_for_each(source_count)?;
    end(outcome, stopped)
}

fn stage(stage: &Stage) -> Result<(), Unlawful> {
    let name = &stage.name;
    if name.is_empty() {
        return Err(unbalanced("a stage has no name"));
    }
    if let Some(reason) = twice(stage.dropped.iter().map(|dropped| dropped.reason.as_str())) {
        return Err(unbalanced(format!("the stage `{name}` counts the reason `{reason}` twice")));
    }
    if stage.dropped.iter().any(|dropped| dropped.count == 0 || dropped.reason.is_empty()) {
        return Err(unbalanced(format!("the stage `{name}` counts records that were not dropped, or for no reason")));
    }
    let parts = stage.dropped.iter().map(|dropped| dropped.count).chain([stage.emitted, stage.unchanged]);
    let sum: u128 = parts.map(u128::from).sum();
    if sum != u128::from(stage.seen) {
        let message = format!("the stage `{name}` has seen {} records, and accounts for {sum}", stage.seen);
        return Err(unbalanced(message));
    }
    Ok(())
}

fn source_count(count: &SourceCount) -> Result<(), Unlawful> {
    if STREAMS.contains(&count.stream.as_str()) {
        return Ok(());
    }
    Err(unbalanced(format!("the source count `{}` compares with `{}`, which is no stream", count.name, count.stream)))
}

fn end(outcome: &Outcome, stopped: bool) -> Result<(), Unlawful> {
    let over = matches!(outcome.ended, Ended::Complete | Ended::InPart);
    let ended = outcome.ended;
    let law = "syncs and attempts";
    let broken = |message: String| Err(Unlawful { law, message });
    if over != outcome.state.is_some() {
        let verb = if over { "lacks" } else { "carries" };
        return broken(format!("an outcome that is {} {verb} a state", word(ended)));
    }
    if (ended == Ended::Failed) != outcome.problem.is_some() {
        let verb = if ended == Ended::Failed { "lacks" } else { "carries" };
        return broken(format!("an outcome that is {} {verb} a problem", word(ended)));
    }
    if ended == Ended::Complete
        && let Some(stage) = outcome.summary.stages.iter().find(|stage| !stage.finished)
    {
        return broken(format!("the sync is complete, and its stage `{}` is not finished", stage.name));
    }
    if ended == Ended::Stopped && !stopped {
        return Err(Unlawful { law: "stop", message: "the connector stopped, and nobody had told it to".into() });
    }
    Ok(())
}

fn word(ended: Ended) -> &'static str {
    match ended {
        Ended::Complete => "complete",
        Ended::InPart => "in part",
        Ended::Stopped => "stopped",
        Ended::Failed => "failed",
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut known = BTreeSet::new();
    names.into_iter().find(|name| !known.insert(*name))
}

fn unbalanced(message: impl Into<String>) -> Unlawful {
    Unlawful { law: "balance", message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::problems::{Problem, ProblemKind};
    use crate::bindings::sync::{DropCount, Summary};

    fn stage(name: &str, counts: [u64; 3], dropped: &[(&str, u64)]) -> Stage {
        let [seen, emitted, unchanged] = counts;
        let dropped =
            dropped.iter().map(|(reason, count)| DropCount { reason: (*reason).into(), count: *count }).collect();
        Stage {
            name: name.into(),
            lists_assets: name.starts_with("list"),
            finished: true,
            seen,
            emitted,
            unchanged,
            dropped,
        }
    }

    fn outcome(ended: Ended, stages: Vec<Stage>) -> Outcome {
        let state = matches!(ended, Ended::Complete | Ended::InPart).then(String::new);
        let problem = (ended == Ended::Failed).then(|| Problem {
            kind: ProblemKind::Protocol,
            code: "x".into(),
            message: "x".into(),
            hint: None,
            field: None,
            retry_after_secs: None,
        });
        Outcome { ended, summary: Summary { stages, warnings: vec![], source_counts: vec![] }, problem, state }
    }

    fn law(outcome: &Outcome, stopped: bool) -> Option<&'static str> {
        judge(outcome, stopped).err().map(|unlawful| unlawful.law)
    }

    #[test]
    fn stages_balance_and_are_there_once() {
        for (stages, expected) in [
            (vec![stage("list", [10, 5, 3], &[("odd", 1), ("even", 1)]), stage("b", [0, 0, 0], &[])], None),
            (vec![stage("list", [10, 5, 3], &[("odd", 1)])], Some("balance")),
            (vec![stage("list", [0, u64::MAX, 1], &[])], Some("balance")),
            (vec![stage("a", [2, 0, 0], &[("odd", 1), ("odd", 1)])], Some("balance")),
            (vec![stage("a", [1, 1, 0], &[("odd", 0)])], Some("balance")),
            (vec![stage("a", [1, 0, 0], &[("", 1)])], Some("balance")),
            (vec![stage("", [0, 0, 0], &[])], Some("balance")),
            (vec![stage("a", [0, 0, 0], &[]), stage("a", [0, 0, 0], &[])], Some("balance")),
            (vec![stage("list", [0, 0, 0], &[]), stage("list-2", [0, 0, 0], &[])], Some("seen")),
        ] {
            assert_eq!(law(&outcome(Ended::Complete, stages.clone()), false), expected, "{stages:?}");
        }
    }

    #[test]
    fn every_end_carries_what_it_must() {
        let ends = [Ended::Complete, Ended::InPart, Ended::Stopped, Ended::Failed];
        for ended in ends {
            let good = outcome(ended, vec![]);
            assert_eq!(law(&good, true), None, "{ended:?}");
            let state = good.state.is_none().then(String::new);
            assert_eq!(law(&Outcome { state, ..good.clone() }, true), Some("syncs and attempts"), "state of {ended:?}");
            let problem = if good.problem.is_some() { None } else { outcome(Ended::Failed, vec![]).problem };
            assert_eq!(law(&Outcome { problem, ..good }, true), Some("syncs and attempts"), "problem of {ended:?}");
        }
        assert_eq!(law(&outcome(Ended::Stopped, vec![]), false), Some("stop"));
        let unfinished = Stage { finished: false, ..stage("a", [0, 0, 0], &[]) };
        assert_eq!(law(&outcome(Ended::Complete, vec![unfinished.clone()]), false), Some("syncs and attempts"));
        assert_eq!(law(&outcome(Ended::InPart, vec![unfinished]), false), None);
        let mut odd = outcome(Ended::Complete, vec![]);
        odd.summary.source_counts.push(SourceCount { name: "n".into(), stream: "tag".into(), count: 1 });
        assert_eq!(law(&odd, false), Some("balance"));
    }
}
