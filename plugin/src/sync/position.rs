//! What a sync needs to go on after its instance is gone.

use super::qids::Qids;
use super::quarantine::Quarantine;
use super::size::Sizes;
use super::slices::Slices;
use super::tally::Tally;
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::error::{Error, Result};
use crate::kept::{self, Kept, keep};
use crate::qualys::versions::Known;
use serde_json::Value;
use std::collections::BTreeSet;

/// The format of a position. An older or newer one cannot be read.
const FORMAT: u32 = 4;

/// What has been counted over all finished slices and calls of the sync.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// Records of the host list.
    pub hosts: Tally,
    /// Detections.
    pub detections: Tally,
    /// Entries of the knowledge base.
    pub knowledge_base: Tally,
    /// Hosts that detections named and the list did not.
    pub late: u64,
    /// Ranges of IDs in which hosts that the list did not name could not be read; not more than a warning names.
    pub left_out: BTreeSet<(u64, u64)>,
    /// QIDs that the knowledge base does not know.
    pub unknown_qids: u64,
    /// QIDs of which only changes were asked for.
    pub relied_on: u64,
    /// Entries of the knowledge base without a rating of any version of CVSS.
    pub unrated: u64,
    /// Entries of the knowledge base with a CVSS v3 score.
    pub scored: u64,
    /// Records of the host list whose very ID could not be read.
    pub hosts_without_id: u64,
    /// The source's own time when the sync began.
    pub began: Option<String>,
    /// The source's own time when it first told of the knowledge base.
    pub knowledge_base_began: Option<String>,
}
keep!(Totals {
    hosts,
    detections,
    knowledge_base,
    late,
    left_out,
    unknown_qids,
    relied_on,
    unrated,
    scored,
    hosts_without_id,
    began,
    knowledge_base_began
});

/// Where a sync stands.
#[derive(Debug)]
pub struct Standing {
    /// Which part of the host list is where.
    pub slices: Slices,
    /// The QIDs named so far.
    pub qids: Qids,
    /// Hosts that are set aside.
    pub quarantine: Quarantine,
    /// How much calls ask for.
    pub sizes: Sizes,
    /// What has been counted.
    pub totals: Totals,
    /// What platform and account have shown of themselves.
    pub known: Known,
}

impl Standing {
    /// The beginning of a sync.
    pub fn new() -> Self {
        Self {
            slices: Slices::resume(Some(0), Vec::new()),
            qids: Qids::default(),
            quarantine: Quarantine::default(),
            sizes: Sizes::default(),
            totals: Totals::default(),
            known: Known::default(),
        }
    }
}

impl Standing {
    /// A position, which says how things stand.
    pub fn position(&self) -> String {
        let Self { slices, qids, quarantine, sizes, totals, known } = self;
        kept::object([
            ("format", FORMAT.keep()),
            ("connector", env!("CARGO_PKG_VERSION").into()),
            ("cursor", slices.cursor().keep()),
            ("beyond", slices.beyond().keep()),
            ("qids", qids.keep(|slice| slices.is_unfinished(slice))),
            ("quarantine", quarantine.keep()),
            ("sizes", sizes.keep()),
            ("totals", totals.keep()),
            ("known", known.keep()),
        ])
        .to_string()
    }

    /// Reads a position; without one, the beginning of a sync.
    pub fn read(position: Option<&str>) -> Result<Self> {
        let Some(text) = position else { return Ok(Self::new()) };
        let kept = kept::read(text).ok_or_else(|| unreadable("it is no JSON".into()))?;
        let format = kept["format"].as_u64().unwrap_or_default();
        if format != u64::from(FORMAT) {
            return Err(unreadable(format!("it has format {format}, and this version reads {FORMAT}")));
        }
        Self::resume(&kept).ok_or_else(|| unreadable("a part of it is missing or garbled".into()))
    }

    fn resume(kept: &Value) -> Option<Self> {
        Some(Self {
            slices: Slices::resume(Kept::resume(&kept["cursor"])?, Kept::resume(&kept["beyond"])?),
            qids: Qids::resume(&kept["qids"])?,
            quarantine: Kept::resume(&kept["quarantine"])?,
            sizes: Kept::resume(&kept["sizes"])?,
            totals: Kept::resume(&kept["totals"])?,
            known: Kept::resume(&kept["known"])?,
        })
    }
}

fn unreadable(why: String) -> Error {
    Error::new(ProblemKind::Protocol, "position.unreadable", why)
        .during("reading the position")
        .hint("Start the sync anew: another version of the connector, or another connector, left this position.")
}

#[cfg(test)]
mod tests {
    use super::super::slices::Counted;
    use super::*;

    #[test]
    fn a_position_reads_what_it_wrote() {
        let mut standing = Standing::read(None).unwrap();
        standing.slices.listed(vec![4], Some(9), 1, Counted::default());
        standing.slices.listed(vec![9], None, 0, Counted::default());
        standing.qids.name(None, 38170);
        standing.quarantine.again(3);
        standing.quarantine.set_aside(4).unwrap();
        standing.sizes.detections.shrink(1_000);
        standing.totals.hosts.emitted = 2;
        let text = standing.position();
        let read = Standing::read(Some(&text)).unwrap();
        assert_eq!(read.position(), text);
        assert_eq!((&read.totals, read.sizes), (&standing.totals, standing.sizes));
        assert!([3, 4].into_iter().all(|host| read.quarantine.holds(host)));
    }

    #[test]
    fn a_strange_position_is_told_apart() {
        for text in ["", "{}", "[]", r#"{"format":5}"#, "\u{0}"] {
            let error = Standing::read(Some(text)).map(|_| ()).unwrap_err();
            assert_eq!(error.code, "position.unreadable", "{text:?}");
        }
        let text = Standing::new().position();
        let newer = text.replace("\"format\":4", "\"format\":5");
        assert!(Standing::read(Some(&newer)).unwrap_err().message.contains("format 5"));
        for (part, other) in
            [("\"cursor\":0", "\"cursor\":-1"), ("\"whole\":[\"\"]", "\"whole\":[]"), ("\"late\":0,", "")]
        {
            let garbled = text.replacen(part, other, 1);
            assert_ne!(garbled, text, "{part}");
            assert!(Standing::read(Some(&garbled)).unwrap_err().message.contains("missing or garbled"), "{part}");
        }
    }
}
