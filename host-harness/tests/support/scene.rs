//! One connector over one recorded scenario, and all that a sync of it leaves.

use super::Kept;
use host_harness::bindings::sync::{Ended, Outcome as Returned, Request};
use host_harness::http::replay::{Pieces, Report};
use host_harness::scenario::Scenario;
use host_harness::sink::Sink;
use host_harness::stop::Stop;
use host_harness::store::{Attempt, Begin, Close, Version};
use host_harness::watch::{Unwatched, Watch};
use host_harness::{Connector, Outcome, Verdict, World};
use std::path::PathBuf;
use std::sync::Arc;

/// One connector over one recorded scenario.
pub struct Scene {
    pub connector: Connector,
    pub folder: PathBuf,
    pub pieces: Pieces,
    /// Syncs of it that the store has seen before.
    pub syncs_before: u32,
}

/// What a sync leaves; two syncs are alike when these are equal.
#[derive(Debug, PartialEq)]
pub struct Left {
    pub lines: String,
    pub dropped: String,
    pub versions: Vec<Version>,
    pub position: Option<String>,
    pub returned: String,
}

/// What stands around an attempt; by default nobody disturbs it.
pub struct Around {
    pub stop: Stop,
    pub watch: Arc<dyn Watch>,
    /// Where its batches go: to the store, through whatever stands before it.
    pub sink: Box<dyn FnOnce(Attempt) -> Box<dyn Sink> + Send>,
}

impl Default for Around {
    fn default() -> Self {
        Self { stop: Stop::new(), watch: Arc::new(Unwatched), sink: Box::new(|attempt| Box::new(attempt)) }
    }
}

impl Scene {
    /// The scenario's name, for messages.
    pub fn name(&self) -> String {
        let name = self.folder.file_name().unwrap().to_string_lossy();
        format!("{name} after {} syncs, {:?}", self.syncs_before, self.pieces)
    }

    /// A store of its own.
    pub async fn kept(&self) -> Kept {
        let kept = Kept::new();
        for _ in 0..self.syncs_before {
            self.finish(&kept).await;
        }
        kept
    }

    /// A sync that nobody disturbs, in a store of its own.
    pub async fn undisturbed(&self) -> Left {
        self.finish(&self.kept().await).await
    }

    /// Goes on from what the store holds until the connector returns.
    pub async fn finish(&self, kept: &Kept) -> Left {
        let (returned, _) = self.attempt(kept, Around::default()).await;
        self.left(kept, &returned)
    }

    /// One attempt, and the close if it ends the sync; tells what was returned, and how requests and recording differed.
    pub async fn attempt(&self, kept: &Kept, around: Around) -> (Returned, Report) {
        let scenario = Scenario::open(&self.folder).unwrap();
        let replay = Arc::new(scenario.replay.pieces(self.pieces));
        let world = World { stop: around.stop, watch: around.watch, ..World::new(replay.clone()) };
        let configured = self.connector.configure(&scenario.tenant).await.unwrap();
        let Verdict::Returned(resolved) = configured.verdict else { panic!("{}", configured.verdict) };
        let manifest = self.connector.describe().await.unwrap();
        let begin = Begin {
            source: manifest.name,
            connector_version: manifest.version,
            fingerprint: resolved.fingerprint,
            full: false,
            now: scenario.start.now,
            sync_age_secs_max: scenario.tenant.limits.sync_age_secs_max,
        };
        let (attempt, start) = kept.store.begin(begin).await.unwrap();
        let position = start.position.or(scenario.start.position);
        let request = Request { position, state: start.state.or(scenario.start.state), count_source: false };
        let outcome = self.connector.attempt(&scenario.tenant, &world, (around.sink)(attempt), request).await.unwrap();
        let returned = returned(outcome);
        if matches!(returned.ended, Ended::Complete | Ended::InPart) {
            let (summary, ended, state) = (returned.summary.clone(), returned.ended, returned.state.clone());
            kept.store.close(start.epoch, Close { summary, ended, state, now: scenario.start.now }).await.unwrap();
        }
        (returned, replay.report())
    }

    /// What the store holds, and what the connector said of it.
    pub fn left(&self, kept: &Kept, returned: &Returned) -> Left {
        Left {
            lines: kept.lines(),
            dropped: kept.dropped(),
            versions: kept.store.versions().unwrap(),
            position: kept.store.position().unwrap(),
            returned: format!("{returned:#?}"),
        }
    }
}

fn returned(outcome: Outcome<Returned>) -> Returned {
    match outcome.verdict {
        Verdict::Returned(returned) => returned,
        other => panic!("{other}"),
    }
}
