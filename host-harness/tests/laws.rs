//! The contract's laws, tried on every connector over every recording of its source.

mod support;

use host_harness::Engine;
use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{DropCount, Ended, Stage};
use host_harness::http::replay::Pieces;
use host_harness::sink::{Committed, Sink};
use host_harness::stop::{Reason, Stop};
use host_harness::store::Attempt;
use host_harness::watch::Watch;
use std::sync::{Arc, Mutex};
use support::scene::{Around, Left, Scene};
use tokio::sync::Notify;

/// Component, where recordings of its source are, and which of them it can also read a second time, as what has changed since.
const CONNECTORS: &[(&str, &str, &[&str])] = &[
    (support::CSV, support::CSV_SCENARIOS, &["three-pages"]),
    (support::QUALYS, support::QUALYS_SCENARIOS, &["two-pages-of-hosts"]),
];

/// Imports that tell a connector to stop.
const TELLING: &[&str] = &["http.head", "http.read", "http.keep", "sink.commit", "sink.progress"];

/// Every connector over every recording.
fn scenes() -> Vec<Scene> {
    let engine = Engine::start().unwrap();
    let mut scenes = Vec::new();
    for (component, folder, again) in CONNECTORS {
        let connector = support::load(&engine, component);
        let long = (*component == support::CSV).then(support::long_page);
        for folder in support::scenarios(folder).into_iter().chain(long) {
            let syncs = if again.iter().any(|name| folder.ends_with(name)) { 2 } else { 1 };
            scenes.extend((0..syncs).map(|syncs_before| {
                let (connector, folder) = (connector.clone(), folder.clone());
                Scene { connector, folder, pieces: Pieces::Whole, syncs_before }
            }));
        }
    }
    scenes
}

#[tokio::test]
async fn where_a_piece_ends_makes_no_difference() {
    for mut scene in scenes() {
        let whole = scene.undisturbed().await;
        for bytes in [1, 7] {
            scene.pieces = Pieces::Of(bytes);
            assert_alike(&whole, &scene.undisturbed().await, &scene.name());
        }
    }
}

#[tokio::test]
async fn an_attempt_that_ends_at_any_commit_is_resumed_without_a_trace() {
    for scene in scenes() {
        let undisturbed = scene.undisturbed().await;
        for commits in 1.. {
            let (kept, over) = (scene.kept().await, Arc::new(Notify::new()));
            let notify = over.clone();
            let sink = Box::new(move |attempt| Box::new(EndsAfter { attempt, commits, over: notify }) as Box<dyn Sink>);
            tokio::select! {
                _ = scene.attempt(&kept, Around { sink, ..Around::default() }) => break,
                () = over.notified() => {}
            }
            assert_alike(&undisturbed, &scene.finish(&kept).await, &format!("{}, commit {commits}", scene.name()));
        }
    }
}

#[tokio::test]
async fn a_stop_at_any_import_is_obeyed_and_resumed_without_a_trace() {
    for scene in scenes() {
        let undisturbed = scene.undisturbed().await;
        for call in 1.. {
            let (kept, stop) = (scene.kept().await, Stop::new());
            let stops = Arc::new(StopsAt { call, stop: stop.clone(), calls: Mutex::default() });
            let (returned, _) = scene.attempt(&kept, Around { stop, watch: stops.clone(), ..Around::default() }).await;
            if stops.calls.lock().unwrap().len() < call {
                break;
            }
            let case = format!("{}, stop at call {call}", scene.name());
            if let Some(after) = stops.after_it_was_told() {
                assert_eq!(returned.ended, Ended::Stopped, "{case}");
                assert!(!after.contains(&"http.send"), "{case}: {after:?}");
                assert!(after.iter().filter(|import| **import == "sink.commit").count() <= 1, "{case}: {after:?}");
            }
            let left = match returned.ended {
                Ended::Stopped => scene.finish(&kept).await,
                _ => scene.left(&kept, &returned),
            };
            assert_alike(&undisturbed, &left, &case);
        }
    }
}

#[tokio::test]
async fn what_is_sent_again_in_another_order_changes_nothing() {
    for scene in scenes() {
        let undisturbed = scene.undisturbed().await;
        let kept = scene.kept().await;
        let sink = Box::new(|attempt| Box::new(Again { attempt, batches: vec![] }) as Box<dyn Sink>);
        let (returned, _) = scene.attempt(&kept, Around { sink, ..Around::default() }).await;
        assert_alike(&undisturbed, &scene.left(&kept, &returned), &scene.name());
    }
}

#[tokio::test]
async fn every_stage_balances_and_names_what_it_dropped() {
    for scene in scenes() {
        let kept = scene.kept().await;
        let (returned, _) = scene.attempt(&kept, Around::default()).await;
        let is_over = matches!(returned.ended, Ended::Complete | Ended::InPart);
        let lines = kept.dropped();
        for Stage { name, seen, emitted, unchanged, dropped, .. } in &returned.summary.stages {
            let counted: u64 = dropped.iter().map(|dropped| dropped.count).sum();
            assert_eq!(*seen, emitted + unchanged + counted, "{}: {name}", scene.name());
            for DropCount { reason, count } in dropped.iter().filter(|_| is_over) {
                let data = format!(r#""stage":"{name}","reason":"{reason}""#);
                let lines = lines.lines().filter(|line| line.contains(&data)).count() as u64;
                assert!((1..=*count).contains(&lines), "{}: {name}, {reason}: {lines} of {count}", scene.name());
            }
        }
    }
}

fn assert_alike(undisturbed: &Left, left: &Left, case: &str) {
    assert_eq!(undisturbed.lines, left.lines, "{case}: the lines");
    assert_eq!(undisturbed, left, "{case}");
}

/// Commits, and ends the world after so many commits.
struct EndsAfter {
    attempt: Attempt,
    commits: u32,
    over: Arc<Notify>,
}

impl Sink for EndsAfter {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        Box::pin(async move {
            let stale = self.attempt.commit(batch, position).await?;
            self.commits -= 1;
            if self.commits == 0 {
                self.over.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(stale)
        })
    }
}

/// Commits, and then commits all that was brought so far once more, from the last record to the first.
struct Again {
    attempt: Attempt,
    batches: Vec<Batch>,
}

impl Sink for Again {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        self.batches.push(batch.clone());
        Box::pin(async move {
            let stale = self.attempt.commit(batch, position).await?;
            for batch in self.batches.iter().rev() {
                self.attempt.commit(backwards(batch.clone()), None).await?;
            }
            Ok(stale)
        })
    }
}

fn backwards(mut batch: Batch) -> Batch {
    batch.assets.reverse();
    batch.vulnerabilities.reverse();
    batch.findings.reverse();
    batch
}

/// Counts calls of imports, and says stop at one of them.
struct StopsAt {
    call: usize,
    stop: Stop,
    calls: Mutex<Vec<&'static str>>,
}

impl Watch for StopsAt {
    fn call(&self, import: &'static str) {
        let mut calls = self.calls.lock().unwrap();
        calls.push(import);
        if calls.len() == self.call {
            self.stop.stop(Reason::Interrupted);
        }
    }
}

impl StopsAt {
    /// What was called once the connector had been told; nothing when it was not told at all.
    fn after_it_was_told(&self) -> Option<Vec<&'static str>> {
        let calls = self.calls.lock().unwrap();
        let since_the_stop = calls.get(self.call - 1..)?;
        let told = since_the_stop.iter().position(|import| TELLING.contains(import))?;
        Some(since_the_stop[told + 1..].to_vec())
    }
}
