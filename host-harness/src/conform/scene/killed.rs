//! A sync that ends with the world: after a commit, before the connector learns of it.

use super::{Around, Scene};
use crate::bindings::model::Batch;
use crate::scratch::Scratch;
use crate::sink::{Committed, Sink};
use crate::store::Attempt;
use anyhow::Result;
use std::sync::Arc;
use tokio::sync::Notify;

/// Which positions are durable when the world ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Positions {
    /// All that were committed.
    Kept,
    /// None, as if every commit had been one without.
    Lost,
}

impl Scene {
    /// Syncs until so many commits are durable, at least 1, and no further; false when the connector returned before.
    pub async fn killed(&self, scratch: &Scratch, commits: u64, positions: Positions) -> Result<bool> {
        let over = Arc::new(Notify::new());
        let notify = over.clone();
        let through: crate::sync::Through =
            Box::new(move |attempt| Box::new(EndsAfter { attempt, commits, positions, over: notify }));
        tokio::select! {
            returned = self.attempt(scratch, Around { through, ..Around::default() }) => returned.map(|_| false),
            () = over.notified() => Ok(true),
        }
    }
}

/// Commits, and ends the world after so many commits.
struct EndsAfter {
    attempt: Attempt,
    commits: u64,
    positions: Positions,
    over: Arc<Notify>,
}

impl Sink for EndsAfter {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        let position = position.filter(|_| self.positions == Positions::Kept);
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
