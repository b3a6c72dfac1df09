//! What a request is for: one enum, so that requests of all stages fly side by side.

use super::cargo::Cargo;
use super::detections::DetectionCall;
use super::hosts::HostPage;
use super::knowledge_base::{Lookup, QIDS_PER_CALL_MIN};
use crate::ports::World;
use crate::qualys::client::Ask;
use crate::qualys::limits::Blame;
use crate::qualys::xml::{End, Fault};
use crate::qualys::{detection, host_list, knowledge_base};
use crate::settings::Settings;

/// Bad answers to one call: often the second comes in time where the first did not, and a third would be a waste.
const IN_VAIN_MAX: u32 = 2;

/// What a request is for, and what has come of it so far.
#[allow(clippy::large_enum_variant, reason = "a handful exist at a time, and they hardly move")]
pub enum Stage {
    /// A page of the host list.
    Hosts(HostPage),
    /// Detections of a slice.
    Detections(DetectionCall),
    /// Entries of the knowledge base.
    KnowledgeBase(Lookup),
}

impl Stage {
    /// How to ask for it.
    pub fn ask(&self, settings: &Settings) -> Ask {
        match self {
            Self::Hosts(page) => host_list::page(page.first, page.hosts_max),
            Self::Detections(call) => {
                let hosts = (call.range.first, call.range.last);
                detection::slice(hosts, call.pass, settings.kernel_filter.wire(), &settings.severities)
            }
            Self::KnowledgeBase(lookup) => knowledge_base::entries(&lookup.qids, lookup.since.as_deref()),
        }
    }

    /// The same with nothing read, for another attempt.
    pub fn afresh(&self) -> Self {
        match self {
            Self::Hosts(page) => Self::Hosts(page.afresh()),
            Self::Detections(call) => Self::Detections(call.afresh()),
            Self::KnowledgeBase(lookup) => Self::KnowledgeBase(lookup.afresh()),
        }
    }

    /// Reads a piece of the answer to what was asked.
    pub fn feed<W: World>(&mut self, piece: &[u8], asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        match self {
            Self::Hosts(page) => page.feed(piece, cargo),
            Self::Detections(call) => call.feed(piece, asked, cargo),
            Self::KnowledgeBase(lookup) => lookup.feed(piece, cargo),
        }
    }

    /// Reads the end of the answer to what was asked.
    pub fn close<W: World>(&mut self, asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        match self {
            Self::Hosts(page) => page.close(cargo),
            Self::Detections(call) => call.close(asked, cargo),
            Self::KnowledgeBase(lookup) => lookup.close(cargo),
        }
    }

    /// Answers to be blamed like this that are taken before less is asked for; none when that would not help.
    pub fn patience(&self, blame: Blame) -> Option<u32> {
        match (self, blame) {
            (_, Blame::None) => None,
            // A host that was set aside before is tried once.
            (Self::Detections(call), _) if call.alone => Some(1),
            // Trouble mostly passes: not before all tries are used up is it any host's.
            (Self::Detections(call), Blame::Part) if !call.was_in_vain => Some(u32::MAX),
            (Self::Detections(_), _) => Some(IN_VAIN_MAX),
            (Self::Hosts(page), Blame::Size) => (page.hosts_max > 1).then_some(IN_VAIN_MAX),
            (Self::KnowledgeBase(lookup), Blame::Size) => (lookup.size() > QIDS_PER_CALL_MIN).then_some(IN_VAIN_MAX),
            (Self::Hosts(_) | Self::KnowledgeBase(_), Blame::Part) => None,
        }
    }

    /// Records read so far.
    pub fn seen(&self) -> u64 {
        match self {
            Self::Hosts(page) => page.brought.counted.hosts.seen(),
            Self::Detections(call) => call.brought.tally.seen(),
            Self::KnowledgeBase(lookup) => lookup.brought.tally.seen(),
        }
    }

    /// The stage's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hosts(_) => super::hosts::STAGE,
            Self::Detections(_) => super::detections::STAGE,
            Self::KnowledgeBase(_) => super::knowledge_base::STAGE,
        }
    }
}
