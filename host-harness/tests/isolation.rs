//! What connectors must not do to their host and to each other, each with the outcome it must get.

mod support;

use host_harness::bindings::model::Batch;
use host_harness::bindings::sync::{Ended, Outcome as Returned, Request};
use host_harness::limits::Limits;
use host_harness::scratch::Scratch;
use host_harness::sink::{Committed, Sink};
use host_harness::stop::{Reason, Stop};
use host_harness::{Engine, How, Outcome, Tenant, Verdict, World};
use std::sync::Mutex;
use std::time::Duration;

const MEMORY_BYTES_MAX: usize = 8 << 20;

/// What each act must end as: the verdict, and the limit, the law, the problem or a part of the trap's text.
const ACTS: &[(&str, &str, &str)] = &[
    ("good", "complete", ""),
    ("loop", "limited", "cpu_max"),
    ("loop-in-configure", "limited", "cpu_max"),
    ("hoard-and-loop", "limited", "cpu_max"),
    ("hoard-and-abort", "limited", "memory_bytes_max"),
    ("recurse", "trapped", "call stack exhausted"),
    ("panic", "trapped", "the source said nothing"),
    ("read-the-clock", "trapped", "wasi:clocks"),
    ("batch-of-too-many", "limited", "batch_records_max"),
    ("batch-of-too-much", "limited", "batch_bytes_max"),
    ("position-too-large", "limited", "position_bytes_max"),
    ("state-too-large", "limited", "state_bytes_max"),
    ("many-exchanges", "limited", "exchanges_max"),
    ("flood-the-log", "complete", ""),
    ("empty-key", "unlawful", "model"),
    ("long-key", "unlawful", "model"),
    ("nan-score", "unlawful", "model"),
    ("no-state", "unlawful", "syncs and attempts"),
    ("no-problem", "unlawful", "syncs and attempts"),
    ("stop-unasked", "unlawful", "stop"),
    ("unbalanced", "unlawful", "balance"),
    ("two-listings", "unlawful", "seen"),
    ("other-origin", "failed", "policy.origin"),
    ("undeclared-secret", "failed", "secret.undeclared"),
];

/// The same for what happens after the host said stop.
const ACTS_AFTER_STOP: &[(&str, &str, &str)] = &[
    ("good", "stopped", ""),
    ("send-after-stop", "unlawful", "stop"),
    ("commit-after-stop", "unlawful", "stop"),
    ("complete-after-stop", "complete", ""),
    ("loop-after-stop", "limited", "stop_max"),
    ("call-after-stop", "limited", "stop_max"),
];

#[tokio::test]
async fn every_act_gets_its_outcome() {
    let engine = Engine::start().unwrap();
    for (act, verdict, named) in ACTS {
        let outcome = act_alone(&engine, act, Stop::new()).await;
        assert_verdict(act, &outcome, verdict, named);
    }
}

#[tokio::test]
async fn every_act_after_a_stop_gets_its_outcome() {
    let engine = Engine::start().unwrap();
    for (act, verdict, named) in ACTS_AFTER_STOP {
        let stop = Stop::new();
        stop.stop(Reason::Interrupted);
        let outcome = act_alone(&engine, act, stop).await;
        assert_verdict(act, &outcome, verdict, named);
        assert_eq!(outcome.usage.requests, 0, "{act}: a request left after the stop");
    }
}

/// One thread for all four, so that nobody runs unless the others give way.
#[tokio::test(flavor = "current_thread")]
async fn a_neighbour_of_hostile_tenants_gets_the_lines_it_gets_alone() {
    let engine = Engine::start().unwrap();
    let connector = support::load(&engine, support::HOSTILE);
    let world = support::empty_world();
    let sync = async |act, kept: &Scratch| {
        let synced = connector.sync(&tenant(act), &world, &kept.store, How::default()).await.unwrap();
        Outcome { verdict: returned(synced.verdict), continue_after: None, usage: synced.usage }
    };
    let (alone, beside) = (Scratch::new().unwrap(), Scratch::new().unwrap());
    let (other, third, fourth) = (Scratch::new().unwrap(), Scratch::new().unwrap(), Scratch::new().unwrap());
    assert_verdict("good", &sync("good", &alone).await, "complete", "");
    let ends = Mutex::new(Vec::new());
    let ended = async |act, kept: &Scratch| {
        let outcome = sync(act, kept).await;
        ends.lock().unwrap().push(act);
        outcome
    };
    let (loops, hoards, aborts, good) = tokio::join!(
        ended("loop", &other),
        ended("hoard-and-loop", &third),
        ended("hoard-and-abort", &fourth),
        ended("good", &beside)
    );
    assert_verdict("loop", &loops, "limited", "cpu_max");
    assert_verdict("hoard-and-loop", &hoards, "limited", "cpu_max");
    assert_verdict("hoard-and-abort", &aborts, "limited", "memory_bytes_max");
    assert_verdict("good", &good, "complete", "");
    let looping = ends.lock().unwrap().iter().take_while(|act| **act != "good").any(|act| act.ends_with("loop"));
    assert!(!looping, "those that loop still run when the neighbour is done");
    assert!(hoards.usage.memory_peak_bytes > MEMORY_BYTES_MAX as u64 / 2, "{:?}", hoards.usage);
    assert_eq!(alone.lines().unwrap().lines().count(), 21);
    assert_eq!(beside.lines().unwrap(), alone.lines().unwrap());
}

/// Runs one act into a sink of its own.
async fn act_alone(engine: &Engine, act: &str, stop: Stop) -> Outcome<Returned> {
    let connector = support::load(engine, support::HOSTILE);
    let world = World { stop, ..support::empty_world() };
    let request = Request { position: None, state: None, count_source: false };
    connector.attempt(&tenant(act), &world, Box::new(Forgets), request).await.unwrap()
}

/// Takes every batch, and keeps none.
struct Forgets;

impl Sink for Forgets {
    fn commit(&mut self, _batch: Batch, _position: Option<String>) -> Committed<'_> {
        Box::pin(std::future::ready(Ok(vec![])))
    }
}

fn tenant(act: &str) -> Tenant {
    let settings = serde_json::json!({ "act": act });
    let mut tenant = support::tenant("hostile", settings);
    tenant.secrets.insert("password", "made-up-password");
    tenant.limits = Limits {
        memory_bytes_max: MEMORY_BYTES_MAX,
        cpu_max: Duration::from_secs(1),
        stop_max: Duration::from_millis(200),
        ..Limits::default()
    };
    tenant
}

fn returned(verdict: Verdict<host_harness::sync::Synced>) -> Verdict<Returned> {
    match verdict {
        Verdict::Returned(synced) => Verdict::Returned(synced.outcome),
        Verdict::Unconfigured(problems) => Verdict::Unconfigured(problems),
        Verdict::Limited(limited) => Verdict::Limited(limited),
        Verdict::Unlawful(unlawful) => Verdict::Unlawful(unlawful),
        Verdict::Trapped(text) => Verdict::Trapped(text),
    }
}

fn assert_verdict(act: &str, outcome: &Outcome<Returned>, verdict: &str, named: &str) {
    let (was, said) = match &outcome.verdict {
        Verdict::Returned(Returned { ended: Ended::Complete, .. }) => ("complete", String::new()),
        Verdict::Returned(Returned { ended: Ended::Stopped, .. }) => ("stopped", String::new()),
        Verdict::Returned(Returned { problem: Some(problem), .. }) => ("failed", problem.code.clone()),
        Verdict::Limited(limited) => ("limited", limited.limit.to_owned()),
        Verdict::Unlawful(unlawful) => ("unlawful", unlawful.law.to_owned()),
        Verdict::Trapped(text) => ("trapped", text.clone()),
        other => ("something else", format!("{other}")),
    };
    assert!(was == verdict && said.contains(named), "{act}: {was} {said:?}, and not {verdict} {named:?}");
}
