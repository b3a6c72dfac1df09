//! Every commit of a sync is killed once, before it, in it and after it: a process dies, and the next one goes on.

mod support;

use host_harness::scratch::Scratch;
use host_harness::store::{Sync, Version};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Where a process can be made to die, and how often a sync comes by at least.
const POINTS: &[(&str, usize)] = &[
    ("store.commit.before", 2),
    ("store.commit.in", 2),
    ("store.commit.after", 2),
    ("store.close.before", 1),
    ("store.close.in", 1),
    ("store.close.after", 1),
];

/// What `abort` kills a process with.
const SIGABRT: i32 = 6;

/// Component, a recording in which it commits more than once, and how many syncs of it the store has seen before.
const SYNCS: &[(&str, &str, usize)] = &[
    (support::CSV, "tests/scenarios/csv/three-pages", 0),
    (support::CSV, "tests/scenarios/csv/three-pages", 1),
    (support::QUALYS, "../fixtures/qualys/two-pages-of-hosts", 0),
    (support::QUALYS, "../fixtures/qualys/two-pages-of-hosts", 1),
];

#[test]
fn a_sync_that_is_killed_at_any_commit_ends_as_if_nothing_had_happened() {
    for sync in SYNCS {
        let undisturbed = store_before(sync);
        assert!(is_over(run(sync, &undisturbed.path, "")), "{sync:?}");
        let undisturbed = left(&undisturbed);
        for (point, times_min) in POINTS {
            let kills = (0..).take_while(|times| killed_at(sync, point, *times, &undisturbed)).count();
            assert!(kills >= *times_min, "{sync:?}, {point}: {kills} times");
        }
    }
}

/// Kills a sync when it has come by a point so many times, and goes on; false when it never does.
fn killed_at(sync: &(&str, &str, usize), point: &str, times: u32, undisturbed: &Left) -> bool {
    let (kept, case) = (store_before(sync), format!("{sync:?}, {point} after {times} times"));
    let killed = run(sync, &kept.path, &format!("{point}={times}*off->return"));
    if is_over(killed) {
        return false;
    }
    assert_eq!(killed.signal(), Some(SIGABRT), "{case}: {killed}");
    let closed = kept.store.last_sync().unwrap().map(|last| last.id);
    assert!(closed == Some(undisturbed.4.id) || is_over(run(sync, &kept.path, "")), "{case}");
    assert_eq!(&left(&kept), undisturbed, "{case}");
    true
}

/// A store as it is before the sync.
fn store_before(sync: &(&str, &str, usize)) -> Scratch {
    let kept = Scratch::new().unwrap();
    (0..sync.2).for_each(|_| assert!(is_over(run(sync, &kept.path, "")), "{sync:?}"));
    kept
}

/// One attempt in a process of its own.
fn run((component, scenario, _): &(&str, &str, usize), store: &Path, failpoints: &str) -> ExitStatus {
    let mut harness = Command::new(env!("CARGO_BIN_EXE_harness"));
    harness.arg("sync").arg("--component").arg(support::built(component)).arg("--store").arg(store);
    harness.arg("--replay").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(scenario));
    harness.env("FAILPOINTS", failpoints).env("HARNESS_CACHE_DIR", support::cache());
    let output = harness.output().unwrap();
    assert!(output.status.code() != Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    output.status
}

/// Complete, or in part: a recording of a first sync may not hold what a second one asks for.
fn is_over(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 5))
}

/// What a sync leaves, apart from the number of its attempts.
type Left = (String, String, Vec<Version>, Option<String>, Sync);

fn left(kept: &Scratch) -> Left {
    let last = kept.store.last_sync().unwrap().expect("the sync is closed");
    let position = kept.store.position().unwrap();
    (
        kept.lines().unwrap(),
        kept.dropped().unwrap(),
        kept.store.versions().unwrap(),
        position,
        Sync { attempts: 0, ..last },
    )
}
