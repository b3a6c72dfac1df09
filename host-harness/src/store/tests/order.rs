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

/// One batch of these records.
fn of(records: &[Any]) -> Batch {
    let mut of = Batch::default();
    for record in records.iter().cloned() {
        match record {
            Any::Asset(asset) => of.assets.push(asset),
            Any::Vulnerability(vulnerability) => of.vulnerabilities.push(vulnerability),
            Any::Finding(finding) => of.findings.push(finding),
        }
    }
    of
}

fn records() -> impl Strategy<Value = Vec<Any>> {
    let any = prop_oneof![
        assets().prop_map(Any::Asset),
        vulnerabilities().prop_map(Any::Vulnerability),
        findings().prop_map(Any::Finding),
    ];
    vec(any, 0..6)
}

/// What two syncs leave, the second of which sends its records in this order, so many in a batch.
fn left_by(first: &[Any], second: &[Any], batch_records_max: usize) -> (Vec<String>, Vec<String>, i64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let stored = Stored::new();
        for records in [first, second] {
            let listed = records.len() as u64;
            let (mut attempt, start) = stored.store.begin(begin()).await.unwrap();
            for records in records.chunks(batch_records_max) {
                attempt.commit(of(records), None).await.unwrap();
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
    fn shuffling_repeating_and_grouping_records_changes_neither_lines_nor_versions(
        first in records(),
        (second, shuffled) in shuffled(),
        batch_records_max in 1..12usize,
    ) {
        prop_assert_eq!(left_by(&first, &second, 1), left_by(&first, &shuffled, batch_records_max));
    }
}
