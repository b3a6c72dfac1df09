//! The exchanges of one run: what may leave, what is under way, and waiting for it.

mod keep;
#[cfg(test)]
mod tests;

use super::answer::{Answer, Buffer, Readiness};
use super::echo::Scan;
use super::lanes::Place;
use super::leaving::{Counted, Leaving, Unfinished};
use super::outgoing::Outgoing;
use super::policy::Allowed;
use super::secrets::Declared;
use super::under_way::{Exchange, UnderWay};
use super::{Transport, cancelled, failure};
use crate::bindings::configure::{Resolved, SecretUse};
use crate::bindings::http::{Allowance, Failure, FailureKind, Request};
use crate::limits::Limits;
use crate::outcome::{Limited, Usage};
use crate::stop::Stop;
use crate::tenant::Tenant;
use crate::watch::Watch;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Notify;
use url::Origin;
use wasmtime::component::ResourceTable;

/// Lanes that one run may name.
const LANES_MAX: usize = 64;
/// Bytes of a lane's name.
const LANE_NAME_BYTES_MAX: usize = 128;
/// Bytes of the reason given for a lane's pace; the rest is cut.
const REASON_BYTES_MAX: usize = 512;

/// The host's side of all exchanges of one run.
pub struct Session {
    transport: Arc<dyn Transport>,
    watch: Arc<dyn Watch>,
    stop: Stop,
    limits: Limits,
    allowed: Allowed,
    declared: Declared,
    /// Whom quotas belong to: account and origins.
    quota: Arc<str>,
    lanes: BTreeSet<String>,
    owner: u64,
    arrived: Arc<Notify>,
    counted: Arc<Counted>,
    alive: usize,
    kept: usize,
    named: u64,
}

impl Session {
    /// A session in which nothing is allowed yet.
    pub fn new(transport: Arc<dyn Transport>, limits: &Limits, watch: Arc<dyn Watch>, stop: Stop) -> Self {
        let owner = transport.lanes().number();
        Self {
            transport,
            watch,
            stop,
            limits: limits.clone(),
            allowed: Allowed::default(),
            declared: Declared::default(),
            quota: "".into(),
            lanes: BTreeSet::new(),
            owner,
            arrived: Arc::default(),
            counted: Arc::default(),
            alive: 0,
            kept: 0,
            named: 0,
        }
    }

    /// Allows what the manifest declares and the settings resolve to.
    pub fn allow(&mut self, tenant: &Tenant, uses: &[SecretUse], resolved: &Resolved) {
        self.allowed = Allowed::new(&resolved.origins, &tenant.network);
        self.declared = Declared::new(uses, &tenant.secrets);
        let origins: BTreeSet<_> = resolved.origins.iter().map(|origin| origin.url.as_str()).collect();
        let origins: Vec<_> = origins.into_iter().collect();
        self.quota = format!("{}\n{}", origins.join(" "), resolved.account).into();
    }

    /// Now, by the clock that its requests wait by.
    pub fn now(&self) -> i64 {
        self.transport.lanes().clock().now()
    }

    /// Adds what was used so far: requests, bytes of answers, seconds waited.
    pub fn count(&self, usage: &mut Usage) {
        usage.requests += self.counted.requests.load(Ordering::Relaxed);
        usage.answer_bytes += self.counted.answer_bytes.load(Ordering::Relaxed);
        usage.waited_secs += self.counted.waited_secs.load(Ordering::Relaxed);
    }

    /// Accepts a request; whatever is wrong with it is the answer of its exchange.
    pub(super) fn send(&mut self, request: Request, table: &ResourceTable) -> Result<Exchange, Limited> {
        if self.alive >= self.limits.exchanges_max {
            return Err(limited(
                "exchanges_max",
                format!("more than {} exchanges are alive", self.limits.exchanges_max),
            ));
        }
        let lane = request.lane.clone();
        lane.iter().try_for_each(|lane| self.know(lane))?;
        self.alive += 1;
        if self.stop.reason().is_some() {
            return Ok(self.failed(cancelled()));
        }
        Ok(match Outgoing::prepare(request, table, &self.allowed, &self.declared) {
            Ok(outgoing) => self.begin(outgoing, lane),
            Err(denied) => self.failed(denied.into()),
        })
    }

    /// Takes what is told of a lane.
    pub(super) fn pace(&mut self, lane: &str, mut allowance: Allowance) -> Result<(), Limited> {
        self.know(lane)?;
        allowance.reason.truncate(allowance.reason.floor_char_boundary(REASON_BYTES_MAX));
        self.transport.lanes().tell(&self.quota, lane, allowance);
        Ok(())
    }

    /// An exchange was dropped.
    pub(super) fn dropped(&mut self) {
        self.alive -= 1;
    }

    /// Makes room for one more kept answer, if there is any.
    pub(super) fn hold_kept(&mut self) -> Result<(), Limited> {
        if self.kept >= self.limits.exchanges_max {
            return Err(limited("exchanges_max", format!("more than {} answers are kept", self.limits.exchanges_max)));
        }
        self.kept += 1;
        Ok(())
    }

    /// A kept answer was dropped.
    pub(super) fn dropped_kept(&mut self) {
        self.kept -= 1;
    }

    /// A number greater than all before it.
    pub(super) fn next_named(&mut self) -> u64 {
        self.named += 1;
        self.named
    }

    /// Waits until `take` finds something, or the run is stopped.
    pub(super) async fn wait<T>(
        &self,
        under_way: &UnderWay,
        take: impl Fn(&Buffer) -> Option<Result<T, Failure>>,
    ) -> Result<T, Failure> {
        loop {
            if self.stop.reason().is_some() {
                return Err(cancelled());
            }
            if let Some(taken) = take(&under_way.buffer) {
                return taken;
            }
            let waited_for = std::slice::from_ref(under_way);
            if !self.fail_hopeless(waited_for) {
                self.arrival(waited_for).await;
            }
        }
    }

    /// Refuses to wait for more exchanges than may be alive.
    pub(super) fn bound_list(&self, length: usize) -> Result<(), Limited> {
        if length > self.limits.exchanges_max {
            return Err(limited("exchanges_max", format!("{length} exchanges are waited for at once")));
        }
        Ok(())
    }

    /// Waits until one has something, and gives its index; 0 when nothing can come.
    pub(super) async fn ready(&self, under_way: &[UnderWay]) -> usize {
        loop {
            let all: Vec<_> = under_way.iter().map(|one| one.buffer.readiness()).collect();
            let is_now = |index: &usize| all[*index] == Readiness::Now;
            let longest_ago = (0..all.len()).filter(is_now).min_by_key(|index| under_way[*index].named);
            if self.stop.reason().is_some() || all.iter().all(|one| *one == Readiness::Never) {
                return 0;
            }
            match longest_ago {
                Some(index) => return index,
                None if self.fail_hopeless(under_way) => {}
                None => self.arrival(under_way).await,
            }
        }
    }

    /// Counts bytes of answers that were taken.
    pub(super) fn count_read(&self, bytes: usize) {
        self.counted.answer_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    async fn arrival(&self, waited_for: &[UnderWay]) {
        waited_for.iter().for_each(|one| one.buffer.ask());
        tokio::select! {
            () = self.arrived.notified() => {}
            _ = self.stop.stopped() => {}
        }
        waited_for.iter().for_each(|one| one.buffer.unask());
    }

    /// Fails what queues behind requests that only the waiting guest can end, unless something else may still come.
    fn fail_hopeless(&self, waited_for: &[UnderWay]) -> bool {
        let (hopeless, rest): (Vec<_>, Vec<_>) = waited_for.iter().partition(|one| one.is_hopeless());
        if hopeless.is_empty() || rest.iter().any(|one| one.buffer.readiness() == Readiness::Later) {
            return false;
        }
        for one in hopeless {
            let message = "its lane is full of requests of this very run, whose answers were not read or dropped";
            one.buffer.finish(Err(failure(FailureKind::Refused, "lane.held", message)));
            one.abort();
        }
        true
    }

    fn know(&mut self, lane: &str) -> Result<(), Limited> {
        if self.lanes.contains(lane) {
            return Ok(());
        }
        if lane.len() > LANE_NAME_BYTES_MAX {
            return Err(limited("lane_name_bytes_max", format!("the name of a lane has {} bytes", lane.len())));
        }
        if self.lanes.len() == LANES_MAX {
            return Err(limited("lanes_max", format!("more than {LANES_MAX} lanes are named")));
        }
        self.lanes.insert(lane.to_owned());
        Ok(())
    }

    fn failed(&self, failure: Failure) -> Exchange {
        let buffer = self.buffer(None);
        buffer.finish(Err(failure));
        Exchange(UnderWay { buffer, origin: Origin::new_opaque(), task: None, queued: None, named: 0 })
    }

    fn begin(&self, outgoing: Outgoing, lane: Option<String>) -> Exchange {
        let origin = outgoing.url.origin();
        let buffer = self.buffer(Scan::new(&outgoing.repeatable()));
        let place = lane.as_ref().map(|lane| self.transport.lanes().enter(&self.quota, lane, self.owner));
        let queued = place.as_ref().map(Place::view);
        let exchanging = self.transport.open(outgoing, Answer(buffer.clone()));
        let leaving = Leaving {
            buffer: Unfinished(buffer.clone()),
            lane: lane.unwrap_or_default(),
            wait_secs_max: self.limits.lane_wait_secs_max,
            watch: self.watch.clone(),
            stop: self.stop.clone(),
            arrived: self.arrived.clone(),
            counted: self.counted.clone(),
        };
        let task = Some(tokio::spawn(leaving.run(place, exchanging)).abort_handle());
        Exchange(UnderWay { buffer, origin, task, queued, named: 0 })
    }

    fn buffer(&self, scan: Option<Scan>) -> Arc<Buffer> {
        let limits = &self.limits;
        Arc::new(Buffer::new(self.arrived.clone(), limits.read_ahead_bytes_max, limits.answer_bytes_max, scan))
    }
}

fn limited(limit: &'static str, message: String) -> Limited {
    Limited { limit, message }
}
