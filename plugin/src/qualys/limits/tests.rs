//! The verdicts as tables, with no clock in sight; and that what is told to people agrees with them.

use super::next::Next;
use super::rules::{Body, RULES, When};
use super::*;
use crate::bindings::connector::contract::http::{AnswerHeader, FailureKind};
use crate::bindings::connector::contract::problems::ProblemKind;
use crate::qualys::xml::Return;
use std::collections::BTreeMap;

pub(super) fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    let header = |&(name, value): &(&str, &str)| AnswerHeader { name: name.into(), value: value.into() };
    Head { status, headers: headers.iter().map(header).collect() }
}

pub(super) fn returned(code: impl Into<Option<u32>>, wait_secs: Option<u32>) -> Fault {
    let text = "as the source says".into();
    Fault::Returned(Return { code: code.into(), text, wait_secs, calls_to_finish: None })
}

/// What a verdict comes to: seconds to wait, or the code of the error.
#[derive(Debug, PartialEq)]
enum Short {
    /// The source's calls are used up for so long.
    UsedUp(u32),
    /// So long, and one at a time from then on.
    Alone(u32),
    /// So long, and the lane is none the worse.
    Wait(u32),
    GiveUp(&'static str),
}
use Short::{Alone, GiveUp, UsedUp, Wait as Paused};

fn short(verdict: Verdict) -> Short {
    match verdict {
        Verdict::Again(Wait { secs, meaning: Meaning::UsedUp, .. }) => UsedUp(secs),
        Verdict::Again(Wait { secs, meaning: Meaning::TooMany, .. }) => Alone(secs),
        Verdict::Again(Wait { secs, meaning: Meaning::Nothing | Meaning::Doubt, .. }) => Paused(secs),
        Verdict::GiveUp(error) => GiveUp(error.code),
    }
}

/// The verdict on a fault, after so many waits and as many troubles.
fn on(status: u16, headers: &[(&str, &str)], fault: &Fault, before: u32) -> Short {
    let mut tries = Tries { waits: before, troubles: before, doubts: 0 };
    short(judge(Answer::Fault(&head(status, headers), fault), &mut tries, false))
}

const TOLD: &[(&str, &str)] = &[("x-ratelimit-window-sec", "3600"), ("x-ratelimit-towait-sec", "77")];
const WINDOW: &[(&str, &str)] = &[("x-ratelimit-window-sec", "3600"), ("x-ratelimit-towait-sec", "0")];
const GARBLED: &[(&str, &str)] =
    &[("x-ratelimit-window-sec", "soon"), ("x-ratelimit-towait-sec", "-5"), ("retry-after", "")];
const HUGE: &[(&str, &str)] = &[("x-ratelimit-towait-sec", "99999999999")];
const AFTER: &[(&str, &str)] = &[("retry-after", "5")];
const LATER: &[(&str, &str)] = &[("retry-after", "120")];
const A_DATE: &[(&str, &str)] = &[("retry-after", "Mon, 02 Mar 2026 06:00:00 GMT")];

#[test]
fn the_code_in_the_body_decides_whatever_the_status_says() {
    #[rustfmt::skip]
    let cases = [
        (1965, Some(88),       TOLD,    0, UsedUp(77)),
        (1965, Some(88),       WINDOW,  0, UsedUp(88)),
        (1965, None,           WINDOW,  0, UsedUp(3600)),
        (1965, Some(0),        WINDOW,  0, UsedUp(3600)),
        (1965, None,           &[],     0, UsedUp(300)),
        (1965, None,           GARBLED, 0, UsedUp(300)),
        (1965, None,           HUGE,    0, UsedUp(86_400)),
        (1965, Some(u32::MAX), &[],     0, UsedUp(86_400)),
        (1965, Some(88),       &[],    19, UsedUp(88)),
        (1965, Some(88),       &[],    20, GiveUp("limit.rate")),
        (1960, None,           &[],     0, Alone(10)),
        (1960, None,           &[],     1, Alone(20)),
        (1960, None,           TOLD,    9, Alone(30)),
        (1960, None,           LATER,   0, Alone(120)),
        (1960, None,           AFTER,   1, Alone(20)),
        (1960, None,           &[],    20, GiveUp("limit.concurrency")),
        (1981, None,           &[],     0, Paused(30)),
        (1999, None,           &[],     0, Paused(120)),
        (1999, None,           &[],     3, Paused(900)),
        (999,  None,           &[],     0, Paused(30)),
        (999,  None,           &[],     4, GiveUp("source.internal")),
        (2000, None,           &[],     0, GiveUp("credentials.refused")),
        (2001, None,           &[],     0, GiveUp("credentials.expired")),
        (2002, None,           &[],     0, GiveUp("credentials.inactive")),
        (2003, None,           &[],     0, GiveUp("credentials.unregistered")),
        (2011, None,           &[],     0, GiveUp("credentials.second-factor")),
        (2012, None,           &[],     0, GiveUp("permission.licence")),
    ];
    for (code, item, headers, before, expected) in cases {
        for status in [200, 400, 401, 403, 404, 409, 500, 503] {
            let verdict = on(status, headers, &returned(code, item), before);
            assert_eq!(verdict, expected, "{code} with item {item:?}, {status} {headers:?}, after {before}");
        }
    }
}

#[test]
fn the_status_decides_where_the_body_says_nothing_more() {
    let html = || Fault::NotXml { start: "<html>".into() };
    #[rustfmt::skip]
    let cases = [
        (200, &[][..], Fault::Empty,                     0, Paused(10)),
        (200, &[][..], Fault::Cut,                       1, Paused(20)),
        (200, &[][..], Fault::Malformed("a tag".into()), 2, Paused(40)),
        (200, &[][..], html(),                           4, GiveUp("answer.not-xml")),
        (200, &[][..], Fault::WrongRoot("ABOUT".into()), 0, GiveUp("answer.unknown")),
        (200, &[][..], returned(None, None),             0, GiveUp("request.refused")),
        (202, &[][..], Fault::Empty,                     0, Paused(30)),
        (202, &[][..], returned(None, None),             0, Paused(30)),
        (204, &[][..], Fault::Empty,                     0, Paused(10)),
        (302, &[][..], html(),                           0, GiveUp("answer.redirect")),
        (400, &[][..], returned(1905, None),             0, GiveUp("request.refused")),
        (400, &[][..], html(),                           0, GiveUp("request.refused")),
        (401, &[][..], returned(1905, None),             0, GiveUp("credentials.refused")),
        (401, &[][..], Fault::Empty,                     0, GiveUp("credentials.refused")),
        (403, &[][..], html(),                           0, GiveUp("permission.denied")),
        (404, &[][..], Fault::Empty,                     0, GiveUp("endpoint.missing")),
        (405, &[][..], Fault::Empty,                     0, GiveUp("request.refused")),
        (407, &[][..], html(),                           0, GiveUp("network.proxy")),
        (408, &[][..], Fault::Empty,                     0, Paused(30)),
        (409, &[][..], returned(1920, None),             0, GiveUp("request.refused")),
        (409, TOLD,    returned(1920, None),             0, GiveUp("request.refused")),
        (409, TOLD,    Fault::Empty,                     0, UsedUp(77)),
        (409, &[][..], html(),                           0, UsedUp(300)),
        (410, &[][..], Fault::Empty,                     0, GiveUp("endpoint.missing")),
        (413, &[][..], html(),                           0, GiveUp("request.too-long")),
        (414, &[][..], html(),                           0, GiveUp("request.too-long")),
        (429, AFTER,   Fault::Empty,                     0, UsedUp(5)),
        (429, A_DATE,  Fault::Empty,                     0, UsedUp(300)),
        (429, WINDOW,  Fault::Empty,                     0, UsedUp(3600)),
        (429, TOLD,    html(),                           0, UsedUp(77)),
        (500, &[][..], returned(1905, None),             0, Paused(30)),
        (502, &[][..], html(),                           1, Paused(60)),
        (503, AFTER,   html(),                           3, Paused(5)),
        (503, &[][..], html(),                           4, GiveUp("source.maintenance")),
        (504, GARBLED, html(),                           0, Paused(30)),
        (599, &[][..], Fault::Cut,                       0, Paused(30)),
    ];
    for (status, headers, fault, before, expected) in cases {
        assert_eq!(on(status, headers, &fault, before), expected, "{status} {headers:?} {fault:?}, after {before}");
    }
}

#[test]
fn a_service_response_says_in_a_word_what_an_error_message_says_by_code() {
    #[rustfmt::skip]
    let cases = [
        (200, "INVALID_REQUEST",         GiveUp("request.refused")),
        (200, "OBJECT_NOT_FOUND",        GiveUp("request.refused")),
        (200, "INSUFFICIENT_PERMISSION", GiveUp("permission.denied")),
        (200, "NOT_AUTHORIZED",          GiveUp("permission.denied")),
        (200, "EVALUATION_EXPIRED",      GiveUp("credentials.expired")),
        (200, "LIMIT_EXCEEDED",          UsedUp(300)),
        (200, "INTERNAL_ERROR",          Paused(30)),
        (401, "WHATEVER",                GiveUp("credentials.refused")),
        (429, "WHATEVER",                UsedUp(300)),
    ];
    for (status, word, expected) in cases {
        let verdict = judge(Answer::Word(&head(status, &[]), word, ""), &mut Tries::default(), false);
        assert_eq!(short(verdict), expected, "{status} {word}");
    }
}

#[test]
fn a_failure_is_tried_again_where_time_may_mend_it() {
    #[rustfmt::skip]
    let cases = [
        (FailureKind::Cancelled,   0, GiveUp("cancelled")),
        (FailureKind::Refused,     0, GiveUp("network.refused")),
        (FailureKind::TooLarge,    0, GiveUp("answer.too-large")),
        (FailureKind::Unreachable, 0, Paused(10)),
        (FailureKind::TimedOut,    3, Paused(80)),
        (FailureKind::Cut,         4, GiveUp("answer.cut")),
    ];
    for (kind, troubles, expected) in cases {
        let failure = Failure { kind, code: "x".into(), message: "y".into() };
        let mut tries = Tries { troubles, ..Tries::default() };
        let verdict = judge(Answer::Failure(&failure), &mut tries, false);
        assert_eq!(short(verdict), expected, "{kind:?}, after {troubles}");
    }
}

#[test]
fn credentials_that_were_good_before_are_tried_once_more_and_never_twice() {
    for fault in [Fault::Empty, returned(2000, None)] {
        let (head, mut tries) = (head(401, &[]), Tries::default());
        let mut judge = |was_good| short(judge(Answer::Fault(&head, &fault), &mut tries, was_good));
        assert_eq!(judge(false), GiveUp("credentials.refused"), "{fault:?}: never good");
        assert_eq!(judge(true), Paused(60), "{fault:?}: good before");
        assert_eq!(judge(true), GiveUp("credentials.refused"), "{fault:?}: refused twice");
    }
}

#[test]
fn limits_do_not_use_up_the_tries_that_trouble_has() {
    let (refused, cut) = (returned(1965, Some(9)), Fault::Cut);
    let mut tries = Tries::default();
    let mut on = |status, fault: &Fault| short(judge(Answer::Fault(&head(status, &[]), fault), &mut tries, false));
    for _ in 0..6 {
        assert_eq!(on(409, &refused), UsedUp(9));
    }
    assert_eq!(on(200, &cut), Paused(10));
}

#[test]
fn an_error_says_what_was_wrong_in_the_words_of_the_source_or_in_ours() {
    let [short, long] = ["no such thing", &"x".repeat(WORDS_MAX + 1)]
        .map(|text| Fault::Returned(Return { code: Some(1905), text: text.into(), ..Return::default() }));
    let (ok, bad) = (head(200, &[]), head(502, &[]));
    let failure = Failure { kind: FailureKind::TimedOut, code: "timeout.idle".into(), message: "no byte".into() };
    let html = Fault::NotXml { start: "<html>".into() };
    for (answer, message) in [
        (Answer::Fault(&ok, &short), "no such thing".into()),
        (Answer::Fault(&ok, &long), "x".repeat(WORDS_MAX)),
        (Answer::Fault(&ok, &html), "the answer is no XML and begins with \"<html>\"".into()),
        (Answer::Fault(&bad, &html), "the source reports trouble of its own (status 502)".into()),
        (Answer::Word(&ok, "INVALID_REQUEST", ""), "INVALID_REQUEST".into()),
        (Answer::Word(&ok, "INVALID_REQUEST", "bad field"), "bad field".into()),
        (Answer::Failure(&failure), "no byte (timeout.idle)".into()),
    ] {
        assert_eq!(give_up(answer).message, message, "{answer:?}");
    }
}

/// The smallest answer that a rule is about, and the error that is made of it in the end.
fn example(when: When) -> Error {
    let of = |status, fault: &Fault| give_up(Answer::Fault(&head(status, &[]), fault));
    match when {
        When::Code(code) => of(200, &returned(code, None)),
        When::Word(word) => give_up(Answer::Word(&head(200, &[]), word, "")),
        When::Message => of(200, &returned(None, None)),
        When::AnyWord => give_up(Answer::Word(&head(200, &[]), "WHATEVER", "")),
        When::Status(first, _) => give_up(Answer::Status(&head(first, &[]))),
        When::Body(Body::Empty) => of(200, &Fault::Empty),
        When::Body(Body::Cut) => of(200, &Fault::Cut),
        When::Body(Body::Malformed) => of(200, &Fault::Malformed("x".into())),
        When::Body(Body::NotXml) => of(200, &Fault::NotXml { start: "x".into() }),
        When::Body(Body::WrongRoot) => of(200, &Fault::WrongRoot("x".into())),
        When::Failure(kind) => give_up(Answer::Failure(&Failure { kind, code: "x".into(), message: "x".into() })),
        When::Else => give_up(Answer::Status(&head(206, &[]))),
    }
}

/// The rows of the table that people read: code, kind, and what the host does next.
fn published() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let rows = include_str!("next.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").split_once("` | "));
    cells.map(|(code, rest)| (code, rest.split_once(" | ").unwrap())).collect()
}

fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Settings => "settings",
        ProblemKind::Credentials => "credentials",
        ProblemKind::Permission => "permission",
        ProblemKind::Unavailable => "unavailable",
        ProblemKind::Protocol => "protocol",
        ProblemKind::Cancelled => "cancelled",
    }
}

#[test]
fn what_people_read_of_each_code_is_what_comes_of_it() {
    let mut published = published();
    let rows = published.len();
    for rule in RULES {
        let error = example(rule.when);
        assert_eq!((error.code, error.kind), (rule.code, rule.kind), "{:?} is hidden by a rule before it", rule.when);
        let row = (kind(error.kind), Next::of(&error).words());
        assert_eq!(published.get(error.code), Some(&row), "{:?}", rule.when);
    }
    published.retain(|code, _| !RULES.iter().any(|rule| rule.code == *code));
    // These are made elsewhere: their kinds are tested there.
    let rest =
        ["api-version.missing", "api-version.retired", "api-version.unknown", "endpoint.wrong-address", "paging.stuck"];
    assert_eq!(published.keys().copied().collect::<Vec<_>>(), rest);
    for (code, (kind, next)) in published {
        assert!(matches!(kind, "settings" | "protocol") && next == Next::AskPerson.words(), "{code}");
    }
    assert!(rows > rest.len(), "the table was found");
}

#[test]
fn every_error_that_a_person_has_to_mend_says_where() {
    for rule in RULES {
        let error = example(rule.when);
        assert_eq!(error.hint.is_none(), error.kind == ProblemKind::Cancelled, "{:?}", rule.when);
        let is_lower = error.message.starts_with(|letter: char| !letter.is_uppercase());
        assert!(is_lower || matches!(rule.when, When::Word(_) | When::AnyWord), "{:?}: {}", rule.when, error.message);
    }
}
