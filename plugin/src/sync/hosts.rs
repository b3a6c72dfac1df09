//! The host list: the stage that says which assets there are.

use super::cargo::Cargo;
use super::slices::Counted;
use crate::map;
use crate::map::reason::HOST_ID_NOT_A_NUMBER;
use crate::ports::World;
use crate::qualys::host_list::{Reader, Record};
use crate::qualys::xml::{End, Fault};
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
    /// What it has brought.
    pub counted: Counted,
}

impl HostPage {
    /// A page of which nothing has come yet.
    pub fn new(first: u64) -> Self {
        Self { first, reader: Reader::new(), hosts: Vec::new(), counted: Counted::default() }
    }

    /// Reads a piece.
    pub fn feed<W: World>(&mut self, piece: &[u8], cargo: &mut Cargo<'_, W>) -> Result<(), Fault> {
        let Self { reader, hosts, counted, .. } = self;
        reader.feed(piece, &mut |record| absorb(record, hosts, counted, cargo))
    }

    /// Reads the end.
    pub fn close<W: World>(&mut self, cargo: &mut Cargo<'_, W>) -> Result<End, Fault> {
        let Self { reader, hosts, counted, .. } = self;
        std::mem::replace(reader, Reader::new()).close(&mut |record| absorb(record, hosts, counted, cargo))
    }
}

fn absorb<W: World>(record: Record<'_>, hosts: &mut Vec<u64>, counted: &mut Counted, cargo: &mut Cargo<'_, W>) {
    match record {
        Record::Host(host, number) => {
            let id = host.id.as_deref().and_then(|id| id.parse().ok());
            if id.is_some_and(|id| cargo.slices.is_finished(id)) {
                return;
            }
            match map::asset::listed(&host, &BTreeMap::new(), false) {
                Ok(asset) => {
                    hosts.extend(id);
                    counted.hosts.emitted += 1;
                    cargo.outbox.asset(asset);
                }
                Err(reason) => {
                    let key = host.id.as_deref().unwrap_or_default();
                    counted.without_id += u64::from(reason == HOST_ID_NOT_A_NUMBER);
                    counted.hosts.drop(reason);
                    cargo.outbox.dropped(STAGE, key.into(), reason, format!("HOST number {number}"));
                }
            }
        }
        Record::Broken(broken) => {
            counted.without_id += u64::from(broken.key.is_empty());
            counted.hosts.drop(broken.reason);
            cargo.outbox.dropped(STAGE, broken.key, broken.reason, broken.location);
        }
        Record::Ids(..) => {}
    }
}
