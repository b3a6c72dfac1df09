//! How a run ends: the host itself looks at most of it, whenever a run returns.

use crate::conform::law::{How, Law};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};

/// The law.
pub const LAW: Law = Law {
    id: "ends",
    title: "A run returns, and says how",
    asks: "A run returns within its bounds and never traps; complete and in part carry a state, failed carries a problem, and \
           a complete sync has finished every stage. Every warning stands in the summary once.",
    stands: "wit/connector.wit, sync; wit/world.wit, Syncs and attempts",
    how: How::Looking(look),
};

fn look(_: &Scene, baseline: &Baseline) -> Tally {
    let warnings = baseline.returned().map(|returned| &returned.summary.warnings[..]).unwrap_or_default();
    let said: Vec<_> = warnings.iter().map(|warning| format!("{warning:?}")).collect();
    let twice = said.iter().enumerate().find(|(at, warning)| said[..*at].contains(warning));
    Tally::one(twice.map(|(_, warning)| Breach::new("every warning once", format!("this one twice: {warning}"))))
}
