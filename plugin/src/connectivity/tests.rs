//! Each way the one question can be answered, and what the checks say of it.

use super::*;
use crate::bindings::connector::contract::http::FailureKind;
use crate::bindings::exports::connector::contract::test_connectivity::CheckStatus::{
    self, Failed, Passed, Skipped, Warned,
};
use crate::script::{Canned, Script, answer, failure, settings};

fn ids(set: &str) -> String {
    format!("<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-03-02T06:00:00Z</DATETIME>{set}</RESPONSE></HOST_LIST_OUTPUT>")
}

fn returned(code: u32) -> String {
    format!("<SIMPLE_RETURN><RESPONSE><CODE>{code}</CODE><TEXT>as the source says</TEXT></RESPONSE></SIMPLE_RETURN>")
}

fn checks(canned: Canned) -> Vec<Check> {
    run(&Script::new(1 << 16, vec![canned]), &settings(serde_json::json!({})))
}

#[test]
fn one_answer_tells_five_checks() {
    const WORDS: &str = "details=None truncation_limit=1";
    let some = ids("<ID_SET><ID>7</ID></ID_SET>");
    #[rustfmt::skip]
    let cases: [(&str, Canned, [CheckStatus; 5]); 10] = [
        //                                                       url     network sign-in  quota    hosts
        ("hosts",       answer(WORDS, 200, some.clone()),       [Passed, Passed, Passed,  Passed,  Passed]),
        ("no hosts",    answer(WORDS, 200, ids("")),            [Passed, Passed, Passed,  Passed,  Warned]),
        ("password",    answer(WORDS, 401, returned(2000)),     [Passed, Passed, Failed,  Skipped, Skipped]),
        ("expired",     answer(WORDS, 200, returned(2001)),     [Passed, Passed, Failed,  Skipped, Skipped]),
        ("no right",    answer(WORDS, 403, returned(2012)),     [Passed, Passed, Passed,  Passed,  Failed]),
        ("calls",       answer(WORDS, 409, returned(1965)),     [Passed, Passed, Passed,  Warned,  Warned]),
        ("parallel",    answer(WORDS, 409, returned(1960)),     [Passed, Passed, Passed,  Warned,  Warned]),
        ("web page",    answer(WORDS, 200, "<html>Hello</html>"), [Passed, Passed, Skipped, Skipped, Failed]),
        ("not there",   answer(WORDS, 404, ""),                 [Passed, Passed, Skipped, Skipped, Failed]),
        ("unreachable", failure(WORDS, FailureKind::Unreachable), [Passed, Failed, Skipped, Skipped, Skipped]),
    ];
    for (name, canned, expected) in cases {
        let checks = checks(canned);
        let found: Vec<_> = checks.iter().take(5).map(|check| check.status).collect();
        assert_eq!(found, expected, "{name}: {checks:#?}");
        for check in checks.iter().filter(|check| matches!(check.status, Failed | Warned)) {
            assert!(check.problem.is_some() && check.message.ends_with('.'), "{name}: {check:?}");
        }
    }
}

#[test]
fn what_is_not_tried_never_passes() {
    let checks = checks(answer("details=None", 200, ids("<ID_SET><ID_RANGE>7-9</ID_RANGE></ID_SET>")));
    assert_eq!(checks.len(), CHECKS.len());
    assert!(checks[5..].iter().all(|check| check.status == Skipped && !check.message.is_empty()));
}

#[test]
fn the_headers_tell_what_is_left() {
    let canned = answer("details=None", 200, ids(""))
        .header("x-ratelimit-limit", "300")
        .header("x-ratelimit-window-sec", "3600")
        .header("x-ratelimit-remaining", "212");
    assert_eq!(checks(canned)[3].message, "212 of 300 calls for the host list are left in a window of 3600 s.");
}
