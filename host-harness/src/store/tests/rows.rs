//! What the records of one sync make of the rows of the last.

use super::*;
use crate::join::{Kept, asset as join_assets, finding as join_findings};
use crate::store::put::put;
use rusqlite::Connection;

#[test]
fn every_field_of_every_stream_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = schema::open(&folder.path().join("a.db")).unwrap();
    reread(&mut connection, Listed::new(full_asset()));
    reread(&mut connection, Listed::new(host("2")));
    reread(&mut connection, full_vulnerability());
    reread(&mut connection, Vulnerability { key: "bare".into(), ..weakness() });
    let fix = Some(Fix { title: None, description: None, references: vec![] });
    reread(&mut connection, Vulnerability { key: "empty fix".into(), fix, ..weakness() });
    reread(&mut connection, Kept::new(full_finding()));
    reread(&mut connection, Kept::new(sample()));
}

fn reread<R: Record + Clone + PartialEq + std::fmt::Debug>(connection: &mut Connection, record: R) {
    let tx = connection.transaction().unwrap();
    put(&tx, 1, std::slice::from_ref(&record)).unwrap();
    let (stream, columns) = (R::STREAM, R::COLUMNS);
    let sql = format!("SELECT {columns} FROM {stream}_body ORDER BY id DESC LIMIT 1");
    let read = tx.query_row(&sql, [], |row| Ok(R::read(&record.key(), row).unwrap())).unwrap();
    assert_eq!(read, record);
    tx.commit().unwrap();
}

#[tokio::test]
async fn the_first_record_of_a_sync_replaces_and_later_ones_join() {
    let stored = Stored::new();
    let tagged = |tag: &str| Asset { tags: vec![Tag { name: tag.into(), origin: "tag".into() }], ..host("1") };
    stored.sync(Batch { assets: vec![tagged("old")], ..Batch::default() }).await;
    let (mut attempt, ..) = stored.attempt(Batch { assets: vec![tagged("a")], ..Batch::default() }, None).await;
    assert!(stored.lines()[0].contains(r#""tags":[{"name":"a","origin":"tag"}]"#), "{:?}", stored.lines());
    attempt.commit(Batch { assets: vec![tagged("b"), tagged("c")], ..Batch::default() }, None).await.unwrap();
    let tags = r#""tags":[{"name":"a","origin":"tag"},{"name":"b","origin":"tag"},{"name":"c","origin":"tag"}]"#;
    assert!(stored.lines()[0].contains(tags), "{:?}", stored.lines());
    assert_eq!(stored.versions(), ["1 2"]);
}

#[tokio::test]
async fn the_same_sync_again_changes_nothing() {
    let stored = Stored::new();
    let everything = || Batch {
        assets: vec![full_asset(), host("2")],
        vulnerabilities: vec![full_vulnerability()],
        findings: vec![full_finding(), on("1", "v")],
        ..Batch::default()
    };
    stored.sync(everything()).await;
    let (lines, versions) = (stored.lines(), stored.versions());
    assert_eq!(versions, ["1 1", "2 1", "v 1", "1|v|-|- 1", "1|v|0|tcp 1"]);
    let closed = stored.sync(everything()).await;
    assert_eq!((stored.lines(), stored.versions()), (lines, versions));
    assert_eq!((closed.archived, closed.restored, closed.no_longer_reported, closed.unresolved), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_record_finds_its_row_however_many_rows_lie_between() {
    const ROWS: usize = 100;
    let held = |n: usize| host(&format!("{n:03}"));
    let new = |n: usize| host(&format!("{n:03}-new"));
    for stride in [1, 2, 7, 8, 9, 10, 60, ROWS + 1] {
        let stored = Stored::new();
        stored.sync(Batch { assets: (0..ROWS).map(held).collect(), ..Batch::default() }).await;
        let changed = (0..ROWS).step_by(stride).map(|n| Asset { os: Some("Linux".into()), ..held(n) });
        let mut assets: Vec<_> = changed.chain((0..ROWS).step_by(stride).map(new)).collect();
        assets.reverse();
        stored.attempt(Batch { assets, ..Batch::default() }, None).await;
        let expected = (0..ROWS).flat_map(|n| match n % stride {
            0 => vec![format!("{n:03} 2"), format!("{n:03}-new 1")],
            _ => vec![format!("{n:03} 1")],
        });
        assert_eq!(stored.versions(), expected.collect::<Vec<_>>(), "every {stride}th");
    }
}

#[tokio::test]
async fn what_an_earlier_commit_or_an_earlier_attempt_left_unchanged_is_joined() {
    let stored = Stored::new();
    let with = |evidence: &str| Finding { evidence: Some(evidence.into()), ..on("1", "v") };
    let send = |evidence: &str| Batch { findings: vec![with(evidence)], ..Batch::default() };
    stored.sync(send("b")).await;
    // The same again, and then a twin that counts less: alone it would replace.
    stored.attempt(send("b"), Some("one")).await;
    let (mut attempt, start, _) = stored.attempt(send("a"), Some("two")).await;
    assert_eq!((start.reason, stored.versions()), (Reason::Resumed, vec!["1|v|-|- 1".to_owned()]));
    assert!(stored.lines()[0].contains(r#""evidence":"b""#), "{:?}", stored.lines());
    // A new sync knows nothing of it.
    stored.store.close(start.epoch, complete(0)).await.unwrap();
    assert!(attempt.commit(send("a"), None).await.is_err());
    stored.sync(send("a")).await;
    assert!(stored.lines()[0].contains(r#""evidence":"a""#), "{:?}", stored.lines());
    // Nor does one that begins because another was given up.
    stored.attempt(send("a"), Some("one")).await;
    let (mut attempt, _) = stored.store.begin(Begin { full: true, ..begin() }).await.unwrap();
    attempt.commit(send(" "), None).await.unwrap();
    assert!(stored.lines()[0].contains(r#""evidence":" ""#), "{:?}", stored.lines());
}

#[tokio::test]
async fn a_stored_finding_joins_by_the_record_that_brought_its_evidence() {
    let record = |status, last_seen, evidence: Option<&str>| Finding {
        status,
        last_seen: Some(last_seen),
        evidence: evidence.map(str::to_owned),
        ..on("1", "v")
    };
    use FindingStatus::{Fixed, Vulnerable};
    let records = [
        record(Vulnerable, 9, None),
        record(Fixed, 5, Some("z")),
        record(Fixed, 7, Some("a")),
        record(Fixed, 6, Some("zz")),
    ];
    let expected = records.iter().cloned().map(Kept::new).reduce(join_findings).unwrap();
    let stored = Stored::new();
    let (mut attempt, _) = stored.store.begin(begin()).await.unwrap();
    for record in records {
        attempt.commit(Batch { findings: vec![record], ..Batch::default() }, None).await.unwrap();
    }
    assert_eq!(expected.finding.evidence.as_deref(), Some("a"));
    assert!(stored.lines()[0].contains(r#""evidence":"a""#), "{:?}", stored.lines());
}

#[tokio::test]
async fn a_late_record_joins_what_the_listing_brought_and_hides_nothing_of_it() {
    let late = || Asset { digest: 0, name: "late".into(), os: Some("Linux".into()), ..host("1") };
    let listed = |fqdn: &str| Asset { fqdn: Some(fqdn.into()), ..host("1") };
    let cases = [
        ("late alone", vec![late()], join_assets(listed("old"), late())),
        ("late first", vec![late(), listed("new")], join_assets(listed("new"), late())),
        ("late last", vec![listed("new"), late()], join_assets(listed("new"), late())),
    ];
    for (case, records, expected) in cases {
        let [stored, other] = [Stored::new(), Stored::new()];
        stored.sync(Batch { assets: vec![listed("old")], ..Batch::default() }).await;
        stored.attempt(Batch { assets: records, ..Batch::default() }, None).await;
        other.attempt(Batch { assets: vec![expected], ..Batch::default() }, None).await;
        assert_eq!(stored.lines(), other.lines(), "{case}");
        assert_eq!(stored.number("SELECT digest FROM asset_body"), 1, "{case}");
    }
}

fn full_asset() -> Asset {
    Asset {
        digest: u64::MAX,
        ip_addresses: vec!["192.0.2.7".into(), "2001:db8::7".into()],
        mac_addresses: vec!["02:1a:4b:00:10:aa".into()],
        fqdn: Some("a.example.com".into()),
        os: Some("Linux".into()),
        created: Some(-1),
        last_seen: Some(2),
        state: Some("RUNNING".into()),
        open_ports: vec![OpenPort { port: 443, protocol: "tcp".into(), service: None }],
        tags: vec![Tag { name: "Büro".into(), origin: "tag".into() }],
        properties: vec![property("network", "7")],
        ..host("1")
    }
}

fn full_vulnerability() -> Vulnerability {
    Vulnerability {
        kind: VulnerabilityKind::Control,
        description: Some("long\n\nand wide".into()),
        score: Some(0.0),
        cvss: Some(Cvss { version: Some("3.1".into()), base: 9.8, vector: Some("AV:N".into()) }),
        cves: vec!["CVE-2099-1234".into()],
        fix: Some(Fix { title: Some("t".into()), description: Some("d".into()), references: vec!["r".into()] }),
        properties: vec![property("severity", "5")],
        ..weakness()
    }
}

fn full_finding() -> Finding {
    Finding {
        port: Some(0),
        protocol: Some("tcp".into()),
        score: Some(7.1),
        first_seen: Some(1),
        last_seen: Some(2),
        evidence: Some("it\0is\tthere".into()),
        packages: vec![package("a", Some("1"))],
        properties: vec![property("evidence-cut", "9")],
        ..on("1", "v")
    }
}
