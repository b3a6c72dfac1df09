//! QIDs in a position: sets as the distances between neighbours, lists as they are.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;

/// A set of QIDs; in a position, the distances between neighbours: `38170 1 204819`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QidSet(pub(super) BTreeSet<u32>);

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

impl FromIterator<u32> for QidSet {
    fn from_iter<I: IntoIterator<Item = u32>>(qids: I) -> Self {
        Self(qids.into_iter().collect())
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
    fn a_set_reads_what_it_wrote() {
        for qids in [vec![], vec![1], vec![38170, 38171, 242_990, u32::MAX]] {
            let set: QidSet = qids.into_iter().collect();
            let text = serde_json::to_string(&set).unwrap();
            assert_eq!(serde_json::from_str::<QidSet>(&text).unwrap(), set, "{text}");
        }
        assert!(serde_json::from_str::<QidSet>("\"1 x\"").is_err());
        assert!(serde_json::from_str::<QidSet>("\"4294967295 1\"").is_err(), "beyond the greatest");
    }
}
