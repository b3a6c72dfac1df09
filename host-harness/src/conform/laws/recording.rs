//! A recording gives what was recorded and expected.

use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use crate::http::replay::Pieces;
use crate::scenario_run::{self, Lines, ending, warned};
use crate::stop::Stop;
use crate::watch::Unwatched;
use std::sync::Arc;

/// The law.
pub const LAW: Law = Law {
    id: "recording",
    title: "Recordings give what is expected",
    asks: "Every request of a sync is recorded and every exchange is asked for, the sync ends and warns as the scenario says, \
           and, where there is an expected.jsonl, the store holds its lines and those of dropped.jsonl.",
    stands: "wit/world.wit, Instances: nothing but what was committed survives",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, _: &Baseline) -> anyhow::Result<Tally> {
    if scene.is_later {
        return Ok(Tally::none("a recording is of the first sync"));
    }
    let (stop, watch) = (Stop::new(), Arc::new(Unwatched));
    let trial = scenario_run::run(&scene.connector, &scene.folder, Pieces::Whole, &stop, watch).await?;
    let requests = trial.report.unmatched.iter().cloned();
    let requests: Vec<_> =
        requests.chain(trial.report.unused.iter().map(|exchange| format!("nobody asked for {exchange}"))).collect();
    let ended = ending(&trial.outcome.verdict);
    let breach = if let Some(ends) = &trial.should_end {
        Some(Breach::new(format!("it ends as {ends}"), format!("it ended as {ended}")).differing(requests))
    } else if !requests.is_empty() {
        Some(Breach::new("the requests that were recorded", "others").differing(requests))
    } else if let Some(should_warn) = &trial.should_warn {
        let warned = warned(&trial.outcome.verdict);
        Some(Breach::new(format!("it warns of {should_warn}"), format!("it warned of {warned}")))
    } else if scene.scenario.expected.is_file() {
        trial.files().into_iter().find_map(others)
    } else {
        None
    };
    Ok(Tally::one(breach))
}

fn others(lines: &Lines) -> Option<Breach> {
    let breach = Breach::new(format!("the lines of {}", lines.name()), "others");
    let differences = lines.differences.iter().map(ToString::to_string);
    (!lines.differences.is_empty()).then(|| breach.differing(differences))
}
