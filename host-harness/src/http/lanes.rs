//! Lanes: who may start next, across all runs with the same account and origins.
//!
//! First in, first out. When a request may start is decided in `pace.rs`; this file only waits.

use super::pace::{Pace, Turn};
use crate::bindings::http::Allowance;
use crate::clock::Clock;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A lane is forgotten when nothing was told of it and nothing started for so long.
const FORGET_SECS: i64 = 86_400;

/// All lanes of one engine, or of one recording.
pub struct Lanes {
    clock: Arc<dyn Clock>,
    lanes: Mutex<BTreeMap<Key, Arc<Lane>>>,
    next: AtomicU64,
}

/// Whom the quota belongs to, and the lane's name.
type Key = (Arc<str>, String);

impl Lanes {
    /// No lanes yet; they will wait by this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, lanes: Mutex::default(), next: AtomicU64::new(0) }
    }

    /// The clock they wait by.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// A number that nobody else has.
    pub(super) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes what a connector tells of a lane.
    pub fn tell(&self, quota: &Arc<str>, name: &str, allowance: Allowance) {
        let lane = self.lane(quota, name);
        lane.state().pace.tell(allowance, self.clock.now());
        lane.changed.notify_waiters();
    }

    /// Queues at the end of a lane. `owner` is whoever will hold the place.
    pub fn enter(&self, quota: &Arc<str>, name: &str, owner: u64) -> Place {
        let lane = self.lane(quota, name);
        let ticket = self.number();
        lane.state().queue.push_back(ticket);
        Place { lane, ticket, owner, clock: self.clock.clone() }
    }

    fn lane(&self, quota: &Arc<str>, name: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (quota.clone(), name.to_owned());
        if let Some(lane) = lanes.get(&key) {
            return lane.clone();
        }
        if lanes.len() % 256 == 255 {
            let now = self.clock.now();
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || lane.state().is_in_use(now));
        }
        lanes.entry(key).or_default().clone()
    }
}

#[derive(Default)]
struct Lane {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    pace: Pace,
    /// Tickets, first come first.
    queue: VecDeque<u64>,
    /// Ticket and owner of what runs.
    running: Vec<(u64, u64)>,
}

impl Lane {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_in_use(&self, now: i64) -> bool {
        let is_known = self.pace.forgettable_at().saturating_add(FORGET_SECS) > now;
        is_known || !self.queue.is_empty() || !self.running.is_empty()
    }

    fn turn(&mut self, ticket: u64, owner: u64, now: i64) -> Turn {
        if self.queue.front() != Some(&ticket) {
            return Turn::Busy;
        }
        let turn = self.pace.turn(self.running.len(), now);
        if turn == Turn::Start {
            self.queue.pop_front();
            self.running.push((ticket, owner));
            self.pace.start(now);
        }
        turn
    }
}

/// A place in a lane: queued, then running. Dropping it makes room.
pub struct Place {
    lane: Arc<Lane>,
    ticket: u64,
    owner: u64,
    clock: Arc<dyn Clock>,
}

/// What keeps a place waiting.
pub enum Seen<'a> {
    /// Others are before it, or run.
    Busy,
    /// Nothing of the lane starts before this time.
    Waits {
        /// In seconds since 1970.
        until: i64,
        /// Why, in the connector's words.
        reason: &'a str,
    },
}

/// A lane has to wait longer than the run may.
#[derive(Debug, PartialEq)]
pub struct TooLong {
    /// When it may go on.
    pub resume_at: i64,
    /// Why, in the connector's words.
    pub reason: String,
}

impl Place {
    /// Waits until it may start, and answers for how many seconds it waited.
    ///
    /// Whatever keeps it waiting is told to `see`.
    pub async fn start(&self, wait_secs_max: i64, see: impl Fn(Seen<'_>)) -> Result<u64, TooLong> {
        let entered = self.clock.now();
        loop {
            let changed = self.lane.changed.notified();
            let now = self.clock.now();
            let turn = self.lane.state().turn(self.ticket, self.owner, now);
            match turn {
                Turn::Start => {
                    self.lane.changed.notify_waiters();
                    return Ok(now.saturating_sub(entered).max(0) as u64);
                }
                Turn::Busy => {
                    see(Seen::Busy);
                    changed.await;
                }
                Turn::Wait(until) => {
                    let reason = self.lane.state().pace.reason().to_owned();
                    if until.saturating_sub(now) > wait_secs_max {
                        return Err(TooLong { resume_at: until, reason });
                    }
                    see(Seen::Waits { until, reason: &reason });
                    tokio::select! {
                        () = self.clock.sleep_until(until) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// A view of this place that does not hold it.
    pub(super) fn view(&self) -> View {
        View { lane: self.lane.clone(), ticket: self.ticket, owner: self.owner }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        state.queue.retain(|ticket| *ticket != self.ticket);
        state.running.retain(|(ticket, _)| *ticket != self.ticket);
        drop(state);
        self.lane.changed.notify_waiters();
    }
}

/// Looks at a place without holding it.
#[derive(Clone)]
pub(super) struct View {
    lane: Arc<Lane>,
    ticket: u64,
    owner: u64,
}

impl View {
    /// Whether it queues behind requests that only its own owner can end.
    pub fn waits_for_its_owner(&self) -> bool {
        let state = self.lane.state();
        state.queue.contains(&self.ticket)
            && state.running.len() >= state.pace.parallel()
            && state.running.iter().all(|(_, owner)| *owner == self.owner)
    }
}

#[cfg(test)]
mod tests;
