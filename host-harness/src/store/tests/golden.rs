//! Every field of every stream, as an export writes it: `fixtures/every-field.jsonl` is what others may rely on.

use super::*;

const GOLDEN: &str = include_str!("../../../../fixtures/every-field.jsonl");

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn server() -> Asset {
    Asset {
        digest: 7,
        name: "web-prod-01.corp.example.com".into(),
        ip_addresses: texts(&["10.20.30.41", "2001:db8::41"]),
        mac_addresses: texts(&["02:1a:4b:00:10:aa", "02:1a:4b:00:10:ab"]),
        fqdn: some("web-prod-01.corp.example.com"),
        os: some("Red Hat Enterprise Linux 8.9"),
        created: Some(1_735_689_600),
        last_seen: Some(1_772_424_658),
        state: some("RUNNING"),
        open_ports: vec![
            OpenPort { port: 443, protocol: "tcp".into(), service: some("https") },
            OpenPort { port: 53, protocol: "udp".into(), service: None },
        ],
        tags: vec![
            Tag { name: "BU: Payments & Cards".into(), origin: "tag".into() },
            Tag { name: "DC North".into(), origin: "asset-group".into() },
        ],
        properties: vec![property("network", "Plant"), property("tracking-method", "AGENT")],
        ..host("508112044")
    }
}

fn flaw() -> Vulnerability {
    Vulnerability {
        key: "flaw:242990".into(),
        title: "Kernel update \u{201c}42\u{201d} is missing".into(),
        description: some("A local user may gain rights.\n\nAffected:\nversions before 4.19"),
        score: Some(7.84),
        cvss: Some(Cvss {
            version: some("3.1"),
            base: 7.8,
            vector: some("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"),
        }),
        cves: texts(&["CVE-2099-1234", "CVE-2099-1235"]),
        fix: Some(Fix {
            title: some("Fix for flaw 242990"),
            description: some("Update the kernel (https://vendor.example/errata/42)."),
            references: texts(&["https://vendor.example/errata/42", "https://vendor.example/about"]),
        }),
        properties: vec![
            property("severity", "4"),
            property("threat", "Easy_Exploit"),
            property("threat", "Exploit_Public"),
        ],
        ..weakness()
    }
}

fn rule() -> Vulnerability {
    Vulnerability {
        key: "control:1045".into(),
        kind: VulnerabilityKind::Control,
        title: "Passwords expire".into(),
        score: Some(8.0),
        cvss: Some(Cvss { version: None, base: 8.0, vector: None }),
        fix: Some(Fix { title: some("Fix for control 1045"), description: None, references: vec![] }),
        ..weakness()
    }
}

fn found() -> Finding {
    Finding {
        asset_key: "508112044".into(),
        vulnerability_key: "flaw:242990".into(),
        port: Some(8443),
        protocol: some("tcp"),
        status: FindingStatus::Vulnerable,
        first_seen: Some(1_768_882_173),
        last_seen: Some(1_772_424_658),
        evidence: some("kernel-core\t4.18.0-513.5.1"),
        packages: vec![SoftwarePackage {
            name: "kernel-core".into(),
            installed: some("4.18.0-513.5.1.el8_9.x86_64"),
            required: some("4.18.0-513.11.1.el8_9"),
        }],
        properties: vec![property("evidence-cut", "40000"), property("type", "Confirmed")],
        ..sample()
    }
}

/// Findings in every status, one of them with a score of its own, one of a kind that no record brings.
fn findings() -> Vec<Finding> {
    let of = |key: &str, status| Finding {
        asset_key: "508112044".into(),
        vulnerability_key: key.into(),
        status,
        ..sample()
    };
    vec![
        found(),
        Finding { score: Some(0.0), ..of("control:1045", FindingStatus::IgnoredRiskAcknowledged) },
        of("flaw:1", FindingStatus::IgnoredFalsePositive),
        of("flaw:2", FindingStatus::Fixed),
        Finding { asset_key: "508112090".into(), ..of("flaw:242990", FindingStatus::Vulnerable) },
    ]
}

/// The second sync no longer lists one asset, and no longer reports one finding of the other.
#[tokio::test]
async fn every_field_of_every_stream_is_written_as_promised() {
    let stored = Stored::new();
    let first = Batch {
        assets: vec![server(), host("508112090")],
        vulnerabilities: vec![flaw(), rule(), Vulnerability { key: "flaw:1".into(), ..weakness() }],
        findings: findings(),
        ..Batch::default()
    };
    stored.sync(first).await;
    let complete = CompleteAsset { key: "508112044".into(), kind: VulnerabilityKind::Vulnerability };
    let second = Batch {
        assets: vec![server()],
        findings: findings().into_iter().filter(|finding| finding.vulnerability_key != "flaw:1").take(3).collect(),
        complete_assets: vec![complete],
        ..Batch::default()
    };
    assert_eq!(stored.sync(second).await.archived, 1);
    let expected: Vec<_> = GOLDEN.lines().collect();
    assert_eq!(stored.lines(), expected);
}

/// Where the golden lines show a member, by the contract's records and what the host adds to them.
#[test]
fn the_golden_lines_show_every_member() {
    let members: &[(&str, &str)] = &[
        (
            "asset",
            "archived name kind ip_addresses mac_addresses fqdn os created last_seen state open_ports/0/port \
                   open_ports/0/protocol open_ports/1/service packages/0/name packages/0/installed packages/0/required \
                   tags/0/name tags/0/origin properties/0/name properties/0/value",
        ),
        (
            "vulnerability",
            "kind title description score cvss/version cvss/base cvss/vector cves/0 fix/title fix/description \
                           fix/references/0 properties/0/name properties/0/value",
        ),
        (
            "finding",
            "reported asset_key vulnerability_key port protocol status score first_seen last_seen evidence \
                     packages/0/name packages/0/installed packages/0/required properties/0/name properties/0/value",
        ),
    ];
    let lines: Vec<serde_json::Value> = GOLDEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (stream, members) in members {
        let of_stream = || lines.iter().filter(|line| line["stream"] == *stream);
        for member in members.split_whitespace() {
            let is_shown = |line: &serde_json::Value| {
                line.get(member).is_some() || line.pointer(&format!("/data/{member}")).is_some()
            };
            assert!(of_stream().any(is_shown), "{stream}: {member}");
        }
    }
    for flag in [r#""archived":true"#, r#""archived":false"#, r#""reported":true"#, r#""reported":false"#] {
        assert!(GOLDEN.contains(flag), "{flag}");
    }
}
