//! What is concluded of findings that were not sent, and references that lead nowhere.

use super::*;
use VulnerabilityKind::Control;

fn complete_for(key: &str, kind: VulnerabilityKind) -> CompleteAsset {
    CompleteAsset { key: key.into(), kind }
}

async fn two_kinds() -> Stored {
    let stored = Stored::new();
    let rule = Vulnerability { key: "rule".into(), kind: Control, ..weakness() };
    let closed = stored
        .sync(Batch {
            assets: vec![host("1"), host("10"), host("1|x")],
            vulnerabilities: vec![weakness(), rule],
            findings: vec![on("1", "v"), on("1", "rule"), on("10", "v"), on("1|x", "v"), on("1", "unknown")],
            ..Batch::default()
        })
        .await;
    assert_eq!(closed.unresolved, 1);
    stored
}

fn unreported(stored: &Stored) -> Vec<String> {
    let lines = stored.lines().into_iter().filter(|line| line.contains(r#""reported":false"#));
    lines.map(|line| line.split("\"key\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_finding_is_no_longer_reported_when_its_asset_is_complete_for_its_kind() {
    let weaknesses = complete_for("1", VulnerabilityKind::Vulnerability);
    let rules = complete_for("1", Control);
    let cases = [
        ("nothing complete", vec![], vec![], vec![]),
        ("weaknesses", vec![weaknesses.clone()], vec![], vec!["1|unknown|-|-", "1|v|-|-"]),
        ("rules", vec![rules.clone()], vec![], vec!["1|rule|-|-"]),
        ("both", vec![weaknesses.clone(), rules], vec![], vec!["1|rule|-|-", "1|unknown|-|-", "1|v|-|-"]),
        ("complete and sent", vec![weaknesses], vec![on("1", "v")], vec!["1|unknown|-|-"]),
        ("unknown asset", vec![complete_for("7", Control)], vec![], vec![]),
    ];
    for (case, complete_assets, findings, expected) in cases {
        let stored = two_kinds().await;
        let closed = stored.sync(Batch { complete_assets, findings, ..Batch::default() }).await;
        assert_eq!(unreported(&stored), expected, "{case}");
        assert_eq!(closed.no_longer_reported, expected.len() as u64, "{case}");
    }
}

#[tokio::test]
async fn a_promise_holds_for_its_own_sync_only() {
    let stored = two_kinds().await;
    let promise = vec![complete_for("1", VulnerabilityKind::Vulnerability)];
    stored.attempt(Batch { complete_assets: promise, ..Batch::default() }, None).await;
    let (_, start) = stored.store.begin(Begin { full: true, ..begin() }).await.unwrap();
    stored.store.close(start.epoch, complete(0)).await.unwrap();
    assert!(unreported(&stored).is_empty());
}

#[tokio::test]
async fn a_finding_that_is_sent_again_is_reported_again_and_both_count_as_changes() {
    let stored = two_kinds().await;
    let version = |stored: &Stored| stored.number("SELECT version FROM finding_head WHERE key = '1|v|-|-'");
    let silent =
        || Batch { complete_assets: vec![complete_for("1", VulnerabilityKind::Vulnerability)], ..Batch::default() };
    for expected in [2, 2] {
        stored.sync(silent()).await;
        assert_eq!((unreported(&stored).len(), version(&stored)), (2, expected));
    }
    stored.sync(Batch { findings: vec![on("1", "v"), on("1", "v")], ..silent() }).await;
    assert_eq!((unreported(&stored).len(), version(&stored)), (1, 3));
}

#[tokio::test]
async fn references_are_checked_when_the_sync_closes() {
    let stored = Stored::new();
    let (mut attempt, start, _) =
        stored.attempt(Batch { findings: vec![on("1", "v"), on("2", "w")], ..Batch::default() }, None).await;
    attempt
        .commit(Batch { assets: vec![host("1")], vulnerabilities: vec![weakness()], ..Batch::default() }, None)
        .await
        .unwrap();
    let closed = stored.store.close(start.epoch, complete(1)).await.unwrap();
    assert_eq!(closed.unresolved, 2, "asset 2 and vulnerability w");
    assert_eq!(stored.lines().len(), 4, "and nothing is lost");
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_counts_for_every_sync_that_sends_it_until_it_is_resolved() {
    let stored = Stored::new();
    let other = || Begin { fingerprint: "g".into(), ..begin() };
    let (mut attempt, _) = stored.store.begin(other()).await.unwrap();
    // This one is given up for the next, and what it left is not forgotten.
    attempt.commit(Batch { findings: vec![on("1", "given-up")], ..Batch::default() }, None).await.unwrap();
    let new = || Batch { findings: vec![on("1", "v")], ..Batch::default() };
    let both = || Batch { findings: vec![on("1", "v"), on("1", "given-up")], ..Batch::default() };
    let cases = [
        ("new", new(), 2),
        ("not sent", Batch::default(), 0),
        ("again", new(), 2),
        ("with one that an abandoned sync left", both(), 4),
        ("the asset is there", Batch { assets: vec![host("1")], ..both() }, 2),
        ("and a vulnerability", Batch { vulnerabilities: vec![weakness()], ..both() }, 1),
        ("again", both(), 1),
        ("again, not sent", new(), 0),
        ("one that came after a close", Batch { findings: vec![on("2", "v")], ..Batch::default() }, 1),
    ];
    for (case, sent, expected) in cases {
        assert_eq!(stored.sync(sent).await.unresolved, expected, "{case}");
    }
}

#[tokio::test]
async fn counts_say_what_is_open() {
    let stored = two_kinds().await;
    let fixed = Finding { status: FindingStatus::Fixed, ..on("10", "v") };
    let scored = Vulnerability { score: Some(9.8), ..weakness() };
    let complete_assets = vec![complete_for("1", Control)];
    let assets = vec![host("1"), host("10")];
    stored
        .sync(Batch {
            assets,
            vulnerabilities: vec![scored],
            findings: vec![fixed],
            complete_assets,
            ..Batch::default()
        })
        .await;
    let counts = stored.store.counts().unwrap();
    assert_eq!((counts.assets, counts.archived, counts.vulnerabilities, counts.unreported), (2, 1, 2, 1));
    let findings = [("vulnerable", 4), ("ignored-risk-acknowledged", 0), ("ignored-false-positive", 0), ("fixed", 1)];
    assert_eq!(counts.findings, findings.map(|(status, count)| (status.to_owned(), count)));
    let worst: Vec<_> = stored.store.worst(5).unwrap();
    let worst: Vec<_> = worst.iter().map(|w| (w.vulnerability_key.as_str(), w.score, w.assets)).collect();
    assert_eq!(worst, [("v", Some(9.8), 1), ("unknown", None, 1)], "not the rule, for it is no longer reported");
}
