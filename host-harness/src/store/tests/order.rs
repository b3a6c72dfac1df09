//! Order and repetition inside a sync do not matter.

use super::*;
use crate::join::samples::{assets, findings, vulnerabilities};
use proptest::collection::vec;
use proptest::prelude::*;

/// Each writes two stores, so there are fewer than usual; the join's own laws are tried more often.
const CASES: u32 = 32;

#[derive(Clone, Debug)]
enum Any {
    Asset(Asset),
    Vulnerability(Vulnerability),
    Finding(Finding),
}

impl Any {
    fn batch(self) -> Batch {
        match self {
            Self::Asset(asset) => Batch { assets: vec![asset], ..batch() },
            Self::Vulnerability(vulnerability) => Batch { vulnerabilities: vec![vulnerability], ..batch() },
            Self::Finding(finding) => Batch { findings: vec![finding], ..batch() },
        }
    }
}

fn records() -> impl Strategy<Value = Vec<Any>> {
    let any = prop_oneof![
        assets().prop_map(Any::Asset),
        vulnerabilities().prop_map(Any::Vulnerability),
        findings().prop_map(Any::Finding),
    ];
    vec(any, 0..6)
}

/// What two syncs leave, the second of which sends its records in this order.
fn left_by(first: Vec<Any>, second: Vec<Any>) -> (Vec<String>, Vec<String>, i64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let stored = Stored::new();
        for records in [first, second] {
            let listed = records.len() as u64;
            let (mut attempt, start) = stored.store.begin(begin()).await.unwrap();
            for record in records {
                attempt.commit(record.batch(), None).await.unwrap();
            }
            stored.store.close(start.epoch, complete(listed)).await.unwrap();
        }
        (stored.lines(), stored.versions(), stored.number("SELECT coalesce(sum(digest), 0) FROM asset_body"))
    })
}

/// The records of a sync, and the same ones twice in another order.
fn shuffled() -> impl Strategy<Value = (Vec<Any>, Vec<Any>)> {
    records().prop_flat_map(|records| {
        let twice: Vec<Any> = records.iter().chain(&records).cloned().collect();
        (Just(records), Just(twice).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]
    #[test]
    fn shuffling_and_repeating_records_changes_neither_lines_nor_versions(
        first in records(),
        (second, shuffled) in shuffled(),
    ) {
        prop_assert_eq!(left_by(first.clone(), second), left_by(first, shuffled));
    }
}
