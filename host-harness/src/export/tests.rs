//! Lines, byte for byte.

use super::*;
use crate::bindings::model::*;
use crate::join::samples::{host, property, sample, weakness};
use crate::sink::Sink;
use crate::store::{Begin, Store};

async fn store(batch: Batch) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.db")).unwrap();
    let begin = Begin {
        source: "sample".into(),
        connector_version: "1.0.0".into(),
        fingerprint: "f".into(),
        full: false,
        now: 0,
        sync_age_secs_max: 1,
    };
    let (mut attempt, _) = store.begin(begin).await.unwrap();
    attempt.commit(batch, None).await.unwrap();
    (folder, store)
}

async fn lines(batch: Batch, write: fn(&Store, &mut dyn Write) -> Result<u64>) -> Vec<String> {
    let (_folder, store) = store(batch).await;
    let mut bytes = Vec::new();
    let count = write(&store, &mut bytes).unwrap();
    let lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(lines.len() as u64, count);
    lines
}

fn package(name: &str, installed: &str, required: Option<&str>) -> SoftwarePackage {
    SoftwarePackage { name: name.into(), installed: Some(installed.into()), required: required.map(str::to_owned) }
}

#[tokio::test]
async fn a_line_says_everything_in_the_promised_order() {
    let asset = Asset {
        digest: 7,
        name: "a".into(),
        ip_addresses: vec!["2001:db8::1".into(), "192.0.2.1".into()],
        mac_addresses: vec!["02:1a:4b:00:10:aa".into()],
        fqdn: Some("a.example.com".into()),
        os: Some("Linux".into()),
        created: Some(0),
        last_seen: Some(1_772_431_200),
        state: Some("RUNNING".into()),
        open_ports: vec![
            OpenPort { port: 443, protocol: "tcp".into(), service: Some("https".into()) },
            OpenPort { port: 53, protocol: "udp".into(), service: None },
        ],
        tags: vec![Tag { name: "prod".into(), origin: "tag".into() }],
        properties: vec![property("network", "1")],
        ..host("508112044")
    };
    let vulnerability = Vulnerability {
        key: "rule:38170".into(),
        title: "t \"q\" ü".into(),
        description: Some("d\n\ne".into()),
        score: Some(9.84),
        cvss: Some(Cvss { version: Some("3.1".into()), base: 10.0, vector: Some("AV:N".into()) }),
        cves: vec!["CVE-2099-1234".into()],
        fix: Some(Fix {
            title: Some("f".into()),
            description: Some("g".into()),
            references: vec!["https://z.example.com".into(), "https://a.example.com".into()],
        }),
        properties: vec![property("severity", "5")],
        ..weakness()
    };
    let finding = Finding {
        asset_key: "508112044".into(),
        vulnerability_key: "rule:38170".into(),
        port: Some(8443),
        protocol: Some("tcp".into()),
        status: FindingStatus::Vulnerable,
        score: Some(0.0),
        first_seen: Some(-1),
        last_seen: Some(1_772_431_200),
        evidence: Some("e\tf".into()),
        packages: vec![package("openssl", "1.0", Some("1.1"))],
        properties: vec![property("type", "confirmed")],
    };
    let sent = Batch {
        assets: vec![asset],
        vulnerabilities: vec![vulnerability],
        findings: vec![finding],
        ..Batch::default()
    };
    let expected = [
        concat!(
            r#"{"stream":"asset","source":"sample","key":"508112044","archived":false,"data":{"name":"a","kind":"host","#,
            r#""ip_addresses":["192.0.2.1","2001:db8::1"],"mac_addresses":["02:1a:4b:00:10:aa"],"#,
            r#""fqdn":"a.example.com","os":"Linux","created":"1970-01-01T00:00:00Z","#,
            r#""last_seen":"2026-03-02T06:00:00Z","state":"RUNNING","open_ports":[{"port":53,"protocol":"udp"},"#,
            r#"{"port":443,"protocol":"tcp","service":"https"}],"#,
            r#""packages":[{"name":"openssl","installed":"1.0","required":"1.1"}],"#,
            r#""tags":[{"name":"prod","origin":"tag"}],"properties":[{"name":"network","value":"1"}]}}"#,
        ),
        concat!(
            r#"{"stream":"vulnerability","source":"sample","key":"rule:38170","data":{"kind":"vulnerability","#,
            r#""title":"t \"q\" ü","description":"d\n\ne","score":9.8,"#,
            r#""cvss":{"version":"3.1","base":10.0,"vector":"AV:N"},"cves":["CVE-2099-1234"],"#,
            r#""fix":{"title":"f","description":"g","references":["https://z.example.com","https://a.example.com"]},"#,
            r#""properties":[{"name":"severity","value":"5"}]}}"#,
        ),
        concat!(
            r#"{"stream":"finding","source":"sample","key":"508112044|rule:38170|8443|tcp","reported":true,"#,
            r#""data":{"asset_key":"508112044","vulnerability_key":"rule:38170","port":8443,"protocol":"tcp","#,
            r#""status":"vulnerable","score":0.0,"first_seen":"1969-12-31T23:59:59Z","#,
            r#""last_seen":"2026-03-02T06:00:00Z","evidence":"e\tf","#,
            r#""packages":[{"name":"openssl","installed":"1.0","required":"1.1"}],"#,
            r#""properties":[{"name":"type","value":"confirmed"}]}}"#,
        ),
    ];
    assert_eq!(lines(sent, export).await, expected);
}

#[tokio::test]
async fn what_is_absent_is_left_out_and_lists_stay() {
    let cvss = Some(Cvss { version: None, base: 0.0, vector: None });
    let fix = Some(Fix { title: None, description: None, references: vec![] });
    let rule = Vulnerability { kind: VulnerabilityKind::Control, cvss, fix, ..weakness() };
    let sent =
        Batch { assets: vec![host("1")], vulnerabilities: vec![rule], findings: vec![sample()], ..Batch::default() };
    let expected = [
        concat!(
            r#"{"stream":"asset","source":"sample","key":"1","archived":false,"data":{"name":"1","kind":"host","#,
            r#""ip_addresses":[],"mac_addresses":[],"open_ports":[],"packages":[],"tags":[],"properties":[]}}"#
        ),
        concat!(
            r#"{"stream":"vulnerability","source":"sample","key":"v","data":{"kind":"control","title":"t","#,
            r#""cvss":{"base":0.0},"cves":[],"fix":{"references":[]},"properties":[]}}"#
        ),
        concat!(
            r#"{"stream":"finding","source":"sample","key":"1|v|-|-","reported":true,"data":{"asset_key":"1","#,
            r#""vulnerability_key":"v","status":"fixed","packages":[],"properties":[]}}"#
        ),
    ];
    assert_eq!(lines(sent, export).await, expected);
}

#[tokio::test]
async fn an_asset_has_the_packages_of_its_own_vulnerable_findings() {
    let on = |asset_key: &str, vulnerability_key: &str, status, packages| Finding {
        asset_key: asset_key.into(),
        vulnerability_key: vulnerability_key.into(),
        status,
        packages,
        ..sample()
    };
    use FindingStatus::{IgnoredRiskAcknowledged, Vulnerable};
    let sent = Batch {
        assets: vec![host("1"), host("10"), host("1|x")],
        findings: vec![
            on("1", "b", Vulnerable, vec![package("zlib", "1", None), package("bash", "2", None)]),
            on("1", "a", Vulnerable, vec![package("zlib", "1", None)]),
            on("1", "c", IgnoredRiskAcknowledged, vec![package("ignored", "1", None)]),
            on("10", "a", Vulnerable, vec![package("ten", "1", None)]),
            on("1|x", "a", Vulnerable, vec![package("x", "1", None)]),
        ],
        ..Batch::default()
    };
    let expected = [
        ("1", r#""packages":[{"name":"bash","installed":"2"},{"name":"zlib","installed":"1"}]"#),
        ("10", r#""packages":[{"name":"ten","installed":"1"}]"#),
        ("1|x", r#""packages":[{"name":"x","installed":"1"}]"#),
    ];
    for (line, (key, packages)) in lines(sent, export).await.iter().zip(expected) {
        assert!(line.contains(&format!(r#""key":"{key}""#)) && line.contains(packages), "{key}: {line}");
    }
}

#[tokio::test]
async fn a_finding_without_a_score_has_its_vulnerabilitys() {
    let general = |key: &str, score| Vulnerability { key: key.into(), score, ..weakness() };
    let scored =
        |vulnerability_key: &str, score| Finding { vulnerability_key: vulnerability_key.into(), score, ..sample() };
    let sent = Batch {
        vulnerabilities: vec![general("a", Some(8.0)), general("b", Some(8.0)), general("c", None)],
        findings: vec![scored("a", None), scored("b", Some(0.0)), scored("c", None), scored("d", None)],
        ..Batch::default()
    };
    let lines = lines(sent, export).await;
    let findings: Vec<_> = lines.iter().filter(|line| line.contains(r#""stream":"finding""#)).collect();
    let expected = [r#""score":8.0,"#, r#""score":0.0,"#, "", ""];
    assert_eq!(findings.len(), expected.len());
    for (line, score) in findings.iter().zip(expected) {
        assert_eq!(line.contains("score"), !score.is_empty(), "{line}");
        assert!(line.contains(score), "{line}");
    }
}

#[tokio::test]
async fn lines_are_in_the_order_of_their_keys_bytes() {
    let on = |asset_key: &str| Finding { asset_key: asset_key.into(), ..sample() };
    let sent = Batch {
        assets: vec![host("b"), host("10"), host("9"), host("ä")],
        findings: vec![on("1"), on("10"), on("1}"), on("1\u{7f}")],
        ..Batch::default()
    };
    let lines = lines(sent, export).await;
    let keys: Vec<&str> =
        lines.iter().map(|line| line.split(r#""key":""#).nth(1).unwrap().split('"').next().unwrap()).collect();
    assert_eq!(keys, ["10", "9", "b", "ä", "10|v|-|-", "1|v|-|-", "1}|v|-|-", "1\u{7f}|v|-|-"]);
}

#[tokio::test]
async fn a_time_out_of_range_does_not_stop_the_export() {
    let asset = Asset { created: Some(i64::MIN), last_seen: Some(i64::MAX), ..host("1") };
    let lines = lines(Batch { assets: vec![asset], ..Batch::default() }, export).await;
    assert!(
        lines[0].contains(r#""created":"-009999-01-"#) && lines[0].contains(r#""last_seen":"9999-12-"#),
        "{lines:?}"
    );
}

#[tokio::test]
async fn dropped_records_have_lines_of_their_own() {
    let dropped = |key: &str, location: Option<&str>| DroppedRecord {
        stage: "hosts".into(),
        key: key.into(),
        reason: "no-name".into(),
        location: location.map(str::to_owned),
    };
    let sent = Batch { dropped: vec![dropped("2", None), dropped("1", Some("record 3"))], ..Batch::default() };
    let expected = [
        r#"{"stream":"dropped","source":"sample","key":"1","data":{"stage":"hosts","reason":"no-name","location":"record 3"}}"#,
        r#"{"stream":"dropped","source":"sample","key":"2","data":{"stage":"hosts","reason":"no-name"}}"#,
    ];
    assert_eq!(lines(sent, export_dropped).await, expected);
}

#[tokio::test]
async fn an_empty_store_has_no_lines() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("a.db")).unwrap();
    let mut bytes = Vec::new();
    assert_eq!(export(&store, &mut bytes).unwrap() + export_dropped(&store, &mut bytes).unwrap(), 0);
    assert!(bytes.is_empty());
}

/// Sorting a stream in memory or in a temporary file would show as a B-tree of its own.
#[tokio::test]
async fn streams_are_read_in_order_and_never_sorted() {
    let (_folder, store) = store(Batch::default()).await;
    let snapshot = store.snapshot().unwrap();
    for stream in ["asset", "vulnerability", "finding"] {
        let sql = format!("EXPLAIN QUERY PLAN {}", ordered(stream, "body.id", "NULL"));
        let mut plan = snapshot.prepare(&sql).unwrap();
        let plan: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(plan[0].starts_with("SCAN head"), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
}
