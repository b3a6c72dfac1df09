//! Answers that do not come in time: less is asked for, and what does not come even alone is set aside by name.

use super::*;
use std::collections::BTreeSet;

const SLOW: FailureKind = FailureKind::TimedOut;

/// One call at a time, four hosts on a page; what was asked of detections, as `first-last`.
fn play_slow(state: Option<&str>, answers: Vec<Canned>) -> (Script, Outcome, Vec<String>) {
    let script = Script::new(1 << 16, answers);
    let request = Request { position: None, state: state.map(Into::into), count_source: false };
    let changes = json!({"slice_hosts": 4, "compliance": "off", "subscription_type": "express-consultant"});
    let outcome = run(&script, &settings(changes), &request);
    assert!(script.left().is_empty(), "{:?}", script.left());
    let asked = ranges(&script);
    (script, outcome, asked)
}

fn ranges(script: &Script) -> Vec<String> {
    let value =
        |sent: &str, name: &str| sent.split(&format!("&{name}=")).nth(1).unwrap().split('&').next().unwrap().to_owned();
    let sent = script.sent.borrow();
    let detections = sent.iter().filter(|sent| sent.contains("/vm/detection/"));
    detections.map(|sent| format!("{}-{}", value(sent, "id_min"), value(sent, "id_max"))).collect()
}

fn slow(times: usize) -> Vec<Canned> {
    vec![failure(DETECTIONS, SLOW); times]
}

/// The detections of these hosts, one each.
fn found_on(hosts: &[u64]) -> Canned {
    answer(DETECTIONS, 200, detection_page(&hosts.iter().map(|&host| found(host, &["7"])).collect::<Vec<_>>()))
}

/// An answer that is cut after the only detection of a host.
fn cut_after(host: u64, qid: &str) -> Canned {
    let whole = detection_page(&[found(host, &[qid])]);
    answer(DETECTIONS, 200, whole.split("</HOST_LIST>").next().unwrap())
}

fn listed(hosts: &[u64]) -> Canned {
    answer(HOSTS, 200, host_page(hosts, None))
}

fn meant() -> Canned {
    answer(MEANINGS, 200, meanings(&[7]))
}

fn findings_and_complete(script: &Script) -> [Vec<String>; 2] {
    let [_, findings, _, complete] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
    [findings.into_iter().map(|key| key.replace("|qid:7", "")).collect(), complete]
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

#[test]
fn a_slow_call_is_repeated_then_halved_and_what_comes_in_time_grows_again() {
    let cut = cut_after(1, "7");
    let stalled = answer(DETECTIONS, 200, "<HOST_LIST_VM_DETECTION_OUTPUT>").then(SLOW);
    let timed_out = answer(DETECTIONS, 504, "<html>Request Timeout</html>");
    let (whole, halves): (&[&[u64]], &[&[u64]]) = (&[&[1, 20, 30, 40]], &[&[1, 20], &[30, 40]]);
    #[rustfmt::skip]
    let cases = [
        ("once",         slow(1), whole,                     "1-40 1-40"),
        ("twice",        slow(2), halves,                    "1-40 1-40 1-29 30-40"),
        ("by a proxy",   vec![timed_out.clone(), timed_out], halves, "1-40 1-40 1-29 30-40"),
        ("in the midst", vec![stalled, cut.clone()], halves, "1-40 1-40 1-29 30-40"),
        ("cut twice",    vec![cut.clone(), cut], halves,     "1-40 1-40 1-29 30-40"),
        ("four times",   slow(4), &[&[1], &[20], &[30, 40]], "1-40 1-40 1-29 1-29 1-19 20-29 30-40"),
    ];
    for (case, mut answers, calls, expected) in cases {
        answers.insert(0, listed(&[1, 20, 30, 40]));
        answers.extend(calls.iter().map(|hosts| found_on(hosts)));
        answers.push(meant());
        let (script, outcome, asked) = play_slow(None, answers);
        assert_eq!(outcome.ended, Ended::Complete, "{case}: {outcome:?}");
        assert_eq!(asked.join(" "), expected, "{case}");
        assert_eq!(outcome.summary.stages[1].seen, 4, "{case}");
        let [mut findings, complete] = findings_and_complete(&script);
        findings.dedup();
        assert_eq!((&findings, complete.join(" ").as_str()), (&complete, "1 20 30 40"), "{case}");
    }
}

#[test]
fn the_size_that_was_in_time_holds_for_the_slices_that_follow() {
    let mut answers = vec![answer("AGs id_min=50", 200, host_page(&[50, 60, 70, 80], None)), listed(&[])];
    answers[1] = answer(HOSTS, 200, host_page(&[1, 20, 30, 40], Some(50)));
    answers.extend(slow(4));
    answers.extend([&[1][..], &[20], &[30, 40], &[50, 60, 70, 80]].map(found_on));
    answers.push(meant());
    let (_, outcome, asked) = play_slow(None, answers);
    assert_eq!(outcome.ended, Ended::Complete);
    assert_eq!(asked[4..].join(" "), "1-19 20-29 30-40 50-80", "one, then at most two, then four");
}

/// Host 20 of three does not answer.
fn one_host_slow() -> (Script, Outcome, Vec<String>) {
    let mut answers = vec![listed(&[1, 20, 30])];
    answers.extend(slow(4));
    answers.push(found_on(&[1]));
    answers.extend(slow(2));
    answers.extend([found_on(&[21]), found_on(&[30]), meant()]);
    play_slow(None, answers)
}

#[test]
fn a_host_that_does_not_answer_even_alone_is_set_aside_and_the_sync_goes_on() {
    let (script, outcome, asked) = one_host_slow();
    assert_eq!(asked.join(" "), "1-30 1-30 1-29 1-29 1-19 20-29 20-29 21-29 30-30");
    assert_eq!(outcome.ended, Ended::InPart, "{outcome:?}");
    let finished: Vec<_> = outcome.summary.stages.iter().map(|stage| (stage.finished, stage.seen)).collect();
    assert_eq!(finished, [(true, 3), (false, 3), (true, 1)], "the listing is whole, so what is gone is archived");
    assert_eq!(
        findings_and_complete(&script),
        [["1", "21", "30"].map(String::from).to_vec(), vec!["1".into(), "21".into(), "30".into()]]
    );
    assert_eq!(codes(&outcome), ["hosts.quarantined", "hosts.late"]);
    assert!(outcome.summary.warnings[0].message.ends_with("could not be read, not even one host at a time: 20"));
    let commits = script.commits.borrow();
    let (batch, position) = &commits[0];
    let position = Standing::read(position.as_deref()).unwrap();
    assert!(
        position.quarantine.holds(20) && position.slices.cursor() == Some(0),
        "it is kept before its slice is finished"
    );
    assert!(batch.complete_assets.is_empty());
    let state = State::read(outcome.state.as_deref());
    assert_eq!(state.quarantine().iter().collect::<Vec<_>>(), [&20]);
    assert!(outcome.state.unwrap().contains("2026-03-02T06:00:00Z"), "the times move on");
}

#[test]
fn the_next_sync_asks_for_it_once_alone_and_last() {
    let state = one_host_slow().1.state.unwrap();
    let others = || vec![listed(&[1, 20, 30]), found_on(&[1]), found_on(&[30])];
    let mut answers = others();
    answers.extend([meant(), found_on(&[20])]);
    let (script, outcome, asked) = play_slow(Some(&state), answers);
    assert_eq!((outcome.ended, asked.join(" ").as_str()), (Ended::Complete, "1-19 21-30 20-20"), "{outcome:?}");
    assert_eq!(findings_and_complete(&script)[1], ["1", "20", "30"]);
    assert!(State::read(outcome.state.as_deref()).quarantine().is_empty());

    let mut answers = others();
    answers.extend(slow(1));
    answers.push(meant());
    let (script, outcome, asked) = play_slow(Some(&state), answers);
    assert_eq!((outcome.ended, asked.join(" ").as_str()), (Ended::InPart, "1-19 21-30 20-20"), "{outcome:?}");
    assert_eq!(findings_and_complete(&script)[1], ["1", "30"]);
    assert_eq!(State::read(outcome.state.as_deref()).quarantine().len(), 1);

    let (_, outcome, asked) = play_slow(Some(&state), vec![listed(&[1, 30]), found_on(&[1, 30]), meant()]);
    assert_eq!((outcome.ended, asked.join(" ").as_str()), (Ended::Complete, "1-30"), "it is not listed any more");
    assert!(State::read(outcome.state.as_deref()).quarantine().is_empty());
}

#[test]
fn what_a_host_alone_told_has_a_title_even_where_the_knowledge_base_was_refused_before() {
    let state = one_host_slow().1.state.unwrap();
    let many: Vec<String> = (1_001..1_251).map(|qid| qid.to_string()).collect();
    let many = found(1, &many.iter().map(String::as_str).collect::<Vec<_>>());
    let answers = vec![
        listed(&[1, 20]),
        answer(DETECTIONS, 200, detection_page(&[many])),
        answer(MEANINGS, 403, returned(2012)),
        answer(DETECTIONS, 200, detection_page(&[found(20, &["9"])])),
    ];
    let (script, outcome, _) = play_slow(Some(&state), answers);
    assert_eq!(outcome.ended, Ended::InPart, "{outcome:?}");
    let [_, _, titles, _] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
    assert_eq!((titles.len(), titles.last().map(String::as_str)), (251, Some("qid:9 QID 9")));
}

#[test]
fn a_sync_that_lacks_more_than_a_host_keeps_the_times_of_the_last_and_names_the_host() {
    let before = one_host_slow().1.state.unwrap();
    let mut answers = vec![listed(&[1])];
    answers.extend(slow(2));
    // What was told of the host needs its title, although not all was told.
    answers.push(answer(MEANINGS, 400, returned(1905)));
    answers[1] = cut_after(1, "9");
    let (_, outcome, _) = play_slow(Some(&before), answers);
    assert_eq!(codes(&outcome), ["hosts.quarantined", "request.refused"]);
    assert_eq!((outcome.ended, outcome.state), (Ended::InPart, Some(before.replace("[20]", "[1]"))));
}

#[test]
fn a_slow_page_of_the_list_is_a_smaller_one() {
    let page = |limit| format!("AGs truncation_limit={limit}");
    let words = |limit: u32| &*page(limit).leak();
    let slow = |limit| failure(words(limit), SLOW);
    let answers = vec![
        slow(4),
        slow(4),
        slow(2),
        slow(2),
        answer(words(1), 200, host_page(&[1], Some(2))),
        answer("AGs truncation_limit=2 id_min=2", 200, host_page(&[2, 3], Some(4))),
        answer("AGs truncation_limit=4 id_min=4", 200, host_page(&[4], None)),
        found_on(&[1]),
        found_on(&[2, 3]),
        found_on(&[4]),
        meant(),
    ];
    let (script, outcome, asked) = play_slow(None, answers);
    assert_eq!((outcome.ended, asked.join(" ").as_str()), (Ended::Complete, "1-1 2-3 4-4"), "{outcome:?}");
    assert_eq!(findings_and_complete(&script)[1], ["1", "2", "3", "4"]);
}

#[test]
fn a_list_that_does_not_come_one_host_at_a_time_ends_the_sync() {
    let limits = |sent: &str| sent.split("truncation_limit=").nth(1).unwrap().to_owned();
    let script = Script::made(1 << 16, |_| failure("", SLOW));
    let outcome = play(&script, None);
    assert_eq!(outcome.problem.unwrap().code, "network.timed-out");
    let asked: Vec<_> = script.sent.borrow().iter().map(|sent| limits(sent)).collect();
    assert_eq!(asked.join(" "), "2 2 1 1 1 1 1");
}

#[test]
fn a_slow_lookup_is_halved_down_to_a_least_one_and_then_given_up() {
    let qids: Vec<String> = (1..=60).map(|qid| qid.to_string()).collect();
    let qids: Vec<&str> = qids.iter().map(String::as_str).collect();
    let detections = detection_page(&[found(1, &qids)]);
    let script = Script::made(1 << 16, move |sent| match sent {
        _ if sent.contains("/vm/detection/") => answer("", 200, detections.clone()),
        _ if sent.contains("details=All/AGs") => answer("", 200, host_page(&[1], None)),
        _ if sent.contains("details=All%2FAGs") => answer("", 200, host_page(&[1], None)),
        _ if sent.contains(",60") => failure("", SLOW),
        _ => answer("", 200, meanings(&(1..=60).filter(|qid| sent.contains(&format!("={qid},"))).collect::<Vec<_>>())),
    });
    let outcome = play(&script, None);
    assert_eq!((outcome.ended, codes(&outcome)[1]), (Ended::InPart, "network.timed-out"), "{outcome:?}");
    let sizes = script
        .sent
        .borrow()
        .iter()
        .filter_map(|sent| Some(sent.split(" ids=").nth(1)?.split(',').count()))
        .collect::<Vec<_>>();
    assert_eq!(sizes, [60, 60, 30, 30, 30, 25, 5, 5, 5, 5, 5], "never fewer than the least, unless no more are left");
}

#[test]
fn where_no_host_answers_an_attempt_ends_and_the_next_goes_on() {
    let hosts: Vec<u64> = (1..=8).collect();
    let attempt = |position: Option<String>| {
        let page = host_page(&hosts, None);
        let script = Script::made(1 << 16, move |sent| match sent.contains("/vm/detection/") {
            true => failure("", SLOW),
            false => answer("", 200, page.clone()),
        });
        let outcome = run(&script, &settings(json!({"compliance": "off"})), &request(position));
        let position = script.commits.borrow().iter().rev().find_map(|(_, position)| position.clone());
        (outcome, position)
    };
    let (outcome, position) = attempt(None);
    let problem = outcome.problem.unwrap();
    assert_eq!((problem.kind, problem.code.as_str()), (ProblemKind::Unavailable, "hosts.quarantine-full"));
    let (outcome, _) = attempt(position);
    assert_eq!(outcome.ended, Ended::InPart);
    assert_eq!(State::read(outcome.state.as_deref()).quarantine().len(), 8);
}

#[test]
fn a_part_that_leads_nowhere_is_read_once_more_whatever_the_whole_did() {
    let warning = "<WARNING><CODE>1980</CODE><URL>https://x.example.com/?id_min=1</URL></WARNING>";
    let nowhere = |hosts: &[u64]| {
        let hosts: Vec<_> = hosts.iter().map(|&host| found(host, &["7"])).collect();
        answer(DETECTIONS, 200, detection_page(&hosts).replace("</RESPONSE>", &format!("{warning}</RESPONSE>")))
    };
    let mut answers = vec![listed(&[1, 20, 30, 40]), nowhere(&[1])];
    answers.extend(slow(2));
    answers.extend([nowhere(&[1]), found_on(&[1, 20]), nowhere(&[30]), found_on(&[30, 40]), meant()]);
    let (script, outcome, asked) = play_slow(None, answers);
    assert_eq!(outcome.ended, Ended::Complete, "{outcome:?}");
    assert_eq!(asked.join(" "), "1-40 1-40 1-40 1-29 1-29 30-40 30-40");
    assert_eq!(findings_and_complete(&script)[1], ["1", "20", "30", "40"]);

    let answers = vec![listed(&[1, 20]), nowhere(&[1]), nowhere(&[1])];
    assert_eq!(play_slow(None, answers).1.problem.unwrap().code, "paging.stuck");
}

#[test]
fn a_range_of_unlisted_hosts_that_does_not_come_is_named() {
    let mut answers = vec![listed(&[1, 20])];
    answers.extend(slow(4));
    answers.extend([found_on(&[20])]);
    // Host 1 is set aside, and who may be between it and the next does not come either.
    answers.insert(5, failure("id_min=2& id_max=19", SLOW));
    answers.insert(6, failure("id_min=2& id_max=19", SLOW));
    let (_, outcome, asked) = play_slow(None, [answers, vec![meant()]].concat());
    assert_eq!((outcome.ended, asked[asked.len() - 1].as_str()), (Ended::InPart, "20-20"), "{asked:?} {outcome:?}");
    assert_eq!(codes(&outcome), ["hosts.quarantined", "hosts.left-out"]);
    assert!(outcome.summary.warnings[1].message.ends_with("the IDs 2 to 19"), "{outcome:?}");
}

/// The distinct drop lines: key and place.
fn lines(script: &Script) -> BTreeSet<String> {
    let commits = script.commits.borrow();
    let dropped = commits.iter().flat_map(|(batch, _)| &batch.dropped);
    dropped.map(|line| format!("{} {}", line.key, line.location.as_deref().unwrap())).collect()
}

#[test]
fn what_was_garbled_only_in_answers_that_failed_is_not_dropped() {
    let cut = |host: String| answer(DETECTIONS, 200, detection_page(&[host]).split("</HOST_LIST>").next().unwrap());
    let nobody = found(1, &["7"]).replace("<ID>1<", "<ID>x<");
    for (case, cut) in [("a detection", cut(found(1, &["x9"]))), ("a host", cut(nobody))] {
        let mut answers = vec![listed(&[1, 2, 3])];
        answers.extend([cut.clone(), cut, found_on(&[1, 2]), found_on(&[3]), meant()]);
        let (script, outcome, asked) = play_slow(None, answers);
        assert_eq!((outcome.ended, asked.join(" ").as_str()), (Ended::Complete, "1-3 1-3 1-2 3-3"), "{case}");
        assert_eq!((lines(&script).len(), outcome.summary.stages[1].dropped.len()), (0, 0), "{case}");
        assert_eq!(findings_and_complete(&script)[1], ["1", "2", "3"], "{case}");
    }
}

#[test]
fn what_is_dropped_is_named_alike_however_the_calls_were_cut() {
    let garbled = |hosts: &[u64]| {
        let hosts: Vec<_> = hosts.iter().map(|&host| found(host, &["x9"])).collect();
        answer(DETECTIONS, 200, detection_page(&hosts).replace("<ID>3", "<ID>y"))
    };
    let mut named = vec![];
    for calls in [vec![garbled(&[1, 2])], [slow(2), vec![garbled(&[1]), garbled(&[2])]].concat()] {
        let (script, outcome, _) = play_slow(None, [vec![listed(&[1, 2])], calls].concat());
        assert_eq!(outcome.summary.stages[1].dropped[0].count, 2);
        named.push(lines(&script));
    }
    assert_eq!(named[0], named[1]);
    assert_eq!(named[0].len(), 2);

    let (script, ..) = play_slow(None, vec![listed(&[1, 3]), garbled(&[1, 3])]);
    let expected = ["1|x9 detections, HOST 1, DETECTION 1", "y|x9 detections from host 1 on, HOST y, DETECTION 1"];
    assert_eq!(lines(&script).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn drop_lines_beyond_those_that_are_held_are_told_all_the_same() {
    let qids: Vec<String> = (0..2_000).map(|number| format!("x{number}")).collect();
    let whole = detection_page(&[found(1, &qids.iter().map(String::as_str).collect::<Vec<_>>())]);
    let (script, outcome, _) = play_slow(None, vec![listed(&[1]), answer(DETECTIONS, 200, whole)]);
    assert_eq!((lines(&script).len(), outcome.summary.stages[1].dropped[0].count), (2_000, 2_000));
}
