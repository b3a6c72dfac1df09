//! Flat memory: a connector streams, whatever the size of what it reads.

use crate::conform::law::{How, Law};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};

/// The most memory that a sync of a recording may take.
const MEMORY_BYTES_MAX: u64 = 32 << 20;

/// The law.
pub const LAW: Law = Law {
    id: "memory",
    title: "Memory stays flat",
    asks: "A sync takes at most 32 MiB of memory: a record leaves as soon as it is read, and nothing holds a whole answer.",
    stands: "wit/host.wit, http",
    how: How::Looking(look),
};

fn look(_: &Scene, baseline: &Baseline) -> Tally {
    let bytes = baseline.outcome.usage.memory_peak_bytes;
    let breach =
        || Breach::new(format!("at most {} of memory", mib(MEMORY_BYTES_MAX)), format!("it took {}", mib(bytes)));
    Tally::one((bytes > MEMORY_BYTES_MAX).then(breach))
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
