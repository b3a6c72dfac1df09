//! A stop is obeyed wherever it comes.

use super::{breach_of, resume};
use crate::bindings::sync::Ended;
use crate::conform::law::{How, Law, Trying, spread};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Around, Baseline, Left, Scene};
use crate::outcome::Verdict;
use crate::stop::{Reason, Stop};
use crate::sync::Synced;
use crate::watch::Watch;
use anyhow::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Imports that tell a connector to stop.
const TELLING: [&str; 5] = ["http.head", "http.read", "http.keep", "sink.commit", "sink.progress"];

/// Commits that a connector may make after it was told.
const COMMITS_MAX: usize = 1;

/// The law.
pub const LAW: Law = Law {
    id: "stop",
    title: "Stop at every import",
    asks: "Once an import said stop, the connector starts no request, makes at most one more commit, and returns within 10 seconds \
           as stopped.",
    stands: "wit/world.wit, Stop",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    let calls = baseline.witness.seen().calls.len();
    let (cases, note) = spread(calls, "calls of imports");
    let notes = note.map(|note| format!("{}: {note}", scene.name)).into_iter().collect();
    let mut tally = Tally { notes, ..Tally::none("no sync called anything") };
    for call in cases {
        let (store, stop) = (scene.store()?, Stop::new());
        let stops = Arc::new(StopsAt { call, stop: stop.clone(), calls: Mutex::default() });
        let around = Around { stop, watch: stops.clone(), ..Around::default() };
        let (outcome, _) = scene.attempt(&store, around).await?;
        let Some(import) = stops.import() else { break };
        tally.cases += 1;
        let mut breach = breach_of(&outcome.verdict).or_else(|| disobeyed(&outcome.verdict, &stops));
        if breach.is_none() {
            let left = if is_stopped(&outcome.verdict) {
                scene.finish(&store).await?.1
            } else {
                Left::of(&store, &outcome.verdict)?
            };
            breach = baseline.left.breach(&left).map(|breach| breach.of(resume::LAW.id));
        }
        if let Some(breach) = breach {
            tally.breaches.push(breach.at(format!("stopped at call {call} of {calls}, {import}")));
            break;
        }
    }
    Ok(tally)
}

fn is_stopped(verdict: &Verdict<Synced>) -> bool {
    matches!(verdict, Verdict::Returned(synced) if synced.outcome.ended == Ended::Stopped)
}

fn disobeyed(verdict: &Verdict<Synced>, stops: &StopsAt) -> Option<Breach> {
    let (Verdict::Returned(synced), Some(after)) = (verdict, stops.after_it_was_told()) else { return None };
    let commits = after.iter().filter(|import| **import == "sink.commit").count();
    if after.contains(&"http.send") || commits > COMMITS_MAX {
        let expected = "no http.send, and at most one sink.commit";
        return Some(Breach::new(expected, format!("it called {}", after.join(", "))));
    }
    let ended = synced.outcome.ended;
    (ended != Ended::Stopped).then(|| Breach::new("it ends as Stopped", format!("it ended as {ended:?}")))
}

/// Counts calls of imports, and says stop at one of them.
struct StopsAt {
    call: usize,
    stop: Stop,
    calls: Mutex<Vec<&'static str>>,
}

impl Watch for StopsAt {
    fn call(&self, import: &'static str) {
        let mut calls = self.calls();
        calls.push(import);
        if calls.len() == self.call {
            self.stop.stop(Reason::Interrupted);
        }
    }
}

impl StopsAt {
    fn calls(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The import at which it said stop, once it came to that.
    fn import(&self) -> Option<&'static str> {
        self.calls().get(self.call - 1).copied()
    }

    /// What was called once the connector had been told; nothing when it was not told at all.
    fn after_it_was_told(&self) -> Option<Vec<&'static str>> {
        let calls = self.calls();
        let since_the_stop = calls.get(self.call - 1..)?;
        let told = since_the_stop.iter().position(|import| TELLING.contains(import))?;
        Some(since_the_stop[told + 1..].to_vec())
    }
}
