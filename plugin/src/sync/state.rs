//! What a sync leaves for the next one: a JSON document with the source's own times, the QIDs whose meaning is stored, and
//! the hosts that were set aside.
//!
//! | Field | Meaning |
//! | --- | --- |
//! | `format` | 2; a state of another format is as good as none |
//! | `connector` | the version that wrote it |
//! | `began` | the source's time when the sync began |
//! | `knowledge_base.since` | everything modified before this time is stored |
//! | `knowledge_base.qids` | of these QIDs: the distances between neighbours |
//! | `quarantine` | the IDs of hosts whose detections could not be read, each to be tried once more |
//! | `known.retired` | lanes of endpoints whose oldest version is retired |
//! | `known.refused` | nothing: a parameter that was refused may be allowed by then |
//!
//! It is told to nobody but the next sync of the same settings: the host sees to that.

use super::position::{Standing, Totals};
use super::qids::{QidSet, Qids};
use crate::kept::{self, Kept, keep};
use crate::map::time;
use crate::qualys::versions::Known;
use std::collections::BTreeSet;

/// The format of a state.
const FORMAT: u32 = 2;
/// How far the next sync looks back beyond the time it was told: clocks differ, and changes take a while to show.
const OVERLAP_SECS: i64 = 3600;

/// What a sync leaves for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    format: u32,
    connector: String,
    began: Option<String>,
    knowledge_base: Option<Stored>,
    quarantine: BTreeSet<u64>,
    known: Known,
}
keep!(State { format, connector, began, knowledge_base, quarantine, known });

/// What is stored of the knowledge base.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Changes from here on are not stored.
    pub since: String,
    /// Of these QIDs.
    pub qids: QidSet,
}
keep!(Stored { since, qids });

impl State {
    /// Reads a state; one that cannot be read is none, since without it a sync brings everything.
    pub fn read(text: Option<&str>) -> Self {
        let state = text.and_then(kept::read).and_then(|kept| Self::resume(&kept));
        state.filter(|state| state.format == FORMAT).unwrap_or_default()
    }

    /// What another sync of this version left of the knowledge base: another version may read more out of an entry.
    pub fn stored(&self) -> Option<&Stored> {
        self.knowledge_base.as_ref().filter(|_| self.connector == env!("CARGO_PKG_VERSION"))
    }

    /// The hosts that the last sync set aside.
    pub fn quarantine(&self) -> &BTreeSet<u64> {
        &self.quarantine
    }

    /// What platform and account have shown of themselves.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// The state after a sync that read everything but the hosts it set aside.
    pub fn after(standing: &Standing) -> String {
        Self {
            format: FORMAT,
            connector: env!("CARGO_PKG_VERSION").into(),
            began: standing.totals.began.clone(),
            knowledge_base: stored(&standing.totals, &standing.qids),
            quarantine: standing.quarantine.hosts().clone(),
            known: standing.known.kept(),
        }
        .write()
    }

    /// The state after a sync that did not read everything: as this one, which it began from, and with what was learned and
    /// set aside since.
    pub fn kept(self, standing: &Standing) -> String {
        let (quarantine, known) = (standing.quarantine.hosts().clone(), standing.known.kept());
        Self { format: FORMAT, quarantine, known, ..self }.write()
    }

    fn write(&self) -> String {
        kept::write(self)
    }
}

fn stored(totals: &Totals, qids: &Qids) -> Option<Stored> {
    let answered = time::seconds(totals.knowledge_base_began.as_deref()?)?;
    Some(Stored { since: time::rfc3339(answered - OVERLAP_SECS)?, qids: qids.described().clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(began: Option<&str>) -> Standing {
        let mut standing = Standing::new();
        standing.totals.knowledge_base_began = began.map(Into::into);
        [7, 8, 9].into_iter().for_each(|qid| standing.qids.name(None, qid));
        standing.qids.close();
        let taken = standing.qids.take(9).unwrap();
        standing.qids.answered(&taken.qids, [8]);
        standing
    }

    #[test]
    fn the_next_sync_knows_what_was_described_and_looks_an_hour_back() {
        let text = State::after(&standing(Some("2026-03-02T06:00:00Z")));
        let state = State::read(Some(&text));
        let stored = state.stored().unwrap();
        assert_eq!(stored.since, "2026-03-02T05:00:00Z");
        assert_eq!(stored.qids.iter().collect::<Vec<_>>(), [7, 9]);
    }

    #[test]
    fn what_cannot_be_relied_on_is_read_anew() {
        let good = State::after(&standing(Some("2026-03-02T06:00:00Z")));
        let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
        let cases = [
            ("good", good.clone(), true),
            ("no time", State::after(&standing(None)), false),
            ("another version", good.replace(&version, "\"9.9.9\""), false),
            ("another format", good.replace("\"format\":2", "\"format\":1"), false),
            ("nothing", State::default().kept(&Standing::new()), false),
            ("no JSON", "x".into(), false),
        ];
        for (case, text, is_stored) in cases {
            assert_eq!(State::read(Some(&text)).stored().is_some(), is_stored, "{case}: {text}");
        }
        assert_eq!(State::read(None), State::default());
    }

    #[test]
    fn a_sync_in_part_keeps_the_old_times_and_tells_the_hosts_set_aside() {
        let mut standing = standing(Some("2026-03-02T06:00:00Z"));
        standing.quarantine.set_aside(4).unwrap();
        let old = State::read(Some(&State::after(&standing)));
        standing.totals.knowledge_base_began = Some("2026-03-03T06:00:00Z".into());
        standing.quarantine.set_aside(5).unwrap();
        let kept = State::read(Some(&old.clone().kept(&standing)));
        assert_eq!((kept.stored(), kept.quarantine()), (old.stored(), &BTreeSet::from([4, 5])));
    }
}
