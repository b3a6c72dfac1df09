//! A sync that ended anywhere goes on without a trace.

use super::breach_of;
use crate::conform::law::{How, Law, Trying, spread};
use crate::conform::report::Tally;
use crate::conform::scene::{Baseline, Positions, Scene};
use anyhow::Result;

/// The law.
pub const LAW: Law = Law {
    id: "resume",
    title: "Resume at every position",
    asks: "A position holds everything that is needed to go on: an attempt that starts from it leaves the same rows, position, \
           state and summary as one that was never disturbed, whether the last one crashed after a commit or was stopped.",
    stands: "wit/world.wit, Syncs and attempts, and Commit",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    let commits = baseline.witness.seen().batches.len();
    let (cases, note) = spread(commits, "commits");
    let notes = note.map(|note| format!("{}: {note}", scene.name)).into_iter().collect();
    let mut tally = Tally { notes, ..Tally::none("no sync committed anything") };
    for commit in cases {
        let store = scene.store()?;
        if !scene.killed(&store, commit as u64, Positions::Kept).await? {
            break;
        }
        tally.cases += 1;
        let (outcome, left) = scene.finish(&store).await?;
        let breach = breach_of(&outcome.verdict).or_else(|| baseline.left.breach(&left));
        if let Some(breach) = breach {
            tally
                .breaches
                .push(breach.of(LAW.id).at(format!("killed after commit {commit} of {commits}, and resumed")));
            break;
        }
    }
    Ok(tally)
}
