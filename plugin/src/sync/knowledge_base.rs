//! The knowledge base: what the QIDs mean that detections named.

use super::cargo::Cargo;
use super::tally::Tally;
use crate::bindings::connector::contract::model::Vulnerability;
use crate::map;
use crate::ports::World;
use crate::qualys::knowledge_base::{Reader, Record, Vuln};
use crate::qualys::xml::{Broken, End, Fault};
use std::collections::BTreeSet;

/// The stage's name.
pub const STAGE: &str = "knowledge-base";

/// A lookup of no more QIDs is not made smaller when its answer is too slow.
pub const QIDS_PER_CALL_MIN: u32 = 25;

/// One call for the meaning of some QIDs.
pub struct Lookup {
    /// What it asks for.
    pub qids: Vec<u32>,
    /// What changed from this time on is enough; without a time, all that is known.
    pub since: Option<String>,
    reader: Reader,
    /// What it has brought.
    pub brought: Brought,
}

/// What an answer of the knowledge base has brought.
#[derive(Default)]
pub struct Brought {
    answered: BTreeSet<u32>,
    /// Entries without a rating of any version of CVSS.
    unrated: BTreeSet<u32>,
    /// Entries with a CVSS v3 score.
    pub scored: u64,
    /// Entries, and what was dropped.
    pub tally: Tally,
}

impl Lookup {
    /// A call of which nothing has come yet.
    pub fn new(qids: Vec<u32>, since: Option<String>) -> Self {
        Self { qids, since, reader: Reader::new(), brought: Brought::default() }
    }

    /// The same with nothing read.
    pub fn afresh(&self) -> Self {
        Self::new(self.qids.clone(), self.since.clone())
    }

    /// Reads a piece.
    pub fn feed<W: World>(&mut self, piece: &[u8], cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let (part, Self { reader, brought, .. }) = (self.part(), self);
        reader.feed(piece, &mut |record| absorb(record, part, brought, cargo))
    }

    /// Reads the end.
    pub fn close<W: World>(&mut self, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let (part, Self { reader, brought, .. }) = (self.part(), self);
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, part, brought, cargo))
    }

    /// QIDs that it asks for.
    pub fn size(&self) -> u32 {
        u32::try_from(self.qids.len()).unwrap_or(u32::MAX)
    }

    /// The first QID it asks for, which no other call does.
    fn part(&self) -> u32 {
        self.qids.first().copied().unwrap_or_default()
    }

    /// The QIDs that an answer to everything did not mention: retired, custom or restricted ones.
    pub fn unknown(&self) -> impl Iterator<Item = u32> {
        self.qids.iter().copied().filter(|qid| self.since.is_none() && !self.brought.answered.contains(qid))
    }

    /// The QIDs that the next sync has to read whole: unknown ones, all of an answer that lost a change, and those without
    /// any rating, since switching ratings on modifies no entry.
    pub fn unsure(&self) -> impl Iterator<Item = u32> {
        let has_lost = self.since.is_some() && !self.brought.tally.dropped.is_empty();
        let lost = self.qids.iter().copied().filter(move |_| has_lost);
        lost.chain(self.unknown()).chain(self.brought.unrated.iter().copied())
    }
}

fn absorb<W: World>(record: Record<'_>, part: u32, brought: &mut Brought, cargo: &mut Cargo<'_, W>) {
    let Broken { key, reason, location } = match record {
        Record::Item(vuln, number) => match map::vulnerability::described(&vuln) {
            Ok(vulnerability) => {
                brought.entry(&vuln, &vulnerability);
                return cargo.outbox.vulnerability(vulnerability);
            }
            Err(reason) => {
                let key = vuln.qid.unwrap_or_default().into_owned();
                Broken { key, reason, location: format!("VULN number {number}") }
            }
        },
        Record::Broken(broken) => broken,
    };
    brought.tally.drop(reason);
    cargo.outbox.dropped(STAGE, key, reason, format!("entries from QID {part}, {location}"));
}

impl Brought {
    /// Entries without a rating of any version of CVSS.
    pub fn unrated(&self) -> u64 {
        self.unrated.len() as u64
    }

    fn entry(&mut self, vuln: &Vuln<'_>, vulnerability: &Vulnerability) {
        let qid = vuln.qid.as_deref().and_then(|qid| qid.parse::<u32>().ok());
        self.answered.extend(qid);
        if vuln.cvss_base.is_none() && vuln.cvss_v3_base.is_none() {
            self.unrated.extend(qid);
        }
        self.scored += u64::from(vulnerability.score.is_some());
        self.tally.emitted += 1;
    }
}
