//! What the listing brought is seen, and nothing else; the host archives by it.

use crate::bindings::model::Batch;
use crate::bindings::sync::{Outcome as Returned, Stage};
use crate::conform::law::{How, Law};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use std::collections::BTreeSet;

/// The law.
pub const LAW: Law = Law {
    id: "seen",
    title: "Only the listing makes seen",
    asks: "Assets with a digest, and those that are named as seen, come from the one stage that lists assets; an asset that \
           something else brought has the digest 0. A listing that dropped a record without a readable key is not finished.",
    stands: "wit/world.wit, Seen; wit/model.wit, asset",
    how: How::Looking(look),
};

fn look(_: &Scene, baseline: &Baseline) -> Tally {
    let Some(returned) = baseline.over() else { return Tally::none("no recorded sync is over") };
    Tally::one(judge(returned, &baseline.witness.seen().batches))
}

fn judge(returned: &Returned, batches: &[Batch]) -> Option<Breach> {
    let listing = returned.summary.stages.iter().find(|stage| stage.lists_assets);
    let full = batches.iter().flat_map(|batch| &batch.assets).filter(|asset| asset.digest != 0);
    let full: BTreeSet<_> = full.map(|asset| asset.key.as_str()).collect();
    let named = batches.iter().flat_map(|batch| &batch.seen_assets).map(|asset| asset.key.as_str());
    let named: BTreeSet<_> = named.filter(|key| !full.contains(key)).collect();
    let Some(Stage { name, finished, emitted, unchanged, .. }) = listing else {
        let some = full.iter().chain(&named).next()?;
        let came = format!("it brings {some:?} as if one had");
        return Some(Breach::new("a stage that lists assets, or assets without a digest", came));
    };
    for (keys, count, what) in [(&full, emitted, "in full"), (&named, unchanged, "as seen alone")] {
        if keys.len() as u64 > *count {
            let expected = format!("at most the {count} assets {what} that stage `{name}` counts");
            return Some(Breach::new(expected, format!("{} with a digest", keys.len())));
        }
    }
    let mut dropped = batches.iter().flat_map(|batch| &batch.dropped);
    let keyless = dropped.find(|dropped| dropped.stage == *name && dropped.key.is_empty());
    let keyless = keyless.filter(|_| *finished)?;
    let expected = format!("stage `{name}` is not finished, for it dropped a record whose key nobody knows");
    Some(Breach::new(expected, format!("it is, although it dropped one for `{}`", keyless.reason)))
}

#[cfg(test)]
mod tests {
    use super::super::host;
    use super::*;
    use crate::bindings::model::{Asset, DroppedRecord, SeenAsset};
    use crate::bindings::sync::{Ended, Summary};

    fn returned(listing: Option<(bool, u64, u64)>) -> Returned {
        let stage = |(finished, emitted, unchanged)| Stage {
            name: "assets".into(),
            lists_assets: true,
            finished,
            seen: 0,
            emitted,
            unchanged,
            dropped: vec![],
        };
        let stages = listing.map(stage).into_iter().collect();
        let summary = Summary { stages, warnings: vec![], source_counts: vec![] };
        Returned { ended: Ended::Complete, summary, problem: None, state: Some(String::new()) }
    }

    #[test]
    fn what_has_a_digest_comes_from_the_listing() {
        let sent = |key: &str, digest| Batch { assets: vec![Asset { digest, ..host(key) }], ..Batch::default() };
        let named =
            |key: &str| Batch { seen_assets: vec![SeenAsset { key: key.into(), digest: 1 }], ..Batch::default() };
        let dropped = |key: &str, stage: &str| {
            let (key, stage, reason, location) = (key.into(), stage.into(), "odd".into(), None);
            Batch { dropped: vec![DroppedRecord { stage, key, reason, location }], ..Batch::default() }
        };
        let whole = |emitted, unchanged| Some((true, emitted, unchanged));
        for (listing, batches, expected) in [
            (None, vec![sent("1", 0)], None),
            (None, vec![sent("1", 1)], Some("a stage that lists")),
            (None, vec![named("1")], Some("a stage that lists")),
            (whole(1, 0), vec![sent("1", 1), sent("1", 1), named("1"), sent("2", 0)], None),
            (whole(1, 0), vec![sent("1", 1), sent("2", 1)], Some("at most the 1 assets in full")),
            (whole(1, 1), vec![sent("1", 1), named("2")], None),
            (whole(1, 0), vec![sent("1", 1), named("2")], Some("at most the 0 assets as seen")),
            (whole(0, 0), vec![dropped("7", "assets"), dropped("", "findings")], None),
            (whole(0, 0), vec![dropped("", "assets")], Some("stage `assets` is not finished")),
            (Some((false, 0, 0)), vec![dropped("", "assets")], None),
        ] {
            let breach = judge(&returned(listing), &batches);
            let got = breach.as_ref().map(|breach| breach.expected.as_str());
            assert_eq!(got.is_some(), expected.is_some(), "{listing:?} {batches:?}: {breach:?}");
            assert!(got.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{batches:?}: {breach:?}");
        }
    }
}
