//! Days on which the source is not what it was: versions retired, parameters refused, credentials doubted.

use super::*;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

const REFUSED: &str = "<SIMPLE_RETURN><RESPONSE><CODE>1901</CODE><TEXT>Unrecognized parameter(s): filter_superseded_qids</TEXT></RESPONSE></SIMPLE_RETURN>";

/// Plays these answers, all of which must be asked for.
fn play_all(changes: serde_json::Value, state: Option<String>, answers: Vec<Canned>) -> (Script, Outcome) {
    let script = Script::new(1 << 16, answers);
    let request = Request { position: None, state, count_source: false };
    let mut all = json!({"compliance": "off"});
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let outcome = run(&script, &settings(all), &request);
    assert!(script.left().is_empty(), "{:?}", script.left());
    (script, outcome)
}

fn warned(outcome: &Outcome) -> Vec<&str> {
    outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

fn gone(words: &'static str) -> Canned {
    answer(words, 404, "<html>not found</html>")
}

#[test]
fn a_retired_version_is_replaced_told_of_once_and_not_asked_again() {
    let answers = vec![
        answer("/api/2.0/fo/asset/host/?", 200, host_page(&[1], None)),
        answer("/api/2.0/fo/asset/host/vm/detection/", 410, ""),
        answer("/api/5.0/fo/asset/host/vm/detection/ show_arf_data=1", 200, detection_page(&[found(1, &["7"])])),
        answer("/api/2.0/fo/knowledge_base/vuln/", 200, meanings(&[7])),
    ];
    let (_, outcome) = play_all(json!({}), None, answers);
    assert_eq!((outcome.ended, warned(&outcome)), (Ended::Complete, vec!["api-version.retired"]), "{outcome:?}");
    assert!(outcome.summary.warnings[0].message.contains("detections"));

    let answers = vec![
        answer("/api/2.0/fo/asset/host/?", 200, host_page(&[1], None)),
        answer("/api/5.0/fo/asset/host/vm/detection/", 200, detection_page(&[])),
    ];
    let (_, outcome) = play_all(json!({}), outcome.state, answers);
    assert_eq!(outcome.ended, Ended::Complete, "the next sync knows: {outcome:?}");
    assert!(outcome.state.unwrap().contains(r#""retired":["detections"]"#), "and hands it on");
}

#[test]
fn where_no_version_answers_the_error_says_whether_the_address_or_the_version_is_wrong() {
    let hosts = || answer(HOSTS, 200, host_page(&[1], None));
    let cases = [
        ("auto", vec![gone("/2.0/"), gone("/5.0/")], "endpoint.wrong-address", "Help > About"),
        ("2.0", vec![gone("/2.0/")], "endpoint.wrong-address", "set api_generation to auto"),
        ("current", vec![gone("/5.0/")], "endpoint.wrong-address", "set api_generation to auto"),
        ("2.0", vec![hosts(), gone("/2.0/")], "api-version.retired", "auto or current"),
        ("auto", vec![hosts(), gone("/2.0/"), gone("/5.0/")], "api-version.unknown", "newer version"),
        (
            "current",
            vec![answer("/5.0/fo/asset/host/?", 200, host_page(&[1], None)), gone("/5.0/")],
            "api-version.missing",
            "to auto",
        ),
    ];
    for (generation, answers, code, hint) in cases {
        let (_, outcome) = play_all(json!({"api_generation": generation}), None, answers);
        let problem = outcome.problem.unwrap();
        assert_eq!(problem.code, code, "{generation}: {}", problem.message);
        assert!(problem.hint.unwrap().contains(hint), "{generation}, {code}");
    }
}

#[test]
fn a_parameter_that_was_refused_keeps_no_version_from_being_asked() {
    let gone = || answer("/api/2.0/fo/asset/host/vm/detection/", 410, "");
    let refused = |words| answer(words, 400, REFUSED);
    let newest = || answer("/api/5.0/fo/asset/host/vm/detection/", 200, detection_page(&[]));
    let cases = [
        ("before", vec![refused("/api/2.0/fo/asset/host/vm/detection/"), gone(), newest()]),
        ("after", vec![gone(), refused("/api/5.0/fo/asset/host/vm/detection/"), newest()]),
    ];
    for (case, mut answers) in cases {
        answers.push(answer("/api/2.0/fo/asset/host/?", 200, host_page(&[1], None)));
        let (_, outcome) = play_all(json!({}), None, answers);
        assert_eq!(outcome.ended, Ended::Complete, "{case}: {outcome:?}");
    }
}

#[test]
fn superseded_detections_that_cannot_be_filtered_are_kept_and_told_of() {
    let hosts = || answer(HOSTS, 200, host_page(&[1], None));
    let answers = vec![hosts(), answer(DETECTIONS, 400, REFUSED), answer(DETECTIONS, 200, detection_page(&[]))];
    let (script, outcome) = play_all(json!({}), None, answers);
    assert_eq!((outcome.ended, warned(&outcome)), (Ended::Complete, vec!["detections.superseded-kept"]));
    let asked: Vec<_> = script.sent.borrow().iter().map(|sent| sent.contains("filter_superseded_qids")).collect();
    assert_eq!(asked, [false, true, false]);

    let commits = script.commits.borrow();
    let position = commits.iter().rev().find_map(|(_, position)| position.clone()).unwrap();
    let known = Standing::read(Some(&position)).unwrap().known;
    assert_eq!(known.warnings(crate::settings::ApiGeneration::Auto).len(), 1, "another attempt does not ask in vain");

    let answers = vec![hosts(), answer(DETECTIONS, 200, detection_page(&[]))];
    let (script, outcome) = play_all(json!({}), outcome.state, answers);
    assert_eq!(warned(&outcome), [""; 0], "support may have switched it on");
    assert!(script.sent.borrow()[1].contains("filter_superseded_qids"), "the next sync asks for it again");
}

#[test]
fn a_parameter_that_is_refused_for_another_reason_ends_the_sync() {
    let other = REFUSED.replace("filter_superseded_qids", "status");
    for body in [other, REFUSED.replace("1901", "1903")] {
        let answers = vec![answer(HOSTS, 200, host_page(&[1], None)), answer(DETECTIONS, 400, body)];
        let (_, outcome) = play_all(json!({}), None, answers);
        assert_eq!(outcome.problem.unwrap().code, "request.refused");
    }
}

#[test]
fn the_kernel_filter_is_the_same_in_every_version() {
    let kernel = |qid: u32, running: &str| {
        format!(
            "<DETECTION><QID>{qid}</QID><TYPE>Confirmed</TYPE><STATUS>Active</STATUS><AFFECT_RUNNING_KERNEL>{running}</AFFECT_RUNNING_KERNEL></DETECTION>"
        )
    };
    let open = found(1, &["7"])
        .replace("</DETECTION_LIST>", &format!("{}{}</DETECTION_LIST>", kernel(8, "0"), kernel(9, "1")));
    let fixed = found(1, &["10"]).replace("Active", "Fixed");
    let cases = [
        (
            "exclude-non-running",
            "status=New%2CActive%2CRe-Opened& show_arf_data=1 arf_filter_keys=",
            vec!["10", "7", "9"],
        ),
        ("only-non-running", "status=New%2CActive%2CRe-Opened& show_arf_data=1", vec!["10", "8"]),
        ("only-running", "status=New%2CActive%2CRe-Opened& show_arf_data=1", vec!["10", "9"]),
    ];
    for (filter, words, kept) in cases {
        let qids: Vec<u32> = kept.iter().map(|qid| qid.parse().unwrap()).collect();
        let answers = vec![
            answer("/api/5.0/fo/asset/host/?", 200, host_page(&[1], None)),
            answer(words, 200, detection_page(std::slice::from_ref(&open))),
            answer(
                "/api/5.0/fo/asset/host/vm/detection/ status=Fixed&",
                200,
                detection_page(std::slice::from_ref(&fixed)),
            ),
            answer("POST /api/4.0/fo/knowledge_base/vuln/", 200, meanings(&qids)),
        ];
        let changes = json!({"api_generation": "current", "arf_kernel_filter": filter});
        let (script, outcome) = play_all(changes, None, answers);
        let [_, findings, _, complete] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
        assert_eq!(findings, kept.iter().map(|qid| format!("1|qid:{qid}")).collect::<Vec<_>>(), "{filter}");
        assert_eq!(complete, ["1"], "{filter}: what the operator does not want is not missing");
        let stage = &outcome.summary.stages[1];
        let dropped: Vec<_> = stage.dropped.iter().map(|dropped| (dropped.reason.as_str(), dropped.count)).collect();
        assert_eq!((stage.seen, dropped), (4, vec![("kernel-filtered", 4 - kept.len() as u64)]), "{filter}");
        let sent = script.sent.borrow();
        assert!(sent.iter().all(|sent| !sent.contains("arf_kernel_filter")), "{filter}: {sent:?}");
        assert!(sent.iter().all(|sent| !(sent.contains("status=Fixed") && sent.contains("arf"))), "{filter}");
    }
}

#[test]
fn the_first_answer_of_the_newest_version_is_filtered_like_all_others() {
    let kernel = |host: u64, running: &str| {
        found(host, &[&format!("{host}{running}")])
            .replace("</DETECTION>", &format!("<AFFECT_RUNNING_KERNEL>{running}</AFFECT_RUNNING_KERNEL></DETECTION>"))
    };
    let page = |host| detection_page(&[kernel(host, "0"), kernel(host, "1")]);
    let pages = [(1, page(1)), (3, page(3))];
    for subscription in ["express-consultant", "premium"] {
        let pages = pages.clone();
        let script = Script::made(1 << 16, move |sent| match sent {
            _ if sent.contains("/api/2.0/fo/asset/host/vm/detection/") => answer("", 410, ""),
            _ if sent.contains("status=Fixed&") => answer("", 200, detection_page(&[])),
            _ if sent.contains("/vm/detection/") => {
                let page = pages.iter().find(|(host, _)| sent.contains(&format!("&id_min={host}&")));
                answer("", 200, page.unwrap().1.clone())
            }
            _ if sent.contains("/knowledge_base/") => answer("", 200, meanings(&[11, 31])),
            _ if sent.contains("id_min=3") => answer("", 200, host_page(&[3], None)),
            _ => answer("", 200, host_page(&[1], Some(3))),
        });
        let changes = json!({
            "arf_kernel_filter": "only-running", "slice_hosts": 1, "subscription_type": subscription, "compliance": "off",
        });
        let outcome = run(&script, &settings(changes), &request(None));
        assert_eq!(outcome.ended, Ended::Complete, "{subscription}: {outcome:?}");
        let [_, findings, _, complete] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
        assert_eq!(findings, ["1|qid:11", "3|qid:31"], "{subscription}");
        assert_eq!(complete, ["1", "3"], "{subscription}");
    }
}

#[test]
fn a_key_that_a_newer_version_does_not_know_leaves_the_filter_to_us() {
    let refused = REFUSED.replace("1901", "1905").replace("filter_superseded_qids", "arf_filter_keys");
    let kernel =
        found(1, &["7"]).replace("</DETECTION>", "<AFFECT_RUNNING_KERNEL>0</AFFECT_RUNNING_KERNEL></DETECTION>");
    let answers = vec![
        answer("/api/5.0/fo/asset/host/?", 200, host_page(&[1], None)),
        answer("arf_filter_keys", 400, refused),
        answer("status=New%2CActive%2CRe-Opened& show_arf_data=1", 200, detection_page(&[kernel])),
        answer("status=Fixed&", 200, detection_page(&[])),
    ];
    let changes = json!({"api_generation": "current", "arf_kernel_filter": "exclude-non-running"});
    let (script, outcome) = play_all(changes, None, answers);
    assert_eq!((outcome.ended, warned(&outcome)), (Ended::Complete, vec![]));
    assert!(brought(script.commits.borrow().iter().map(|(batch, _)| batch))[1].is_empty());
}

#[test]
fn credentials_that_were_good_are_tried_once_more() {
    let hosts = || answer(HOSTS, 200, host_page(&[1], None));
    let refused = |words| answer(words, 401, returned(2000));
    let cases = [
        (vec![refused(HOSTS)], Ended::Failed),
        (vec![hosts(), refused(DETECTIONS), answer(DETECTIONS, 200, detection_page(&[]))], Ended::Complete),
        (vec![hosts(), refused(DETECTIONS), refused(DETECTIONS)], Ended::Failed),
    ];
    for (answers, ended) in cases {
        let (_, outcome) = play_all(json!({}), None, answers.clone());
        assert_eq!(outcome.ended, ended);
        assert!(outcome.problem.is_none_or(|problem| problem.code == "credentials.refused"));
    }
}

#[test]
fn a_late_answer_does_not_end_a_wait_that_was_told() {
    let limits = |canned: Canned| canned.header("x-ratelimit-limit", "300").header("x-ratelimit-window-sec", "3600");
    let answers = vec![
        limits(answer(HOSTS, 200, host_page(&[1], None))),
        limits(answer("status=New%2CActive%2CRe-Opened&", 409, returned(1965))).header("x-ratelimit-towait-sec", "60"),
        limits(answer("status=Fixed&", 200, detection_page(&[]))).header("x-ratelimit-remaining", "200"),
        limits(answer("status=New%2CActive%2CRe-Opened&", 200, detection_page(&[]))),
    ];
    let (script, outcome) = play_all(json!({"arf_kernel_filter": "only-running"}), None, answers);
    assert_eq!(outcome.ended, Ended::Complete);
    let paces = script.paces.borrow();
    let lane: Vec<_> =
        paces.iter().filter(|(lane, _)| lane == detection::LANE).map(|(_, pace)| pace.resume_at).collect();
    let first = lane.iter().position(Option::is_some).unwrap();
    assert!(lane.len() > first + 1 && lane[first..].iter().all(|at| *at >= Some(1_772_431_261)), "{lane:?}");
}

#[test]
fn a_position_carries_what_was_learned() {
    let answers = vec![
        answer("/api/2.0/fo/asset/host/?", 404, ""),
        answer("/api/5.0/fo/asset/host/?", 200, host_page(&[1], None)),
        answer("/api/2.0/fo/asset/host/vm/detection/", 200, detection_page(&[])),
    ];
    let (script, _) = play_all(json!({}), None, answers);
    let commits = script.commits.borrow();
    let position = commits.iter().find_map(|(_, position)| position.clone()).unwrap();
    let standing = Standing::read(Some(&position)).unwrap();
    assert!(standing.known.is_current(host_list::LANE, crate::settings::ApiGeneration::Auto));
}

/// Forty hosts, many calls for detections at once: the third and all that follow are refused, or only when first asked for.
fn play_refused(is_for_good: bool) -> (Script, Outcome, usize) {
    let refused = Rc::new(Cell::new(0));
    let (counted, mut asked) = (refused.clone(), BTreeSet::new());
    let hosts = host_page(&(1..=40).collect::<Vec<_>>(), None);
    let script = Script::made(1 << 16, move |sent| {
        if !sent.contains("/vm/detection/") {
            return answer("", 200, hosts.clone());
        }
        let is_new = asked.insert(sent.to_owned());
        if asked.len() < 3 || !(is_new || is_for_good) {
            return answer("", 200, detection_page(&[]));
        }
        counted.set(counted.get() + 1);
        answer("", 401, returned(2000))
    });
    let mut standing = Standing::new();
    standing.sizes.detections.shrink(2);
    let changes = json!({"arf_kernel_filter": "only-running", "subscription_type": "premium", "compliance": "off"});
    let outcome = run(&script, &settings(changes), &request(Some(standing.position())));
    (script, outcome, refused.get())
}

#[test]
fn one_refused_sign_in_is_tried_again_and_all_others_wait_for_what_comes_of_it() {
    let (script, outcome, refused) = play_refused(true);
    assert_eq!(outcome.problem.unwrap().code, "credentials.refused");
    assert!(refused <= 10 + 1, "those under way, and one of them once more: {refused}");
    let sent = script.sent.borrow();
    assert_eq!(sent.len() - sent.iter().collect::<BTreeSet<_>>().len(), 1, "once more: {sent:?}");

    let (script, outcome, refused) = play_refused(false);
    assert_eq!(outcome.ended, Ended::Complete, "they are good again: {outcome:?}");
    assert!(refused > 10, "{refused}");
    assert_eq!(brought(script.commits.borrow().iter().map(|(batch, _)| batch))[3].len(), 40);
}
