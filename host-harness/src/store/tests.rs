//! A store from end to end, through the sink.

mod archive;
mod attempts;
mod dropped;
mod golden;
#[cfg(feature = "failpoints")]
mod kill;
mod order;
mod rows;
mod silence;

use super::*;
use crate::bindings::model::*;
use crate::bindings::sync::{DropCount, Stage};
pub use crate::join::samples::{host, package, property, sample, weakness};

/// A store in a folder of its own, which goes with it.
pub struct Stored {
    pub store: Store,
    _folder: tempfile::TempDir,
}

impl Stored {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tenant.db")).unwrap();
        // No test pulls the plug, so none has to wait for the disk.
        store.lock().pragma_update(None, "synchronous", "off").unwrap();
        Self { store, _folder: folder }
    }

    /// Begins an attempt and commits one batch.
    pub async fn attempt(&self, batch: Batch, position: Option<&str>) -> (Attempt, Start, Vec<String>) {
        let (mut attempt, start) = self.store.begin(begin()).await.unwrap();
        let stale = attempt.commit(batch, position.map(str::to_owned)).await.unwrap();
        (attempt, start, stale)
    }

    /// A sync of one batch whose listing was finished.
    pub async fn sync(&self, batch: Batch) -> Closed {
        let listed = (batch.assets.len() + batch.seen_assets.len()) as u64;
        let (_, start, _) = self.attempt(batch, None).await;
        self.store.close(start.epoch, complete(listed)).await.unwrap()
    }

    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        crate::export::export(&self.store, &mut lines).unwrap();
        String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
    }

    /// The version of each row, as `key version`.
    pub fn versions(&self) -> Vec<String> {
        let versions = self.store.versions().unwrap();
        versions.iter().map(|row| format!("{} {}", row.key, row.version)).collect()
    }

    /// The one number that a query answers.
    pub fn number(&self, sql: &str) -> i64 {
        self.store.snapshot().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

pub fn begin() -> Begin {
    Begin {
        source: "sample".into(),
        connector_version: "1.0.0".into(),
        fingerprint: "f".into(),
        full: false,
        now: 1000,
        sync_age_secs_max: 100,
    }
}

/// The close of a sync whose listing was finished and named so many.
pub fn complete(listed: u64) -> Close {
    let summary = Summary { stages: vec![listing(listed)], warnings: vec![], source_counts: vec![] };
    Close { summary, ended: Ended::Complete, state: Some("state".into()), now: 1010 }
}

pub fn listing(seen: u64) -> Stage {
    let dropped = vec![DropCount { reason: "no-name".into(), count: 1 }];
    Stage { name: "hosts".into(), lists_assets: true, finished: true, seen, emitted: seen, unchanged: 0, dropped }
}

pub fn seen(key: &str, digest: u64) -> SeenAsset {
    SeenAsset { key: key.into(), digest }
}

pub fn on(asset_key: &str, vulnerability_key: &str) -> Finding {
    Finding {
        asset_key: asset_key.into(),
        vulnerability_key: vulnerability_key.into(),
        status: FindingStatus::Vulnerable,
        ..sample()
    }
}

pub fn dropped(stage: &str, key: &str) -> DroppedRecord {
    DroppedRecord { stage: stage.into(), key: key.into(), reason: "no-name".into(), location: None }
}
