//! What was sent may be sent again, by whoever lost track.

use super::breach_of;
use crate::bindings::model::Batch;
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::Tally;
use crate::conform::scene::{Around, Baseline, Positions, Scene};
use crate::sink::{Committed, Sink};
use crate::store::Attempt;
use anyhow::Result;

/// The law.
pub const LAW: Law = Law {
    id: "resend",
    title: "Sent again changes nothing",
    asks: "What a commit brought may be sent again after a crash, in any order: records are the same whenever they are sent, and \
           join to the same rows.",
    stands: "wit/world.wit, Commit and Join",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    let mut tally = Tally::one([]);
    let around =
        Around { through: Box::new(|attempt| Box::new(Again { attempt, batches: vec![] })), ..Around::default() };
    let (_, left) = scene.finish_in(&scene.store()?, around).await?;
    if let Some(breach) = baseline.left.breach(&left) {
        tally.breaches.push(breach.at("every batch committed again, from the last to the first"));
        return Ok(tally);
    }
    if baseline.over().is_none() {
        return Ok(tally);
    }
    tally.cases += 1;
    // The world ends before any position is durable and after everything else is, so the connector sends it all again.
    let store = scene.store()?;
    scene.killed(&store, baseline.outcome.usage.commits, Positions::Lost).await?;
    let (outcome, left) = scene.finish(&store).await?;
    let breach = breach_of(&outcome.verdict).or_else(|| baseline.left.breach_of_rows(&left));
    tally.breaches.extend(breach.map(|breach| breach.of(LAW.id).at("everything sent twice by the connector itself")));
    Ok(tally)
}

/// Commits, and then commits all that was brought so far once more, from the last record to the first.
struct Again {
    attempt: Attempt,
    batches: Vec<Batch>,
}

impl Sink for Again {
    fn commit(&mut self, batch: Batch, position: Option<String>) -> Committed<'_> {
        self.batches.push(batch.clone());
        Box::pin(async move {
            let stale = self.attempt.commit(batch, position).await?;
            for batch in self.batches.iter().rev() {
                self.attempt.commit(backwards(batch.clone()), None).await?;
            }
            Ok(stale)
        })
    }
}

fn backwards(mut batch: Batch) -> Batch {
    batch.assets.reverse();
    batch.vulnerabilities.reverse();
    batch.findings.reverse();
    batch
}
