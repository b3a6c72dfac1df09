//! Assets of one key.

use super::parts::{by_property, greatest, least, optional, sort, text, union};
use crate::bindings::model::{Asset, OpenPort, Tag};
use std::cmp::Ordering;

/// Joins two records of one asset; both are normal.
pub fn join(a: Asset, b: Asset) -> Asset {
    Asset {
        key: a.key,
        digest: a.digest.max(b.digest),
        name: text(a.name, b.name),
        kind: text(a.kind, b.kind),
        ip_addresses: union(a.ip_addresses, b.ip_addresses, Ord::cmp),
        mac_addresses: union(a.mac_addresses, b.mac_addresses, Ord::cmp),
        fqdn: optional(a.fqdn, b.fqdn),
        os: optional(a.os, b.os),
        created: least(a.created, b.created),
        last_seen: greatest(a.last_seen, b.last_seen),
        state: optional(a.state, b.state),
        open_ports: union(a.open_ports, b.open_ports, by_port),
        tags: union(a.tags, b.tags, by_tag),
        properties: union(a.properties, b.properties, by_property),
    }
}

/// The same record with its lists sorted and free of duplicates.
pub fn normal(mut asset: Asset) -> Asset {
    sort(&mut asset.ip_addresses, Ord::cmp);
    sort(&mut asset.mac_addresses, Ord::cmp);
    sort(&mut asset.open_ports, by_port);
    sort(&mut asset.tags, by_tag);
    sort(&mut asset.properties, by_property);
    asset
}

fn by_port(a: &OpenPort, b: &OpenPort) -> Ordering {
    (a.port, &a.protocol, &a.service).cmp(&(b.port, &b.protocol, &b.service))
}

fn by_tag(a: &Tag, b: &Tag) -> Ordering {
    (&a.name, &a.origin).cmp(&(&b.name, &b.origin))
}
