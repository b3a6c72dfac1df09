//! What the knowledge base is asked for: the same for the same data, whichever answers come first and wherever pieces end.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A subscription with more QIDs than one lookup asks for, and how its answers come.
#[derive(Clone, Debug)]
struct Made {
    /// The hosts, and what was found on each, in the order of its answer.
    hosts: BTreeMap<u64, Vec<u32>>,
    has_filter: bool,
    slice_hosts: u32,
    /// Some of it was stored by an earlier sync.
    is_second: bool,
    piece: usize,
    /// Draws which exchange is ready.
    chance: u64,
    /// Of so many different requests one is answered badly at first.
    bad_one_in: usize,
}

impl Made {
    /// One answer after the other, in large pieces.
    fn calm(&self) -> Self {
        Self { piece: 1 << 16, chance: 0, bad_one_in: usize::MAX, ..self.clone() }
    }

    fn settings(&self) -> Settings {
        let filter = if self.has_filter { "only-running" } else { "not-filtered" };
        let (slice_hosts, subscription) = (self.slice_hosts, "enterprise");
        let changes = json!({
            "slice_hosts": slice_hosts, "compliance": "off", "arf_kernel_filter": filter, "subscription_type": subscription,
        });
        settings(changes)
    }

    fn body(&self, sent: &str) -> String {
        if sent.contains("/knowledge_base/") {
            let ids = sent.split(" ids=").nth(1).unwrap().split(' ').next().unwrap();
            let told = meanings(&ids.split(',').map(|id| id.parse().unwrap()).collect::<Vec<_>>());
            return told.replace("<RESPONSE>", "<RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME>");
        }
        let first = value(sent, "id_min").unwrap_or(0);
        if !sent.contains("/vm/detection/") {
            let limit = value(sent, "truncation_limit").unwrap() as usize;
            let rest: Vec<u64> = self.hosts.range(first..).map(|(&host, _)| host).collect();
            return host_page(&rest[..rest.len().min(limit)], rest.get(limit).copied());
        }
        let (is_fixed, is_open) = (sent.contains("status=Fixed&"), !sent.contains("Fixed"));
        let hosts = self.hosts.range(first..=value(sent, "id_max").unwrap()).map(|(&host, qids)| {
            let asked = qids.iter().filter(|&qid| if qid % 3 == 0 { !is_open } else { !is_fixed });
            let qids: Vec<String> = asked.map(u32::to_string).collect();
            found(host, &qids.iter().map(String::as_str).collect::<Vec<_>>())
        });
        detection_page(&hosts.collect::<Vec<_>>())
    }

    fn script(&self) -> Script {
        let made = self.clone();
        let mut seen = BTreeSet::new();
        let script = Script::made(self.piece, move |sent| {
            let body = made.body(sent);
            let is_bad = seen.insert(sent.to_owned()) && seen.len() % made.bad_one_in == 0;
            match is_bad {
                true if sent.contains("/knowledge_base/") => answer("", 409, returned(1960)),
                true => answer("", 200, body[..body.len() / 2].to_owned()).then(FailureKind::Cut),
                false => answer("", 200, body),
            }
        });
        script.chance.set(self.chance);
        script
    }

    /// The state of a sync that saw the first host alone.
    fn state(&self) -> Option<String> {
        let hosts = self.hosts.iter().take(1).map(|(&host, qids)| (host, qids.clone())).collect();
        let made = Self { hosts, is_second: false, ..self.calm() };
        self.is_second.then(|| run(&made.script(), &made.settings(), &request(None)).state.unwrap())
    }

    /// What an attempt asks the knowledge base for until the host says stop at a commit, and its last position.
    fn ask(&self, position: Option<String>, stop_at: usize) -> (BTreeSet<String>, Option<String>, Ended) {
        let script = self.script();
        script.stop_at.set(stop_at);
        let request = Request { position, state: self.state(), count_source: false };
        let ended = run(&script, &self.settings(), &request).ended;
        let position = script.commits.borrow().iter().rev().find_map(|(_, position)| position.clone());
        let asked = script.sent.borrow().iter().filter(|sent| sent.contains("/knowledge_base/")).cloned().collect();
        (asked, position, ended)
    }
}

fn made() -> impl Strategy<Value = Made> {
    let qids = prop::collection::vec(1u32..1_200, 0..150);
    let hosts = prop::collection::btree_map(1u64..60, qids, 1..10);
    let pieces = prop::sample::select(vec![300usize, 5_000, 1 << 16]);
    (hosts, any::<bool>(), 1u32..6, any::<bool>(), pieces, any::<u64>(), 1usize..9).prop_map(
        |(hosts, has_filter, slice_hosts, is_second, piece, chance, bad_one_in)| Made {
            hosts,
            has_filter,
            slice_hosts,
            is_second,
            piece,
            chance,
            bad_one_in,
        },
    )
}

#[test]
fn lookups_leave_while_detections_still_come() {
    let hosts = (1..=4).map(|host| (host, (1..=500).collect())).collect();
    let made = Made {
        hosts,
        has_filter: false,
        slice_hosts: 4,
        is_second: false,
        piece: 1_000,
        chance: 0,
        bad_one_in: usize::MAX,
    };
    let script = made.script();
    run(&script, &made.settings(), &request(None));
    let commits = script.commits.borrow();
    let described = commits.iter().position(|(batch, _)| !batch.vulnerabilities.is_empty()).unwrap();
    let found = commits.iter().rposition(|(batch, _)| !batch.findings.is_empty()).unwrap();
    assert!(described < found, "the first title in commit {described}, the last finding in commit {found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn lookups_are_the_same_whatever_comes_first_and_wherever_pieces_end(made in made(), stop_at in 1usize..12) {
        let (calm, _, ended) = made.calm().ask(None, 0);
        prop_assert_eq!(ended, Ended::Complete);
        prop_assert_eq!(&made.ask(None, 0).0, &calm);
        let (before, position, _) = made.ask(None, stop_at);
        let (after, _, ended) = made.ask(position, 0);
        prop_assert_eq!(ended, Ended::Complete);
        prop_assert_eq!(before.union(&after).cloned().collect::<BTreeSet<_>>(), calm, "stopped and resumed");
    }
}
