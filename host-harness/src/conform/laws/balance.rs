//! Every record that was read is accounted for; the host itself looks at the sums of the summary.

use crate::bindings::model::{Batch, DroppedRecord};
use crate::bindings::sync::{DropCount, Stage};
use crate::conform::law::{How, Law};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use crate::store::DROPPED_STAGE_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// The law.
pub const LAW: Law = Law {
    id: "balance",
    title: "Numbers add up",
    asks: "For every stage seen = emitted + unchanged + the sum of dropped, and every dropped record is also a line of a batch, \
           under the stage and reason that count it, told from all others of the sync by key or location.",
    stands: "wit/world.wit, Balance",
    how: How::Looking(look),
};

fn look(scene: &Scene, baseline: &Baseline) -> Tally {
    // A sync that goes on from a recorded position has left the lines of what came before with somebody else.
    let Some(returned) = baseline.over().filter(|_| scene.scenario.start.position.is_none()) else {
        return Tally::none("no recorded sync is over that started at its beginning");
    };
    Tally::one(judge(&returned.summary.stages, &baseline.witness.seen().batches))
}

/// Compares counts with lines, of which equal ones are one; beyond what a store keeps of a stage, there may be fewer.
fn judge(stages: &[Stage], batches: &[Batch]) -> Option<Breach> {
    let mut lines = BTreeMap::<_, BTreeSet<_>>::new();
    for DroppedRecord { stage, key, reason, location } in batches.iter().flat_map(|batch| &batch.dropped) {
        lines.entry((stage.as_str(), reason.as_str())).or_default().insert((key, location));
    }
    for stage in stages {
        for DropCount { reason, count } in &stage.dropped {
            let lines = lines.remove(&(stage.name.as_str(), reason.as_str())).map_or(0, |lines| lines.len() as u64);
            let least = (*count).min(DROPPED_STAGE_MAX);
            if !(least..=*count).contains(&lines) {
                let many = if least == *count { count.to_string() } else { format!("from {least} to {count}") };
                let expected = format!("{many} different lines of what stage `{}` dropped for `{reason}`", stage.name);
                return Some(Breach::new(expected, format!("{lines}")));
            }
        }
    }
    let ((stage, reason), _) = lines.first_key_value()?;
    let expected = format!("the summary counts what stage `{stage}` dropped for `{reason}`");
    Some(Breach::new(expected, "there are lines of it, and no count"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_lines_must_agree() {
        let stage = |dropped: &[(&str, u64)]| Stage {
            name: "assets".into(),
            lists_assets: true,
            finished: true,
            seen: 9,
            emitted: 0,
            unchanged: 0,
            dropped: dropped
                .iter()
                .map(|(reason, count)| DropCount { reason: (*reason).into(), count: *count })
                .collect(),
        };
        let line = |key: &str, reason: &str| DroppedRecord {
            stage: "assets".into(),
            key: key.into(),
            reason: reason.into(),
            location: None,
        };
        let lines = |count: u64| (0..count).map(|number| line(&number.to_string(), "odd")).collect();
        for (counts, lines, expected) in [
            (vec![], vec![], None),
            (vec![("odd", 2)], vec![line("1", "odd"), line("2", "odd")], None),
            (vec![("odd", 2)], vec![line("1", "odd"), line("1", "odd")], Some("2 different lines")),
            (vec![("odd", 2)], vec![], Some("2 different lines")),
            (vec![("odd", 1)], vec![line("1", "odd"), line("2", "odd")], Some("1 different lines")),
            (vec![("odd", 1)], vec![line("1", "odd"), line("2", "even")], Some("the summary counts")),
            (vec![("odd", DROPPED_STAGE_MAX)], lines(DROPPED_STAGE_MAX), None),
            (vec![("odd", DROPPED_STAGE_MAX)], lines(DROPPED_STAGE_MAX - 1), Some("10000 different lines")),
            (vec![("odd", DROPPED_STAGE_MAX + 2)], lines(DROPPED_STAGE_MAX), None),
            (vec![("odd", DROPPED_STAGE_MAX + 2)], lines(DROPPED_STAGE_MAX - 1), Some("from 10000 to 10002 different")),
            (vec![("odd", DROPPED_STAGE_MAX + 2)], lines(DROPPED_STAGE_MAX + 3), Some("from 10000 to 10002 different")),
        ] {
            let case = format!("{counts:?}, {} lines, {:?}", lines.len(), lines.get(..2));
            let batch = Batch { dropped: lines, ..Batch::default() };
            let breach = judge(&[stage(&counts)], &[batch]);
            let got = breach.as_ref().map(|breach| breach.expected.as_str());
            assert_eq!(got.is_some(), expected.is_some(), "{case}: {breach:?}");
            assert!(got.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{case}: {breach:?}");
        }
    }
}
