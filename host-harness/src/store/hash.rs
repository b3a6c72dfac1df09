//! Whether two rows say the same, in eight bytes.
//!
//! Most rows of most syncs are unchanged, so this runs more often than anything else here:
//! fields go into one buffer, each with its length, and are hashed at once.

use crate::bindings::model::*;
use crate::join::{Kept, Rank};
use xxhash_rust::xxh3::xxh3_64;

/// The hash of all that a row says; never 0.
pub fn hash(row: &impl Feed, buffer: &mut Vec<u8>) -> i64 {
    buffer.clear();
    row.feed(buffer);
    match xxh3_64(buffer) as i64 {
        0 => 1,
        hash => hash,
    }
}

/// What can be hashed: different values feed different bytes.
pub trait Feed {
    /// Appends the value.
    fn feed(&self, to: &mut Vec<u8>);
}

/// Feeds every field in the order given; a field that is missing here does not compile.
macro_rules! feed {
    ($($record:ident { $($field:ident),* })*) => {$(
        impl Feed for $record {
            fn feed(&self, to: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($field.feed(to);)*
            }
        }
    )*};
}

feed! {
    Asset {
        key, digest, name, kind, ip_addresses, mac_addresses, fqdn, os, created, last_seen, state, open_ports, tags,
        properties
    }
    OpenPort { port, protocol, service }
    Tag { name, origin }
    Property { name, value }
    Vulnerability { key, kind, title, description, score, cvss, cves, fix, properties }
    Cvss { version, base, vector }
    Fix { title, description, references }
    Finding {
        asset_key, vulnerability_key, port, protocol, status, score, first_seen, last_seen, evidence, packages,
        properties
    }
    SoftwarePackage { name, installed, required }
    Kept { finding, evidence }
    Rank { status, last_seen }
}

impl Feed for String {
    fn feed(&self, to: &mut Vec<u8>) {
        self.len().feed(to);
        to.extend_from_slice(self.as_bytes());
    }
}

impl<T: Feed> Feed for Option<T> {
    fn feed(&self, to: &mut Vec<u8>) {
        to.push(self.is_some().into());
        if let Some(value) = self {
            value.feed(to);
        }
    }
}

impl<T: Feed> Feed for Vec<T> {
    fn feed(&self, to: &mut Vec<u8>) {
        self.len().feed(to);
        self.iter().for_each(|value| value.feed(to));
    }
}

macro_rules! feed_numbers {
    ($($number:ident)*) => {$(
        impl Feed for $number {
            fn feed(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

feed_numbers!(u16 u64 i64 usize f64);

impl Feed for FindingStatus {
    fn feed(&self, to: &mut Vec<u8>) {
        to.push(*self as u8);
    }
}

impl Feed for VulnerabilityKind {
    fn feed(&self, to: &mut Vec<u8>) {
        to.push(*self as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::samples::{findings, property, sample};
    use proptest::prelude::*;

    #[test]
    fn what_stands_in_another_place_is_another_row() {
        let with = |a: &str, b: &str| vec![property(a, b)];
        let rows = [
            sample(),
            Finding { first_seen: Some(0), ..sample() },
            Finding { last_seen: Some(0), ..sample() },
            Finding { properties: with("a", "bc"), ..sample() },
            Finding { properties: with("ab", "c"), ..sample() },
            Finding { properties: [with("a", "b"), with("c", "")].concat(), ..sample() },
            Finding { protocol: Some("a".into()), ..sample() },
            Finding { evidence: Some("a".into()), ..sample() },
        ];
        let hashes: std::collections::BTreeSet<i64> = rows.iter().map(|row| hash(row, &mut Vec::new())).collect();
        assert_eq!(hashes.len(), rows.len());
    }

    proptest! {
        #[test]
        fn rows_have_one_hash_exactly_when_they_are_equal(a in findings(), b in findings()) {
            let [a, b] = [Kept::new(a), Kept::new(b)];
            prop_assert_eq!(a == b, hash(&a, &mut Vec::new()) == hash(&b, &mut vec![1]));
            prop_assert_eq!(hash(&a, &mut Vec::new()), hash(&a.clone(), &mut vec![1]));
        }
    }
}
