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

/// QIDs to ask for in one call.
#[derive(Debug, PartialEq)]
pub struct Taken {
    /// The QIDs, ascending.
    pub qids: Vec<u32>,
    /// What they meant is stored: only what has changed is asked for.
    pub is_stored: bool,
}

/// Every QID named so far is waiting, asked for or known.
#[derive(Debug, Default)]
pub struct Qids {
    /// What an earlier sync has stored, whether named or not.
    stored: BTreeSet<u32>,
    waiting: BTreeSet<u32>,
    /// Waiting as well, and stored.
    waiting_for_changes: BTreeSet<u32>,
    asked: BTreeSet<u32>,
    known: BTreeSet<u32>,
    /// Of the known: what they mean is not stored, or not as it is now.
    unsure: BTreeSet<u32>,
}

impl Qids {
    /// Goes on from a position's sets.
    pub fn resume(unanswered: QidSet, described: QidSet, unsure: QidSet) -> Self {
        let known = described.0.union(&unsure.0).copied().collect();
        Self { waiting: unanswered.0, known, unsure: unsure.0, ..Self::default() }
    }

    /// Of these an earlier sync has stored what they mean.
    pub fn rely_on(&mut self, stored: &QidSet) {
        self.stored.clone_from(&stored.0);
        let (stored, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|qid| stored.0.contains(qid));
        (self.waiting_for_changes, self.waiting) = (stored, waiting);
    }

    /// A detection named it.
    pub fn name(&mut self, qid: u32) {
        if self.known.contains(&qid) || self.asked.contains(&qid) {
            return;
        }
        match self.stored.contains(&qid) {
            true => self.waiting_for_changes.insert(qid),
            false => self.waiting.insert(qid),
        };
    }

    /// Takes the least ones of one kind to ask for, at most `most`, if at least `least` are waiting.
    pub fn take(&mut self, least: usize, most: usize) -> Option<Taken> {
        let kinds = [(&mut self.waiting, false), (&mut self.waiting_for_changes, true)];
        let (waiting, is_stored) = kinds.into_iter().find(|(waiting, _)| waiting.len() >= least)?;
        let qids: Vec<u32> = std::iter::from_fn(|| waiting.pop_first()).take(most).collect();
        self.asked.extend(&qids);
        Some(Taken { qids, is_stored })
    }

    /// They were asked for in vain, and wait again.
    pub fn put_back(&mut self, qids: &[u32]) {
        for qid in qids {
            self.asked.remove(qid);
            self.name(*qid);
        }
    }

    /// The source has said what it knows of them; what some of them mean is not stored for all that.
    pub fn answered(&mut self, qids: &[u32], unsure: impl IntoIterator<Item = u32>) {
        for qid in qids {
            self.asked.remove(qid);
            self.known.insert(*qid);
        }
        self.unsure.extend(unsure);
    }

    /// Named and not answered.
    pub fn unanswered(&self) -> QidSet {
        QidSet([&self.waiting, &self.waiting_for_changes, &self.asked].into_iter().flatten().copied().collect())
    }

    /// Named and not answered, and nothing is stored of them.
    pub fn undescribed(&self) -> QidSet {
        QidSet(self.unanswered().0.difference(&self.stored).copied().collect())
    }

    /// Answered, and what they mean is not stored.
    pub fn unsure(&self) -> QidSet {
        QidSet(self.unsure.clone())
    }

    /// Answered, and what they mean is stored.
    pub fn described(&self) -> QidSet {
        QidSet(self.known.difference(&self.unsure).copied().collect())
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
        assert_eq!(qids.take(3, 9), None, "there are not so many");
        assert_eq!(qids.take(1, 1), Some(Taken { qids: vec![3], is_stored: false }));
        qids.put_back(&[3]);
        assert_eq!(qids.take(2, 1), Some(Taken { qids: vec![3], is_stored: false }), "it was asked for in vain");
        qids.name(3);
        qids.answered(&[3], []);
        qids.name(3);
        assert_eq!(qids.take(1, 9), Some(Taken { qids: vec![7], is_stored: false }));
        assert_eq!(qids.take(1, 9), None);
        assert_eq!(qids.unanswered(), set(&[7]), "what is on its way is not yet known");
    }

    #[test]
    fn of_what_is_stored_only_changes_are_asked_for() {
        let mut qids = Qids::resume(set(&[1, 2]), QidSet::default(), QidSet::default());
        qids.rely_on(&set(&[2, 4, 5]));
        [3, 4].into_iter().for_each(|qid| qids.name(qid));
        assert_eq!(qids.undescribed(), set(&[1, 3]));
        assert_eq!(qids.take(1, 9), Some(Taken { qids: vec![1, 3], is_stored: false }));
        assert_eq!(qids.take(1, 9), Some(Taken { qids: vec![2, 4], is_stored: true }), "nobody named 5");
        qids.answered(&[1, 3], [3]);
        qids.answered(&[2, 4], []);
        assert_eq!((qids.unsure(), qids.described()), (set(&[3]), set(&[1, 2, 4])));
        let mut again = Qids::resume(qids.unanswered(), qids.described(), qids.unsure());
        [1, 2, 3, 4].into_iter().for_each(|qid| again.name(qid));
        assert_eq!(again.take(1, 9), None, "all were answered before");
    }

    fn set(qids: &[u32]) -> QidSet {
        QidSet(qids.iter().copied().collect())
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
