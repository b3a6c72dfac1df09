//! Counting, so that every record read is accounted for.

use crate::bindings::exports::connector::contract::sync::DropCount;
use crate::kept::keep;
use std::collections::BTreeMap;

/// What became of the records that a stage read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Records that became rows.
    pub emitted: u64,
    /// Records that did not, by reason.
    pub dropped: BTreeMap<String, u64>,
}
keep!(Tally { emitted, dropped });

impl Tally {
    /// Records read.
    pub fn seen(&self) -> u64 {
        self.emitted + self.dropped.values().sum::<u64>()
    }

    /// Counts a dropped record.
    pub fn drop(&mut self, reason: &str) {
        match self.dropped.get_mut(reason) {
            Some(count) => *count += 1,
            None => drop(self.dropped.insert(reason.into(), 1)),
        }
    }

    /// Adds what another tally counted.
    pub fn add(&mut self, other: &Tally) {
        self.emitted += other.emitted;
        for (reason, count) in &other.dropped {
            *self.dropped.entry(reason.clone()).or_default() += count;
        }
    }

    /// The reasons in the contract's words.
    pub fn drop_counts(&self) -> Vec<DropCount> {
        self.dropped.iter().map(|(reason, &count)| DropCount { reason: reason.clone(), count }).collect()
    }
}
