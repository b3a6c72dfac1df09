//! Detections: what was found on the hosts of a slice.

use super::cargo::Cargo;
use super::outbox;
use super::qids::Place;
use super::range::Range;
use super::tally::Tally;
use crate::bindings::connector::contract::model::DroppedRecord;
use crate::map;
use crate::ports::World;
use crate::qualys::client::Ask;
use crate::qualys::detection::{Detection, Host, Pass, Reader, Record};
use crate::qualys::versions;
use crate::qualys::xml::{Broken, End, Fault};
use std::collections::BTreeSet;

/// The stage's name.
pub const STAGE: &str = "detections";
/// Drop lines of an answer that are held until it is whole; its others leave at once, so that memory is bounded.
const HELD_MAX: usize = 256;

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
    /// What it has brought.
    pub brought: Brought,
}

impl DetectionCall {
    /// A call of which nothing has come yet.
    pub fn new(slice: u64, pass: Pass, range: Range) -> Self {
        let (reader, brought) = (Reader::new(), Brought::default());
        let (alone, was_in_vain, page, is_repeated) = (false, false, 1, false);
        Self { slice, pass, range, alone, was_in_vain, page, is_repeated, reader, brought }
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

    /// The same for these hosts, with nothing read; others than before led nowhere yet.
    pub fn of(&self, range: Range) -> Self {
        let Self { page, alone, was_in_vain, .. } = *self;
        let is_repeated = self.is_repeated && range == self.range;
        Self { page, alone, was_in_vain, is_repeated, ..Self::new(self.slice, self.pass, range) }
    }

    /// The call for what a truncated answer left out.
    pub fn on_from(&self, next: u64) -> Option<Self> {
        Some(Self { page: self.page + 1, ..self.of(self.range.on_from(next)?) })
    }

    /// Known hosts that it asks for.
    pub fn size(&self) -> u32 {
        u32::try_from(self.range.hosts.len()).unwrap_or(u32::MAX)
    }

    /// Reads a piece of the answer to what was asked.
    pub fn feed<W: World>(&mut self, piece: &[u8], asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let (part, Self { reader, brought, .. }) = (self.part(asked), self);
        reader.feed(piece, &mut |record| absorb(record, part, brought, cargo))
    }

    /// Reads the end of the answer to what was asked.
    pub fn close<W: World>(&mut self, asked: &Ask, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let (part, Self { reader, brought, .. }) = (self.part(asked), self);
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, part, brought, cargo))
    }

    /// Its place in the order of all calls; what is asked for alone has none.
    pub fn place(&self) -> Option<Place> {
        (!self.alone).then_some((self.slice, self.pass, self.range.first))
    }

    fn part(&self, asked: &Ask) -> Part {
        let Self { slice, pass, .. } = *self;
        Part { slice, pass, place: self.place(), first: self.range.first, is_current: versions::is_current(asked) }
    }
}

/// Which part of all detections an answer brings.
#[derive(Clone, Copy)]
struct Part {
    slice: u64,
    pass: Pass,
    place: Option<Place>,
    /// The first host that was asked for.
    first: u64,
    /// The newest version brings it.
    is_current: bool,
}

impl Part {
    /// Where something of a host stands, the same however calls are cut; one without a readable ID is only found in its answer.
    fn location(&self, host_id: &str, place: &str) -> String {
        let which = match self.pass {
            Pass::Whole => "detections",
            Pass::Open => "open detections",
            Pass::Fixed => "fixed detections",
        };
        match host_id.parse::<u64>() {
            Ok(_) => format!("{which}, {place}"),
            Err(_) => format!("{which} from host {} on, {place}", self.first),
        }
    }
}

/// What an answer has brought; it counts once the answer is known to be whole.
#[derive(Default)]
pub struct Brought {
    /// The greatest host ID.
    pub highest: Option<u64>,
    /// Its records.
    pub tally: Tally,
    /// Hosts of which a detection was dropped.
    pub gapped: BTreeSet<u64>,
    /// A detection was dropped that may have been one of any host.
    pub is_gapped: bool,
    /// What was dropped, as far as it is held.
    pub dropped: Vec<DroppedRecord>,
}

impl Brought {
    /// Counts a dropped record; its line is held, or leaves when there are too many.
    fn drop<W: World>(&mut self, key: String, reason: &str, location: String, cargo: &mut Cargo<'_, W>) {
        self.tally.drop(reason);
        let line = outbox::line(STAGE, key, reason, location);
        match self.dropped.len() < HELD_MAX {
            true => self.dropped.push(line),
            false => cargo.outbox.drop_line(line),
        }
    }

    /// A detection of this host was dropped; where the ID cannot be read, it may have been one of any host.
    fn lose(&mut self, host_id: &str) {
        match host_id.parse() {
            Ok(id) => drop(self.gapped.insert(id)),
            Err(_) => self.is_gapped = true,
        }
    }
}

fn absorb<W: World>(record: Record<'_>, part: Part, brought: &mut Brought, cargo: &mut Cargo<'_, W>) {
    match record {
        Record::Detection(host, detection, number) => {
            brought.highest = brought.highest.max(id(host));
            detected(host, &detection, number, part, brought, cargo);
        }
        Record::HostDone(host) => brought.highest = brought.highest.max(id(host)),
        Record::Broken(Broken { key, reason, location }) => {
            brought.lose(&key);
            let location = part.location(&key, &location);
            brought.drop(key, reason, location, cargo);
        }
    }
}

fn detected<W: World>(
    host: &Host,
    detection: &Detection<'_>,
    number: u32,
    part: Part,
    brought: &mut Brought,
    cargo: &mut Cargo<'_, W>,
) {
    let host_id = host.id.as_deref().unwrap_or_default();
    let qid = detection.qid.as_deref().unwrap_or_default();
    let reason = match map::finding::detected(host_id, detection, cargo.settings.evidence_bytes_max) {
        Ok(_) if !is_wanted(detection, part, cargo) => map::reason::KERNEL_FILTERED,
        Ok(finding) => {
            welcome(host, part.slice, cargo);
            qid.parse().into_iter().for_each(|qid| cargo.standing.qids.name(part.place, qid));
            brought.tally.emitted += 1;
            return cargo.outbox.finding(finding);
        }
        Err(reason) => reason,
    };
    // What is not wanted and what is no finding is not missing among a host's findings.
    if ![map::reason::KERNEL_FILTERED, map::reason::INFORMATION_GATHERED].contains(&reason) {
        brought.lose(host_id);
    }
    let location = part.location(host_id, &host.detection(number));
    brought.drop(format!("{host_id}|{qid}"), reason, location, cargo);
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

fn id(host: &Host) -> Option<u64> {
    host.id.as_deref()?.parse().ok()
}
