//! The host list: the stage that says which assets there are.

use super::cargo::Cargo;
use super::slices::Counted;
use crate::map;
use crate::ports::World;
use crate::qualys::host_list::{Reader, Record};
use crate::qualys::xml::{Broken, End, Fault};
use std::collections::BTreeMap;

/// The stage's name.
pub const STAGE: &str = "hosts";

/// One page of the host list.
pub struct HostPage {
    /// The `id_min` it was asked with.
    pub first: u64,
    reader: Reader,
    /// The IDs it has brought.
    pub hosts: Vec<u64>,
    /// IDs of hosts of which nothing else could be read; their detections are asked for all the same.
    pub torn: Vec<u64>,
    /// What it has brought.
    pub counted: Counted,
}

impl HostPage {
    /// A page of which nothing has come yet.
    pub fn new(first: u64) -> Self {
        Self { first, reader: Reader::new(), hosts: Vec::new(), torn: Vec::new(), counted: Counted::default() }
    }

    /// Reads a piece.
    pub fn feed<W: World>(&mut self, piece: &[u8], cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let Self { first, reader, hosts, torn, counted } = self;
        reader.feed(piece, &mut |record| absorb(record, *first, hosts, torn, counted, cargo))
    }

    /// Reads the end.
    pub fn close<W: World>(&mut self, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let Self { first, reader, hosts, torn, counted } = self;
        let reader = std::mem::replace(reader, Reader::new());
        reader.close(&mut |record| absorb(record, *first, hosts, torn, counted, cargo))
    }
}

fn absorb<W: World>(
    record: Record<'_>,
    first: u64,
    hosts: &mut Vec<u64>,
    torn: &mut Vec<u64>,
    counted: &mut Counted,
    cargo: &mut Cargo<'_, W>,
) {
    let Broken { key, reason, location } = match record {
        Record::Host(host, number) => {
            let id = host.id.as_deref().and_then(|id| id.parse().ok());
            if id.is_some_and(|id| cargo.slices.is_finished(id)) {
                return;
            }
            match map::asset::listed(&host, &BTreeMap::new(), false) {
                Ok(asset) => {
                    hosts.extend(id);
                    counted.hosts.emitted += 1;
                    return cargo.outbox.asset(asset);
                }
                Err(reason) => {
                    let key = host.id.unwrap_or_default().into_owned();
                    Broken { key, reason, location: format!("HOST number {number}") }
                }
            }
        }
        Record::Broken(broken) => broken,
        Record::Ids(..) => return,
    };
    // A drop line names the key that the asset would have had.
    let asset_key = map::asset::key(&key).ok();
    match asset_key.as_deref().and_then(|id| id.parse().ok()) {
        Some(id) => torn.push(id),
        None => counted.without_id += 1,
    }
    counted.hosts.drop(reason);
    cargo.outbox.dropped(STAGE, asset_key.unwrap_or(key), reason, format!("page from ID {first}, {location}"));
}
