//! The verdicts as tables, with no clock in sight.

use super::*;
use crate::bindings::connector::contract::http::AnswerHeader;

fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    let header = |&(name, value): &(&str, &str)| AnswerHeader { name: name.into(), value: value.into() };
    Head { status, headers: headers.iter().map(header).collect() }
}

fn returned(code: u32, wait_secs: Option<u32>) -> Fault {
    Fault::Returned(Return { code: Some(code), text: "as the source says".into(), wait_secs, calls_to_finish: None })
}

/// What a verdict comes to: seconds to wait and calls at once, or the code of the error.
#[derive(Debug, PartialEq)]
enum Short {
    Wait(i64, Option<u32>),
    GiveUp(&'static str),
}
use Short::{GiveUp, Wait};

fn short(verdict: Verdict) -> Short {
    match verdict {
        Verdict::Again(allowance) => Wait(allowance.resume_at.unwrap(), allowance.parallel),
        Verdict::GiveUp(error) => GiveUp(error.code),
    }
}

#[test]
fn the_code_in_the_body_decides_before_the_status_does() {
    let window = &[("x-ratelimit-window-sec", "3600"), ("x-ratelimit-towait-sec", "0")][..];
    let told = &[("x-ratelimit-window-sec", "3600"), ("x-ratelimit-towait-sec", "77")][..];
    #[rustfmt::skip]
    let cases = [
        (409, told,    returned(1965, Some(88)), 1, Wait(77, Some(2))),
        (409, window,  returned(1965, Some(88)), 1, Wait(88, Some(2))),
        (409, window,  returned(1965, None),     1, Wait(3600, Some(2))),
        (400, &[][..], returned(1965, None),     1, Wait(300, Some(2))),
        (409, &[][..], returned(1965, Some(u32::MAX)), 1, Wait(86_400, Some(2))),
        (409, &[][..], returned(1960, None),     1, Wait(10, Some(1))),
        (409, &[][..], returned(1960, None),     3, Wait(40, Some(1))),
        (409, &[][..], returned(1960, None),     5, GiveUp("limit.concurrency")),
        (409, &[][..], returned(1920, None),     1, GiveUp("request.refused")),
        (200, &[][..], returned(999, None),      1, Wait(30, Some(2))),
        (503, &[][..], returned(1999, None),     2, Wait(60, Some(2))),
        (200, &[][..], returned(2001, None),     1, GiveUp("credentials.expired")),
        (401, &[][..], returned(2000, None),     1, GiveUp("credentials.refused")),
        (403, &[][..], returned(2012, None),     1, GiveUp("permission.licence")),
        (400, &[][..], returned(1905, None),     1, GiveUp("request.refused")),
        (200, &[][..], Fault::Empty,             1, Wait(10, Some(2))),
        (200, &[][..], Fault::Cut,               2, Wait(20, Some(2))),
        (200, &[][..], Fault::NotXml { start: "<html>".into() }, 5, GiveUp("answer.not-xml")),
        (200, &[][..], Fault::WrongRoot("ABOUT".into()), 1, GiveUp("answer.unknown")),
        (502, &[][..], Fault::NotXml { start: "<html>".into() }, 1, Wait(30, Some(2))),
        (302, &[][..], Fault::Empty,             1, GiveUp("answer.redirect")),
        (404, &[][..], Fault::Empty,             1, GiveUp("endpoint.missing")),
        (429, &[("retry-after", "5")][..], Fault::Empty, 1, Wait(5, Some(2))),
    ];
    let settings = crate::script::settings(serde_json::json!({}));
    for (status, headers, fault, attempt, expected) in cases {
        let head = head(status, headers);
        let verdict = judge(Answer::Fault(&head, &fault), attempt, 0, &settings);
        assert_eq!(short(verdict), expected, "{status} {headers:?} {fault:?}, attempt {attempt}");
    }
}

#[test]
fn a_failure_is_tried_again_where_time_may_mend_it() {
    #[rustfmt::skip]
    let cases = [
        (FailureKind::Cancelled,   1, GiveUp("cancelled")),
        (FailureKind::Refused,     1, GiveUp("network.refused")),
        (FailureKind::TooLarge,    1, GiveUp("answer.too-large")),
        (FailureKind::Unreachable, 1, Wait(10, Some(2))),
        (FailureKind::TimedOut,    4, Wait(80, Some(2))),
        (FailureKind::Cut,         5, GiveUp("answer.cut")),
    ];
    let settings = crate::script::settings(serde_json::json!({}));
    for (kind, attempt, expected) in cases {
        let failure = Failure { kind, code: "x".into(), message: "y".into() };
        assert_eq!(
            short(judge(Answer::Failure(&failure), attempt, 0, &settings)),
            expected,
            "{kind:?}, attempt {attempt}"
        );
    }
}

#[test]
fn the_reserve_is_left_to_other_tools() {
    let settings = crate::script::settings(serde_json::json!({"reserve_percent": 10}));
    let headers = [("x-ratelimit-limit", "300"), ("x-ratelimit-window-sec", "3600"), ("x-ratelimit-remaining", "31")];
    let allowance = told(&head(200, &headers), &settings).unwrap();
    assert_eq!((allowance.limit, allowance.remaining, allowance.parallel), (Some(270), Some(1), Some(2)));
    assert_eq!(told(&head(200, &headers[1..]), &settings), None, "headers that are absent say nothing");
    assert_eq!(told(&head(200, &[("x-ratelimit-limit", "0"), headers[1]]), &settings), None);
}

#[test]
fn a_wait_keeps_the_bounds_of_its_lane() {
    let settings = crate::script::settings(serde_json::json!({"reserve_percent": 10}));
    let headers = [("x-ratelimit-limit", "100"), ("x-ratelimit-window-sec", "60"), ("x-ratelimit-towait-sec", "7")];
    let cases = [(&headers[..], Some(90), Some(60)), (&[][..], Some(270), Some(3_600))];
    for (headers, limit, window) in cases {
        let (head, fault) = (head(409, headers), returned(1965, None));
        let Verdict::Again(allowance) = judge(Answer::Fault(&head, &fault), 1, 0, &settings) else {
            panic!("a rate limit is waited for")
        };
        assert_eq!((allowance.limit, allowance.window_secs, allowance.parallel), (limit, window, Some(2)));
    }
}
