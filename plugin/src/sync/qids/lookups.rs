//! QIDs of one kind, put together into the lookups that ask for them.

use super::set::QidSet;
use crate::kept::Kept;
use crate::qualys::knowledge_base::QIDS_PER_CALL;
use serde_json::Value;
use std::collections::VecDeque;

/// QIDs that are asked for alike and not answered, in sets that one lookup can ask for.
#[derive(Debug, Default)]
pub struct Lookups {
    asked: Vec<QidSet>,
    waiting: VecDeque<QidSet>,
    filling: QidSet,
}

impl Lookups {
    /// Goes on from what [`Lookups::keep`] kept; the last set is the one being filled.
    pub fn resume(kept: &Value) -> Option<Self> {
        let mut sets = Vec::<QidSet>::resume(kept)?;
        Some(Self { asked: vec![], filling: sets.pop()?, waiting: sets.into() })
    }

    /// For a position.
    pub fn keep(&self) -> Value {
        Value::Array(self.sets().map(QidSet::keep).collect())
    }

    /// All sets.
    pub fn sets(&self) -> impl Iterator<Item = &QidSet> {
        self.asked.iter().chain(&self.waiting).chain([&self.filling])
    }

    /// Adds a QID that is in no set.
    pub fn push(&mut self, qid: u32) {
        self.filling.0.insert(qid);
        if self.filling.0.len() >= QIDS_PER_CALL as usize {
            self.close();
        }
    }

    /// No QID is added to the set being filled any more.
    pub fn close(&mut self) {
        if !self.filling.is_empty() {
            self.waiting.push_back(std::mem::take(&mut self.filling));
        }
    }

    /// The next QIDs to ask for, ascending; what is beyond `most` waits on.
    pub fn take(&mut self, most: usize) -> Option<Vec<u32>> {
        let mut set = self.waiting.pop_front()?;
        if let Some(&beyond) = set.0.iter().nth(most) {
            self.waiting.push_front(QidSet(set.0.split_off(&beyond)));
        }
        let qids = set.iter().collect();
        self.asked.push(set);
        Some(qids)
    }

    /// These were asked for in vain, and wait again.
    pub fn put_back(&mut self, qids: &[u32]) {
        self.answered(qids).into_iter().for_each(|set| self.waiting.push_front(set));
    }

    /// These have been answered, if they were asked for here.
    pub fn answered(&mut self, qids: &[u32]) -> Option<QidSet> {
        let index = self.asked.iter().position(|set| set.0.first() == qids.first())?;
        Some(self.asked.swap_remove(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_lookup_leaves_when_it_is_full_and_the_rest_when_it_is_closed() {
        let mut lookups = Lookups::default();
        (1..=QIDS_PER_CALL + 2).rev().for_each(|qid| lookups.push(qid));
        assert_eq!(lookups.take(1_000), Some((3..=QIDS_PER_CALL + 2).collect()));
        assert_eq!(lookups.take(1_000), None, "it is not full");
        lookups.close();
        assert_eq!((lookups.take(1_000), lookups.take(1_000)), (Some(vec![1, 2]), None));
    }

    #[test]
    fn what_was_asked_for_in_vain_is_asked_for_in_parts() {
        let mut lookups = Lookups::default();
        (1..=5).for_each(|qid| lookups.push(qid));
        lookups.close();
        lookups.take(9).iter().for_each(|qids| lookups.put_back(qids));
        assert_eq!([2, 2, 9].map(|most| lookups.take(most).unwrap()), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!((lookups.answered(&[2]), lookups.answered(&[3, 4])), (None, Some(QidSet([3, 4].into()))));
        assert_eq!(lookups.keep(), json!(["1 1", "5", ""]));
        let mut again = Lookups::resume(&lookups.keep()).unwrap();
        assert_eq!(again.take(9), Some(vec![1, 2]), "what was asked for is asked for again");
    }
}
