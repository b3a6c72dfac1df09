//! The front door: one attempt of a tenant's sync, from settings to rows.

use crate::bindings::configure::Resolved;
use crate::bindings::problems::Problem;
use crate::bindings::sync::{Ended, Outcome as Returned, Request};
use crate::connector::Connector;
use crate::outcome::Outcome;
use crate::run::{End, Run, World};
use crate::sink::Sink;
use crate::store::{Attempt, Begin, Close, Closed, Start, Store};
use crate::tenant::Tenant;

/// What a connector says of a position that it cannot read.
const POSITION_UNREADABLE: &str = "position.unreadable";

/// Puts something between a connector and its store.
pub type Through = Box<dyn FnOnce(Attempt) -> Box<dyn Sink> + Send>;

/// How to sync.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct How {
    /// Start anew, and read everything.
    pub full: bool,
    /// Ask the source for its own counts.
    pub count_source: bool,
}

/// What an attempt did.
#[derive(Debug)]
pub struct Synced {
    /// What the connector returned.
    pub outcome: Returned,
    /// What the settings meant.
    pub resolved: Resolved,
    /// Where the attempt started.
    pub start: Start,
    /// What closing the sync changed; absent while it is open.
    pub closed: Option<Closed>,
}

impl Connector {
    /// Runs one attempt of the tenant's sync, and closes the sync when the connector says that it is over.
    ///
    /// Every commit is durable when the connector goes on; whatever ends the attempt, the next one starts from the last position.
    pub async fn sync(
        &self,
        tenant: &Tenant,
        world: &World,
        store: &Store,
        how: How,
    ) -> anyhow::Result<Outcome<Synced>> {
        self.sync_through(tenant, world, store, how, Box::new(|attempt| Box::new(attempt))).await
    }

    /// The same, with something of the caller's choice between the connector and its store.
    pub(crate) async fn sync_through(
        &self,
        tenant: &Tenant,
        world: &World,
        store: &Store,
        how: How,
        through: Through,
    ) -> anyhow::Result<Outcome<Synced>> {
        let mut run = Run::new(self, tenant.limits.clone(), world);
        let result = self.sync_in(&mut run, tenant, world, store, how, through).await;
        run.conclude(result)
    }

    async fn sync_in(
        &self,
        run: &mut Run,
        tenant: &Tenant,
        world: &World,
        store: &Store,
        how: How,
        through: Through,
    ) -> Result<Synced, End> {
        let (instance, resolved) = run.configure(self, tenant).await?;
        let (attempt, start) = store.begin(self.begin(tenant, world, &resolved, how).await?).await?;
        let (position, state) = (start.position.clone(), start.state.clone());
        let request = Request { position, state, count_source: how.count_source };
        let mut outcome = run.sync(&instance, through(attempt), &request).await?;
        outcome.problem = outcome.problem.map(advised);
        let closed = match outcome.ended {
            Ended::Complete | Ended::InPart => {
                let close = Close {
                    summary: outcome.summary.clone(),
                    ended: outcome.ended,
                    state: outcome.state.clone(),
                    now: world.now(),
                };
                Some(store.close(start.epoch, close).await?)
            }
            Ended::Stopped | Ended::Failed => None,
        };
        Ok(Synced { outcome, resolved, start, closed })
    }

    async fn begin(&self, tenant: &Tenant, world: &World, resolved: &Resolved, how: How) -> Result<Begin, End> {
        let manifest = &self.described().await?.manifest;
        Ok(Begin {
            source: manifest.name.clone(),
            connector_version: manifest.version.clone(),
            fingerprint: resolved.fingerprint.clone(),
            full: how.full,
            now: world.now(),
            sync_age_secs_max: tenant.limits.sync_age_secs_max,
        })
    }
}

/// Says what helps where only the host knows it.
fn advised(problem: Problem) -> Problem {
    if problem.code != POSITION_UNREADABLE {
        return problem;
    }
    let hint = "Start the sync anew: run it with --full. Nothing that was stored is lost.";
    Problem { hint: Some(hint.into()), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::problems::ProblemKind;

    #[test]
    fn only_an_unreadable_position_gets_the_hosts_advice() {
        for (code, hint) in [(POSITION_UNREADABLE, Some("--full")), ("page.cut", None)] {
            let problem = Problem {
                kind: ProblemKind::Protocol,
                code: code.into(),
                message: "reading the position: it is of a later version".into(),
                hint: None,
                field: None,
                retry_after_secs: None,
            };
            let advised = advised(problem).hint;
            assert_eq!(
                advised.is_some_and(|advice| advice.contains(hint.unwrap_or("nothing"))),
                hint.is_some(),
                "{code}"
            );
        }
    }
}
