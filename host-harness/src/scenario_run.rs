//! One scenario through a component: what came out, and how it differs from what was recorded and expected.
//!
//! It prints nothing, and its store is gone afterwards, so that tests can walk every scenario with it.

pub mod compare;
mod lines;
mod prepare;

pub use lines::Lines;
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
use anyhow::Result;
use std::path::Path;
use std::sync::Arc;

/// What one scenario led to.
#[derive(Debug)]
pub struct Trial {
    /// The scenario's name.
    pub name: String,
    /// How the sync ended, and what it used.
    pub outcome: Outcome<Synced>,
    /// How the sync should have ended; absent when it did.
    pub should_end: Option<String>,
    /// What the sync should have warned of; absent when it did.
    pub should_warn: Option<String>,
    /// What an export of the store gives.
    pub exported: Lines,
    /// What the sync dropped.
    pub dropped: Lines,
    /// How requests and recording differ.
    pub report: Report,
}

impl Trial {
    /// Everything is as recorded and expected.
    pub fn passes(&self) -> bool {
        let is_as_expected = self.files().iter().all(|lines| lines.differences.is_empty());
        self.should_end.is_none() && self.should_warn.is_none() && is_as_expected && self.report.is_clean()
    }

    /// The lines that came, and how they differ from those in the scenario's files.
    pub fn files(&self) -> [&Lines; 2] {
        [&self.exported, &self.dropped]
    }

    /// Accepts what came out as what is expected; where nothing is dropped, there is no file of it.
    pub fn bless(&mut self) -> Result<()> {
        self.exported.write()?;
        if self.dropped.came.is_empty() { self.dropped.remove() } else { self.dropped.write() }
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
    let Scenario { name, tenant, start, replay, expected, dropped } = Scenario::open(folder)?;
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
    let (exported, dropped) = (Lines::new(expected, scratch.lines()?)?, Lines::new(dropped, scratch.dropped()?)?);
    let should_end = (ending(&outcome.verdict) != start.ends).then_some(start.ends);
    let should_warn = (codes(&outcome.verdict) != start.warns).then(|| listed(&start.warns));
    Ok(Trial { name, outcome, should_end, should_warn, exported, dropped, report })
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

/// What a sync warned of, in words: the codes in their order, or nothing.
pub fn warned(verdict: &Verdict<Synced>) -> String {
    listed(&codes(verdict))
}

pub(crate) fn codes(verdict: &Verdict<Synced>) -> Vec<&str> {
    let Verdict::Returned(synced) = verdict else { return vec![] };
    synced.outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

fn listed<S: AsRef<str>>(codes: &[S]) -> String {
    let codes: Vec<_> = codes.iter().map(AsRef::as_ref).collect();
    if codes.is_empty() { "nothing".into() } else { codes.join(" and ") }
}
