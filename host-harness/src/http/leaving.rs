//! One request on its way: it waits for its lane, leaves, and fills a buffer.

use super::answer::Buffer;
use super::lanes::{Place, Seen, TooLong};
use super::{Exchanging, cancelled, failure};
use crate::bindings::http::{Failure, FailureKind};
use crate::stop::{Reason, Stop};
use crate::watch::Watch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// What all exchanges of a run used together.
#[derive(Default)]
pub(super) struct Counted {
    /// Requests that left.
    pub requests: AtomicU64,
    /// Bytes of answers that were taken.
    pub answer_bytes: AtomicU64,
    /// Seconds spent waiting in lanes.
    pub waited_secs: AtomicU64,
}

/// What a request needs on its way.
pub(super) struct Leaving {
    /// Where its answer goes.
    pub buffer: Unfinished,
    /// The lane it waits for, by name; empty for none.
    pub lane: String,
    /// Longest wait there.
    pub wait_secs_max: i64,
    /// Sees it wait.
    pub watch: Arc<dyn Watch>,
    /// Stops it before it leaves, and is given when the wait is too long.
    pub stop: Stop,
    /// Wakes the guest's side.
    pub arrived: Arc<Notify>,
    /// Counts it.
    pub counted: Arc<Counted>,
}

impl Leaving {
    /// Goes all the way.
    pub async fn run(self, place: Option<Place>, exchanging: Exchanging) {
        let end = match self.queue(place).await {
            Ok(()) => {
                self.counted.requests.fetch_add(1, Ordering::Relaxed);
                exchanging.await
            }
            Err(failure) => Err(failure),
        };
        self.buffer.0.finish(end);
    }

    fn see(&self, seen: Seen<'_>) {
        match seen {
            // A guest that waits for this one may find out that it waits for itself.
            Seen::Busy => self.arrived.notify_one(),
            Seen::Waits { until, reason } => self.watch.waiting(&self.lane, until, reason),
        }
    }

    async fn queue(&self, place: Option<Place>) -> Result<(), Failure> {
        if let Some(place) = place {
            let started = tokio::select! {
                started = place.start(self.wait_secs_max, |seen| self.see(seen)) => started,
                _ = self.stop.stopped() => return Err(cancelled()),
            };
            let waited_secs = started.map_err(|TooLong { resume_at, reason }| {
                self.stop.stop(Reason::Wait { lane: self.lane.clone(), resume_at, reason });
                cancelled()
            })?;
            self.counted.waited_secs.fetch_add(waited_secs, Ordering::Relaxed);
            self.buffer.0.hold(place);
        }
        // A request that was sent before the stop, and did not leave before it, does not leave after it.
        self.stop.reason().map_or(Ok(()), |_| Err(cancelled()))
    }
}

/// Ends a buffer whatever happens: a transport that panics must not leave the guest waiting.
pub(super) struct Unfinished(pub Arc<Buffer>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.finish(Err(failure(FailureKind::Unreachable, "transport.lost", "the host lost the exchange")));
    }
}
