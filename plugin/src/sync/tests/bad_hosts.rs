//! A host whose detections bring nothing but trouble: it is found by halving, set aside by name, and stalls no sync.

use super::*;

/// The calls that one such host may cost among so many: five of the whole slice; then two of every smaller one that holds it,
/// of which there are at most three for each halving, since what comes well in between doubles the size; and two of it alone.
fn failed_calls_max(hosts: u64) -> usize {
    5 + 2 * (3 * hosts.ilog2() as usize + 1)
}

/// Syncs these hosts, of which one answers like this.
fn play_bad(hosts: u64, bad: u64, state: Option<String>, trouble: &Canned) -> (Script, Outcome) {
    let (trouble, listed) = (trouble.clone(), host_page(&(1..=hosts).collect::<Vec<_>>(), None));
    let script = Script::made(1 << 16, move |sent| {
        if !sent.contains("/vm/detection/") {
            return answer("", 200, listed.clone());
        }
        if holds(sent, bad) { trouble.clone() } else { answer("", 200, detection_page(&[])) }
    });
    let changes = json!({"compliance": "off", "subscription_type": "express-consultant"});
    let outcome = run(&script, &settings(changes), &Request { position: None, state, count_source: false });
    (script, outcome)
}

/// A call for detections asks for this host, too.
fn holds(sent: &str, host: u64) -> bool {
    let number = |name: &str| sent.split(name).nth(1)?.split('&').next()?.parse().ok();
    number("&id_min=").zip(number("&id_max=")).is_some_and(|(first, last)| (first..=last).contains(&host))
}

fn detection_calls(script: &Script) -> usize {
    script.sent.borrow().iter().filter(|sent| sent.contains("/vm/detection/")).count()
}

fn troubles() -> Vec<(&'static str, Canned)> {
    let html = "<html>oh dear</html>";
    vec![
        ("500", answer("", 500, html)),
        ("502", answer("", 502, html)),
        ("503", answer("", 503, html)),
        ("999", answer("", 200, returned(999))),
        ("empty", answer("", 200, "")),
        ("408", answer("", 408, html)),
        ("504", answer("", 504, html)),
        ("malformed", answer("", 200, "<HOST_LIST_VM_DETECTION_OUTPUT></RESPONSE>")),
        ("not XML", answer("", 200, html)),
        ("never ready", answer("", 202, "")),
        ("times out", failure("", FailureKind::TimedOut)),
    ]
}

#[test]
fn whatever_the_trouble_with_one_host_the_others_are_read() {
    for (case, trouble) in troubles() {
        let (script, outcome) = play_bad(4, 3, None, &trouble);
        assert_eq!(outcome.ended, Ended::InPart, "{case}: {outcome:?}");
        assert_eq!(State::read(outcome.state.as_deref()).quarantine().iter().collect::<Vec<_>>(), [&3], "{case}");
        let complete = brought(script.commits.borrow().iter().map(|(batch, _)| batch))[3].clone();
        assert_eq!(complete, ["1", "2", "4"], "{case}");

        let (script, next) = play_bad(4, 3, outcome.state, &trouble);
        assert_eq!((next.ended, detection_calls(&script)), (Ended::InPart, 3), "{case}: two around it, one for it");
        assert_eq!(State::read(next.state.as_deref()).quarantine().len(), 1, "{case}");
    }
}

#[test]
fn a_bad_host_costs_a_bounded_number_of_calls_wherever_it_is() {
    for (hosts, bad) in [1, 2, 3, 32, 64].iter().flat_map(|&hosts| (1..=hosts).map(move |bad| (hosts, bad))) {
        let (script, outcome) = play_bad(hosts, bad, None, &answer("", 500, ""));
        assert_eq!(outcome.ended, Ended::InPart, "{bad} of {hosts}: {outcome:?}");
        let failed = script.sent.borrow().iter().filter(|sent| holds(sent, bad)).count();
        assert!(failed <= failed_calls_max(hosts), "{bad} of {hosts}: {failed}");
    }
}

#[test]
fn trouble_that_is_with_no_host_ends_the_attempt_as_it_does_elsewhere() {
    let told = answer("", 503, "<html></html>").header("retry-after", "600");
    #[rustfmt::skip]
    let cases = [
        ("unreachable", failure("", FailureKind::Unreachable), "network.unreachable",  5),
        ("maintenance", answer("", 200, returned(1999)),       "source.maintenance",   5),
        ("a told wait", told,                                  "source.maintenance",   5),
        ("no calls",    answer("", 409, returned(1965)),       "limit.rate",          21),
        ("signed out",  answer("", 401, ""),                   "credentials.refused",  2),
        ("a redirect",  answer("", 302, ""),                   "answer.redirect",      1),
    ];
    for (case, trouble, code, calls) in cases {
        let (script, outcome) = play_bad(4, 3, None, &trouble);
        assert_eq!((outcome.ended, outcome.problem.unwrap().code.as_str()), (Ended::Failed, code), "{case}");
        assert_eq!(detection_calls(&script), calls, "{case}");
    }
}

#[test]
fn an_outage_sets_five_hosts_aside_at_most() {
    for (case, trouble) in troubles() {
        let page = host_page(&(1..=64).collect::<Vec<_>>(), None);
        let script = Script::made(1 << 16, move |sent| match sent.contains("/vm/detection/") {
            true => trouble.clone(),
            false => answer("", 200, page.clone()),
        });
        let changes = json!({"compliance": "off", "subscription_type": "express-consultant"});
        let outcome = run(&script, &settings(changes), &request(None));
        assert_eq!(outcome.problem.unwrap().code, "hosts.quarantine-full", "{case}");
        assert!(detection_calls(&script) <= 21 + 2 * (6 + 5), "{case}: {}", detection_calls(&script));
    }
}
