//! What a sync leaves for the next one: a JSON document with the source's own times and the QIDs whose meaning is stored.
//!
//! | Field | Meaning |
//! | --- | --- |
//! | `format` | 1; a state of another format is as good as none |
//! | `connector` | the version that wrote it |
//! | `began` | the source's time when the sync began |
//! | `knowledge_base.since` | everything modified before this time is stored |
//! | `knowledge_base.qids` | of these QIDs: the distances between neighbours |
//!
//! It is told to nobody but the next sync of the same settings: the host sees to that.

use super::position::Totals;
use super::qids::{QidSet, Qids};
use crate::map::time;
use serde::{Deserialize, Serialize};

/// The format of a state.
const FORMAT: u32 = 1;
/// How far the next sync looks back beyond the time it was told: clocks differ, and changes take a while to show.
const OVERLAP_SECS: i64 = 3600;

/// What a sync leaves for the next one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    format: u32,
    connector: String,
    began: Option<String>,
    knowledge_base: Option<Stored>,
}

/// What is stored of the knowledge base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Changes from here on are not stored.
    pub since: String,
    /// Of these QIDs.
    pub qids: QidSet,
}

impl State {
    /// Reads a state; one that cannot be read is none, since without it a sync brings everything.
    pub fn read(text: Option<&str>) -> Self {
        let state = text.and_then(|text| serde_json::from_str::<Self>(text).ok());
        state.filter(|state| state.format == FORMAT).unwrap_or_default()
    }

    /// What another sync of this version left of the knowledge base: another version may read more out of an entry.
    pub fn stored(&self) -> Option<&Stored> {
        self.knowledge_base.as_ref().filter(|_| self.connector == env!("CARGO_PKG_VERSION"))
    }

    /// The state after a sync that read everything.
    pub fn after(totals: &Totals, qids: &Qids) -> String {
        let state = Self {
            format: FORMAT,
            connector: env!("CARGO_PKG_VERSION").into(),
            began: totals.began.clone(),
            knowledge_base: stored(totals, qids),
        };
        // Numbers and texts always serialise.
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// The state after a sync that nothing was known before and that did not read everything.
    pub fn nothing() -> String {
        Self::after(&Totals::default(), &Qids::default())
    }
}

fn stored(totals: &Totals, qids: &Qids) -> Option<Stored> {
    let answered = time::seconds(totals.knowledge_base_began.as_deref()?)?;
    Some(Stored { since: time::rfc3339(answered - OVERLAP_SECS)?, qids: qids.described() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(began: Option<&str>) -> Totals {
        Totals { knowledge_base_began: began.map(Into::into), ..Totals::default() }
    }

    fn qids() -> Qids {
        let mut qids = Qids::default();
        [7, 8, 9].into_iter().for_each(|qid| qids.name(qid));
        let taken = qids.take(1, 9).unwrap();
        qids.answered(&taken.qids, [8]);
        qids
    }

    #[test]
    fn the_next_sync_knows_what_was_described_and_looks_an_hour_back() {
        let text = State::after(&totals(Some("2026-03-02T06:00:00Z")), &qids());
        let state = State::read(Some(&text));
        let stored = state.stored().unwrap();
        assert_eq!(stored.since, "2026-03-02T05:00:00Z");
        assert_eq!(stored.qids.iter().collect::<Vec<_>>(), [7, 9]);
    }

    #[test]
    fn what_cannot_be_relied_on_is_read_anew() {
        let good = State::after(&totals(Some("2026-03-02T06:00:00Z")), &qids());
        let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
        let cases = [
            ("good", good.clone(), true),
            ("no time", State::after(&totals(None), &qids()), false),
            ("another version", good.replace(&version, "\"9.9.9\""), false),
            ("another format", good.replace("\"format\":1", "\"format\":2"), false),
            ("nothing", State::nothing(), false),
            ("no JSON", "x".into(), false),
        ];
        for (case, text, is_stored) in cases {
            assert_eq!(State::read(Some(&text)).stored().is_some(), is_stored, "{case}: {text}");
        }
        assert_eq!(State::read(None), State::default());
    }
}
