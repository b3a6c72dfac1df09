//! A host process that is killed at random moments: what comes in the end is what an undisturbed one brings.
//!
//! `make crash RUNS=50 SEED=1` makes more runs; what chance decides follows from the seed, and from the machine.

mod support;

use host_harness::export;
use host_harness::store::{Store, Version};
use simulator::Subscription;
use simulator::server::{Level, Options};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use support::live::{PASSWORD, Source, number};
use xxhash_rust::xxh3::xxh3_64;

/// Processes of one run that are killed, at most.
const KILLS_MAX: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_killed_at_any_moment_goes_on_as_if_nothing_had_happened() {
    let (seed, runs) = (number("SEED", 1), number("RUNS", 4));
    let source = Source::start(options()).await;
    let began = Instant::now();
    let undisturbed = tokio::task::block_in_place(|| Run::new(&source).to_the_end());
    let whole = began.elapsed();
    let mut kills = 0;
    for run in 0..runs {
        let killed = tokio::task::block_in_place(|| {
            let disturbed = Run::new(&source);
            let killed = (0..KILLS_MAX).take_while(|kill| disturbed.kill(moment(whole, [seed, run, *kill]))).count();
            let left = if killed as u64 == KILLS_MAX { disturbed.to_the_end() } else { disturbed.left() };
            let case = format!("seed {seed}, run {run}, after {killed} kills");
            assert_eq!(left.3, undisturbed.3, "{case}: what it counted");
            assert_eq!(first_difference(&left.0, &undisturbed.0), None, "{case}: lines");
            assert_eq!(first_difference(&left.1, &undisturbed.1), None, "{case}: dropped lines");
            assert!(left.2 == undisturbed.2, "{case}: row versions");
            killed
        });
        eprintln!("run {run}: killed {killed} times, and the same in the end");
        kills += killed as u64;
    }
    assert!(2 * kills >= runs, "only {kills} processes of {runs} runs were still there to be killed");
}

fn options() -> Options {
    let subscription = Subscription { hosts: 400, detections_per_host: 40, qids: 400, ..Subscription::default() };
    let bytes_per_second = Some(8 << 20);
    Options { subscription, level: Level::Premium, limit: Some(1_000_000), bytes_per_second, ..Options::default() }
}

/// Somewhere in the time that an undisturbed sync takes, less what the first one may have compiled.
fn moment(whole: Duration, chance: [u64; 3]) -> Duration {
    let chance = xxh3_64(&chance.map(u64::to_le_bytes).concat());
    whole.mul_f64(0.8 * (chance >> 11) as f64 / (1u64 << 53) as f64)
}

/// A store of its own, and the processes that fill it.
struct Run {
    folder: tempfile::TempDir,
    tenant: PathBuf,
}

impl Run {
    fn new(source: &Source) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tenant = source.write_tenant(folder.path(), &support::built(support::QUALYS));
        Self { folder, tenant }
    }

    fn start(&self) -> Child {
        let mut harness = Command::new(env!("CARGO_BIN_EXE_harness"));
        harness.args([Path::new("sync"), Path::new("--config"), &self.tenant]);
        harness.env(PASSWORD, Options::default().password).env("HARNESS_CACHE_DIR", support::cache());
        harness.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts a process and kills it after a while; false when the sync was over by then.
    fn kill(&self, after: Duration) -> bool {
        let mut child = self.start();
        std::thread::sleep(after);
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        ended.into_iter().for_each(assert_over);
        !self.is_over()
    }

    /// A process may be killed after it has closed the sync; the next one would begin another.
    fn is_over(&self) -> bool {
        let path = self.folder.path().join("drill.db");
        path.exists() && Store::open(&path).unwrap().last_sync().unwrap().is_some()
    }

    /// Lets one process go all the way, and tells what is left.
    fn to_the_end(&self) -> Left {
        assert_over(self.start().wait().unwrap());
        self.left()
    }

    fn left(&self) -> Left {
        left(&Store::open(&self.folder.path().join("drill.db")).unwrap())
    }
}

fn assert_over(status: ExitStatus) {
    assert_eq!(status.code(), Some(0), "an undisturbed process did not end well");
}

/// Lines, dropped lines, row versions, and what the sync counted and changed.
type Left = (Vec<u8>, Vec<u8>, Vec<Version>, [Option<String>; 3]);

/// The first line that stands in one of them alone.
fn first_difference<'a>(one: &'a [u8], other: &'a [u8]) -> Option<std::borrow::Cow<'a, str>> {
    let lines = |text: &'a [u8]| text.split(|byte| *byte == b'\n').collect::<std::collections::BTreeSet<_>>();
    lines(one).symmetric_difference(&lines(other)).next().map(|line| String::from_utf8_lossy(line))
}

fn left(store: &Store) -> Left {
    let (mut lines, mut dropped) = (Vec::new(), Vec::new());
    export::export(store, &mut lines).unwrap();
    export::export_dropped(store, &mut dropped).unwrap();
    let last = store.last_sync().unwrap().expect("the sync is closed");
    assert!(!lines.is_empty() && store.position().unwrap().is_none());
    (lines, dropped, store.versions().unwrap(), [last.ended, last.summary, last.changes])
}
