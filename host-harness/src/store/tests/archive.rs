//! What is archived and what comes back.

use super::*;

/// Which assets are archived, by key.
fn archived(stored: &Stored) -> Vec<String> {
    let lines = stored.lines().into_iter();
    let archived = lines.filter(|line| line.contains(r#""archived":true"#));
    archived.map(|line| line.split("\"key\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
}

async fn three() -> Stored {
    let stored = Stored::new();
    let closed = stored.sync(Batch { assets: vec![host("1"), host("2"), host("3")], ..Batch::default() }).await;
    assert_eq!((closed.archived, closed.restored), (0, 0));
    stored
}

#[tokio::test]
async fn what_a_finished_listing_does_not_name_is_archived() {
    let late = Asset { digest: 0, ..host("3") };
    let cases = [
        ("sent", Batch { assets: vec![host("1")], ..Batch::default() }, vec!["2", "3"]),
        ("named", Batch { seen_assets: vec![seen("1", 1), seen("3", 1)], ..Batch::default() }, vec!["2"]),
        ("named, but stale", Batch { seen_assets: vec![seen("1", 7), seen("3", 1)], ..Batch::default() }, vec!["2"]),
        (
            "late is not seen, and is there all the same",
            Batch { assets: vec![host("1"), late], ..Batch::default() },
            vec!["2"],
        ),
        (
            "a finding is not seen",
            Batch { assets: vec![host("1")], findings: vec![on("2", "v")], ..Batch::default() },
            vec!["2", "3"],
        ),
        (
            "dropped is seen",
            Batch { assets: vec![host("1")], dropped: vec![dropped("hosts", "2")], ..Batch::default() },
            vec!["3"],
        ),
        (
            "dropped elsewhere",
            Batch { assets: vec![host("1")], dropped: vec![dropped("b", "2")], ..Batch::default() },
            vec!["2", "3"],
        ),
    ];
    for (case, sent, expected) in cases {
        let stored = three().await;
        let closed = stored.sync(sent).await;
        assert_eq!(archived(&stored), expected, "{case}");
        assert_eq!(closed.archived, expected.len() as u64, "{case}");
    }
}

#[tokio::test]
async fn an_unfinished_or_empty_listing_archives_nothing() {
    let one = || Batch { assets: vec![host("1")], ..Batch::default() };
    let unfinished = Stage { finished: false, ..listing(1) };
    let other = Stage { lists_assets: false, ..listing(1) };
    let cases = [
        ("unfinished", one(), vec![unfinished], Archiving::Unfinished),
        ("no listing", one(), vec![other], Archiving::NoListing),
        ("empty", Batch::default(), vec![listing(0)], Archiving::Empty),
        ("claims what it did not name", Batch::default(), vec![listing(3)], Archiving::Empty),
    ];
    for (case, sent, stages, expected) in cases {
        let stored = three().await;
        let (_, start, _) = stored.attempt(sent, None).await;
        let summary = Summary { stages, warnings: vec![], source_counts: vec![] };
        let closed = stored.store.close(start.epoch, Close { summary, ..complete(0) }).await.unwrap();
        assert_eq!((closed.archiving, closed.archived), (expected, 0), "{case}");
        assert!(archived(&stored).is_empty(), "{case}");
    }
}

#[tokio::test]
async fn an_asset_that_is_seen_again_is_stale_and_comes_back() {
    let stored = three().await;
    stored.sync(Batch { seen_assets: vec![seen("2", 1), seen("3", 1)], ..Batch::default() }).await;
    assert_eq!(archived(&stored), ["1"]);
    assert_eq!(stored.versions(), ["1 2", "2 1", "3 1"]);
    let named = || Batch { seen_assets: vec![seen("1", 1), seen("2", 1), seen("3", 1)], ..Batch::default() };
    let (mut attempt, start, stale) = stored.attempt(named(), None).await;
    assert_eq!(stale, ["1"]);
    attempt.commit(Batch { assets: vec![host("1")], ..Batch::default() }, None).await.unwrap();
    let stale = attempt.commit(named(), None).await.unwrap();
    assert!(stale.is_empty(), "it was sent in this sync: {stale:?}");
    let closed = stored.store.close(start.epoch, complete(3)).await.unwrap();
    assert_eq!((closed.restored, archived(&stored)), (1, vec![]));
    assert_eq!(stored.versions(), ["1 3", "2 1", "3 1"]);
}

#[tokio::test]
async fn an_archived_asset_that_comes_beside_the_listing_is_back() {
    let stored = three().await;
    stored.sync(Batch { seen_assets: vec![seen("2", 1), seen("3", 1)], ..Batch::default() }).await;
    assert_eq!(archived(&stored), ["1"]);
    let late = Asset { digest: 0, ..host("1") };
    let both = vec![seen("2", 1), seen("3", 1)];
    let closed = stored.sync(Batch { assets: vec![late], seen_assets: both, ..Batch::default() }).await;
    assert_eq!((closed.restored, archived(&stored)), (1, vec![]));
}

#[tokio::test]
async fn a_version_counts_a_change_and_a_return_once() {
    let stored = three().await;
    stored.sync(Batch { seen_assets: vec![seen("2", 1)], ..Batch::default() }).await;
    stored.sync(Batch { assets: vec![Asset { os: Some("Linux".into()), ..host("1") }], ..Batch::default() }).await;
    assert_eq!(stored.versions(), ["1 3", "2 2", "3 2"]);
}

#[tokio::test]
async fn stale_are_the_unknown_the_changed_and_the_late() {
    let stored = three().await;
    let late = Asset { digest: 0, ..host("4") };
    let named = vec![seen("1", 1), seen("2", 2), seen("4", 0), seen("5", 1)];
    let (.., stale) = stored.attempt(Batch { assets: vec![late], seen_assets: named, ..Batch::default() }, None).await;
    assert_eq!(stale, ["2", "4", "5"]);
}

#[tokio::test]
async fn a_listing_that_dropped_more_than_is_remembered_archives_nothing() {
    let stored = three().await;
    let (mut attempt, start, _) = stored.attempt(Batch { assets: vec![host("1")], ..Batch::default() }, None).await;
    let lines: Vec<_> = (0..DROPPED_STAGE_MAX + 2).map(|n| dropped("hosts", &n.to_string())).collect();
    for lines in lines.chunks(5000) {
        attempt.commit(Batch { dropped: lines.to_vec(), ..Batch::default() }, None).await.unwrap();
    }
    let closed = stored.store.close(start.epoch, complete(9)).await.unwrap();
    assert_eq!((closed.archiving, archived(&stored)), (Archiving::TooManyDropped, vec![]));
    assert_eq!(stored.store.last_sync().unwrap().unwrap().dropped_beyond, 2);
    assert_eq!(stored.number("SELECT count(*) FROM dropped"), DROPPED_STAGE_MAX as i64);
}
