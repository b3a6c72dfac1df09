//! How much text a record carries: what a batch may hold is bounded, so what one record may hold is, too.

use super::reason::{RECORD_TOO_LARGE, Reason};
use crate::bindings::connector::contract::model::{Asset, Finding, Fix, Property, SoftwarePackage, Vulnerability};

/// Most text of one record, in bytes: a quarter of what a batch may hold. Real ones stay far below.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// The record, unless it is too large.
pub fn bounded<T>(record: T, size: impl Fn(&T) -> usize) -> Result<T, Reason> {
    if size(&record) > RECORD_BYTES_MAX { Err(RECORD_TOO_LARGE) } else { Ok(record) }
}

/// Text of an asset, in bytes.
pub fn asset(asset: &Asset) -> usize {
    let tags: usize = asset.tags.iter().map(|tag| tag.name.len() + tag.origin.len()).sum();
    let lists: usize = [&asset.ip_addresses, &asset.mac_addresses].into_iter().flatten().map(String::len).sum();
    let options: usize = [&asset.fqdn, &asset.os, &asset.state].into_iter().flatten().map(String::len).sum();
    asset.key.len() + asset.name.len() + tags + lists + options + properties(&asset.properties)
}

/// Text of a finding, in bytes.
pub fn finding(finding: &Finding) -> usize {
    let package = |SoftwarePackage { name, installed, required }: &SoftwarePackage| {
        name.len() + [installed, required].into_iter().flatten().map(String::len).sum::<usize>()
    };
    let options: usize = [&finding.protocol, &finding.evidence].into_iter().flatten().map(String::len).sum();
    finding.asset_key.len()
        + finding.vulnerability_key.len()
        + options
        + finding.packages.iter().map(package).sum::<usize>()
        + properties(&finding.properties)
}

/// Text of a vulnerability, in bytes.
pub fn vulnerability(vulnerability: &Vulnerability) -> usize {
    let fix = |Fix { title, description, references }: &Fix| {
        [title, description].into_iter().flatten().chain(references).map(String::len).sum::<usize>()
    };
    let vector = vulnerability.cvss.as_ref().and_then(|cvss| cvss.vector.as_ref());
    let options = [vulnerability.description.as_ref(), vector].into_iter().flatten();
    vulnerability.key.len()
        + vulnerability.title.len()
        + options.chain(&vulnerability.cves).map(String::len).sum::<usize>()
        + vulnerability.fix.as_ref().map_or(0, fix)
        + properties(&vulnerability.properties)
}

fn properties(properties: &[Property]) -> usize {
    properties.iter().map(|property| property.name.len() + property.value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::connector::contract::model::{Cvss, FindingStatus, Tag, VulnerabilityKind};

    fn text(length: usize) -> String {
        "x".repeat(length)
    }

    fn property() -> Property {
        Property { name: text(1), value: text(2) }
    }

    #[test]
    fn every_text_of_an_asset_counts() {
        let whole = Asset {
            key: text(1),
            digest: 0,
            name: text(2),
            kind: "host".into(),
            ip_addresses: vec![text(4), text(8)],
            mac_addresses: vec![text(16)],
            fqdn: Some(text(32)),
            os: Some(text(64)),
            created: None,
            last_seen: None,
            state: Some(text(128)),
            open_ports: vec![],
            tags: vec![Tag { name: text(256), origin: text(512) }],
            properties: vec![property()],
        };
        assert_eq!(asset(&whole), 1023 + 3);
    }

    #[test]
    fn every_text_of_a_finding_counts() {
        let whole = Finding {
            asset_key: text(1),
            vulnerability_key: text(2),
            port: None,
            protocol: Some(text(4)),
            status: FindingStatus::Vulnerable,
            score: None,
            first_seen: None,
            last_seen: None,
            evidence: Some(text(8)),
            packages: vec![SoftwarePackage { name: text(16), installed: Some(text(32)), required: Some(text(64)) }],
            properties: vec![property()],
        };
        assert_eq!(finding(&whole), 127 + 3);
    }

    #[test]
    fn every_text_of_a_vulnerability_counts() {
        let references = vec![text(128), text(256)];
        let whole = Vulnerability {
            key: text(1),
            kind: VulnerabilityKind::Vulnerability,
            title: text(2),
            description: Some(text(4)),
            score: None,
            cvss: Some(Cvss { version: None, base: 0.0, vector: Some(text(8)) }),
            cves: vec![text(16)],
            fix: Some(Fix { title: Some(text(32)), description: Some(text(64)), references }),
            properties: vec![property()],
        };
        assert_eq!(vulnerability(&whole), 511 + 3);
        assert_eq!(bounded(whole, |_| RECORD_BYTES_MAX + 1).err(), Some(RECORD_TOO_LARGE));
    }
}
