//! The sync after the first: what an earlier one has stored is asked for by what has changed.

use super::*;

/// One host with these QIDs, and answers about the knowledge base.
fn play_after(state: Option<&str>, qids: &[&str], meanings: Vec<Canned>) -> (Script, Outcome) {
    let mut answers =
        vec![answer(HOSTS, 200, host_page(&[1], None)), answer(DETECTIONS, 200, detection_page(&[found(1, qids)]))];
    answers.extend(meanings);
    let script = Script::new(1 << 16, answers);
    let request = Request { position: None, state: state.map(Into::into), count_source: false };
    let outcome = run(&script, &settings(json!({"compliance": "off"})), &request);
    assert!(script.left().is_empty(), "{:?}", script.left());
    (script, outcome)
}

fn told_at(time: &str, meanings: String) -> String {
    meanings.replace("<RESPONSE>", &format!("<RESPONSE><DATETIME>{time}</DATETIME>"))
}

/// The state after a sync in which the source knew 7 and 8 and not 9.
fn state() -> String {
    let told = told_at("2026-03-02T06:00:00Z", meanings(&[7, 8]));
    play_after(None, &["7", "8", "9"], vec![answer(MEANINGS, 200, told)]).1.state.unwrap()
}

fn vulnerabilities(script: &Script) -> Vec<String> {
    let [_, _, vulnerabilities, _] = brought(script.commits.borrow().iter().map(|(batch, _)| batch));
    vulnerabilities
}

#[test]
fn of_what_is_stored_only_changes_are_read_and_the_rest_is_read_whole() {
    let answers = vec![
        answer("POST ids=9,10", 200, told_at("2026-03-03T06:00:00Z", meanings(&[10]))),
        answer(
            "POST ids=7,8 last_modified_after=2026-03-02T05:00:00Z",
            200,
            told_at("2026-03-03T05:59:00Z", meanings(&[8])),
        ),
    ];
    let (script, outcome) = play_after(Some(&state()), &["7", "8", "9", "10"], answers);
    assert_eq!(outcome.ended, Ended::Complete, "{outcome:?}");
    assert_eq!(vulnerabilities(&script), ["qid:10 About 10", "qid:8 About 8", "qid:9 QID 9"]);
    let sent = script.sent.borrow();
    let whole = sent.iter().find(|sent| sent.contains("ids=9,10")).unwrap();
    assert!(!whole.contains("last_modified_after"), "{whole}");
    let state = State::read(outcome.state.as_deref());
    let stored = state.stored().unwrap();
    assert_eq!(stored.since, "2026-03-03T04:59:00Z", "the older of the two answers counts, whichever came first");
    assert_eq!(stored.qids.iter().collect::<Vec<_>>(), [7, 8, 10]);
}

#[test]
fn a_change_that_was_lost_is_read_whole_the_next_time() {
    let garbled = meanings(&[8]).replace("<QID>8</QID>", "<QID>\u{fffd}</QID>");
    let answers = vec![answer("POST ids=7,8 last_modified_after", 200, told_at("2026-03-03T06:00:00Z", garbled))];
    let (_, outcome) = play_after(Some(&state()), &["7", "8"], answers);
    assert!(State::read(outcome.state.as_deref()).stored().unwrap().qids.is_empty(), "{outcome:?}");
}

#[test]
fn scoring_that_was_switched_off_is_told_and_old_scores_without_a_new_one_are_not() {
    let rating = "<CVSS_V3><BASE>7.5</BASE></CVSS_V3>";
    let (old, none) = ("<CVSS><BASE>5.0</BASE></CVSS>", "");
    for (state, instead, warned) in
        [(Some(state()), old, false), (Some(state()), none, true), (None, old, true), (None, none, true)]
    {
        let told = meanings(&[8]).replace(rating, instead);
        let (_, outcome) = play_after(state.as_deref(), &["8"], vec![answer(MEANINGS, 200, told)]);
        let codes: Vec<_> = outcome.summary.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes.contains(&"knowledge-base.no-scores"), warned, "{state:?}, {instead}: {codes:?}");
    }
}

#[test]
fn an_entry_without_any_rating_is_read_whole_the_next_time() {
    let told = meanings(&[7, 8]).replacen("<CVSS_V3><BASE>7.5</BASE></CVSS_V3>", "", 1);
    let answers = vec![answer(MEANINGS, 200, told_at("2026-03-02T06:00:00Z", told))];
    let (_, outcome) = play_after(None, &["7", "8"], answers);
    let state = State::read(outcome.state.as_deref());
    assert_eq!(state.stored().unwrap().qids.iter().collect::<Vec<_>>(), [8]);
}

#[test]
fn what_is_stored_keeps_its_title_when_the_knowledge_base_is_refused() {
    let refused = answer(MEANINGS, 403, returned(2012));
    let (script, outcome) = play_after(Some(&state()), &["7", "9"], vec![refused.clone(), refused]);
    assert_eq!(outcome.ended, Ended::InPart);
    assert_eq!(vulnerabilities(&script), ["qid:9 QID 9"]);
    assert_eq!(outcome.state, Some(state()), "the next sync looks as far back");
}
