//! One scenario through a component: what came out, and how it differs from what was recorded and expected.
//!
//! It prints nothing, and its store is gone afterwards, so that tests can walk every scenario with it.

pub mod compare;
mod prepare;

pub(crate) use prepare::{Unprepared, leave, prepare};

use crate::bindings::sync::Ended;
use crate::connector::Connector;
use crate::http::replay::{Pieces, Report};
use crate::outcome::{Outcome, Verdict};
use crate::run::World;
use crate::scenario::Scenario;
use crate::scratch::Scratch;
use crate::stop::Stop;
use crate::sync::{How, Synced};
use crate::watch::Watch;
use anyhow::{Context, Result};
use compare::{Difference, compare};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

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
    let scratch = Scratch::new()?;
    prepare(connector, &tenant, &start, &scratch.store).await?;
    let outcome = connector.sync(&tenant, &world, &scratch.store, How::default()).await?;
    let mut report = replay.report();
    if !report.unused.is_empty() {
        // What the sync did not ask for may belong to the test of the way to the source.
        replay.rewind();
        connector.test_connectivity(&tenant, &world).await?;
        report.unused = replay.report().unused;
    }
    let lines = scratch.lines()?;
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
