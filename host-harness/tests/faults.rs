//! Random faults at every exchange of a sync, from a seed: the result is the same, or the sync ends in part and names the gap.
//!
//! The server counts for itself: no limit is exceeded, no call comes inside of a told wait, no credential goes elsewhere.
//! `make faults RUNS=200 SEED=1` makes more runs.

mod support;

use host_harness::bindings::problems::ProblemKind;
use host_harness::bindings::sync::Ended;
use host_harness::limits::Limits;
use host_harness::scratch::Scratch;
use host_harness::{Connector, Engine, How, Tenant, Verdict, World};
use serde_json::{Value, json};
use simulator::Subscription;
use simulator::server::{Level, Options, Report, Rule};
use std::collections::BTreeSet;
use std::time::Duration;
use support::live::{Source, number};

/// A simulated hour is less than two real seconds.
const TIME_SCALE: u64 = 2_000;
/// Attempts after which a sync has to be over.
const ATTEMPTS_MAX: u32 = 40;
const KERNEL_FILTERS: [&str; 2] = ["not-filtered", "exclude-non-running"];
const SLICES: [u32; 3] = [10, 15, 40];
const LIMITS: [u32; 2] = [12, 20];
const LEVELS: [(Level, &str); 3] =
    [(Level::Standard, "standard"), (Level::Enterprise, "enterprise"), (Level::Premium, "premium")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_on_the_way_the_result_is_the_same_or_names_its_gap() {
    let connector = support::load(&Engine::start().unwrap(), support::QUALYS);
    let mut undisturbed = Vec::new();
    for filter in 0..KERNEL_FILTERS.len() as u64 {
        let run = Run { seed: filter, percent: 0 };
        undisturbed.push(run.result(&connector).await.lines);
    }
    let (seed, runs) = (number("SEED", 1), number("RUNS", 8));
    for seed in seed..seed + runs {
        let run = Run { seed, percent: 10 + (seed % 8) as u32 * 7 };
        let result = run.result(&connector).await;
        let expected = &undisturbed[(seed % KERNEL_FILTERS.len() as u64) as usize];
        result.compare(expected, run.silent_host(), &format!("seed {seed}"));
        eprintln!("seed {seed}: {result}");
    }
}

/// One sync, with so many of a hundred calls disturbed.
struct Run {
    seed: u64,
    percent: u32,
}

impl Run {
    fn level(&self) -> (Level, &'static str) {
        LEVELS[(self.seed / 2 % 3) as usize]
    }

    fn subscription() -> Subscription {
        Subscription { hosts: 120, detections_per_host: 12, qids: 600, ..Subscription::default() }
    }

    /// In some runs chance is slow as well, refuses credentials, and strikes any number of times in a row.
    fn is_deep(&self) -> bool {
        self.seed.is_multiple_of(5)
    }

    /// In some runs there is a host whose detections never come.
    fn silent_host(&self) -> Option<u64> {
        let is_one = self.percent > 0 && self.seed.is_multiple_of(8);
        is_one.then(|| Self::subscription().host_id((self.seed * 37 % 120) as u32))
    }

    fn options(&self) -> Options {
        let silent = self.silent_host().map(|id| format!("stall-host={id}"));
        let elsewhere =
            ["warning-elsewhere", "redirect@detections#3", "redirect@host-list#4"][(self.seed % 3) as usize];
        let elsewhere = (self.percent > 0).then(|| elsewhere.to_owned());
        Options {
            subscription: Self::subscription(),
            faults: silent.iter().chain(&elsewhere).map(|fault| Rule::parse(fault).unwrap()).collect(),
            // Few enough that a window is used up, so that the lanes have to wait for the next.
            limit: Some(LIMITS[(self.seed % 2) as usize]),
            window_secs: Some(600),
            level: self.level().0,
            time_scale: TIME_SCALE,
            chaos_seed: self.seed,
            chaos_percent: self.percent,
            chaos_deep: self.is_deep(),
            ..Options::default()
        }
    }

    fn settings(&self) -> Value {
        json!({
            "arf_kernel_filter": KERNEL_FILTERS[(self.seed % 2) as usize],
            "subscription_type": self.level().1,
            "slice_hosts": SLICES[(self.seed % 3) as usize],
            "compliance": "off",
        })
    }

    /// Runs attempts until the sync is over.
    async fn result(&self, connector: &Connector) -> Result {
        let source = Source::start(self.options()).await;
        let tenant = source.tenant(self.settings(), limits());
        let (world, scratch) = (source.world(&tenant), Scratch::new().unwrap());
        for attempts in 1..=ATTEMPTS_MAX {
            if let Some(warnings) = attempt(connector, &tenant, &world, &scratch, self.is_deep()).await {
                return Result { attempts, warnings, lines: lines(&scratch), report: source.report() };
            }
        }
        panic!("seed {}: the sync is not over after {ATTEMPTS_MAX} attempts: {:?}", self.seed, source.report());
    }
}

fn limits() -> Limits {
    let soon = Duration::from_millis(1_500);
    Limits { connect_max: soon, first_byte_max: soon, idle_max: soon, exchange_max: 4 * soon, ..Limits::default() }
}

/// One attempt, and the wait after it; tells the codes of its warnings when it ended in part, none when it was complete.
async fn attempt(
    connector: &Connector,
    tenant: &Tenant,
    world: &World,
    scratch: &Scratch,
    is_deep: bool,
) -> Option<Vec<String>> {
    let outcome = connector.sync(tenant, world, &scratch.store, How::default()).await.unwrap();
    let Verdict::Returned(synced) = outcome.verdict else { panic!("{}", outcome.verdict) };
    let returned = synced.outcome;
    match returned.ended {
        Ended::Complete => return Some(vec![]),
        Ended::InPart => return Some(returned.summary.warnings.into_iter().map(|warning| warning.code).collect()),
        Ended::Stopped => assert!(outcome.continue_after.is_some(), "nobody said stop"),
        Ended::Failed => {
            let problem = returned.problem.unwrap();
            // Deep chance may refuse credentials as often as it likes; a person would try again.
            let is_refused = is_deep && problem.kind == ProblemKind::Credentials;
            assert!(is_refused || problem.kind == ProblemKind::Unavailable, "{problem:?}");
        }
    }
    let next = outcome.continue_after.unwrap_or(world.now() + 60);
    world.transport.lanes().clock().sleep_until(next).await;
    None
}

fn lines(scratch: &Scratch) -> BTreeSet<String> {
    scratch.lines().unwrap().lines().map(str::to_owned).collect()
}

/// What a run left.
struct Result {
    attempts: u32,
    warnings: Vec<String>,
    lines: BTreeSet<String>,
    report: Report,
}

impl Result {
    fn compare(&self, expected: &BTreeSet<String>, silent_host: Option<u64>, case: &str) {
        let Self { warnings, lines, report, .. } = self;
        assert_eq!(
            *warnings,
            silent_host.map_or(&[][..], |_| &["hosts.quarantined"]),
            "{case}: what it names as its gap"
        );
        // What is known of a host holds what was found on it, and what was found there alone is not described.
        let of_host = silent_host.map(|id| [format!("\"key\":\"{id}\""), format!("\"key\":\"{id}|")]);
        let may_lack = |line: &&String| {
            let of_host = of_host.iter().flatten().any(|key| line.contains(key));
            of_host || (silent_host.is_some() && line.starts_with("{\"stream\":\"vulnerability\""))
        };
        let is_of_gap = |line: &&String| of_host.iter().flatten().any(|key| line.contains(key));
        let lacks = expected.difference(lines).find(|line| !may_lack(line));
        let invents = lines.difference(expected).find(|line| !is_of_gap(line));
        assert_eq!((lacks, invents), (None, None), "{case}: a line that has nothing to do with a gap");
        assert!(
            silent_host.is_none() || expected.difference(lines).any(|line| is_of_gap(&line)),
            "{case}: no gap at all"
        );
        assert_eq!(report.credentials_elsewhere, 0, "{case}: {report:?}");
        for (endpoint, counted) in &report.endpoints {
            let broken = (counted.refused_concurrency, counted.refused_rate, counted.inside_told_wait);
            assert_eq!(
                broken,
                (0, 0, 0),
                "{case}: refused for concurrency, for rate, inside a told wait at {endpoint}"
            );
        }
    }
}

impl std::fmt::Display for Result {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { attempts, warnings, report, .. } = self;
        let faults = report.faults.values().sum::<u64>();
        let ended =
            if warnings.is_empty() { "the same".to_owned() } else { format!("in part, {}", warnings.join(", ")) };
        write!(f, "{ended}; {attempts} attempts, {} calls, {faults} disturbed", report.calls)
    }
}
