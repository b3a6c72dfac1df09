//! Detections: what was found on the hosts of a slice.

use super::cargo::Cargo;
use super::qids::Place;
use super::range::Range;
use super::slices::Slice;
use super::tally::Tally;
use crate::map;
use crate::ports::World;
use crate::qualys::client::Ask;
use crate::qualys::detection::{Detection, Host, Pass, Reader, Record};
use crate::qualys::versions;
use crate::qualys::xml::{Broken, End, Fault};
use std::fmt;

/// The stage's name.
pub const STAGE: &str = "detections";

/// One call for the detections of a slice.
pub struct DetectionCall {
    /// The slice, by the `id_min` of its page.
    pub slice: u64,
    /// Which detections.
    pub pass: Pass,
    /// Of which hosts.
    pub range: Range,
    /// It is the one try of a host that an earlier sync had set aside.
    pub alone: bool,
    /// It was asked for in vain before, or a larger one that held it.
    pub was_in_vain: bool,
    /// Counts the answers of a call that was truncated, from 1.
    pub page: u32,
    /// It was read before and led nowhere.
    pub is_repeated: bool,
    reader: Reader,
    /// The greatest host ID it has brought.
    pub highest: Option<u64>,
    /// What it has brought.
    pub tally: Tally,
}

impl DetectionCall {
    /// A call of which nothing has come yet.
    pub fn new(slice: u64, pass: Pass, range: Range) -> Self {
        let (reader, tally) = (Reader::new(), Tally::default());
        let (alone, was_in_vain, page, is_repeated, highest) = (false, false, 1, false, None);
        Self { slice, pass, range, alone, was_in_vain, page, is_repeated, reader, highest, tally }
    }

    /// A call for one host that an earlier sync had set aside, which is a slice of its own.
    pub fn alone(host: u64, pass: Pass) -> Self {
        Self { alone: true, ..Self::new(host, pass, Range { first: host, last: host, hosts: vec![host] }) }
    }

    /// The same with nothing read.
    pub fn afresh(&self) -> Self {
        self.of(self.range.clone())
    }

    /// The same once more, because it led nowhere.
    pub fn repeated(&self) -> Self {
        Self { is_repeated: true, ..self.afresh() }
    }

    /// The same to be asked for in smaller parts, because it was asked for in vain.
    pub fn in_parts(&self) -> Self {
        Self { was_in_vain: true, ..self.afresh() }
    }

    /// The same for other hosts, with nothing read.
    pub fn of(&self, range: Range) -> Self {
        let Self { page, alone, was_in_vain, is_repeated, .. } = *self;
        Self { page, alone, was_in_vain, is_repeated, ..Self::new(self.slice, self.pass, range) }
    }

    /// The call for what a truncated answer left out.
    pub fn on_from(&self, next: u64) -> Option<Self> {
        Some(Self { page: self.page + 1, is_repeated: false, ..self.of(self.range.on_from(next)?) })
    }

    /// Known hosts that it asks for.
    pub fn size(&self) -> u32 {
        u32::try_from(self.range.hosts.len()).unwrap_or(u32::MAX)
    }

    /// Reads a piece of the answer to what was asked.
    pub fn feed<W: World>(&mut self, piece: &[u8], asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let (part, Self { reader, highest, tally, .. }) = (self.part(asked), self);
        reader.feed(piece, &mut |record| absorb(record, part, highest, tally, cargo))
    }

    /// Reads the end of the answer to what was asked.
    pub fn close<W: World>(&mut self, asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let (part, Self { reader, highest, tally, .. }) = (self.part(asked), self);
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, part, highest, tally, cargo))
    }

    /// Its place in the order of all calls; what is asked for alone has none.
    pub fn place(&self) -> Option<Place> {
        (!self.alone).then_some((self.slice, self.pass, self.range.first))
    }

    fn part(&self, asked: &Ask) -> Part {
        let Self { slice, pass, .. } = *self;
        let (place, is_current) = (self.place(), versions::is_current(asked));
        Part { slice, pass, place, hosts: (self.range.first, self.range.last), is_current }
    }
}

/// Which part of all detections an answer brings.
#[derive(Clone, Copy)]
struct Part {
    slice: u64,
    pass: Pass,
    place: Option<Place>,
    hosts: (u64, u64),
    /// The newest version brings it.
    is_current: bool,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let which = match self.pass {
            Pass::Whole => "detections",
            Pass::Open => "open detections",
            Pass::Fixed => "fixed detections",
        };
        write!(f, "{which} of hosts {} to {}", self.hosts.0, self.hosts.1)
    }
}

fn absorb<W: World>(
    record: Record<'_>,
    part: Part,
    highest: &mut Option<u64>,
    tally: &mut Tally,
    cargo: &mut Cargo<'_, W>,
) {
    match record {
        Record::Detection(host, detection, number) => {
            *highest = (*highest).max(id(host));
            detected(host, &detection, number, part, tally, cargo);
        }
        Record::HostDone(host) => *highest = (*highest).max(id(host)),
        Record::Broken(Broken { key, reason, location }) => {
            lose(&key, part.slice, cargo);
            tally.drop(reason);
            cargo.outbox.dropped(STAGE, key, reason, format!("{part}, {location}"));
        }
    }
}

fn detected<W: World>(
    host: &Host,
    detection: &Detection<'_>,
    number: u32,
    part: Part,
    tally: &mut Tally,
    cargo: &mut Cargo<'_, W>,
) {
    let host_id = host.id.as_deref().unwrap_or_default();
    let qid = detection.qid.as_deref().unwrap_or_default();
    match map::finding::detected(host_id, detection, cargo.settings.evidence_bytes_max) {
        Ok(_) if !is_wanted(detection, part, cargo) => {
            tally.drop(map::reason::KERNEL_FILTERED);
            let location = format!("{part}, {}", host.detection(number));
            cargo.outbox.dropped(STAGE, format!("{host_id}|{qid}"), map::reason::KERNEL_FILTERED, location);
        }
        Ok(finding) => {
            welcome(host, part.slice, cargo);
            qid.parse().into_iter().for_each(|qid| cargo.standing.qids.name(part.place, qid));
            tally.emitted += 1;
            cargo.outbox.finding(finding);
        }
        Err(reason) => {
            // What is no finding is not missing among a host's findings.
            if reason != map::reason::INFORMATION_GATHERED {
                lose(host_id, part.slice, cargo);
            }
            tally.drop(reason);
            let location = format!("{part}, {}", host.detection(number));
            cargo.outbox.dropped(STAGE, format!("{host_id}|{qid}"), reason, location);
        }
    }
}

/// Whether the kernel filter wants it. The oldest version filters by itself, the newest tells and leaves it to us.
fn is_wanted<W: World>(detection: &Detection<'_>, part: Part, cargo: &Cargo<'_, W>) -> bool {
    let is_ours = part.pass == Pass::Open && part.is_current;
    !is_ours || detection.passes(cargo.settings.kernel_filter.wire())
}

/// A host that was scanned after the list was read gets what its detections say of it, once.
fn welcome<W: World>(host: &Host, slice: u64, cargo: &mut Cargo<'_, W>) {
    let (Some(id), Some(slice)) = (id(host), cargo.standing.slices.get_mut(slice)) else { return };
    if slice.hosts.binary_search(&id).is_err()
        && !slice.late.contains(&id)
        && let Ok(asset) = map::asset::late(host)
    {
        slice.late.insert(id);
        cargo.outbox.asset(asset);
    }
}

/// A detection of this host was dropped; where the ID cannot be read, it may have been one of any host.
fn lose<W: World>(host_id: &str, slice: u64, cargo: &mut Cargo<'_, W>) {
    let Some(Slice { gapped, is_gapped, .. }) = cargo.standing.slices.get_mut(slice) else { return };
    match host_id.parse() {
        Ok(id) => drop(gapped.insert(id)),
        Err(_) => *is_gapped = true,
    }
}

fn id(host: &Host) -> Option<u64> {
    host.id.as_deref()?.parse().ok()
}
