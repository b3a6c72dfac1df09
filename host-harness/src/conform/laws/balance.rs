//! Every record that was read is accounted for; the host itself looks at the sums of the summary.

use crate::bindings::model::{Batch, DroppedRecord};
use crate::bindings::sync::{DropCount, Stage};
use crate::conform::law::{How, Law};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use std::collections::{BTreeMap, BTreeSet};

/// The law.
pub const LAW: Law = Law {
    id: "balance",
    title: "Numbers add up",
    asks: "For every stage seen = emitted + unchanged + the sum of dropped, and every dropped record is also a line of a batch, \
           under the stage and reason that count it.",
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

/// Compares counts with lines; of equal lines one counts.
fn judge(stages: &[Stage], batches: &[Batch]) -> Option<Breach> {
    let mut lines = BTreeMap::<_, BTreeSet<_>>::new();
    for DroppedRecord { stage, key, reason, location } in batches.iter().flat_map(|batch| &batch.dropped) {
        lines.entry((stage.as_str(), reason.as_str())).or_default().insert((key, location));
    }
    for stage in stages {
        for DropCount { reason, count } in &stage.dropped {
            let lines = lines.remove(&(stage.name.as_str(), reason.as_str())).map_or(0, |lines| lines.len() as u64);
            if !(1..=*count).contains(&lines) {
                let expected = format!("from 1 to {count} lines of what stage `{}` dropped for `{reason}`", stage.name);
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
        for (counts, lines, expected) in [
            (vec![], vec![], None),
            (vec![("odd", 2)], vec![line("1", "odd"), line("2", "odd")], None),
            (vec![("odd", 2)], vec![line("1", "odd"), line("1", "odd")], None),
            (vec![("odd", 2)], vec![], Some("from 1 to 2 lines")),
            (vec![("odd", 1)], vec![line("1", "odd"), line("2", "odd")], Some("from 1 to 1 lines")),
            (vec![("odd", 1)], vec![line("1", "odd"), line("2", "even")], Some("the summary counts")),
        ] {
            let case = format!("{counts:?}, {lines:?}");
            let batch = Batch { dropped: lines, ..super::super::batch() };
            let breach = judge(&[stage(&counts)], &[batch]);
            let got = breach.as_ref().map(|breach| breach.expected.as_str());
            assert_eq!(got.is_some(), expected.is_some(), "{case}: {breach:?}");
            assert!(got.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{case}: {breach:?}");
        }
    }
}
