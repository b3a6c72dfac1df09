//! Lines of dropped records: bounded, and together with what goes beyond as many as there were.

use super::*;
use crate::export::export_dropped;

/// So many records of one stage, by keys that differ.
fn many(stage: &str, records: u64) -> Vec<DroppedRecord> {
    (0..records).map(|n| dropped(stage, &n.to_string())).collect()
}

/// (what is dropped: stage and records, the lines that stay, the records beyond)
type Case = (&'static [(&'static str, u64)], u64, u64);

#[tokio::test]
async fn a_stage_and_a_sync_keep_so_many_lines_and_count_the_rest() {
    let cases: [Case; 4] = [
        (&[], 0, 0),
        (&[("a", 3), ("b", 2)], 5, 0),
        (&[("a", DROPPED_STAGE_MAX + 7), ("b", 2)], DROPPED_STAGE_MAX + 2, 7),
        (
            &[
                ("a", DROPPED_STAGE_MAX),
                ("b", DROPPED_STAGE_MAX),
                ("c", DROPPED_STAGE_MAX),
                ("d", DROPPED_STAGE_MAX),
                ("e", DROPPED_STAGE_MAX - 1),
                ("f", 9),
            ],
            DROPPED_MAX,
            8,
        ),
    ];
    for (stages, lines, beyond) in cases {
        let stored = Stored::new();
        let (mut attempt, ..) = stored.attempt(Batch::default(), None).await;
        for (stage, records) in stages {
            for dropped in many(stage, *records).chunks(5_000) {
                attempt.commit(Batch { dropped: dropped.to_vec(), ..Batch::default() }, None).await.unwrap();
            }
        }
        let counts = stored.store.counts().unwrap();
        assert_eq!((counts.dropped, counts.dropped_beyond), (lines, beyond), "{stages:?}");
        assert_eq!(export_dropped(&stored.store, &mut std::io::sink()).unwrap(), lines, "{stages:?}");
        assert_eq!(lines + beyond, stages.iter().map(|(_, records)| records).sum::<u64>(), "{stages:?}");
    }
}

#[tokio::test]
async fn lines_are_those_of_the_latest_sync() {
    let stored = Stored::new();
    let counts = || {
        let Counts { dropped, dropped_beyond, .. } = stored.store.counts().unwrap();
        (dropped, dropped_beyond, export_dropped(&stored.store, &mut std::io::sink()).unwrap())
    };
    assert_eq!(counts(), (0, 0, 0), "no sync yet");
    for chunk in [many("a", 5_000), many("b", 3)] {
        let lines = chunk.len() as u64;
        stored.sync(Batch { dropped: chunk, ..Batch::default() }).await;
        assert_eq!(counts(), (lines, 0, lines));
    }
    stored.store.begin(begin()).await.unwrap();
    assert_eq!(counts(), (0, 0, 0), "the next has begun");
}

#[tokio::test]
async fn equal_dropped_lines_of_a_sync_are_one() {
    let stored = Stored::new();
    let placed = DroppedRecord { location: Some("line 3".into()), ..dropped("hosts", "1") };
    let lines = || vec![dropped("hosts", "1"), dropped("hosts", "1"), placed.clone()];
    let (mut attempt, ..) = stored.attempt(Batch { dropped: lines(), ..Batch::default() }, None).await;
    attempt.commit(Batch { dropped: lines(), ..Batch::default() }, None).await.unwrap();
    assert_eq!(stored.number("SELECT count(*) FROM dropped"), 2);
}
