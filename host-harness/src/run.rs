//! One run: a fresh instance, an outcome.
//!
//! Whatever the connector does becomes a value of [`Outcome`]; an `Err` means that the host could not do its work.
//! It knows no store: a run hands its batches to whatever [`Sink`] it was given.

mod alone;
mod bounds;
mod end;
mod imports;
mod laws;
mod log;
mod memory;
mod state;
mod summary;

pub(crate) use log::SECRET_SHOWN;
pub use state::{RunState, World};

use crate::bindings::problems::Problem;
use crate::bindings::test_connectivity::Check;
use crate::bindings::{Component, configure, sync};
use crate::connector::Connector;
use crate::limits::Limits;
use crate::outcome::{Limited, Outcome, Unlawful, Usage, Verdict};
use crate::settings::Described;
use crate::sink::Sink;
use crate::stop::Reason;
use crate::tenant::Tenant;
use bounds::Bounds;
use std::time::Duration;
use wasmtime::Store;

/// CPU time for a connector to say what it is.
const DESCRIBE_CPU_MAX: Duration = Duration::from_secs(10);

/// Longest wait of a lane while the way to the source is tested, in seconds.
const CHECK_WAIT_SECS_MAX: i64 = 10;

impl Connector {
    /// Says what the connector is; asked once, and kept.
    pub async fn describe(&self) -> anyhow::Result<configure::Manifest> {
        match self.described().await {
            Ok(described) => Ok(described.manifest.clone()),
            Err(End::Host(error)) => Err(error),
            Err(End::Guest(verdict)) => Err(anyhow::anyhow!("the connector does not say what it is: {verdict}")),
        }
    }

    /// Says what a tenant's settings mean, or what is wrong with them; asks nobody.
    pub async fn configure(&self, tenant: &Tenant) -> anyhow::Result<Outcome<configure::Resolved>> {
        let mut run = Run::new(self, tenant.limits.clone(), &World::nowhere());
        let result = run.configure(self, tenant).await.map(|(_, resolved)| resolved);
        run.conclude(result)
    }

    /// Tries the way to the source.
    pub async fn test_connectivity(&self, tenant: &Tenant, world: &World) -> anyhow::Result<Outcome<Vec<Check>>> {
        let mut limits = tenant.limits.clone();
        limits.lane_wait_secs_max = limits.lane_wait_secs_max.min(CHECK_WAIT_SECS_MAX);
        let mut run = Run::new(self, limits, world);
        run.bounds.wall_max = Some(tenant.limits.check_max);
        let result = run.check(self, tenant).await;
        run.conclude(result)
    }

    /// Runs one attempt of a sync into a sink of the caller's; the store's own is behind [`Connector::sync`].
    pub async fn attempt(
        &self,
        tenant: &Tenant,
        world: &World,
        sink: Box<dyn Sink>,
        request: sync::Request,
    ) -> anyhow::Result<Outcome<sync::Outcome>> {
        let mut run = Run::new(self, tenant.limits.clone(), world);
        let result = run.attempt(self, tenant, sink, &request).await;
        run.conclude(result)
    }

    pub(crate) async fn described(&self) -> Result<&Described, End> {
        let limits = Limits { cpu_max: DESCRIBE_CPU_MAX, ..Limits::default() };
        self.inner.described.get_or_try_init(|| Run::new(self, limits, &World::nowhere()).describe(self)).await
    }
}

/// Why a run ended before it returned.
#[derive(Debug)]
pub(crate) enum End {
    /// The host could not do its work.
    Host(anyhow::Error),
    /// The connector did something that ends a run; never `Returned`.
    Guest(Verdict<std::convert::Infallible>),
}

impl From<anyhow::Error> for End {
    fn from(error: anyhow::Error) -> Self {
        Self::Host(error)
    }
}

impl From<Limited> for End {
    fn from(limited: Limited) -> Self {
        Self::Guest(Verdict::Limited(limited))
    }
}

impl From<Unlawful> for End {
    fn from(unlawful: Unlawful) -> Self {
        Self::Guest(Verdict::Unlawful(unlawful))
    }
}

impl From<Vec<Problem>> for End {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Guest(Verdict::Unconfigured(problems))
    }
}

/// An instance in the making, or at work.
pub(crate) struct Run {
    store: Store<RunState>,
    bounds: Bounds,
}

impl Run {
    pub(crate) fn new(connector: &Connector, limits: Limits, world: &World) -> Self {
        let stop = world.stop.child();
        let bounds = Bounds::new(&limits, stop.clone());
        let call_bytes_max = limits.call_bytes_max;
        let state = RunState::new(world, stop, limits, bounds.meter.clone());
        let mut store = Store::new(connector.inner.engine.wasm(), state);
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(call_bytes_max);
        store.set_epoch_deadline(1);
        // Each tick gives way to others, after the runtime has looked at timers and sockets.
        store.epoch_deadline_callback(|_| {
            Ok(wasmtime::UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        Self { store, bounds }
    }

    async fn describe(mut self, connector: &Connector) -> Result<Described, End> {
        Ok(Described::new(self.manifest(connector).await?)?)
    }

    async fn manifest(&mut self, connector: &Connector) -> Result<configure::Manifest, End> {
        let instance = self.instantiate(connector).await?;
        let called = instance.connector_contract_configure().call_describe(&mut self.store);
        let manifest = self.bounds.hold(called).await;
        self.judge(manifest)
    }

    /// Makes the instance and hands it the settings; afterwards its requests may go where they say.
    pub(crate) async fn configure(
        &mut self,
        connector: &Connector,
        tenant: &Tenant,
    ) -> Result<(Component, configure::Resolved), End> {
        let described = connector.described().await?;
        let settings = described.form.complete(&tenant.settings, &tenant.secrets)?;
        self.store.data_mut().log.hide(&tenant.secrets);
        let instance = self.instantiate(connector).await?;
        let called = instance.connector_contract_configure().call_configure(&mut self.store, &settings);
        let answered = self.bounds.hold(called).await;
        let resolved = self.judge(answered)??;
        laws::resolved(&resolved)?;
        self.store.data_mut().http.allow(tenant, &described.manifest.secret_uses, &resolved);
        Ok((instance, resolved))
    }

    async fn check(&mut self, connector: &Connector, tenant: &Tenant) -> Result<Vec<Check>, End> {
        let (instance, _) = self.configure(connector, tenant).await?;
        let called = instance.connector_contract_test_connectivity().call_run(&mut self.store);
        let checks = self.bounds.hold(called).await;
        self.judge(checks)
    }

    async fn attempt(
        &mut self,
        connector: &Connector,
        tenant: &Tenant,
        sink: Box<dyn Sink>,
        request: &sync::Request,
    ) -> Result<sync::Outcome, End> {
        let (instance, _) = self.configure(connector, tenant).await?;
        self.sync(&instance, sink, request).await
    }

    pub(crate) async fn sync(
        &mut self,
        instance: &Component,
        sink: Box<dyn Sink>,
        request: &sync::Request,
    ) -> Result<sync::Outcome, End> {
        self.store.data_mut().sink = Some(sink);
        let called = instance.connector_contract_sync().call_run(&mut self.store, request);
        let outcome = self.bounds.hold(called).await;
        let outcome = self.judge(outcome)?;
        let state = self.store.data();
        laws::state(outcome.state.as_deref(), &state.limits)?;
        summary::judge(&outcome, state.stop.reason().is_some())?;
        Ok(outcome)
    }

    async fn instantiate(&mut self, connector: &Connector) -> Result<Component, End> {
        let instance = self.bounds.hold(connector.inner.pre.instantiate_async(&mut self.store)).await;
        self.judge(instance)
    }

    /// Sorts an error by who did what; after it the instance is dead.
    fn judge<T>(&self, result: wasmtime::Result<T>) -> Result<T, End> {
        result.map_err(|error| end::sort(error, self.store.data()))
    }

    /// Throws the instance away and says how the run ended.
    pub(crate) fn conclude<T>(self, result: Result<T, End>) -> anyhow::Result<Outcome<T>> {
        let verdict = match result {
            Ok(value) => Verdict::Returned(value),
            Err(End::Host(error)) => return Err(error),
            Err(End::Guest(verdict)) => verdict.widen(),
        };
        let continue_after = match self.store.data().stop.reason() {
            Some(Reason::Wait { resume_at, .. }) => Some(*resume_at),
            _ => None,
        };
        Ok(Outcome { verdict, continue_after, usage: self.usage() })
    }

    fn usage(&self) -> Usage {
        let state = self.store.data();
        let memory_peak_bytes = state.memory.peak_bytes as u64;
        let cpu_ms = self.bounds.meter.spent().as_millis() as u64;
        let mut usage = Usage { memory_peak_bytes, cpu_ms, ..state.usage.clone() };
        state.http.count(&mut usage);
        usage
    }
}
