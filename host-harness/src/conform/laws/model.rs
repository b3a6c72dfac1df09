//! What a batch may hold: the host itself looks at keys, scores and bounds on every commit.

use crate::conform::law::{How, Law};
use crate::conform::report::Tally;
use crate::conform::scene::{Baseline, Scene};

/// The law.
pub const LAW: Law = Law {
    id: "model",
    title: "Batches hold what the model allows",
    asks: "Keys are filled and short, scores go from 0 to 10, and a batch has at most 5,000 records and 4 MiB of text.",
    stands: "wit/model.wit; wit/world.wit, Commit",
    how: How::Looking(look),
};

fn look(_: &Scene, baseline: &Baseline) -> Tally {
    Tally { cases: baseline.witness.seen().batches.len() as u64, ..Tally::none("no sync committed anything") }
}
