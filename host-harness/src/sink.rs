//! Where batches go: the store, or whatever an embedding program puts in its place.

use crate::bindings::model::Batch;
use crate::bindings::sink::StageProgress;
use std::future::Future;
use std::pin::Pin;

impl Default for Batch {
    /// Nothing.
    fn default() -> Self {
        let (assets, vulnerabilities, findings) = Default::default();
        let (seen_assets, complete_assets, dropped) = Default::default();
        Self { assets, vulnerabilities, findings, seen_assets, complete_assets, dropped }
    }
}

/// A future that a sink returns.
pub type Committed<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Vec<String>>> + Send + 'a>>;

/// Takes what a run brings. The host has checked the bounds and laws of a batch before it arrives here.
pub trait Sink: Send {
    /// Makes rows and position durable together, and answers the keys of stale assets.
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_>;

    /// How far a stage is; for whoever watches.
    fn progress(&mut self, _progress: &StageProgress) {}
}
