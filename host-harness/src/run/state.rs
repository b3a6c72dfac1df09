//! What an instance can reach, and what the world looks like to it.

use super::bounds::Meter;
use super::log::Log;
use super::memory::Memory;
use crate::bindings::http::{Failure, FailureKind};
use crate::clock::Wall;
use crate::http::lanes::Lanes;
use crate::http::{Answer, Exchanging, Outgoing, Session, Transport};
use crate::limits::Limits;
use crate::outcome::Usage;
use crate::sink::Sink;
use crate::stop::Stop;
use crate::watch::{Unwatched, Watch};
use std::sync::Arc;
use wasmtime::component::ResourceTable;

/// Handles that a guest may hold at once.
const HANDLES_MAX: usize = 1_000;

/// What stands around a run: what answers its requests, what time it is, who may stop it, who watches.
#[derive(Clone)]
pub struct World {
    /// Answers requests, and has the clock that they wait by.
    pub transport: Arc<dyn Transport>,
    /// Stops every run that was given it.
    pub stop: Stop,
    /// Sees what goes on.
    pub watch: Arc<dyn Watch>,
}

impl World {
    /// A world that nobody stops and nobody watches.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, stop: Stop::new(), watch: Arc::new(Unwatched) }
    }

    /// Now, as the connector is told.
    pub fn now(&self) -> i64 {
        self.transport.lanes().clock().now()
    }

    /// A world in which nothing answers.
    pub(super) fn nowhere() -> Self {
        Self::new(Arc::new(Nowhere(Arc::new(Lanes::new(Arc::new(Wall))))))
    }
}

/// Everything an instance can reach; it is dropped with the instance.
pub struct RunState {
    /// The guest's handles.
    pub table: ResourceTable,
    /// Its exchanges.
    pub http: Session,
    /// Where its batches go; absent unless it syncs.
    pub sink: Option<Box<dyn Sink>>,
    /// Whether it was told to stop.
    pub stop: Stop,
    /// Whether an import has already told it so.
    pub told: bool,
    /// Sees what goes on.
    pub watch: Arc<dyn Watch>,
    /// What it may use.
    pub limits: Limits,
    /// What it used.
    pub usage: Usage,
    pub(super) commits_after_stop: u32,
    pub(super) log: Log,
    pub(super) memory: Memory,
    pub(super) meter: Arc<Meter>,
}

impl RunState {
    pub(super) fn new(world: &World, stop: Stop, limits: Limits, meter: Arc<Meter>) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES_MAX);
        Self {
            table,
            http: Session::new(world.transport.clone(), &limits, world.watch.clone(), stop.clone()),
            sink: None,
            stop,
            told: false,
            watch: world.watch.clone(),
            usage: Usage::default(),
            commits_after_stop: 0,
            log: Log::default(),
            memory: Memory::new(&limits),
            limits,
            meter,
        }
    }
}

/// Answers nothing: for calls that ask nobody.
struct Nowhere(Arc<Lanes>);

impl Transport for Nowhere {
    fn lanes(&self) -> &Arc<Lanes> {
        &self.0
    }

    fn open(&self, _request: Outgoing, _answer: Answer) -> Exchanging {
        Box::pin(std::future::ready(Err(Failure {
            kind: FailureKind::Refused,
            code: "policy.origin".into(),
            message: "nothing may be asked here".into(),
        })))
    }
}
