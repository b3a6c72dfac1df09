//! The whole story on a scripted world: answers in, commits and requests out.

mod again;
mod bad_days;
mod bad_hosts;
mod disturbed;
mod lookups;
mod side_by_side;
mod slow;

use super::*;
use crate::bindings::connector::contract::http::FailureKind;
use crate::bindings::connector::contract::model::Batch;
use crate::bindings::exports::connector::contract::sync::Ended;
use crate::script::{Canned, Script, answer, failure, settings};
use serde_json::json;

const HOSTS: &str = "GET /api/2.0/fo/asset/host/?";
const DETECTIONS: &str = "GET /api/2.0/fo/asset/host/vm/detection/?";
const MEANINGS: &str = "POST /api/2.0/fo/knowledge_base/vuln/";

fn host_page(ids: &[u64], next: Option<u64>) -> String {
    let hosts: String =
        ids.iter().map(|id| format!("<HOST><ID>{id}</ID><IP>10.0.0.{}</IP></HOST>", id % 250)).collect();
    let url = |next| format!("https://elsewhere.example.com/x?action=list&amp;id_min={next}");
    let warning =
        next.map_or_else(String::new, |next| format!("<WARNING><CODE>1980</CODE><URL>{}</URL></WARNING>", url(next)));
    format!(
        "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME><HOST_LIST>{hosts}</HOST_LIST>{warning}</RESPONSE></HOST_LIST_OUTPUT>"
    )
}

fn found(host: u64, qids: &[&str]) -> String {
    let detections: String = qids
        .iter()
        .map(|qid| format!("<DETECTION><QID>{qid}</QID><TYPE>Confirmed</TYPE><STATUS>Active</STATUS></DETECTION>"))
        .collect();
    format!("<HOST><ID>{host}</ID><DETECTION_LIST>{detections}</DETECTION_LIST></HOST>")
}

fn detection_page(hosts: &[String]) -> String {
    format!(
        "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><HOST_LIST>{}</HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>",
        hosts.concat()
    )
}

fn meanings(qids: &[u32]) -> String {
    let vulns: String = qids
        .iter()
        .map(|qid| {
            format!("<VULN><QID>{qid}</QID><TITLE>About {qid}</TITLE><CVSS_V3><BASE>7.5</BASE></CVSS_V3></VULN>")
        })
        .collect();
    format!(
        "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><VULN_LIST>{vulns}</VULN_LIST></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"
    )
}

fn returned(code: u32) -> String {
    format!("<SIMPLE_RETURN><RESPONSE><CODE>{code}</CODE><TEXT>as the source says</TEXT></RESPONSE></SIMPLE_RETURN>")
}

/// Two pages, a host with a garbled detection, a late host, a QID that nobody knows.
fn story() -> Vec<Canned> {
    vec![
        answer("AGs id_min=20", 200, host_page(&[20], None)),
        answer("AGs", 200, host_page(&[1, 3], Some(20))),
        answer("detection id_min=1& id_max=3", 200, detection_page(&[found(1, &["7", "x9"]), found(2, &["8"])])),
        answer("detection id_min=20", 200, detection_page(&[found(20, &["7"])])),
        answer(MEANINGS, 200, meanings(&[7])),
    ]
}

/// A number that a request has in its address.
fn value(sent: &str, name: &str) -> Option<u64> {
    sent.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

fn request(position: Option<String>) -> Request {
    Request { position, state: None, count_source: false }
}

fn play(script: &Script, position: Option<String>) -> Outcome {
    run(script, &settings(json!({"slice_hosts": 2, "compliance": "off"})), &request(position))
}

/// What the commits brought: keys of assets, findings, vulnerabilities and complete assets.
fn brought<'a>(commits: impl Iterator<Item = &'a Batch>) -> [Vec<String>; 4] {
    let mut brought: [Vec<String>; 4] = Default::default();
    for batch in commits {
        brought[0].extend(batch.assets.iter().map(|asset| asset.key.clone()));
        brought[1].extend(batch.findings.iter().map(|f| format!("{}|{}", f.asset_key, f.vulnerability_key)));
        brought[2].extend(batch.vulnerabilities.iter().map(|v| format!("{} {}", v.key, v.title)));
        brought[3].extend(batch.complete_assets.iter().map(|asset| asset.key.clone()));
    }
    brought.iter_mut().for_each(|keys| keys.sort());
    brought
}

fn told() -> [Vec<String>; 4] {
    [
        ["1", "2", "20", "3"].map(String::from).into(),
        ["1|qid:7", "20|qid:7", "2|qid:8"].map(String::from).into(),
        ["qid:7 About 7", "qid:8 QID 8"].map(String::from).into(),
        ["2", "20", "3"].map(String::from).into(),
    ]
}

#[test]
fn everything_read_is_emitted_or_counted_whatever_the_pieces() {
    for piece in [1, 7, 1 << 16] {
        let script = Script::new(piece, story());
        let outcome = play(&script, None);
        assert_eq!(outcome.ended, Ended::Complete, "{piece}: {outcome:?}");
        assert_eq!(brought(script.commits.borrow().iter().map(|(batch, _)| batch)), told(), "{piece}");
        let commits = script.commits.borrow();
        let dropped: Vec<_> = commits.iter().flat_map(|(batch, _)| &batch.dropped).collect();
        let told = dropped.iter().map(|d| format!("{} {} {:?}", d.key, d.reason, d.location));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [r#"1|x9 qid-not-a-number Some("detections, HOST 1, DETECTION 2")"#],
            "{piece}"
        );
        let counts: Vec<_> = outcome.summary.stages.iter().map(|s| (s.seen, s.emitted, s.dropped.len())).collect();
        assert_eq!(counts, [(3, 3, 0), (4, 3, 1), (1, 1, 0)], "{piece}");
        let warnings: Vec<_> = outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(warnings, ["hosts.late", "knowledge-base.unknown-qids"], "{piece}");
        assert!(outcome.state.unwrap().contains("2026-03-02T06:00:00Z"), "{piece}");
        assert!(script.left().is_empty(), "{piece}");
    }
}

#[test]
fn progress_tells_what_the_sync_has_read_and_not_the_last_answer() {
    let script = Script::new(1 << 16, story());
    play(&script, None);
    let seen =
        |stage| script.progress.borrow().iter().filter(|(name, _)| name == stage).map(|(_, seen)| *seen).collect();
    let [hosts, detections, meanings]: [Vec<_>; 3] = ["hosts", "detections", "knowledge-base"].map(seen);
    assert_eq!((hosts, detections.last(), meanings), (vec![2, 3], Some(&4), vec![1]));
    assert!(detections.is_sorted());
}

#[test]
fn progress_is_told_while_an_answer_is_still_coming_and_never_goes_back() {
    let whole = detection_page(&[found(1, &["7"; 1_500])]);
    let answers = vec![
        answer(HOSTS, 200, host_page(&[1], None)),
        answer(DETECTIONS, 200, &whole[..whole.len() - 100]),
        answer(DETECTIONS, 200, whole),
        answer(MEANINGS, 200, meanings(&[7])),
    ];
    let script = Script::new(1 << 12, answers);
    play(&script, None);
    let progress = script.progress.borrow();
    let seen: Vec<_> = progress.iter().filter(|(name, _)| name == "detections").map(|(_, seen)| *seen).collect();
    assert!(seen.is_sorted() && (1_000..1_100).contains(&seen[0]) && seen.last() == Some(&1_500), "{seen:?}");
    assert!(seen.len() <= 4, "once for each batch and for the answer: {seen:?}");
}

#[test]
fn hosts_that_are_named_by_nothing_but_their_ids_are_assets() {
    let ids = |ids: &str| {
        let set = format!("<ID_SET>{ids}</ID_SET></RESPONSE>");
        host_page(&[5], None).replace("</RESPONSE>", &set)
    };
    #[rustfmt::skip]
    let cases = [
        ("<ID>9</ID><ID_RANGE>11-13</ID_RANGE>",            "11 12 13 5 9",  "5-13", 5, ""),
        ("<ID_RANGE>5-6</ID_RANGE>",                        "5 5 6",         "5-6",  3, ""),
        ("<ID_RANGE>0-1</ID_RANGE>",                        "1 5",           "1-5",  3, "host-id-not-a-number"),
        ("<ID>9</ID><ID_RANGE>1-18446744073709551615</ID_RANGE>", "5 9",     "5-9",  3, "id-range-too-long"),
        ("<ID_RANGE>11-10011</ID_RANGE>",                   "5",             "5-5",  2, "id-range-too-long"),
    ];
    for (set, assets, range, seen, dropped) in cases {
        let empty = answer(DETECTIONS, 200, detection_page(&[]));
        let script = Script::new(7, vec![answer(HOSTS, 200, ids(set)), empty]);
        let outcome = run(&script, &settings(json!({"compliance": "off"})), &request(None));
        let [brought, ..] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
        assert_eq!(brought.join(" "), assets, "{set}");
        let (first, last) = range.split_once('-').unwrap();
        assert!(script.sent.borrow()[1].contains(&format!("&id_min={first}&id_max={last}&")), "{set}");
        let stage = &outcome.summary.stages[0];
        let reasons: Vec<_> = stage.dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
        assert_eq!((stage.seen, reasons.join(" ").as_str()), (seen, dropped), "{set}");
        assert_eq!(stage.finished, dropped.is_empty(), "{set}: of hosts that nobody knows, nothing is concluded");
        let commits = script.commits.borrow();
        let digests = commits.iter().flat_map(|(batch, _)| &batch.assets).map(|asset| asset.digest);
        assert!(digests.into_iter().all(|digest| digest != 0), "{set}: they were listed");
    }
}

#[test]
fn our_own_host_and_parameters_stand_whatever_the_warning_says() {
    let script = Script::new(1 << 16, story());
    play(&script, None);
    let sent = script.sent.borrow();
    let pages: Vec<_> =
        sent.iter().filter(|sent| sent.contains("details=All")).filter(|sent| sent.starts_with("GET")).collect();
    assert_eq!(pages.len(), 2);
    assert_eq!(*pages[1], format!("{}&id_min=20", pages[0]));
    assert!(pages[0].starts_with("GET https://qualysapi.qg3.apps.qualys.com/api/2.0/fo/asset/host/?action=list&"));
}

#[test]
fn a_sync_resumed_at_any_position_ends_the_same() {
    let whole = Script::new(1 << 16, story());
    let expected = play(&whole, None).summary;
    let commits = whole.commits.borrow();
    assert!(commits.iter().filter(|(_, position)| position.is_some()).count() >= 3);
    for (at, (_, position)) in commits.iter().enumerate().filter(|(_, (_, position))| position.is_some()) {
        let again = Script::new(1 << 16, story());
        let outcome = play(&again, position.clone());
        let rest = again.commits.borrow();
        let mut both = brought(commits[..=at].iter().chain(rest.iter()).map(|(batch, _)| batch));
        both.iter_mut().for_each(|keys| keys.dedup());
        assert_eq!(both, told(), "resumed after commit {at}");
        assert_eq!(format!("{:?}", outcome.summary), format!("{expected:?}"), "resumed after commit {at}");
    }
}

#[test]
fn a_stop_is_heeded_at_every_commit() {
    for stop_at in 1..=3 {
        let script = Script::new(1 << 16, story());
        script.stop_at.set(stop_at);
        let outcome = play(&script, None);
        assert_eq!(outcome.ended, Ended::Stopped, "at {stop_at}");
        assert!(script.commits.borrow().len() <= stop_at + 1, "at {stop_at}");
        assert_eq!((outcome.problem, outcome.state), (None, None), "at {stop_at}");
    }
}

#[test]
fn an_answer_that_failed_is_asked_for_again_and_counts_once() {
    let cut = host_page(&[1, 3], None).replace("</RESPONSE></HOST_LIST_OUTPUT>", "");
    let first = vec![
        answer(HOSTS, 200, cut),
        answer(HOSTS, 409, returned(1965)).header("x-ratelimit-towait-sec", "60"),
        failure(HOSTS, FailureKind::Cut),
        answer(HOSTS, 200, host_page(&[1, 3], None)),
        answer(DETECTIONS, 200, detection_page(&[])),
    ];
    let script = Script::new(1 << 16, first);
    let outcome = play(&script, None);
    assert_eq!(outcome.ended, Ended::Complete, "{outcome:?}");
    assert_eq!(outcome.summary.stages[0].seen, 2);
    let mut waits: Vec<_> =
        script.paces.borrow().iter().filter_map(|(_, pace)| pace.resume_at).map(|at| at - 1_772_431_200).collect();
    waits.dedup();
    assert_eq!(waits, [11, 61], "the failure after the refusal does not end the wait that was told");
}

#[test]
fn an_error_says_what_was_being_read_and_what_to_do() {
    let script = Script::new(1 << 16, vec![answer(HOSTS, 200, returned(2001))]);
    let outcome = play(&script, None);
    let problem = outcome.problem.unwrap();
    assert_eq!((outcome.ended, problem.kind), (Ended::Failed, ProblemKind::Credentials));
    assert_eq!(problem.message, "reading the host list: as the source says");
    assert!(problem.hint.is_some() && !outcome.summary.stages[0].finished && outcome.state.is_none());
}

#[test]
fn without_the_knowledge_base_a_sync_ends_in_part() {
    let cases = [
        (403, returned(2012), vec!["qid:7 QID 7"], vec!["knowledge-base.unknown-qids", "permission.licence"]),
        (400, returned(1905), vec![], vec!["request.refused"]),
    ];
    for (status, body, titles, warned) in cases {
        let answers = vec![
            answer(HOSTS, 200, host_page(&[1], None)),
            answer(DETECTIONS, 200, detection_page(&[found(1, &["7"])])),
            answer(MEANINGS, status, body),
        ];
        let script = Script::new(1 << 16, answers);
        let outcome = play(&script, None);
        assert_eq!(outcome.ended, Ended::InPart, "{status}");
        assert_eq!(brought(script.commits.borrow().iter().map(|(batch, _)| batch))[2], titles, "{status}");
        let warnings: Vec<_> = outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(warnings, warned, "{status}");
    }
}

#[test]
fn what_was_found_on_a_torn_host_is_asked_for() {
    let cases = [
        ("<ID>1</ID><IP></OS>", "id_min=1&id_max=5", 0),
        ("<ID>9</ID><IP></OS>", "id_min=5&id_max=9", 0),
        ("<ID>x</ID><IP></OS>", "id_min=5&id_max=5", 1),
        ("<ID>0</ID>", "id_min=5&id_max=5", 1),
    ];
    for (torn, range, without_id) in cases {
        let hosts = host_page(&[5], None).replace("<HOST_LIST>", &format!("<HOST_LIST><HOST>{torn}</HOST>"));
        let answers = vec![answer(HOSTS, 200, hosts), answer(DETECTIONS, 200, detection_page(&[]))];
        let script = Script::new(1 << 16, answers);
        let outcome = play(&script, None);
        assert!(script.sent.borrow()[1].contains(range), "{torn}: {:?}", script.sent.borrow());
        assert_eq!(outcome.summary.warnings.len(), without_id, "{torn}: {:?}", outcome.summary.warnings);
    }
}

#[test]
fn a_host_is_complete_unless_a_finding_of_it_may_be_missing() {
    let cases = [
        ("all were read", found(1, &["7"]), vec!["1", "3"]),
        ("one was dropped", found(1, &["7", "x"]), vec!["3"]),
        ("information is no finding", found(1, &["7"]).replace("Confirmed", "Info"), vec!["1", "3"]),
        ("of a host that is no number", found(1, &["7"]).replace("<ID>1", "<ID>x"), vec![]),
        ("of one beside a late host", found(2, &["7"]) + &found(1, &["7"]).replace("<ID>1", "<ID>x"), vec![]),
        ("of a host that is torn", found(1, &["7"]).replace("<ID>1", "<ID><1"), vec![]),
    ];
    for (case, host, complete) in cases {
        let answers = vec![
            answer(HOSTS, 200, host_page(&[1, 3], None)),
            answer(DETECTIONS, 200, detection_page(&[host])),
            answer(MEANINGS, 200, meanings(&[7])),
        ];
        let script = Script::new(1 << 16, answers);
        play(&script, None);
        assert_eq!(brought(script.commits.borrow().iter().map(|(batch, _)| batch))[3], complete, "{case}");
    }
}

#[test]
fn an_empty_account_is_complete_and_warned_of() {
    let empty = "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME></RESPONSE></HOST_LIST_OUTPUT>";
    let outcome = play(&Script::new(1 << 16, vec![answer(HOSTS, 200, empty)]), None);
    assert_eq!(outcome.ended, Ended::Complete);
    assert_eq!(outcome.summary.warnings[0].code, "hosts.none");
}

#[test]
fn a_kernel_filter_takes_two_calls_and_never_hides_what_is_fixed() {
    let answers = vec![
        answer(HOSTS, 200, host_page(&[1], None)),
        answer("status=New%2CActive%2CRe-Opened& arf_kernel_filter=1 show_results=1", 200, detection_page(&[])),
        answer("status=Fixed& show_results=0", 200, detection_page(&[])),
    ];
    let script = Script::new(1 << 16, answers);
    let settings = settings(json!({"arf_kernel_filter": "exclude-non-running"}));
    assert_eq!(run(&script, &settings, &request(None)).ended, Ended::Complete);
    let sent = script.sent.borrow();
    assert!(
        sent.iter().any(|sent| sent.contains("status=Fixed&")) && !sent[2].contains("arf_kernel_filter"),
        "{sent:?}"
    );
}

#[test]
fn a_page_that_leads_nowhere_is_read_once_more_and_then_ends_the_sync() {
    let stuck = || answer(HOSTS, 200, host_page(&[5], Some(3)));
    let script = Script::new(1 << 16, vec![stuck(), stuck()]);
    assert_eq!(play(&script, None).problem.unwrap().code, "paging.stuck");
    assert!(script.left().is_empty());
    let mended = vec![
        stuck(),
        answer(HOSTS, 200, host_page(&[5], None)),
        answer(DETECTIONS, 200, detection_page(&[found(5, &["x"])])),
    ];
    let script = Script::new(1 << 16, mended);
    let outcome = play(&script, None);
    assert_eq!((outcome.ended, outcome.summary.stages[0].seen), (Ended::Complete, 1), "{outcome:?}");
}

#[test]
fn detections_that_lead_nowhere_are_read_once_more_and_count_once() {
    let warning = "<WARNING><URL>x?id_min=1</URL></WARNING></RESPONSE>";
    let stuck = detection_page(&[found(1, &["7"])]).replace("</RESPONSE>", warning);
    for (again, ended, seen) in
        [(detection_page(&[found(1, &["7"])]), Ended::Complete, 1), (stuck.clone(), Ended::Failed, 0)]
    {
        let answers = vec![
            answer(HOSTS, 200, host_page(&[1, 3], None)),
            answer(DETECTIONS, 200, stuck.clone()),
            answer(DETECTIONS, 200, again),
            answer(MEANINGS, 200, meanings(&[7])),
        ];
        let outcome = play(&Script::new(1 << 16, answers), None);
        assert_eq!((outcome.ended, outcome.summary.stages[1].seen), (ended, seen), "{outcome:?}");
    }
}

#[test]
fn a_position_of_another_kind_is_told() {
    let outcome = play(&Script::new(1, vec![]), Some("{}".into()));
    assert_eq!(outcome.problem.unwrap().code, "position.unreadable");
}

#[test]
fn what_was_asked_for_and_is_not_read_is_warned_of() {
    let empty = "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME></RESPONSE></HOST_LIST_OUTPUT>";
    let cases = [
        (json!({"compliance": "off"}), vec!["hosts.none"]),
        (json!({"compliance": "auto"}), vec!["hosts.none"]),
        (json!({"compliance": "classic"}), vec!["hosts.none", "compliance.not-read"]),
    ];
    for (changes, expected) in cases {
        let script = Script::new(1 << 16, vec![answer(HOSTS, 200, empty)]);
        let outcome = run(&script, &settings(changes.clone()), &request(None));
        let codes: Vec<_> = outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, expected, "{changes}");
    }
}
