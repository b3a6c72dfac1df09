//! Each law, broken once.

use super::*;
use crate::bindings::configure::Origin;
use crate::bindings::model::{
    CompleteAsset, Cvss, DroppedRecord, FindingStatus, Fix, OpenPort, SeenAsset, SoftwarePackage, Tag,
    VulnerabilityKind,
};

/// Every text of it is one byte long, so that the count of bytes is the count of texts.
fn full() -> Batch {
    let t = || "x".to_owned();
    let o = || Some(t());
    let properties = || vec![Property { name: t(), value: t() }];
    let asset = Asset {
        key: t(),
        digest: 1,
        name: t(),
        kind: t(),
        ip_addresses: vec![t()],
        mac_addresses: vec![t()],
        fqdn: o(),
        os: o(),
        created: None,
        last_seen: None,
        state: o(),
        open_ports: vec![OpenPort { port: 1, protocol: t(), service: o() }],
        tags: vec![Tag { name: t(), origin: t() }],
        properties: properties(),
    };
    let vulnerability = Vulnerability {
        key: t(),
        kind: VulnerabilityKind::Control,
        title: t(),
        description: o(),
        score: Some(10.0),
        cvss: Some(Cvss { version: o(), base: 0.0, vector: o() }),
        cves: vec![t()],
        fix: Some(Fix { title: o(), description: o(), references: vec![t()] }),
        properties: properties(),
    };
    let finding = Finding {
        asset_key: t(),
        vulnerability_key: t(),
        port: Some(1),
        protocol: o(),
        status: FindingStatus::Vulnerable,
        score: None,
        first_seen: None,
        last_seen: None,
        evidence: o(),
        packages: vec![SoftwarePackage { name: t(), installed: o(), required: o() }],
        properties: properties(),
    };
    Batch {
        assets: vec![asset],
        vulnerabilities: vec![vulnerability],
        findings: vec![finding],
        seen_assets: vec![SeenAsset { key: t(), digest: 1 }],
        complete_assets: vec![CompleteAsset { key: t(), kind: VulnerabilityKind::Control }],
        dropped: vec![DroppedRecord { stage: t(), key: t(), reason: t(), location: o() }],
    }
}

#[test]
fn a_batch_is_bounded_in_records_and_in_all_its_text() {
    let texts = 14 + 11 + 9 + 1 + 1 + 4;
    for (records, bytes, expected) in
        [(6, texts, None), (5, texts, Some("batch_records_max")), (6, texts - 1, Some("batch_bytes_max"))]
    {
        let limits = Limits { batch_records_max: records, batch_bytes_max: bytes, ..Limits::default() };
        let found = batch(&full(), &limits).err().map(|error| error.downcast::<Limited>().unwrap().limit);
        assert_eq!(found, expected, "{records} records, {bytes} bytes");
    }
}

#[test]
fn a_record_that_would_damage_the_store_names_the_law() {
    let long = || "k".repeat(KEY_BYTES_MAX + 1);
    type Spoil = fn(&mut Batch, String);
    let cases: Vec<(&str, Spoil)> = vec![
        ("an empty asset key", |b, _| b.assets[0].key.clear()),
        ("a long asset key", |b, long| b.assets[0].key = long),
        ("an empty asset name", |b, _| b.assets[0].name.clear()),
        ("an empty tag", |b, _| b.assets[0].tags[0].name.clear()),
        ("an empty vulnerability key", |b, _| b.vulnerabilities[0].key.clear()),
        ("an empty title", |b, _| b.vulnerabilities[0].title.clear()),
        ("a score that is no number", |b, _| b.vulnerabilities[0].score = Some(f64::NAN)),
        ("a score above 10", |b, _| b.findings[0].score = Some(10.1)),
        ("a negative base", |b, _| b.vulnerabilities[0].cvss.as_mut().unwrap().base = -0.1),
        ("an infinite score", |b, _| b.findings[0].score = Some(f64::INFINITY)),
        ("an empty asset of a finding", |b, _| b.findings[0].asset_key.clear()),
        ("a long vulnerability of a finding", |b, long| b.findings[0].vulnerability_key = long),
        ("long evidence", |b, _| b.findings[0].evidence = Some("e".repeat(EVIDENCE_BYTES_MAX + 1))),
        ("an empty package", |b, _| b.findings[0].packages[0].name.clear()),
        ("an empty property", |b, _| b.findings[0].properties[0].value.clear()),
        ("an empty seen key", |b, _| b.seen_assets[0].key.clear()),
        ("a digest of 0", |b, _| b.seen_assets[0].digest = 0),
        ("an empty complete key", |b, _| b.complete_assets[0].key.clear()),
        ("a drop without a reason", |b, _| b.dropped[0].reason.clear()),
        ("a long key of a drop", |b, long| b.dropped[0].key = long),
    ];
    for (case, spoil) in cases {
        let mut spoilt = full();
        spoil(&mut spoilt, long());
        let found = batch(&spoilt, &Limits::default()).err().map(|error| error.downcast::<Unlawful>().unwrap().law);
        assert_eq!(found, Some("model"), "{case}");
    }
    let mut unnamed = full();
    unnamed.dropped[0].key.clear();
    assert!(batch(&unnamed, &Limits::default()).is_ok(), "a dropped record may have no key");
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    for (url, lawful) in [
        ("https://api.example.com:443", true),
        ("http://127.0.0.1:8080", true),
        ("https://[::1]:443", true),
        ("https://api.example.com", false),
        ("https://api.example.com:443/", false),
        ("https://user@api.example.com:443", false),
        ("https://api.example.com:443/path", false),
        ("HTTPS://api.example.com:443", false),
        ("ftp://api.example.com:21", false),
        ("", false),
    ] {
        let origins = vec![Origin { name: "api".into(), url: url.into() }];
        let settings = Resolved { origins, account: "a".into(), inactive_after_days: None, fingerprint: "f".into() };
        assert_eq!(resolved(&settings).is_ok(), lawful, "{url}");
    }
}
