//! One connector over one recorded scenario, and all that a sync of it leaves.

mod killed;
mod left;
mod witness;

pub use killed::Positions;
pub use left::Left;
pub use witness::Witness;

use super::report::Breach;
use crate::bindings::sync::{Ended, Outcome as Returned};
use crate::connector::Connector;
use crate::http::replay::{Pieces, Report};
use crate::outcome::{Outcome, Verdict};
use crate::run::World;
use crate::scenario::Scenario;
use crate::scenario_run::{self, Unprepared};
use crate::scratch::{Frozen, Scratch};
use crate::stop::Stop;
use crate::sync::{How, Synced, Through};
use crate::watch::{Unwatched, Watch};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Time that a sync of a recording may keep a thread busy.
const CPU_MAX: Duration = Duration::from_secs(60);

/// One connector over one recorded scenario.
pub struct Scene {
    /// The scenario's name, for messages.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The connector.
    pub connector: Connector,
    /// The store has seen a sync of it before.
    pub is_later: bool,
    pub(super) scenario: Scenario,
    before: Frozen,
}

/// What stands around an attempt; by default nobody disturbs it.
pub struct Around {
    /// How bodies are handed out.
    pub pieces: Pieces,
    /// Stops it.
    pub stop: Stop,
    /// Sees it.
    pub watch: Arc<dyn Watch>,
    /// Where its batches go: to the store, through whatever stands before it.
    pub through: Through,
}

impl Default for Around {
    fn default() -> Self {
        let through: Through = Box::new(|attempt| Box::new(attempt));
        Self { pieces: Pieces::Whole, stop: Stop::new(), watch: Arc::new(Unwatched), through }
    }
}

/// A sync that nobody disturbed, and all that was seen of it.
pub struct Baseline {
    /// How it ended, and what it used.
    pub outcome: Outcome<Synced>,
    /// What it left.
    pub left: Left,
    /// What it called, said and committed.
    pub witness: Arc<Witness>,
}

impl Baseline {
    /// What the connector returned, if it did.
    pub fn returned(&self) -> Option<&Returned> {
        match &self.outcome.verdict {
            Verdict::Returned(synced) => Some(&synced.outcome),
            _ => None,
        }
    }

    /// The same, where the sync is over.
    pub fn over(&self) -> Option<&Returned> {
        self.returned().filter(|returned| matches!(returned.ended, Ended::Complete | Ended::InPart))
    }
}

impl Scene {
    /// Reads a scenario and syncs it so many times; a sync before that ends otherwise than it must is a breach.
    pub async fn open(connector: &Connector, folder: &Path, syncs_before: u32) -> Result<Result<Self, Breach>> {
        let mut scenario = Scenario::open(folder)?;
        scenario.tenant.limits.cpu_max = CPU_MAX;
        let again = if syncs_before > 0 { format!(" after {syncs_before} of it") } else { String::new() };
        let name = format!("{}{again}", scenario.name);
        let (folder, connector, scratch) = (folder.to_owned(), connector.clone(), Scratch::new()?);
        let prepared = scenario_run::prepare(&connector, &scenario.tenant, &scenario.start, &scratch.store).await;
        if let Err(error) = prepared {
            let Some(Unprepared { ended, ends }) = error.downcast_ref() else { return Err(error) };
            let breach = Breach::new(format!("the scenario before ends as {ends}"), format!("it ended as {ended}"));
            return Ok(Err(Breach { scenario: Some(name), ..breach }));
        }
        let empty = Scratch::new()?.freeze();
        let is_later = syncs_before > 0;
        let mut scene = Self { name, folder, connector, is_later, scenario, before: empty };
        for _ in 0..syncs_before {
            scene.attempt(&scratch, Around::default()).await?;
        }
        scene.before = scratch.freeze();
        Ok(Ok(scene))
    }

    /// A store of its own, as the scenario finds it.
    pub fn store(&self) -> Result<Scratch> {
        self.before.thaw()
    }

    /// A sync that nobody disturbs, in a store of its own.
    pub async fn undisturbed(&self) -> Result<Baseline> {
        let (scratch, witness) = (self.store()?, Arc::new(Witness::default()));
        let tap = witness.clone();
        let through: Through = Box::new(|attempt| tap.before(attempt));
        let around = Around { watch: witness.clone(), through, ..Around::default() };
        let (outcome, _) = self.attempt(&scratch, around).await?;
        let left = Left::of(&scratch, &outcome.verdict)?;
        Ok(Baseline { outcome, left, witness })
    }

    /// Goes on from what the store holds until the connector returns.
    pub async fn finish(&self, scratch: &Scratch) -> Result<(Outcome<Synced>, Left)> {
        self.finish_in(scratch, Around::default()).await
    }

    /// The same in other circumstances.
    pub async fn finish_in(&self, scratch: &Scratch, around: Around) -> Result<(Outcome<Synced>, Left)> {
        let (outcome, _) = self.attempt(scratch, around).await?;
        let left = Left::of(scratch, &outcome.verdict)?;
        Ok((outcome, left))
    }

    /// One attempt, and the close if it ends the sync; tells how it ended, and how requests and recording differed.
    pub async fn attempt(&self, scratch: &Scratch, around: Around) -> Result<(Outcome<Synced>, Report)> {
        let Scenario { tenant, start, replay, .. } = &self.scenario;
        let replay = Arc::new(replay.afresh(start.now).pieces(around.pieces));
        let world = World { stop: around.stop, watch: around.watch, ..World::new(replay.clone()) };
        let sync = self.connector.sync_through(tenant, &world, &scratch.store, How::default(), around.through);
        let outcome = sync.await?;
        Ok((outcome, replay.report()))
    }
}
