//! The distinct QIDs that detections name: which are still to be asked for, and which are known.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;

/// A set of QIDs; in a position, the distances between neighbours: `38170 1 204819`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QidSet(BTreeSet<u32>);

impl QidSet {
    /// The QIDs, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Every QID named so far is in exactly one of the three.
#[derive(Debug, Default)]
pub struct Qids {
    waiting: BTreeSet<u32>,
    asked: BTreeSet<u32>,
    known: BTreeSet<u32>,
}

impl Qids {
    /// Goes on from a position's sets.
    pub fn resume(waiting: QidSet, known: QidSet) -> Self {
        Self { waiting: waiting.0, asked: BTreeSet::new(), known: known.0 }
    }

    /// A detection named it.
    pub fn name(&mut self, qid: u32) {
        if !self.known.contains(&qid) && !self.asked.contains(&qid) {
            self.waiting.insert(qid);
        }
    }

    /// How many are waiting to be asked for.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the least ones to ask for, at most `count`.
    pub fn take(&mut self, count: usize) -> Vec<u32> {
        let taken: Vec<u32> = self.waiting.iter().copied().take(count).collect();
        for qid in &taken {
            self.waiting.remove(qid);
            self.asked.insert(*qid);
        }
        taken
    }

    /// The source has said what it knows of them.
    pub fn answered(&mut self, qids: &[u32]) {
        for qid in qids {
            self.asked.remove(qid);
            self.known.insert(*qid);
        }
    }

    /// Named and not answered.
    pub fn unanswered(&self) -> QidSet {
        QidSet(self.waiting.union(&self.asked).copied().collect())
    }

    /// Answered.
    pub fn known(&self) -> QidSet {
        QidSet(self.known.clone())
    }
}

impl Serialize for QidSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = 0;
        let steps = self.0.iter().map(|qid| (qid - std::mem::replace(&mut before, *qid)).to_string());
        serializer.serialize_str(&steps.collect::<Vec<_>>().join(" "))
    }
}

impl<'de> Deserialize<'de> for QidSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut qid = 0u32;
        let step = |step: &str| {
            qid = step.parse().ok().and_then(|step| qid.checked_add(step))?;
            Some(qid)
        };
        let qids: Option<BTreeSet<u32>> = text.split_ascii_whitespace().map(step).collect();
        qids.map(QidSet).ok_or_else(|| serde::de::Error::custom("a set of QIDs is not a list of distances"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qid_is_asked_for_once() {
        let mut qids = Qids::default();
        [7, 3, 7].into_iter().for_each(|qid| qids.name(qid));
        assert_eq!(qids.take(1), [3]);
        qids.name(3);
        qids.answered(&[3]);
        qids.name(3);
        assert_eq!((qids.take(9), qids.waiting()), (vec![7], 0));
        assert_eq!(qids.unanswered(), QidSet([7].into()), "what is on its way is not yet known");
    }

    #[test]
    fn a_set_reads_what_it_wrote() {
        for qids in [vec![], vec![1], vec![38170, 38171, 242_990, u32::MAX]] {
            let set = QidSet(qids.into_iter().collect());
            let text = serde_json::to_string(&set).unwrap();
            assert_eq!(serde_json::from_str::<QidSet>(&text).unwrap(), set, "{text}");
        }
        assert!(serde_json::from_str::<QidSet>("\"1 x\"").is_err());
        assert!(serde_json::from_str::<QidSet>("\"4294967295 1\"").is_err(), "beyond the greatest");
    }
}
