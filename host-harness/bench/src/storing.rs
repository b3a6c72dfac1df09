//! How fast batches become rows: findings that a store does not know yet, and the same ones again.

use crate::figure::{Bar, Figure};
use crate::{component, tenant};
use anyhow::Result;
use bench::source::{Load, Source};
use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{Ended, Summary};
use host_harness::connector::Cache;
use host_harness::sink::Sink;
use host_harness::store::{Begin, Close, Store};
use host_harness::{Connector, Engine};
use simulator::Subscription;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// How often each is tried; the best counts.
const RUNS: u32 = 3;
/// Detections of about so many bytes in all.
const DETECTION_BYTES: u64 = 100_000_000;

/// New and unchanged findings, by the clock on the wall, commits on the disk included.
pub async fn figures(path: &Path) -> Result<Vec<Figure>> {
    let connector = Connector::load_with(&Engine::start()?, path, &Cache::off())?;
    let source = Arc::new(Source::keeping(Subscription::of_bytes(DETECTION_BYTES), Load::Detections));
    let batches = component::batches(&connector, &source, &tenant::tenant()).await?;
    let (mut new, mut unchanged) = (0.0f64, 0.0f64);
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("bench.db"))?;
        new = new.max(findings_per_second(&store, &batches).await?);
        unchanged = unchanged.max(findings_per_second(&store, &batches).await?);
    }
    Ok(vec![
        Figure::new("store_new_findings_per_second", new, "/s", Bar::AtLeast(40_000.0)),
        Figure::new("store_unchanged_findings_per_second", unchanged, "/s", Bar::AtLeast(300_000.0)),
    ])
}

/// Stores one sync, from its beginning to its close.
async fn findings_per_second(store: &Store, batches: &[Batch]) -> Result<f64> {
    let (batches, findings) = (batches.to_vec(), batches.iter().map(|batch| batch.findings.len()).sum::<usize>());
    let start = Instant::now();
    let (mut attempt, started) = store.begin(begin()).await?;
    for batch in batches {
        attempt.commit(batch, Some("position".into())).await?;
    }
    let summary = Summary { stages: vec![], warnings: vec![], source_counts: vec![] };
    let close = Close { summary, ended: Ended::Complete, state: Some("{}".into()), now: 0 };
    store.close(started.epoch, close).await?;
    Ok(findings as f64 / start.elapsed().as_secs_f64())
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
