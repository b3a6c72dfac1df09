//! What a batch may hold: the host itself looks at keys, scores and bounds on every commit, and here at the rest.

mod words;

use crate::conform::law::{How, Law};
use crate::conform::report::Tally;
use crate::conform::scene::{Baseline, Scene};

/// The law.
pub const LAW: Law = Law {
    id: "model",
    title: "Batches hold what the model allows",
    asks: "Keys are filled and short, scores go from 0 to 10, a batch has at most 5,000 records and 4 MiB of text; texts are \
           trimmed, a text inside an option is never empty, lists are sorted and free of duplicates, and a fixed finding carries \
           neither packages nor evidence.",
    stands: "wit/model.wit; wit/world.wit, Commit and References",
    how: How::Looking(look),
};

fn look(_: &Scene, baseline: &Baseline) -> Tally {
    let seen = baseline.witness.seen();
    let breaches = seen.batches.iter().find_map(words::judge).into_iter().collect();
    Tally { cases: seen.batches.len() as u64, breaches, ..Tally::none("no sync committed anything") }
}
