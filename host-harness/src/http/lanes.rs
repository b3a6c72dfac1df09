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
mod tests {
    use super::*;
    use crate::clock::Virtual;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    fn lanes() -> Lanes {
        Lanes::new(Arc::new(Virtual::at(1_000)))
    }

    fn told(parallel: Option<u32>, resume_at: Option<i64>) -> Allowance {
        let reason = "because".into();
        Allowance { limit: None, window_secs: None, remaining: None, parallel, resume_at, reason }
    }

    /// Whether it may start at once.
    fn starts(place: &Place) -> bool {
        let start = std::pin::pin!(place.start(900, |_| ()));
        matches!(start.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_)))
    }

    #[test]
    fn a_lane_is_first_in_first_out() {
        let (lanes, quota) = (lanes(), "acme".into());
        let places: Vec<_> = (0..3).map(|_| lanes.enter(&quota, "list", 1)).collect();
        assert_eq!([2, 1, 0].map(|at| starts(&places[at])), [false, false, true], "only the first may");
        assert!(!starts(&places[1]), "the first still runs");
        let mut places = places.into_iter();
        drop(places.next());
        let rest: Vec<_> = places.collect();
        assert_eq!([1, 0].map(|at| starts(&rest[at])), [false, true]);
    }

    #[test]
    fn whoever_leaves_the_queue_makes_room() {
        let (lanes, quota) = (lanes(), "acme".into());
        let (first, second) = (lanes.enter(&quota, "list", 1), lanes.enter(&quota, "list", 1));
        drop(first);
        assert!(starts(&second));
    }

    #[test]
    fn a_lane_is_shared_by_name_and_quota_alone() {
        let lanes = lanes();
        let (acme, other): (Arc<str>, Arc<str>) = ("acme".into(), "other".into());
        let held = lanes.enter(&acme, "list", 1);
        assert!(starts(&held));
        let again: Arc<str> = "acme".into();
        for (quota, name, may) in [(&again, "list", false), (&acme, "detail", true), (&other, "list", true)] {
            assert_eq!(starts(&lanes.enter(quota, name, 2)), may, "{quota} {name}");
        }
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_by_what_is_told_and_by_what_ends() {
        let (lanes, quota) = (Arc::new(lanes()), "acme".into());
        let places: Vec<_> = (0..3).map(|_| lanes.enter(&quota, "list", 1)).collect();
        let started = Arc::new(Mutex::new(Vec::new()));
        let tasks = (0..).zip(places).map(|(number, place)| {
            let started = started.clone();
            tokio::spawn(async move {
                place.start(900, |_| ()).await.unwrap();
                started.lock().unwrap().push(number);
                place
            })
        });
        let mut tasks = tasks.collect::<Vec<_>>().into_iter();
        let first = tasks.next().unwrap().await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(*started.lock().unwrap(), [0]);
        lanes.tell(&quota, "list", told(Some(2), None));
        let _second = tasks.next().unwrap().await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(*started.lock().unwrap(), [0, 1]);
        drop(first);
        tasks.next().unwrap().await.unwrap();
        assert_eq!(*started.lock().unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn a_wait_moves_the_clock_and_is_seen() {
        let (lanes, quota) = (lanes(), "acme".into());
        lanes.tell(&quota, "list", told(None, Some(1_060)));
        let seen = Mutex::new(Vec::new());
        let see = |one: Seen<'_>| {
            if let Seen::Waits { until, reason } = one {
                seen.lock().unwrap().push((until, reason.to_owned()));
            }
        };
        assert_eq!(lanes.enter(&quota, "list", 1).start(60, see).await, Ok(60));
        assert_eq!((lanes.clock().now(), seen.into_inner().unwrap()), (1_060, vec![(1_060, "because".to_owned())]));
    }

    #[tokio::test]
    async fn a_wait_above_the_bound_is_none() {
        let (lanes, quota) = (lanes(), "acme".into());
        lanes.tell(&quota, "list", told(None, Some(1_061)));
        let too_long = TooLong { resume_at: 1_061, reason: "because".into() };
        assert_eq!(lanes.enter(&quota, "list", 1).start(60, |_| ()).await, Err(too_long));
        assert_eq!(lanes.clock().now(), 1_000);
        lanes.tell(&quota, "list", told(None, Some(i64::MAX)));
        assert!(
            lanes.enter(&quota, "list", 1).start(i64::MAX, |_| ()).await.is_ok(),
            "a hostile time is only a long wait"
        );
    }

    #[test]
    fn a_place_knows_when_only_its_owner_can_help() {
        let (lanes, quota) = (lanes(), "acme".into());
        lanes.tell(&quota, "list", told(Some(2), None));
        let running = [7, 7].map(|owner| lanes.enter(&quota, "list", owner));
        assert!(running.iter().all(starts));
        let queued = lanes.enter(&quota, "list", 7);
        assert!(queued.view().waits_for_its_owner());
        let [_, other] = running;
        drop(other);
        assert!(!queued.view().waits_for_its_owner(), "a slot is free");
        drop(queued);
        let stranger = lanes.enter(&quota, "list", 8);
        assert!(starts(&stranger));
        assert!(!lanes.enter(&quota, "list", 7).view().waits_for_its_owner(), "a stranger may end");
    }

    #[test]
    fn idle_lanes_are_forgotten_and_others_not() {
        let clock = Arc::new(Virtual::at(1_000));
        let lanes = Lanes::new(clock.clone());
        let quota = "acme".into();
        let held = lanes.enter(&quota, "held", 1);
        lanes.tell(&quota, "waits", told(None, Some(1_000_000)));
        (0..253).for_each(|number| lanes.tell(&quota, &number.to_string(), told(None, None)));
        drop(clock.sleep_until(1_000 + FORGET_SECS + 10));
        lanes.tell(&quota, "new", told(None, None));
        let left: Vec<_> = lanes.lanes.lock().unwrap().keys().map(|(_, name)| name.clone()).collect();
        assert_eq!(left, ["held", "new", "waits"]);
        assert!(starts(&held));
    }
}
