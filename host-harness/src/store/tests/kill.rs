//! A sync whose process is killed at any point of any commit ends as if nothing had happened.

use super::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the store to the child process.
const STORE: &str = "KILLED_STORE";

/// Twins in different commits, an asset that is named only, one that goes, a finding that goes, a dropped record.
fn commits() -> Vec<Batch> {
    let open = |asset, evidence: &str| Finding { evidence: Some(evidence.into()), ..on(asset, "v") };
    let complete = CompleteAsset { key: "1".into(), kind: VulnerabilityKind::Vulnerability };
    vec![
        Batch {
            assets: vec![Asset { os: Some("Linux".into()), ..host("1") }],
            seen_assets: vec![seen("2", 1)],
            ..Batch::default()
        },
        Batch {
            findings: vec![open("1", "a"), open("2", "a")],
            dropped: vec![dropped("hosts", "4")],
            ..Batch::default()
        },
        Batch {
            assets: vec![host("5")],
            findings: vec![open("1", "b")],
            complete_assets: vec![complete],
            ..Batch::default()
        },
        Batch { vulnerabilities: vec![weakness()], ..Batch::default() },
    ]
}

/// A store after a first sync.
fn prepared(folder: &Path) -> PathBuf {
    let path = folder.join("a.db");
    let old = Batch {
        assets: ["1", "2", "3", "4"].map(host).to_vec(),
        vulnerabilities: vec![weakness()],
        findings: vec![Finding { port: Some(1), ..on("1", "v") }],
        ..Batch::default()
    };
    block_on(sync(&path, vec![old]));
    path
}

/// One attempt that goes on where the last one stopped: the position is the number of commits that are done.
async fn sync(path: &Path, commits: Vec<Batch>) {
    let (mut attempt, start) = Store::open(path).unwrap().begin(begin()).await.unwrap();
    let done: usize = start.position.map_or(0, |position| position.parse().unwrap());
    for (number, batch) in commits.into_iter().enumerate().skip(done) {
        attempt.commit(batch, Some((number + 1).to_string())).await.unwrap();
    }
    attempt.store.close(start.epoch, complete(4)).await.unwrap();
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

/// Runs this very test as a child; `killed` tells whether it must die on the way.
fn child(path: &Path, failpoints: &str, killed: bool) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "store::tests::kill::a_killed_sync_ends_as_if_nothing_had_happened"]);
    let output = command.env(STORE, path).env("FAILPOINTS", failpoints).output().unwrap();
    assert_eq!(output.status.success(), !killed, "{failpoints}: {}", String::from_utf8_lossy(&output.stdout));
}

fn left(path: &Path) -> (Vec<u8>, Vec<Version>, Option<String>, Option<String>) {
    let store = Store::open(path).unwrap();
    let mut lines = Vec::new();
    crate::export::export(&store, &mut lines).unwrap();
    crate::export::export_dropped(&store, &mut lines).unwrap();
    let state = store.snapshot().unwrap().query_row("SELECT state FROM store", [], |row| row.get(0)).unwrap();
    (lines, store.versions().unwrap(), store.position().unwrap(), state)
}

#[test]
fn a_killed_sync_ends_as_if_nothing_had_happened() {
    if let Some(path) = std::env::var_os(STORE) {
        let _scenario = fail::FailScenario::setup();
        return block_on(sync(Path::new(&path), commits()));
    }
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = prepared(folder.path());
    child(&undisturbed, "", false);
    let expected = left(&undisturbed);
    for (moment, times) in [("commit", commits().len()), ("close", 1)] {
        for place in ["before", "in", "after"] {
            for time in 0..times {
                let folder = tempfile::tempdir().unwrap();
                let path = prepared(folder.path());
                let failpoints = match time {
                    0 => format!("store.{moment}.{place}=return"),
                    time => format!("store.{moment}.{place}={time}*off->return"),
                };
                child(&path, &failpoints, true);
                child(&path, "", false);
                assert!(left(&path) == expected, "{failpoints}");
            }
        }
    }
}
