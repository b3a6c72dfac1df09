//! A component without a tenant: what it says of itself, and what it does when nobody configured it.
//!
//! No host needs this to run a connector; it is here to try laws that are about the connector alone.

use super::{End, Run, World, summary};
use crate::bindings::test_connectivity::Check;
use crate::bindings::{configure, sync};
use crate::connector::Connector;
use crate::limits::Limits;
use crate::outcome::Outcome;
use crate::watch::Watch;
use std::sync::Arc;

impl Connector {
    /// What a fresh instance says it is, as it says it.
    pub(crate) async fn manifest_as_said(
        &self,
        limits: &Limits,
        watch: Arc<dyn Watch>,
    ) -> anyhow::Result<Outcome<configure::Manifest>> {
        let mut run = Run::new(self, limits.clone(), &alone(watch));
        let result = run.manifest(self).await;
        run.conclude(result)
    }

    /// A sync on an instance that was never configured.
    pub(crate) async fn sync_unconfigured(
        &self,
        limits: &Limits,
        watch: Arc<dyn Watch>,
    ) -> anyhow::Result<Outcome<sync::Outcome>> {
        let mut run = Run::new(self, limits.clone(), &alone(watch));
        let result = run.sync_unconfigured(self).await;
        run.conclude(result)
    }

    /// A test of the way to the source on an instance that was never configured.
    pub(crate) async fn check_unconfigured(
        &self,
        limits: &Limits,
        watch: Arc<dyn Watch>,
    ) -> anyhow::Result<Outcome<Vec<Check>>> {
        let mut run = Run::new(self, limits.clone(), &alone(watch));
        let result = run.check_unconfigured(self).await;
        run.conclude(result)
    }
}

fn alone(watch: Arc<dyn Watch>) -> World {
    World { watch, ..World::nowhere() }
}

impl Run {
    async fn sync_unconfigured(&mut self, connector: &Connector) -> Result<sync::Outcome, End> {
        let instance = self.instantiate(connector).await?;
        let request = sync::Request { position: None, state: None, count_source: false };
        let called = instance.connector_contract_sync().call_run(&mut self.store, &request);
        let outcome = self.bounds.hold(called).await;
        let outcome = self.judge(outcome)?;
        summary::judge(&outcome, false)?;
        Ok(outcome)
    }

    async fn check_unconfigured(&mut self, connector: &Connector) -> Result<Vec<Check>, End> {
        let instance = self.instantiate(connector).await?;
        let called = instance.connector_contract_test_connectivity().call_run(&mut self.store);
        let checks = self.bounds.hold(called).await;
        self.judge(checks)
    }
}
