//! Queues, and what wakes who waits in them.

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
    assert!(lanes.enter(&quota, "list", 1).start(i64::MAX, |_| ()).await.is_ok(), "a hostile time is only a long wait");
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
