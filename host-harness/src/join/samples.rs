//! Records for tests: plain ones, and ones that collide often.

use super::{asset, vulnerability};
use crate::bindings::model::*;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// A finding that says as little as one can.
pub fn sample() -> Finding {
    Finding {
        asset_key: "1".into(),
        vulnerability_key: "v".into(),
        port: None,
        protocol: None,
        status: FindingStatus::Fixed,
        score: None,
        first_seen: None,
        last_seen: None,
        evidence: None,
        packages: vec![],
        properties: vec![],
    }
}

/// A vulnerability that says as little as one can.
pub fn weakness() -> Vulnerability {
    Vulnerability {
        key: "v".into(),
        kind: VulnerabilityKind::Vulnerability,
        title: "t".into(),
        description: None,
        score: None,
        cvss: None,
        cves: vec![],
        fix: None,
        properties: vec![],
    }
}

/// A package without the version that mends it.
pub fn package(name: &str, installed: Option<&str>) -> SoftwarePackage {
    SoftwarePackage { name: name.into(), installed: installed.map(str::to_owned), required: None }
}

/// A property.
pub fn property(name: &str, value: &str) -> Property {
    Property { name: name.into(), value: value.into() }
}

fn texts() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "aa", "ab"]).prop_map(str::to_owned)
}

fn numbers() -> impl Strategy<Value = f64> {
    select(vec![-0.0, 0.0, 4.5, 10.0])
}

fn lists<T: std::fmt::Debug + Clone>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(of, 0..4)
}

fn properties() -> impl Strategy<Value = Vec<Property>> {
    let names = select(vec!["evidence-cut", "type"]);
    lists((names, texts()).prop_map(|(name, value)| property(name, &value)))
}

/// Assets of one key that collide often.
pub fn assets() -> impl Strategy<Value = Asset> {
    let ports = (80u16..82, texts(), of(texts()));
    let ports = lists(ports.prop_map(|(port, protocol, service)| OpenPort { port, protocol, service }));
    let tags = lists((texts(), texts()).prop_map(|(name, origin)| Tag { name, origin }));
    let lists = (lists(texts()), lists(texts()), ports, tags, properties());
    let scalars = (0u64..3, texts(), texts(), of(texts()), of(texts()), of(0i64..3), of(0i64..3), of(texts()));
    (scalars, lists).prop_map(|(scalars, lists)| {
        let (digest, name, kind, fqdn, os, created, last_seen, state) = scalars;
        let (ip_addresses, mac_addresses, open_ports, tags, properties) = lists;
        asset::normal(Asset {
            key: "1".into(),
            digest,
            name,
            kind,
            ip_addresses,
            mac_addresses,
            fqdn,
            os,
            created,
            last_seen,
            state,
            open_ports,
            tags,
            properties,
        })
    })
}

/// Vulnerabilities of one key that collide often.
pub fn vulnerabilities() -> impl Strategy<Value = Vulnerability> {
    let kinds = select(vec![VulnerabilityKind::Vulnerability, VulnerabilityKind::Control]);
    let cvss = (of(texts()), numbers(), of(texts())).prop_map(|(version, base, vector)| Cvss { version, base, vector });
    let fix = (of(texts()), of(texts()), lists(texts()));
    let fix = fix.prop_map(|(title, description, references)| Fix { title, description, references });
    let fields = (kinds, texts(), of(texts()), of(numbers()), of(cvss), lists(texts()), of(fix), properties());
    fields.prop_map(|(kind, title, description, score, cvss, cves, fix, properties)| {
        let key = "v".into();
        vulnerability::normal(Vulnerability { key, kind, title, description, score, cvss, cves, fix, properties })
    })
}

/// Findings of one key that collide often.
pub fn findings() -> impl Strategy<Value = Finding> {
    use FindingStatus::*;
    let status = select(vec![Vulnerable, Fixed, IgnoredFalsePositive, IgnoredRiskAcknowledged]);
    let package = (texts(), of(texts()), of(texts()));
    let packages = lists(package.prop_map(|(name, installed, required)| SoftwarePackage { name, installed, required }));
    let fields = (status, of(numbers()), of(0i64..3), of(0i64..3), of(texts()), packages, properties());
    fields.prop_map(|(status, score, first_seen, last_seen, evidence, packages, properties)| Finding {
        status,
        score,
        first_seen,
        last_seen,
        evidence,
        packages,
        properties,
        ..sample()
    })
}

/// An asset that says as little as a listing can.
pub fn host(key: &str) -> Asset {
    Asset {
        key: key.into(),
        digest: 1,
        name: key.into(),
        kind: "host".into(),
        ip_addresses: vec![],
        mac_addresses: vec![],
        fqdn: None,
        os: None,
        created: None,
        last_seen: None,
        state: None,
        open_ports: vec![],
        tags: vec![],
        properties: vec![],
    }
}
