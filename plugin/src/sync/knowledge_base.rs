//! The knowledge base: what the QIDs mean that detections named.

use super::cargo::Cargo;
use super::tally::Tally;
use crate::map;
use crate::ports::World;
use crate::qualys::knowledge_base::{Reader, Record};
use crate::qualys::xml::{End, Fault};
use std::collections::BTreeSet;

/// The stage's name.
pub const STAGE: &str = "knowledge-base";

/// One call for the meaning of some QIDs.
pub struct Lookup {
    /// What it asks for.
    pub qids: Vec<u32>,
    /// What changed from this time on is enough; without a time, all that is known.
    pub since: Option<String>,
    reader: Reader,
    answered: BTreeSet<u32>,
    /// Entries with a CVSS v3 score.
    pub scored: u64,
    /// What it has brought.
    pub tally: Tally,
}

impl Lookup {
    /// A call of which nothing has come yet.
    pub fn new(qids: Vec<u32>, since: Option<String>) -> Self {
        Self { qids, since, reader: Reader::new(), answered: BTreeSet::new(), scored: 0, tally: Tally::default() }
    }

    /// The same with nothing read.
    pub fn afresh(&self) -> Self {
        Self::new(self.qids.clone(), self.since.clone())
    }

    /// Reads a piece.
    pub fn feed<W: World>(&mut self, piece: &[u8], cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let Self { reader, answered, scored, tally, .. } = self;
        reader.feed(piece, &mut |record| absorb(record, answered, scored, tally, cargo))
    }

    /// Reads the end.
    pub fn close<W: World>(&mut self, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let Self { reader, answered, scored, tally, .. } = self;
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, answered, scored, tally, cargo))
    }

    /// The QIDs that an answer to everything did not mention: retired, custom or restricted ones.
    pub fn unknown(&self) -> impl Iterator<Item = u32> {
        self.qids.iter().copied().filter(|qid| self.since.is_none() && !self.answered.contains(qid))
    }

    /// The QIDs whose meaning is not stored now: unknown ones, and all of an answer that lost a change.
    pub fn unsure(&self) -> impl Iterator<Item = u32> {
        let has_lost = self.since.is_some() && !self.tally.dropped.is_empty();
        self.qids.iter().copied().filter(move |_| has_lost).chain(self.unknown())
    }
}

fn absorb<W: World>(
    record: Record<'_>,
    answered: &mut BTreeSet<u32>,
    scored: &mut u64,
    tally: &mut Tally,
    cargo: &mut Cargo<'_, W>,
) {
    match record {
        Record::Vuln(vuln, number) => match map::vulnerability::described(&vuln) {
            Ok(vulnerability) => {
                answered.extend(vuln.qid.as_deref().and_then(|qid| qid.parse::<u32>().ok()));
                *scored += u64::from(vulnerability.score.is_some());
                tally.emitted += 1;
                cargo.outbox.vulnerability(vulnerability);
            }
            Err(reason) => {
                tally.drop(reason);
                let key = vuln.qid.as_deref().unwrap_or_default();
                cargo.outbox.dropped(STAGE, key.into(), reason, format!("VULN number {number}"));
            }
        },
        Record::Broken(broken) => {
            tally.drop(broken.reason);
            cargo.outbox.dropped(STAGE, broken.key, broken.reason, broken.location);
        }
    }
}
