//! Only what the contract gives: found before anything is run.

use crate::conform::law::{How, Law};

/// The law.
pub const LAW: Law = Law {
    id: "imports",
    title: "Only what the contract gives",
    asks: "A component imports http, sink, clock and log, and of WASI 0.2 only what language runtimes drag in; it exports \
           configure, test-connectivity and sync.",
    stands: "wit/world.wit, Load",
    how: How::Loading,
};
