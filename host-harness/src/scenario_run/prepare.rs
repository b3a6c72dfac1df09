//! What a store holds when a scenario begins.

use super::ending;
use crate::bindings::model::Batch;
use crate::bindings::sync::{Ended, Summary};
use crate::config::Start;
use crate::connector::Connector;
use crate::outcome::Verdict;
use crate::run::World;
use crate::scenario::Scenario;
use crate::sink::Sink;
use crate::store::{Begin, Close, Store};
use crate::sync::How;
use crate::tenant::Tenant;
use anyhow::{Context, Result, ensure};
use std::sync::Arc;

/// Scenarios that stand on one another, at most.
const SCENARIOS_BEFORE_MAX: u32 = 8;

/// The scenario before did not end as it must, so there is nothing to stand on.
#[derive(Debug, thiserror::Error)]
#[error("it ended as {ended}, and not as {ends}")]
pub struct Unprepared {
    /// How it ended.
    pub ended: &'static str,
    /// How it must end.
    pub ends: String,
}

/// Leaves in the store what it holds when the scenario begins; a scenario before that ends otherwise is an [`Unprepared`].
pub async fn prepare(connector: &Connector, tenant: &Tenant, start: &Start, store: &Store) -> Result<()> {
    before(connector, start, store, SCENARIOS_BEFORE_MAX).await?;
    leave(connector, tenant, start, store).await
}

/// Syncs the scenarios that one stands on into its store, the oldest first.
async fn before(connector: &Connector, start: &Start, store: &Store, scenarios_max: u32) -> Result<()> {
    let Some(folder) = &start.after else { return Ok(()) };
    let named = || format!("syncing the scenario before, {}", folder.display());
    ensure!(scenarios_max > 0, "{}: {SCENARIOS_BEFORE_MAX} others stand on it, or they stand on each other", named());
    let Scenario { tenant, start, replay, .. } = Scenario::open(folder).with_context(named)?;
    Box::pin(before(connector, &start, store, scenarios_max - 1)).await?;
    leave(connector, &tenant, &start, store).await?;
    let outcome = connector.sync(&tenant, &World::new(Arc::new(replay)), store, How::default()).await?;
    let ended = ending(&outcome.verdict);
    if ended != start.ends {
        return Err(Unprepared { ended, ends: start.ends }).with_context(named);
    }
    Ok(())
}

/// Leaves what the scenario's settings name: the state of a sync before, and the position of one that was not closed.
pub async fn leave(connector: &Connector, tenant: &Tenant, start: &Start, store: &Store) -> Result<()> {
    if start.state.is_none() && start.position.is_none() {
        return Ok(());
    }
    let Verdict::Returned(resolved) = connector.configure(tenant).await?.verdict else { return Ok(()) };
    let manifest = connector.describe().await?;
    let begin = Begin {
        source: manifest.name,
        connector_version: manifest.version,
        fingerprint: resolved.fingerprint,
        full: false,
        now: start.now,
        sync_age_secs_max: tenant.limits.sync_age_secs_max,
    };
    if let Some(state) = &start.state {
        let (_, begun) = store.begin(begin.clone()).await?;
        let summary = Summary { stages: vec![], warnings: vec![], source_counts: vec![] };
        let close = Close { summary, ended: Ended::Complete, state: Some(state.clone()), now: start.now };
        store.close(begun.epoch, close).await?;
    }
    if let Some(position) = &start.position {
        let (mut attempt, _) = store.begin(begin).await?;
        attempt.commit(Batch::default(), Some(position.clone())).await?;
    }
    Ok(())
}
