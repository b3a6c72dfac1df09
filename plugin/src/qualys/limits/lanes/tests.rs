//! What the host is told of a lane, answer by answer.

use super::*;
use crate::bindings::connector::contract::http::{AnswerHeader, Failure, Request};
use crate::qualys::limits::headers;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};

const LANE: &str = "a-lane";

/// A world with nothing but a clock and a lane.
#[derive(Default)]
struct Told {
    now: Cell<i64>,
    paces: RefCell<Vec<Allowance>>,
}

impl Told {
    fn last(&self) -> Allowance {
        self.paces.borrow().last().unwrap().clone()
    }
}

impl Clock for Told {
    fn now(&self) -> i64 {
        self.now.get()
    }
}

impl Http for Told {
    type Exchange = ();
    type Kept = ();
    fn send(&self, _: &Request<'_>) {}
    fn send_kept<'a>(&self, _: Request<'a>, _: (&str, &str), (): &'a ()) {}
    fn ready(&self, _: &[&()]) -> usize {
        0
    }
    fn head(&self, (): &()) -> Result<Head, Failure> {
        Ok(head(&[]))
    }
    fn read(&self, (): &(), _: u32) -> Result<Vec<u8>, Failure> {
        Ok(vec![])
    }
    fn keep(&self, (): &()) -> Result<(), Failure> {
        Ok(())
    }
    fn pace(&self, _: &str, allowance: &Allowance) {
        self.paces.borrow_mut().push(allowance.clone());
    }
}

fn head(headers: &[(&str, u32)]) -> Head {
    let header = |&(name, value): &(&str, u32)| AnswerHeader { name: name.into(), value: value.to_string() };
    Head { status: 200, headers: headers.iter().map(header).collect() }
}

fn limits(remaining: u32) -> Head {
    head(&[("x-ratelimit-limit", 100), ("x-ratelimit-window-sec", 60), ("x-ratelimit-remaining", remaining)])
}

fn used_up(secs: u32) -> Wait {
    Wait { secs, meaning: Meaning::UsedUp, reason: "used up" }
}

fn pause(secs: u32) -> Wait {
    Wait { secs, meaning: Meaning::Nothing, reason: "pause" }
}

fn too_many(secs: u32) -> Wait {
    Wait { secs, meaning: Meaning::TooMany, reason: "too many" }
}

/// Lanes of a Standard subscription at time 1,000, with a reserve of a tenth.
fn opened() -> (Told, Lanes) {
    let world = Told::default();
    world.now.set(1_000);
    let lanes = open(&world, &[LANE], &crate::script::settings(serde_json::json!({"reserve_percent": 10})));
    (world, lanes)
}

#[test]
fn a_lane_starts_with_the_figures_of_the_subscription_type() {
    let (world, _) = opened();
    let told = world.last();
    assert_eq!((told.limit, told.window_secs, told.parallel), (Some(270), Some(3_600), Some(2)));
    assert_eq!((told.remaining, told.resume_at), (None, None));
}

#[test]
fn headers_overrule_the_figures_one_by_one_and_the_reserve_is_left_to_other_tools() {
    let limit = ("x-ratelimit-limit", 100);
    let window = ("x-ratelimit-window-sec", 60);
    #[rustfmt::skip]
    let cases = [
        (vec![limit, window, ("x-ratelimit-remaining", 11)],  (Some(90), Some(60), Some(1), Some(2))),
        (vec![limit, window, ("x-ratelimit-remaining", 10)],  (Some(90), Some(60), Some(0), Some(2))),
        (vec![limit, window, ("x-ratelimit-remaining", 3)],   (Some(90), Some(60), Some(0), Some(2))),
        (vec![limit, window],                                 (Some(90), Some(60), None, Some(2))),
        (vec![limit],                                         (Some(270), Some(3_600), None, Some(2))),
        (vec![("x-ratelimit-limit", 0), window],              (Some(270), Some(3_600), None, Some(2))),
        (vec![limit, ("x-ratelimit-window-sec", 0)],          (Some(270), Some(3_600), None, Some(2))),
        (vec![("x-ratelimit-limit", 1), window],              (Some(1), Some(60), None, Some(2))),
        (vec![("x-concurrency-limit-limit", 7)],              (Some(270), Some(3_600), None, Some(7))),
        (vec![("x-concurrency-limit-limit", 4_000_000_000)],  (Some(270), Some(3_600), None, Some(20))),
        (vec![("x-concurrencylimit-limit", 6)],               (Some(270), Some(3_600), None, Some(6))),
        (vec![("x-concurrency-limit-limit", 0)],              (Some(270), Some(3_600), None, Some(2))),
        (vec![],                                              (Some(270), Some(3_600), None, Some(2))),
    ];
    for (headers, expected) in cases {
        let (world, mut lanes) = opened();
        let ticket = lanes.sent(LANE);
        lanes.heed(&world, LANE, ticket, &head(&headers));
        let told = world.last();
        assert_eq!((told.limit, told.window_secs, told.remaining, told.parallel), expected, "{headers:?}");
        assert_eq!(Some(lanes.parallel(LANE) as u32), told.parallel, "{headers:?}");
        assert_eq!(told.resume_at, None, "{headers:?}");
    }
}

#[test]
fn a_wait_ends_a_second_later_than_it_is_long() {
    let (world, mut lanes) = opened();
    lanes.wait(&world, LANE, &used_up(60));
    assert_eq!(world.last().resume_at, Some(1_061));
    assert_eq!((world.last().remaining, world.last().reason.as_str()), (Some(0), "used up"));
    lanes.heed(&world, LANE, Ticket::default(), &head(&[("x-ratelimit-towait-sec", 100)]));
    assert_eq!(world.last().resume_at, Some(1_101), "a head names one too");
}

#[test]
fn no_later_answer_ends_a_wait_early_and_a_longer_wait_goes_on() {
    let (world, mut lanes) = opened();
    let [early, late] = [lanes.sent(LANE), lanes.sent(LANE)];
    lanes.wait(&world, LANE, &used_up(60));
    for ticket in [late, early] {
        lanes.heed(&world, LANE, ticket, &limits(80));
        assert_eq!((world.last().resume_at, world.last().remaining), (Some(1_061), Some(0)));
        assert_eq!(world.last().reason, "used up");
    }
    for (wait, until) in [(pause(5), 1_061), (used_up(30), 1_061), (used_up(90), 1_091), (pause(100), 1_101)] {
        lanes.wait(&world, LANE, &wait);
        assert_eq!(world.last().resume_at, Some(until), "{wait:?}");
    }
}

#[test]
fn after_a_wait_the_source_counts_anew_and_what_was_said_before_counts_no_more() {
    let (world, mut lanes) = opened();
    let [first, second] = [lanes.sent(LANE), lanes.sent(LANE)];
    lanes.heed(&world, LANE, first, &limits(11));
    lanes.wait(&world, LANE, &used_up(60));
    world.now.set(1_061);
    lanes.wait(&world, LANE, &pause(10));
    assert_eq!((world.last().remaining, world.last().resume_at), (None, Some(1_072)));
    lanes.heed(&world, LANE, second, &limits(50));
    assert_eq!(world.last().remaining, Some(40));
}

#[test]
fn what_is_left_is_what_the_newest_answer_said_less_what_was_sent_since() {
    let (world, mut lanes) = opened();
    let [first, second, third] = [lanes.sent(LANE), lanes.sent(LANE), lanes.sent(LANE)];
    for (ticket, said, left) in [(second, 50, 39), (first, 90, 39), (third, 49, 39)] {
        lanes.heed(&world, LANE, ticket, &limits(said));
        assert_eq!(world.last().remaining, Some(left), "{ticket:?} said {said}");
    }
}

#[test]
fn a_pause_of_our_own_does_not_make_the_source_count_anew() {
    let (world, mut lanes) = opened();
    let ticket = lanes.sent(LANE);
    lanes.heed(&world, LANE, ticket, &limits(10));
    assert_eq!((world.last().remaining, world.last().resume_at), (Some(0), None));
    lanes.wait(&world, LANE, &pause(10));
    assert_eq!((world.last().remaining, world.last().resume_at), (Some(0), Some(1_061)), "the window has to pass");
}

#[test]
fn after_too_many_calls_one_runs_and_one_more_with_every_clean_window() {
    let (world, mut lanes) = opened();
    let bounds = head(&[("x-ratelimit-limit", 100), ("x-ratelimit-window-sec", 60), ("x-concurrency-limit-limit", 3)]);
    let ticket = lanes.sent(LANE);
    lanes.heed(&world, LANE, ticket, &bounds);
    lanes.wait(&world, LANE, &too_many(10));
    assert_eq!((world.last().parallel, world.last().resume_at), (Some(1), Some(1_011)));
    for (now, parallel) in [(1_011, 1), (1_059, 1), (1_060, 2), (1_119, 2), (1_120, 3), (9_999, 3)] {
        world.now.set(now);
        lanes.heed(&world, LANE, ticket, &head(&[]));
        assert_eq!(world.last().parallel, Some(parallel), "at {now}");
    }
    lanes.wait(&world, LANE, &too_many(10));
    assert_eq!(world.last().parallel, Some(1), "and again");
}

#[test]
fn lanes_know_nothing_of_each_other() {
    let (world, mut lanes) = opened();
    lanes.wait(&world, LANE, &used_up(60));
    let ticket = lanes.sent("another");
    lanes.heed(&world, "another", ticket, &limits(80));
    assert_eq!((world.last().resume_at, world.last().remaining), (None, Some(70)));
}

#[test]
fn what_is_left_is_told_to_people_where_all_of_it_is_known() {
    assert_eq!(headers::left(&limits(7)), Some((7, 100, 60)));
    assert_eq!(headers::left(&head(&[("x-ratelimit-remaining", 7)])), None);
}

/// What may happen to a lane: a request leaves, the answer to one of them comes, a wait is decided, time passes.
#[derive(Clone, Debug)]
enum Event {
    Sent,
    Heard(usize, u32, Option<u32>),
    Waits(Wait),
    Passes(i64),
}

fn an_event() -> impl Strategy<Value = Event> {
    let wait = prop_oneof![(1u32..200).prop_map(used_up), (1u32..200).prop_map(pause), (1u32..200).prop_map(too_many)];
    prop_oneof![
        Just(Event::Sent),
        (0usize..4, 0u32..100, proptest::option::of(0u32..200))
            .prop_map(|(which, left, wait)| Event::Heard(which, left, wait)),
        wait.prop_map(Event::Waits),
        (0i64..100).prop_map(Event::Passes),
    ]
}

proptest! {
    #[test]
    fn whatever_the_order_of_answers_a_told_wait_stands(events in proptest::collection::vec(an_event(), 1..40)) {
        let (world, mut lanes) = opened();
        let (mut tickets, mut until) = (vec![lanes.sent(LANE)], i64::MIN);
        for event in events {
            match event {
                Event::Sent => tickets.push(lanes.sent(LANE)),
                Event::Heard(which, left, wait) => {
                    let mut answer = limits(left);
                    answer.headers.extend(head(&[("x-ratelimit-towait-sec", wait.unwrap_or(0))]).headers);
                    lanes.heed(&world, LANE, tickets[tickets.len() - 1 - which % tickets.len()], &answer);
                    until = until.max(wait.filter(|&wait| wait > 0).map_or(i64::MIN, |wait| end(world.now(), wait)));
                }
                Event::Waits(wait) => {
                    lanes.wait(&world, LANE, &wait);
                    until = until.max(end(world.now(), wait.secs));
                }
                Event::Passes(secs) => world.now.set(world.now() + secs),
            }
            let told = world.last();
            if until > world.now() {
                prop_assert!(told.resume_at >= Some(until), "{told:?} before {until}");
            }
            prop_assert!(told.resume_at.is_none_or(|at| at <= world.now() + i64::from(WAIT_SECS_MAX) + GRAIN_SECS));
            prop_assert!((1..=2).contains(&told.parallel.unwrap()) && told.limit >= Some(1));
        }
    }
}
