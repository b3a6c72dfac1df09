//! How fast batches become rows: findings that a store does not know yet, the same ones again, and ones that changed.
//!
//! Beside the findings there are their assets and vulnerabilities, and a position with each batch, as a connector sends them.

use crate::figure::{Bar, Figure};
use crate::{component, tenant};
use anyhow::Result;
use bench::source::{Load, Source};
use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{Ended, Stage, Summary};
use host_harness::connector::Cache;
use host_harness::sink::Sink;
use host_harness::store::{Begin, Close, Store};
use host_harness::{Connector, Engine};
use simulator::Subscription;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a store is filled; the best counts.
const RUNS: u32 = 3;
/// How often a filled store gets the same again; the best counts.
const REPEATS: u32 = 3;
/// Detections of about so many bytes in all.
const DETECTION_BYTES: u64 = 100_000_000;

/// New, unchanged and changed findings, by the clock on the wall, commits on the disk included.
pub async fn figures(path: &Path) -> Result<Vec<Figure>> {
    let connector = Connector::load_with(&Engine::start()?, path, &Cache::off())?;
    let source = Arc::new(Source::keeping(Subscription::of_bytes(DETECTION_BYTES), Load::Detections));
    let batches = component::batches(&connector, &source, &tenant::tenant()).await?;
    let (mut new, mut unchanged, mut changed) = (0.0f64, 0.0f64, 0.0f64);
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("bench.db"))?;
        new = new.max(findings_per_second(&store, &batches, Batch::clone).await?);
        for _ in 0..REPEATS {
            unchanged = unchanged.max(findings_per_second(&store, &batches, Batch::clone).await?);
        }
        changed = changed.max(findings_per_second(&store, &batches, scanned_again).await?);
    }
    Ok(vec![
        Figure::new("store_new_findings_per_second", new, "/s", Bar::AtLeast(40_000.0)),
        Figure::new("store_unchanged_findings_per_second", unchanged, "/s", Bar::AtLeast(300_000.0)),
        Figure::new("store_changed_findings_per_second", changed, "/s", Bar::None),
    ])
}

/// Stores one sync, from its beginning to its close; making a batch is not measured.
async fn findings_per_second(store: &Store, batches: &[Batch], make: impl Fn(&Batch) -> Batch) -> Result<f64> {
    let (mut findings, mut spent) = (0, Duration::ZERO);
    let (mut attempt, started) = timed(&mut spent, store.begin(begin())).await?;
    for batch in batches.iter().map(make) {
        findings += batch.findings.len();
        timed(&mut spent, attempt.commit(batch, Some("position".into()))).await?;
    }
    let summary = Summary { stages: vec![listing()], warnings: vec![], source_counts: vec![] };
    let close = Close { summary, ended: Ended::Complete, state: Some("{}".into()), now: 0 };
    timed(&mut spent, store.close(started.epoch, close)).await?;
    Ok(findings as f64 / spent.as_secs_f64())
}

async fn timed<T>(spent: &mut Duration, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let done = work.await;
    *spent += start.elapsed();
    done
}

/// The batch that a scan of the next day brings.
fn scanned_again(batch: &Batch) -> Batch {
    let mut batch = batch.clone();
    for finding in &mut batch.findings {
        finding.last_seen = finding.last_seen.map(|time| time + 86_400);
    }
    batch
}

/// A listing that was read to its end, so that closing decides what to archive.
fn listing() -> Stage {
    let (name, dropped) = ("hosts".into(), vec![]);
    Stage { name, lists_assets: true, finished: true, seen: 1, emitted: 1, unchanged: 0, dropped }
}

fn begin() -> Begin {
    Begin {
        source: "bench".into(),
        connector_version: "1.0.0".into(),
        fingerprint: "f".into(),
        full: false,
        now: 0,
        sync_age_secs_max: 1,
    }
}
