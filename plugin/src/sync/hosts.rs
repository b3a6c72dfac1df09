//! The host list: the stage that says which assets there are.

use super::cargo::Cargo;
use super::slices::Counted;
use crate::map;
use crate::ports::World;
use crate::qualys::host_list::{Host, Reader, Record};
use crate::qualys::xml::{Broken, End, Fault};
use std::collections::BTreeMap;

/// The stage's name.
pub const STAGE: &str = "hosts";
/// Hosts that a page may bring and still name others by nothing but their IDs; the vendor's portions are no larger.
const HOSTS_BY_ID_MAX: u64 = 10_000;

/// One page of the host list.
pub struct HostPage {
    /// The `id_min` it was asked with.
    pub first: u64,
    /// The hosts it was asked for, at most.
    pub hosts_max: u32,
    /// It was read before and led nowhere.
    pub is_repeated: bool,
    reader: Reader,
    /// What it has brought.
    pub brought: Brought,
}

/// What a page of the host list has brought.
#[derive(Default)]
pub struct Brought {
    /// The IDs of its hosts.
    pub hosts: Vec<u64>,
    /// IDs of hosts of which nothing else could be read; their detections are asked for all the same.
    pub torn: Vec<u64>,
    /// Its records.
    pub counted: Counted,
}

impl HostPage {
    /// A page of which nothing has come yet.
    pub fn new(first: u64, hosts_max: u32) -> Self {
        Self { first, hosts_max, is_repeated: false, reader: Reader::new(), brought: Brought::default() }
    }

    /// The same once more, because it led nowhere.
    pub fn repeated(first: u64, hosts_max: u32) -> Self {
        Self { is_repeated: true, ..Self::new(first, hosts_max) }
    }

    /// The same with nothing read, for another attempt.
    pub fn afresh(&self) -> Self {
        Self { is_repeated: self.is_repeated, ..Self::new(self.first, self.hosts_max) }
    }

    /// Reads a piece.
    pub fn feed<W: World>(&mut self, piece: &[u8], cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let Self { first, reader, brought, .. } = self;
        reader.feed(piece, &mut |record| absorb(record, *first, brought, cargo))
    }

    /// Reads the end.
    pub fn close<W: World>(&mut self, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let Self { first, reader, brought, .. } = self;
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, *first, brought, cargo))
    }
}

fn absorb<W: World>(record: Record<'_>, first: u64, brought: &mut Brought, cargo: &mut Cargo<'_, W>) {
    match record {
        Record::Host(host, number) => {
            listed(host, || format!("HOST number {number}"), first, brought, cargo);
        }
        // Each ID is a record of its own.
        Record::Ids(from, to) if to - from < HOSTS_BY_ID_MAX.saturating_sub(brought.hosts.len() as u64) => {
            for id in from..=to {
                let host = Host { id: Some(id.to_string().into()), ..Host::default() };
                listed(host, || format!("ID_SET, ID {id}"), first, brought, cargo);
            }
        }
        // No answer that makes sense is so long; what it means to say is not known.
        Record::Ids(from, to) => {
            let (key, location) = (String::new(), format!("ID_SET, ID_RANGE {from}-{to}"));
            lose(Broken { key, reason: map::reason::ID_RANGE_TOO_LONG, location }, first, brought, cargo);
        }
        Record::Broken(broken) => lose(broken, first, brought, cargo),
    }
}

fn listed<W: World>(
    host: Host<'_>,
    location: impl Fn() -> String,
    first: u64,
    brought: &mut Brought,
    cargo: &mut Cargo<'_, W>,
) {
    let id = host.id.as_deref().and_then(|id| id.parse().ok());
    if id.is_some_and(|id| cargo.standing.slices.is_finished(id)) {
        return;
    }
    match map::asset::listed(&host, &BTreeMap::new(), false) {
        Ok(asset) => {
            brought.hosts.extend(id);
            brought.counted.hosts.emitted += 1;
            cargo.outbox.asset(asset);
        }
        Err(reason) => {
            let key = host.id.unwrap_or_default().into_owned();
            lose(Broken { key, reason, location: location() }, first, brought, cargo);
        }
    }
}

fn lose<W: World>(broken: Broken, first: u64, brought: &mut Brought, cargo: &mut Cargo<'_, W>) {
    let Broken { key, reason, location } = broken;
    // A drop line names the key that the asset would have had.
    let asset_key = map::asset::key(&key).ok();
    match asset_key.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => brought.torn.push(id),
        None => brought.counted.without_id += 1,
    }
    brought.counted.hosts.drop(reason);
    cargo.outbox.dropped(STAGE, asset_key.unwrap_or(key), reason, format!("page from ID {first}, {location}"));
}
