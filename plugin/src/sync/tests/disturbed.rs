//! A made-up source under whatever trouble: the sync ends, and lacks nothing that it does not name.

use super::*;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Requests that a sync may make, whatever happens.
const REQUESTS_MAX: usize = 3_000;
/// Attempts that a sync may need.
const ATTEMPTS_MAX: usize = 60;
/// Slow answers to the same call for detections, in one attempt.
const SLOW_MAX: usize = 2;
/// Answers of any kind of trouble to the same call for detections, in one attempt.
const IN_VAIN_MAX: usize = 5;

/// One thing that may happen to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    None,
    TimesOut,
    TimesOutInTheMidst,
    IsCut,
    EndsEarly,
    Proxy,
    Internal,
    Empty,
    UsedUp,
    TooMany,
}

impl Trouble {
    fn is_slow(self) -> bool {
        self.is_in_vain() && !matches!(self, Self::Internal | Self::Empty)
    }

    fn is_in_vain(self) -> bool {
        !matches!(self, Self::None | Self::UsedUp | Self::TooMany)
    }

    /// What becomes of an answer.
    fn spoil(self, body: String) -> Canned {
        let half = body.get(..body.len() / 2).unwrap().to_owned();
        match self {
            Self::None => answer("", 200, body),
            Self::TimesOut => failure("", FailureKind::TimedOut),
            Self::TimesOutInTheMidst => answer("", 200, half).then(FailureKind::TimedOut),
            Self::IsCut => answer("", 200, half).then(FailureKind::Cut),
            Self::EndsEarly => answer("", 200, half),
            Self::Proxy => answer("", 504, "<html>Request Timeout</html>"),
            Self::Internal => answer("", 500, half),
            Self::Empty => answer("", 200, ""),
            Self::UsedUp => answer("", 409, returned(1965)).header("x-ratelimit-towait-sec", "5"),
            Self::TooMany => answer("", 409, returned(1960)),
        }
    }
}

/// A subscription, and what happens to the requests for it.
#[derive(Clone, Debug)]
struct Made {
    /// The hosts that have detections, by how many; those listed, and others that were scanned since.
    hosts: BTreeMap<u64, u32>,
    late: BTreeSet<u64>,
    /// Whoever asks for one of these waits in vain, or, where it is even, is told of trouble.
    silent: BTreeSet<u64>,
    has_filter: bool,
    slice_hosts: u32,
    troubles: Vec<Trouble>,
}

/// What was asked of a source and how it went, over all attempts.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// Attempt, request, what became of it.
    all: Vec<(usize, String, Trouble)>,
}

impl Made {
    fn settings(&self) -> Settings {
        let filter = if self.has_filter { "exclude-non-running" } else { "not-filtered" };
        settings(json!({"slice_hosts": self.slice_hosts, "compliance": "off", "arf_kernel_filter": filter}))
    }

    fn listed(&self) -> impl Iterator<Item = u64> {
        self.hosts.keys().copied().filter(|host| !self.late.contains(host))
    }

    fn body(&self, sent: &str) -> String {
        if sent.contains("/knowledge_base/") {
            let ids = sent.split(" ids=").nth(1).unwrap().split(' ').next().unwrap();
            return meanings(&ids.split(',').map(|id| id.parse().unwrap()).collect::<Vec<_>>());
        }
        let first = value(sent, "id_min").unwrap_or(0);
        if !sent.contains("/vm/detection/") {
            let limit = value(sent, "truncation_limit").unwrap() as usize;
            let rest: Vec<u64> = self.listed().filter(|&host| host >= first).collect();
            return host_page(&rest[..rest.len().min(limit)], rest.get(limit).copied());
        }
        let last = value(sent, "id_max").unwrap();
        let (is_fixed, is_open) = (sent.contains("status=Fixed&"), !sent.contains("Fixed"));
        let hosts = self.hosts.range(first..=last).map(|(&host, _)| {
            let asked = |(index, _): &(usize, u64)| if index % 3 == 0 { !is_open } else { !is_fixed };
            let qids: Vec<String> = self.qids(host).enumerate().filter(asked).map(|(_, qid)| qid.to_string()).collect();
            found(host, &qids.iter().map(String::as_str).collect::<Vec<_>>())
        });
        detection_page(&hosts.collect::<Vec<_>>())
    }

    /// What was found on a host; every third is fixed.
    fn qids(&self, host: u64) -> impl Iterator<Item = u64> {
        (0..self.hosts[&host]).map(move |qid| 1 + u64::from(qid) + host % 4)
    }

    fn findings(&self, host: u64) -> BTreeSet<String> {
        self.qids(host).map(|qid| format!("{host}|qid:{qid}")).collect()
    }

    fn trouble(&self, sent: &str) -> Trouble {
        let asked = value(sent, "id_min").zip(value(sent, "id_max"));
        let silent = asked.and_then(|(first, last)| self.silent.range(first..=last).next());
        silent.map_or(Trouble::None, |host| if host % 2 == 0 { Trouble::Internal } else { Trouble::TimesOut })
    }

    /// One attempt; troubles are used up one for each request.
    fn attempt(&self, number: usize, asked: &Rc<RefCell<Asked>>, troubles: &Rc<RefCell<Vec<Trouble>>>) -> Script {
        let (made, asked, troubles) = (self.clone(), asked.clone(), troubles.clone());
        Script::made(1 << 16, move |sent| {
            let drawn = troubles.borrow_mut().pop().unwrap_or(Trouble::None);
            let trouble = if drawn == Trouble::None { made.trouble(sent) } else { drawn };
            asked.borrow_mut().all.push((number, sent.to_owned(), trouble));
            assert!(asked.borrow().all.len() < REQUESTS_MAX, "it does not end");
            trouble.spoil(made.body(sent))
        })
    }

    /// A whole sync from a position, attempt after attempt.
    fn sync(&self, from: Option<String>, state: Option<String>, troubles: Vec<Trouble>) -> Synced {
        let (asked, troubles) = (Rc::new(RefCell::new(Asked::default())), Rc::new(RefCell::new(troubles)));
        let (mut position, mut commits) = (from, vec![]);
        for number in 0..ATTEMPTS_MAX {
            let script = self.attempt(number, &asked, &troubles);
            let request = Request { position: position.clone(), state: state.clone(), count_source: false };
            let outcome = run(&script, &self.settings(), &request);
            commits.append(&mut script.commits.borrow_mut());
            position = commits.iter().rev().find_map(|(_, position)| position.clone()).or(position);
            match outcome.ended {
                Ended::Complete | Ended::InPart => {
                    let asked = asked.borrow().clone();
                    return Synced { outcome, commits, asked };
                }
                Ended::Failed => assert_eq!(outcome.problem.unwrap().kind, ProblemKind::Unavailable),
                Ended::Stopped => panic!("nobody said stop"),
            }
        }
        panic!("it does not end");
    }
}

/// A sync that is over.
struct Synced {
    outcome: Outcome,
    commits: Vec<(Batch, Option<String>)>,
    asked: Asked,
}

impl Synced {
    fn brought(&self) -> [BTreeSet<String>; 4] {
        brought(self.commits.iter().map(|(batch, _)| batch)).map(|keys| keys.into_iter().collect())
    }

    fn quarantine(&self) -> BTreeSet<u64> {
        State::read(self.outcome.state.as_deref()).quarantine().clone()
    }

    /// The hosts of which anything may be missing: those set aside, and those that nobody listed and no range needs to hold.
    fn named(&self, made: &Made) -> BTreeSet<u64> {
        self.quarantine().into_iter().chain(made.late.iter().copied()).collect()
    }
}

/// What was brought, without hosts by name: of them it may be anything.
fn without(brought: [BTreeSet<String>; 4], hosts: &BTreeSet<u64>) -> [BTreeSet<String>; 3] {
    let [assets, findings, _, complete] = brought;
    [assets, findings, complete].map(|keys| {
        keys.into_iter().filter(|key| !hosts.contains(&key.split('|').next().unwrap().parse().unwrap())).collect()
    })
}

fn troubles() -> impl Strategy<Value = Vec<Trouble>> {
    use Trouble::*;
    let one = prop_oneof![
        6 => Just(None),
        2 => Just(TimesOut),
        1 => Just(TimesOutInTheMidst),
        1 => Just(IsCut),
        1 => Just(EndsEarly),
        1 => Just(Proxy),
        1 => Just(Internal),
        1 => Just(Empty),
        1 => Just(UsedUp),
        1 => Just(TooMany),
    ];
    prop::collection::vec(one, 0..60)
}

fn made() -> impl Strategy<Value = Made> {
    let hosts = prop::collection::btree_map(1u64..40, 0u32..5, 1..14);
    (
        hosts,
        prop::collection::vec(0usize..14, 0..3),
        prop::collection::vec(0usize..14, 0..4),
        any::<bool>(),
        1u32..6,
        troubles(),
    )
        .prop_map(|(hosts, late, silent, has_filter, slice_hosts, troubles)| {
            let ids: Vec<u64> = hosts.keys().copied().collect();
            let some = |indices: Vec<usize>| indices.into_iter().map(|index| ids[index % ids.len()]).collect();
            Made { late: some(late), silent: some(silent), hosts, has_filter, slice_hosts, troubles }
        })
}

/// Two passes read a slice; the one that is given up before the other has told of a late host brings nothing of it.
#[test]
fn a_late_host_that_one_pass_left_out_is_not_complete() {
    use Trouble::{None as Fine, TimesOut};
    let made = Made {
        hosts: BTreeMap::from([(1, 0), (2, 0), (3, 2), (4, 0)]),
        late: BTreeSet::from([2, 3]),
        silent: BTreeSet::from([1]),
        has_filter: true,
        slice_hosts: 2,
        troubles: [vec![TimesOut; 3], vec![Fine; 9]].concat(),
    };
    let [_, findings, _, complete] = made.sync(None, None, made.troubles.clone()).brought();
    assert!(!made.findings(3).is_subset(&findings), "the case is the one that is meant: {findings:?}");
    assert!(!complete.contains("3"), "{complete:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_disturbed_sync_ends_and_lacks_only_what_it_names(made in made()) {
        let calm = Made { silent: BTreeSet::new(), ..made.clone() }.sync(None, None, vec![]);
        let disturbed = made.sync(None, None, made.troubles.clone());
        let named = disturbed.named(&made);
        prop_assert_eq!(without(disturbed.brought(), &named), without(calm.brought(), &named));
        let listed: BTreeSet<u64> = made.listed().collect();
        prop_assert!(made.silent.intersection(&listed).all(|host| named.contains(host)), "nobody heard of them");
        let [_, findings, _, complete] = disturbed.brought();
        prop_assert!(disturbed.quarantine().iter().all(|host| !complete.contains(&host.to_string())));
        for host in complete.iter().map(|host| host.parse().unwrap()) {
            prop_assert!(made.findings(host).is_subset(&findings), "{host} is not complete: {findings:?}");
        }
        let warns = disturbed.outcome.summary.warnings.iter().any(|warning| warning.code == "hosts.quarantined");
        prop_assert_eq!(warns, !disturbed.quarantine().is_empty());
        let read = listed.iter().filter(|host| !named.contains(host)).map(|&host| made.findings(host).len() as u64);
        let stages = &disturbed.outcome.summary.stages;
        prop_assert_eq!(stages[0].seen, listed.len() as u64);
        // What one of two passes told of a host that the other did not is counted, too.
        prop_assert!(stages[1].seen == read.clone().sum::<u64>() || made.has_filter || !made.late.is_empty());
    }

    #[test]
    fn no_call_is_repeated_without_end_and_none_brings_what_another_brought(made in made()) {
        let disturbed = made.sync(None, None, made.troubles.clone());
        let [mut slow, mut in_vain]: [BTreeMap<(usize, &str), usize>; 2] = Default::default();
        let mut brought: BTreeMap<(usize, bool), Vec<(u64, u64)>> = BTreeMap::new();
        for (attempt, sent, trouble) in &disturbed.asked.all {
            let Some(range) = value(sent, "id_min").zip(value(sent, "id_max")) else { continue };
            *slow.entry((*attempt, sent)).or_default() += usize::from(trouble.is_slow());
            *in_vain.entry((*attempt, sent)).or_default() += usize::from(trouble.is_in_vain());
            if *trouble == Trouble::None {
                brought.entry((*attempt, sent.contains("status=Fixed&"))).or_default().push(range);
            }
        }
        prop_assert!(slow.values().all(|&times| times <= SLOW_MAX), "{slow:?}");
        prop_assert!(in_vain.values().all(|&times| times <= IN_VAIN_MAX), "{in_vain:?}");
        for ranges in brought.values_mut() {
            ranges.sort_unstable();
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0), "{ranges:?}");
        }
    }

    #[test]
    fn a_disturbed_sync_resumed_at_any_position_ends_the_same(made in made()) {
        let disturbed = made.sync(None, None, made.troubles.clone());
        for (at, (_, position)) in disturbed.commits.iter().enumerate().filter(|(_, (_, position))| position.is_some()) {
            let rest = made.sync(position.clone(), None, vec![]);
            let both = brought(disturbed.commits[..=at].iter().chain(&rest.commits).map(|(batch, _)| batch));
            let both = both.map(|keys| keys.into_iter().collect());
            let mut named = disturbed.named(&made);
            named.extend(rest.named(&made));
            prop_assert_eq!(without(both, &named), without(disturbed.brought(), &named), "resumed after commit {}", at);
            prop_assert_eq!(rest.outcome.summary.stages[0].seen, disturbed.outcome.summary.stages[0].seen);
            prop_assert!(made.silent.iter().all(|host| made.late.contains(host) || rest.quarantine().contains(host)));
        }
    }

    #[test]
    fn the_next_sync_brings_what_the_last_one_named(made in made()) {
        let disturbed = made.sync(None, None, made.troubles.clone());
        let recovered = Made { silent: BTreeSet::new(), ..made.clone() };
        let next = recovered.sync(None, disturbed.outcome.state.clone(), vec![]);
        let calm = recovered.sync(None, None, vec![]);
        let [mut told, mut expected] = [next.brought(), calm.brought()];
        (told[2], expected[2]) = Default::default();
        prop_assert_eq!((next.outcome.ended, next.quarantine().len()), (Ended::Complete, 0));
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn the_next_sync_too_resumes_at_any_position_and_forgets_nobody(made in made()) {
        let state = made.sync(None, None, vec![]).outcome.state;
        let next = made.sync(None, state.clone(), made.troubles.clone());
        let listed: BTreeSet<u64> = made.listed().collect();
        let silent: BTreeSet<u64> = made.silent.intersection(&listed).copied().collect();
        prop_assert!(silent.is_subset(&next.quarantine()));
        for (at, (_, position)) in next.commits.iter().enumerate().filter(|(_, (_, position))| position.is_some()) {
            let rest = made.sync(position.clone(), state.clone(), vec![]);
            let named = next.named(&made).union(&rest.named(&made)).copied().collect();
            let both = brought(next.commits[..=at].iter().chain(&rest.commits).map(|(batch, _)| batch));
            let both = both.map(|keys| keys.into_iter().collect());
            prop_assert_eq!(without(both, &named), without(next.brought(), &named), "resumed after commit {}", at);
            prop_assert!(silent.is_subset(&rest.quarantine()), "resumed after commit {}", at);
        }
    }
}
