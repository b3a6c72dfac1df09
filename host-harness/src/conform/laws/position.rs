//! A position that the connector did not write.

use super::breach_of;
use crate::bindings::sync::{Ended, Outcome as Returned};
use crate::config::Start;
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::{Baseline, Scene};
use crate::outcome::Verdict;
use crate::scenario_run;
use anyhow::Result;

/// The code that offers a fresh sync.
const UNREADABLE: &str = "position.unreadable";

/// No connector's position.
const NOBODYS: &str = "this is no position of yours";

/// The law.
pub const LAW: Law = Law {
    id: "position",
    title: "An unreadable position is told",
    asks: "A position is at most 256 KiB; a connector that cannot read the one it is given ends as failed, with the problem code \
           position.unreadable, and commits nothing.",
    stands: "wit/world.wit, Commit",
    how: How::Again(|scene, baseline| Box::pin(tried(scene, baseline)) as Trying<'_>),
};

async fn tried(scene: &Scene, baseline: &Baseline) -> Result<Tally> {
    if baseline.witness.seen().positions.is_empty() {
        return Ok(Tally::none("no sync committed a position"));
    }
    let store = scene.store()?;
    let start = Start { position: Some(NOBODYS.into()), state: None, ..scene.scenario.start.clone() };
    scenario_run::leave(&scene.connector, &scene.scenario.tenant, &start, &store.store).await?;
    let (outcome, left) = scene.finish(&store).await?;
    let breach = match &outcome.verdict {
        Verdict::Returned(synced) => judge(&synced.outcome, outcome.usage.commits, left.position.as_deref()),
        other => breach_of(other),
    };
    Ok(Tally::one(breach.map(|breach| breach.of(LAW.id).at(format!("started from the position {NOBODYS:?}")))))
}

fn judge(returned: &Returned, commits: u64, position: Option<&str>) -> Option<Breach> {
    let code = returned.problem.as_ref().map_or("no problem", |problem| problem.code.as_str());
    if returned.ended != Ended::Failed || code != UNREADABLE {
        let came = format!("it ended as {:?}, with {code}", returned.ended);
        return Some(Breach::new(format!("it ends as Failed, with {UNREADABLE}"), came));
    }
    let touched = commits > 0 || position != Some(NOBODYS);
    touched.then(|| Breach::new("nothing is committed", format!("{commits} commits")))
}
