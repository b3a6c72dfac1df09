//! A number for what the listing said of an asset: equal exactly when nothing changed.

use crate::bindings::connector::contract::model::{Asset, OpenPort, Property, Tag};
use xxhash_rust::xxh3::xxh3_64;

/// The digest of every field but the digest itself; never 0, which means "not listed".
///
/// The lists must already be sorted, as the contract wants them; then the order of the source's answer means nothing.
pub fn of(asset: &Asset) -> u64 {
    // Taken apart whole, so that a new field of the contract has to be decided on here.
    let Asset { key, digest: _, name, kind, ip_addresses, mac_addresses, fqdn, os, created, last_seen, state, .. } =
        asset;
    let Asset { open_ports, tags, properties, .. } = asset;
    let mut bytes = Bytes(Vec::with_capacity(512));
    [key, name, kind].into_iter().for_each(|text| bytes.text(text));
    [ip_addresses, mac_addresses].into_iter().for_each(|list| bytes.list(list, |bytes, text| bytes.text(text)));
    [fqdn, os, state].into_iter().for_each(|text| bytes.option(text.as_deref(), Bytes::text));
    [created, last_seen]
        .into_iter()
        .for_each(|time| bytes.option(time.as_ref(), |bytes, time| bytes.raw(&time.to_le_bytes())));
    bytes.list(open_ports, |bytes, OpenPort { port, protocol, service }| {
        bytes.raw(&port.to_le_bytes());
        bytes.text(protocol);
        bytes.option(service.as_deref(), Bytes::text);
    });
    bytes.list(tags, |bytes, Tag { name, origin }| [name, origin].into_iter().for_each(|text| bytes.text(text)));
    bytes.list(properties, |bytes, Property { name, value }| {
        [name, value].into_iter().for_each(|text| bytes.text(text))
    });
    xxh3_64(&bytes.0).max(1)
}

/// What is hashed. Every text and list says its length first, so that no two assets give the same bytes.
struct Bytes(Vec<u8>);

impl Bytes {
    fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn length(&mut self, length: usize) {
        self.raw(&(length as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.raw(text.as_bytes());
    }

    fn option<T: ?Sized>(&mut self, value: Option<&T>, put: impl Fn(&mut Self, &T)) {
        self.length(value.is_some().into());
        value.into_iter().for_each(|value| put(self, value));
    }

    fn list<T>(&mut self, list: &[T], put: impl Fn(&mut Self, &T)) {
        self.length(list.len());
        list.iter().for_each(|item| put(self, item));
    }
}
