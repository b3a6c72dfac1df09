//! A run that nobody configured: the host never does it, and a connector must not do anything in it.

use super::breach_of;
use crate::bindings::sync::{Ended, Outcome as Returned};
use crate::bindings::test_connectivity::{Check, CheckStatus};
use crate::conform::law::{How, Law, Trying};
use crate::conform::report::{Breach, Tally};
use crate::conform::scene::Witness;
use crate::connector::Connector;
use crate::limits::Limits;
use crate::outcome::Verdict;
use std::sync::Arc;
use std::time::Duration;

/// Time for a connector to notice that nobody configured it.
const CPU_MAX: Duration = Duration::from_secs(5);

/// The law.
pub const LAW: Law = Law {
    id: "instances",
    title: "Configure comes before a run",
    asks: "A run on an instance that was not configured fails with a problem: it asks nobody, commits nothing, and does not trap.",
    stands: "wit/world.wit, Instances",
    how: How::Alone(|connector, _| Box::pin(tried(connector)) as Trying<'_>),
};

async fn tried(connector: &Connector) -> anyhow::Result<Tally> {
    let limits = Limits { cpu_max: CPU_MAX, ..Limits::default() };
    let (syncing, checking) = (Arc::new(Witness::default()), Arc::new(Witness::default()));
    let synced = connector.sync_unconfigured(&limits, syncing.clone()).await?;
    if let Some(breach) = judge("sync.run", &synced.verdict, &syncing, refused) {
        return Ok(Tally::one([breach]));
    }
    let checked = connector.check_unconfigured(&limits, checking.clone()).await?;
    let breach = judge("test-connectivity.run", &checked.verdict, &checking, |checks| named(checks));
    Ok(Tally { cases: 2, breaches: breach.into_iter().collect(), ..Tally::default() })
}

fn judge<T>(
    run: &str,
    verdict: &Verdict<T>,
    witness: &Witness,
    returned: impl Fn(&T) -> Option<Breach>,
) -> Option<Breach> {
    let called = witness.calls_beside_log();
    let breach = match verdict {
        _ if !called.is_empty() => {
            Some(Breach::new("no import is called but log", format!("it called {}", called.join(", "))))
        }
        Verdict::Returned(value) => returned(value),
        other => breach_of(other).map(|breach| Breach { law: None, ..breach }),
    };
    breach.map(|breach| breach.at(format!("{run} without configure")))
}

fn refused(returned: &Returned) -> Option<Breach> {
    let ended = returned.ended;
    (ended != Ended::Failed).then(|| Breach::new("it ends as failed, with a problem", format!("it ended as {ended:?}")))
}

fn named(checks: &[Check]) -> Option<Breach> {
    let is_named = checks.iter().any(|check| check.required && check.status == CheckStatus::Failed);
    let came = || format!("{} checks, of which no required one failed", checks.len());
    (!is_named).then(|| Breach::new("a required check that failed and says why", came()))
}
