//! Where a piece ends makes no difference.

use super::breach_of;
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::Tally;
use crate::conform::scene::{Around, Baseline, Scene};
use crate::http::replay::Pieces;

/// Sizes of pieces, in bytes, and the bytes of a scenario's bodies up to which they are tried.
const PIECES: [(usize, u64); 2] = [(1, 256 << 10), (7, 2 << 20)];

/// The law.
pub const LAW: Law = Law {
    id: "pieces",
    title: "Pieces end anywhere",
    asks: "A body comes in pieces of any size, which may end within a character; what a sync leaves does not depend on them.",
    stands: "wit/host.wit, exchange.read",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let bytes = scene.scenario.replay.body_bytes();
    for (size, bytes_max) in PIECES {
        if bytes > bytes_max {
            tally.notes.push(format!("{}: pieces of {size} are not tried on bodies of {bytes} bytes", scene.name));
            continue;
        }
        tally.cases += 1;
        let around = Around { pieces: Pieces::Of(size), ..Around::default() };
        let (outcome, left) = scene.finish_in(&scene.store()?, around).await?;
        let breach = breach_of(&outcome.verdict).or_else(|| baseline.left.breach(&left));
        if let Some(breach) = breach {
            tally.breaches.push(breach.of(LAW.id).at(format!("pieces of {size}")));
            break;
        }
    }
    Ok(tally)
}
