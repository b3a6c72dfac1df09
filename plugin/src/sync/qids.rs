//! The distinct QIDs that detections name: which are still to be asked for, and which are known.
//!
//! Which QIDs one lookup asks for follows from what the source says and from nothing else: they queue in the order of
//! slices, calls and answers, whichever of these comes first. So syncs of the same data make the same requests.

mod lookups;
mod set;

use crate::kept::{self, Kept};
use crate::qualys::detection::Pass;
use lookups::Lookups;
use serde_json::Value;
pub use set::QidSet;
use std::collections::{BTreeMap, BTreeSet};

/// Where a call for detections stands in the order of all: by slice, pass, and first host asked for.
pub type Place = (u64, Pass, u64);

/// Behind every call.
pub const LAST: Place = (u64::MAX, Pass::Fixed, u64::MAX);

/// QIDs to ask for in one call.
#[derive(Debug, PartialEq)]
pub struct Taken {
    /// The QIDs, ascending.
    pub qids: Vec<u32>,
    /// What they meant is stored: only what has changed is asked for.
    pub is_stored: bool,
}

/// Every QID named so far is held back, in a lookup, or known.
#[derive(Debug, Default)]
pub struct Qids {
    /// What an earlier sync has stored, whether named or not.
    stored: QidSet,
    /// Lookups of what is not stored.
    whole: Lookups,
    /// Lookups of what is stored.
    changes: Lookups,
    /// In a lookup, or known.
    named: BTreeSet<u32>,
    /// Known, and what they mean is stored.
    described: QidSet,
    /// Known, and what they mean is not stored, or not as it is now.
    unsure: QidSet,
    /// Named by calls whose turn has not come.
    held: BTreeMap<Place, Held>,
    /// Named by what has no place: they come when all is read.
    last: QidSet,
}

/// What a call has named, in its order.
#[derive(Debug, Default)]
struct Held {
    order: Vec<u32>,
    seen: BTreeSet<u32>,
}

impl Qids {
    /// Goes on from what [`Qids::keep`] kept.
    pub fn resume(kept: &Value) -> Option<Self> {
        let mut qids = Self {
            whole: Lookups::resume(&kept["whole"])?,
            changes: Lookups::resume(&kept["changes"])?,
            described: QidSet::resume(&kept["described"])?,
            unsure: QidSet::resume(&kept["unsure"])?,
            last: QidSet::resume(&kept["last"])?,
            ..Self::default()
        };
        let mut named = BTreeSet::new();
        qids.sets().chain([&qids.described, &qids.unsure]).for_each(|set| named.extend(set.iter()));
        qids.named = named;
        for (slice, order) in Vec::<(u64, Vec<u32>)>::resume(&kept["held"])? {
            order.into_iter().for_each(|qid| qids.name(Some((slice, Pass::Whole, 0)), qid));
        }
        Some(qids)
    }

    /// For a position: the calls of an unfinished slice will name their QIDs again, or else these come last.
    pub fn keep(&self, is_unfinished: impl Fn(u64) -> bool) -> Value {
        let mut last = self.last.clone();
        let mut held: Vec<(u64, Vec<u32>)> = vec![];
        for (&(slice, ..), Held { order, .. }) in &self.held {
            let left = order.iter().copied().filter(|qid| !self.named.contains(qid));
            match held.last_mut() {
                _ if is_unfinished(slice) => last.0.extend(left),
                Some((same, order)) if *same == slice => order.extend(left),
                _ => held.push((slice, left.collect())),
            }
        }
        kept::object([
            ("whole", self.whole.keep()),
            ("changes", self.changes.keep()),
            ("held", held.keep()),
            ("last", last.keep()),
            ("described", self.described.keep()),
            ("unsure", self.unsure.keep()),
        ])
    }

    /// Of these an earlier sync has stored what they mean.
    pub fn rely_on(&mut self, stored: &QidSet) {
        self.stored.clone_from(stored);
    }

    /// A detection of a call named it; without a place, its turn comes when all is read.
    pub fn name(&mut self, place: Option<Place>, qid: u32) {
        if self.named.contains(&qid) {
            return;
        }
        match place {
            None => drop(self.last.0.insert(qid)),
            Some(place) => self.held.entry(place).or_default().push(qid),
        }
    }

    /// All calls before this one are read to their end: what they and it have named so far joins the lookups.
    pub fn turn_to(&mut self, front: Place) {
        while let Some(first) = self.held.first_entry().filter(|first| *first.key() <= front) {
            first.remove().order.into_iter().for_each(|qid| self.queue(qid));
        }
    }

    /// All is read: nothing more is named.
    pub fn close(&mut self) {
        std::mem::take(&mut self.last).0.into_iter().for_each(|qid| self.queue(qid));
        [&mut self.whole, &mut self.changes].into_iter().for_each(Lookups::close);
    }

    fn queue(&mut self, qid: u32) {
        if self.named.insert(qid) {
            let lookups = if self.stored.0.contains(&qid) { &mut self.changes } else { &mut self.whole };
            lookups.push(qid);
        }
    }

    /// Takes what one lookup asks for, at most `most`.
    pub fn take(&mut self, most: usize) -> Option<Taken> {
        let whole = self.whole.take(most).map(|qids| Taken { qids, is_stored: false });
        whole.or_else(|| Some(Taken { qids: self.changes.take(most)?, is_stored: true }))
    }

    /// They were asked for in vain, and wait again.
    pub fn put_back(&mut self, qids: &[u32]) {
        [&mut self.whole, &mut self.changes].into_iter().for_each(|lookups| lookups.put_back(qids));
    }

    /// The source has said what it knows of them; what some of them mean is not stored for all that.
    pub fn answered(&mut self, qids: &[u32], unsure: impl IntoIterator<Item = u32>) {
        [&mut self.whole, &mut self.changes].into_iter().for_each(|lookups| drop(lookups.answered(qids)));
        self.described.0.extend(qids);
        for qid in unsure {
            self.described.0.remove(&qid);
            self.unsure.0.insert(qid);
        }
    }

    /// Whether all that was named is answered.
    pub fn is_answered(&self) -> bool {
        self.last.is_empty() && self.held.is_empty() && self.sets().all(QidSet::is_empty)
    }

    /// In lookups that were not answered, and nothing is stored of them.
    pub fn undescribed(&self) -> impl Iterator<Item = u32> {
        self.sets().flat_map(QidSet::iter).filter(|qid| !self.stored.0.contains(qid))
    }

    /// Answered, and what they mean is stored.
    pub fn described(&self) -> &QidSet {
        &self.described
    }

    /// The sets of all lookups.
    fn sets(&self) -> impl Iterator<Item = &QidSet> {
        self.whole.sets().chain(self.changes.sets())
    }
}

impl Held {
    fn push(&mut self, qid: u32) {
        if self.seen.insert(qid) {
            self.order.push(qid);
        }
    }
}

#[cfg(test)]
mod tests;
