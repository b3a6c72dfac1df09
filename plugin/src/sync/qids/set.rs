//! Sets of QIDs, and how positions and states keep them.

use crate::kept::Kept;
use serde_json::Value;
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

impl Kept for QidSet {
    fn keep(&self) -> Value {
        let (mut text, mut before) = (String::new(), 0);
        for qid in self.iter() {
            text += if text.is_empty() { "" } else { " " };
            text += &(qid - std::mem::replace(&mut before, qid)).to_string();
        }
        Value::String(text)
    }

    fn resume(kept: &Value) -> Option<Self> {
        let (mut set, mut qid) = (BTreeSet::new(), 0u32);
        for step in kept.as_str()?.split_ascii_whitespace() {
            qid = step.parse().ok().and_then(|step| qid.checked_add(step))?;
            set.insert(qid);
        }
        Some(Self(set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_what_it_wrote() {
        for qids in [vec![], vec![1], vec![38170, 38171, 242_990, u32::MAX]] {
            let set = QidSet(qids.into_iter().collect());
            let text = set.keep();
            assert_eq!(QidSet::resume(&text), Some(set), "{text}");
        }
        for text in ["1 x", "-1", "4294967295 1"] {
            assert_eq!(QidSet::resume(&text.into()), None, "{text}");
        }
    }
}
