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

#[cfg(test)]
mod tests {
    use super::*;

    fn asset() -> Asset {
        Asset {
            key: "42".into(),
            digest: 0,
            name: "web".into(),
            kind: "host".into(),
            ip_addresses: vec!["10.0.0.1".into()],
            mac_addresses: vec![],
            fqdn: None,
            os: None,
            created: None,
            last_seen: Some(9),
            state: None,
            open_ports: vec![OpenPort { port: 22, protocol: "tcp".into(), service: None }],
            tags: vec![Tag { name: "a".into(), origin: "tag".into() }],
            properties: vec![Property { name: "netbios".into(), value: "WEB".into() }],
        }
    }

    #[test]
    fn every_field_but_the_digest_counts() {
        type Change = fn(&mut Asset);
        let changes: [(&str, Change); 15] = [
            ("key", |a| a.key = "43".into()),
            ("name", |a| a.name = "web2".into()),
            ("border of texts", |a| (a.name, a.kind) = ("webh".into(), "ost".into())),
            ("kind", |a| a.kind = "printer".into()),
            ("address", |a| a.ip_addresses.push("10.0.0.2".into())),
            ("the other list of addresses", |a| a.mac_addresses = std::mem::take(&mut a.ip_addresses)),
            ("fqdn", |a| a.fqdn = Some("x".into())),
            ("os", |a| a.os = Some("x".into())),
            ("state", |a| a.state = Some("x".into())),
            ("created", |a| a.created = Some(9)),
            ("no time", |a| a.last_seen = None),
            ("the other time", |a| a.created = a.last_seen.take()),
            ("service", |a| a.open_ports[0].service = Some("ssh".into())),
            ("origin", |a| a.tags[0].origin = "asset-group".into()),
            ("value", |a| a.properties[0].value = "WEB2".into()),
        ];
        let mut digests = vec![of(&asset())];
        for (what, change) in changes {
            let mut changed = asset();
            change(&mut changed);
            let digest = of(&changed);
            assert!(!digests.contains(&digest), "{what}");
            digests.push(digest);
        }
    }

    #[test]
    fn the_digest_is_the_same_in_every_release() {
        // The host compares it with one that an older release left: a change makes every asset stale once.
        assert_eq!(of(&asset()), 17_692_730_172_634_883_723);
        assert_eq!(of(&Asset { digest: 7, ..asset() }), of(&asset()));
    }
}
