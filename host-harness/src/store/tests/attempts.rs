//! Attempts: fences, positions, states, and stores that belong to others.

use super::*;

#[tokio::test]
async fn a_later_attempt_fences_off_the_earlier_one() {
    let stored = Stored::new();
    let (mut first, start, _) =
        stored.attempt(Batch { assets: vec![host("1")], ..Batch::default() }, Some("one")).await;
    stored.store.begin(begin()).await.unwrap();
    let before = stored.lines();
    let error =
        first.commit(Batch { assets: vec![host("2")], ..Batch::default() }, Some("two".into())).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Fenced));
    let error = stored.store.close(start.epoch, complete(1)).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Fenced));
    assert_eq!(stored.lines(), before);
    assert_eq!(stored.store.position().unwrap().as_deref(), Some("one"));
}

#[tokio::test]
async fn a_closed_sync_takes_no_commit_any_more() {
    let stored = Stored::new();
    let (mut attempt, start, _) = stored.attempt(Batch::default(), None).await;
    stored.store.close(start.epoch, complete(0)).await.unwrap();
    let error = attempt.commit(Batch { assets: vec![host("2")], ..Batch::default() }, None).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Fenced));
    assert!(stored.lines().is_empty());
}

#[tokio::test]
async fn a_commit_without_position_leaves_the_stored_one() {
    let stored = Stored::new();
    let (mut attempt, ..) = stored.attempt(Batch::default(), Some("one")).await;
    attempt.commit(Batch { assets: vec![host("1")], ..Batch::default() }, None).await.unwrap();
    let (_, start) = stored.store.begin(begin()).await.unwrap();
    assert_eq!((start.position.as_deref(), start.reason, start.sync), (Some("one"), Reason::Resumed, 1));
    assert_eq!(stored.lines().len(), 1);
}

#[tokio::test]
async fn a_sync_that_is_not_over_cannot_be_closed() {
    let stored = Stored::new();
    for ended in [Ended::Stopped, Ended::Failed] {
        let (_, start, _) = stored.attempt(Batch::default(), Some("one")).await;
        assert!(stored.store.close(start.epoch, Close { ended, ..complete(0) }).await.is_err(), "{ended:?}");
        assert_eq!(stored.store.position().unwrap().as_deref(), Some("one"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_closed_sync_leaves_its_state_and_no_position() {
    let stored = Stored::new();
    let (_, start, _) = stored.attempt(Batch::default(), Some("one")).await;
    assert_eq!((start.state, start.reason), (None, Reason::First));
    stored.store.close(start.epoch, complete(0)).await.unwrap();
    let last = stored.store.last_sync().unwrap().unwrap();
    assert_eq!((last.id, last.attempts, last.ended.as_deref(), last.closed), (1, 1, Some("complete"), Some(1010)));
    let (_, start) = stored.store.begin(begin()).await.unwrap();
    assert_eq!((start.sync, start.position, start.state.as_deref()), (2, None, Some("state")));
    assert_eq!(start.reason, Reason::Next);
    let status = stored.store.status().unwrap();
    assert_eq!((status.open.unwrap().id, status.last.unwrap().id, status.source.as_deref()), (2, 1, Some("sample")));
}

#[tokio::test]
async fn an_open_sync_is_left_for_a_new_one_when_it_no_longer_fits() {
    let cases = [
        ("resumed", begin(), Reason::Resumed, Some("one"), Some("state")),
        ("full", Begin { full: true, ..begin() }, Reason::Full, None, None),
        ("other settings", Begin { fingerprint: "g".into(), ..begin() }, Reason::Changed, None, None),
        ("too old", Begin { now: 1101, ..begin() }, Reason::TooOld, None, Some("state")),
    ];
    for (case, wish, reason, position, state) in cases {
        let stored = Stored::new();
        stored.sync(Batch::default()).await;
        stored.attempt(Batch { assets: vec![host("1")], ..Batch::default() }, Some("one")).await;
        let (_, start) = stored.store.begin(wish).await.unwrap();
        assert_eq!(
            (start.reason, start.position.as_deref(), start.state.as_deref()),
            (reason, position, state),
            "{case}"
        );
        assert_eq!(start.sync, if reason.resumes() { 2 } else { 3 }, "{case}");
        assert_eq!(stored.lines().len(), 1, "{case}: what was written stays");
        assert_eq!(stored.store.last_sync().unwrap().unwrap().id, 1, "{case}: an abandoned sync is not the last");
    }
}

#[tokio::test]
async fn a_full_sync_stays_full_when_it_is_resumed() {
    let stored = Stored::new();
    stored.sync(Batch::default()).await;
    stored.store.begin(Begin { full: true, ..begin() }).await.unwrap();
    let (_, start) = stored.store.begin(begin()).await.unwrap();
    assert_eq!((start.reason, start.state), (Reason::Resumed, None));
}

#[tokio::test]
async fn a_store_belongs_to_one_connector() {
    let stored = Stored::new();
    stored.store.begin(begin()).await.unwrap();
    let error = stored.store.begin(Begin { source: "other".into(), ..begin() }).await.map(|_| ()).unwrap_err();
    assert!(format!("{error:#}").contains("belongs to the connector \"sample\", not to \"other\""), "{error:#}");
}

#[tokio::test]
async fn a_store_that_is_opened_again_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let open = || Store::open(&path).unwrap();
    let (mut attempt, _) = open().begin(begin()).await.unwrap();
    attempt.commit(Batch { assets: vec![host("1")], ..Batch::default() }, Some("one".into())).await.unwrap();
    drop(attempt);
    let (_, start) = open().begin(begin()).await.unwrap();
    assert_eq!((start.position.as_deref(), start.reason), (Some("one"), Reason::Resumed));
    assert_eq!(open().versions().unwrap().len(), 1);
}

#[tokio::test]
async fn another_process_fences_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let [one, other] = [Store::open(&path).unwrap(), Store::open(&path).unwrap()];
    let (mut attempt, _) = one.begin(begin()).await.unwrap();
    other.begin(begin()).await.unwrap();
    let error = attempt.commit(Batch { assets: vec![host("1")], ..Batch::default() }, None).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Fenced));
}

#[tokio::test]
async fn the_history_is_bounded() {
    let stored = Stored::new();
    for _ in 0..SYNCS_KEPT_MAX + 5 {
        stored.store.begin(Begin { full: true, ..begin() }).await.unwrap();
    }
    assert_eq!(stored.number("SELECT count(*) FROM sync"), SYNCS_KEPT_MAX);
}
