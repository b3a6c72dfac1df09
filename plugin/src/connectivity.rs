//! Is the way to Qualys open? One small request for each part of a sync, and a sentence for every check.
//!
//! What is not tried says so; nothing passes that was not seen to work.
//! Nothing waits or is asked again: a person is waiting.

mod call;
mod catalogue;
mod compliance;
mod first;
mod found;
mod modules;
mod round;
mod seen;
#[cfg(test)]
mod tests;
mod versions;

use crate::bindings::exports::connector::contract::test_connectivity::Check;
use crate::ports::World;
use crate::settings::Settings;
use catalogue::CHECKS;

/// Tries what a sync needs.
pub fn run<W: World>(world: &W, settings: &Settings) -> Vec<Check> {
    let answers = round::run(world, settings);
    CHECKS
        .iter()
        .map(|&(id, title, required, find)| catalogue::check(id, title, required, find(&answers, settings)))
        .collect()
}
