//! One scenario through a component: what came out, and how it differs from what was recorded and expected.
//!
//! It prints nothing, and its store is gone afterwards, so that tests can walk every scenario with it.

pub mod compare;

use crate::bindings::model::Batch;
use crate::bindings::sync::{Ended, Summary};
use crate::config::Start;
use crate::connector::Connector;
use crate::export::export;
use crate::http::replay::{Pieces, Report};
use crate::outcome::{Outcome, Verdict};
use crate::run::World;
use crate::scenario::Scenario;
use crate::sink::Sink;
use crate::stop::Stop;
use crate::store::{Begin, Close, Store};
use crate::sync::{How, Synced};
use crate::tenant::Tenant;
use crate::watch::Watch;
use anyhow::{Context, Result, ensure};
use compare::{Difference, compare};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// Scenarios that stand on one another, at most.
const SCENARIOS_BEFORE_MAX: u32 = 8;

/// What one scenario led to.
#[derive(Debug)]
pub struct Trial {
    /// The scenario's name.
    pub name: String,
    /// How the sync ended, and what it used.
    pub outcome: Outcome<Synced>,
    /// What an export of the store gives.
    pub lines: String,
    /// How the sync should have ended; absent when it did.
    pub should_end: Option<String>,
    /// How the lines differ from the expected ones.
    pub differences: Vec<Difference>,
    /// How requests and recording differ.
    pub report: Report,
}

impl Trial {
    /// Everything is as recorded and expected.
    pub fn passes(&self) -> bool {
        self.should_end.is_none() && self.differences.is_empty() && self.report.is_clean()
    }
}

/// Runs the scenario in a folder: a sync into a store that holds what the scenarios before it left, answered by the recording.
pub async fn run(
    connector: &Connector,
    folder: &Path,
    pieces: Pieces,
    stop: &Stop,
    watch: Arc<dyn Watch>,
) -> Result<Trial> {
    let Scenario { name, tenant, start, replay, expected } = Scenario::open(folder)?;
    let expected = read(&expected)?;
    let replay = Arc::new(replay.pieces(pieces));
    let world = World { stop: stop.clone(), watch, ..World::new(replay.clone()) };
    let place = tempfile::tempdir().context("making a folder for the store")?;
    let store = Store::open(&place.path().join("store.db"))?;
    before(connector, &start, &store, SCENARIOS_BEFORE_MAX).await?;
    prepare(connector, &tenant, &store, &start).await?;
    let outcome = connector.sync(&tenant, &world, &store, How::default()).await?;
    let mut report = replay.report();
    if !report.unused.is_empty() {
        // What the sync did not ask for may belong to the test of the way to the source.
        replay.rewind();
        connector.test_connectivity(&tenant, &world).await?;
        report.unused = replay.report().unused;
    }
    let mut lines = Vec::new();
    export(&store, &mut lines)?;
    let lines = String::from_utf8(lines).context("reading the export")?;
    let differences = compare(&expected, &lines);
    let should_end = (ending(&outcome.verdict) != start.ends).then_some(start.ends);
    Ok(Trial { name, outcome, lines, should_end, differences, report })
}

/// Accepts what came out as what is expected.
pub fn bless(folder: &Path, trial: &Trial) -> Result<()> {
    let expected = Scenario::open(folder)?.expected;
    std::fs::write(&expected, &trial.lines).with_context(|| format!("writing {}", expected.display()))
}

/// How a sync ended, in the word that a scenario's settings use.
pub fn ending(verdict: &Verdict<Synced>) -> &'static str {
    match verdict {
        Verdict::Returned(synced) => match synced.outcome.ended {
            Ended::Complete => "complete",
            Ended::InPart => "in-part",
            Ended::Stopped => "stopped",
            Ended::Failed => "failed",
        },
        Verdict::Unconfigured(_) => "unconfigured",
        Verdict::Limited(_) => "limited",
        Verdict::Unlawful(_) => "unlawful",
        Verdict::Trapped(_) => "trapped",
    }
}

/// A scenario that was never blessed expects nothing.
fn read(expected: &Path) -> Result<String> {
    match std::fs::read_to_string(expected) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read.with_context(|| format!("reading {}", expected.display())),
    }
}

/// Syncs the scenarios that one stands on into its store, the oldest first.
pub(crate) async fn before(connector: &Connector, start: &Start, store: &Store, scenarios_max: u32) -> Result<()> {
    let Some(folder) = &start.after else { return Ok(()) };
    let named = || format!("syncing the scenario before, {}", folder.display());
    ensure!(scenarios_max > 0, "{}: {SCENARIOS_BEFORE_MAX} others stand on it, or they stand on each other", named());
    let Scenario { tenant, start, replay, .. } = Scenario::open(folder).with_context(named)?;
    Box::pin(before(connector, &start, store, scenarios_max - 1)).await?;
    prepare(connector, &tenant, store, &start).await?;
    let outcome = connector.sync(&tenant, &World::new(Arc::new(replay)), store, How::default()).await?;
    let ended = ending(&outcome.verdict);
    ensure!(ended == start.ends, "{}: it ended as {ended}, and not as {}", named(), start.ends);
    Ok(())
}

/// Leaves in the store what earlier syncs of the scenario left: their state, and the position of one that was not closed.
async fn prepare(connector: &Connector, tenant: &Tenant, store: &Store, start: &Start) -> Result<()> {
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
        attempt.commit(nothing(), Some(position.clone())).await?;
    }
    Ok(())
}

fn nothing() -> Batch {
    Batch {
        assets: vec![],
        vulnerabilities: vec![],
        findings: vec![],
        seen_assets: vec![],
        complete_assets: vec![],
        dropped: vec![],
    }
}
