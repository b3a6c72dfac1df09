//! What holds for any answer, and for any sequence of them.

use super::tests::{head, returned};
use super::*;
use crate::bindings::connector::contract::http::FailureKind;
use crate::bindings::connector::contract::problems::ProblemKind;
use proptest::prelude::*;

/// An answer that owns what it is made of.
#[derive(Clone, Debug)]
enum Owned {
    Failure(Failure),
    Fault(Head, Fault),
    Status(Head),
    Word(Head, String),
}

impl Owned {
    fn answer(&self) -> Answer<'_> {
        match self {
            Self::Failure(failure) => Answer::Failure(failure),
            Self::Fault(head, fault) => Answer::Fault(head, fault),
            Self::Status(head) => Answer::Status(head),
            Self::Word(head, word) => Answer::Word(head, word, ""),
        }
    }
}

const NAMES: [&str; 6] = [
    "x-ratelimit-limit",
    "x-ratelimit-window-sec",
    "x-ratelimit-remaining",
    "x-ratelimit-towait-sec",
    "x-concurrency-limit-limit",
    "retry-after",
];
const CODES: [u32; 18] =
    [999, 1901, 1903, 1904, 1905, 1907, 1908, 1920, 1922, 1960, 1965, 1981, 1999, 2000, 2001, 2003, 2011, 2012];
const WORDS: [&str; 6] =
    ["INVALID_REQUEST", "UNAUTHORIZED", "LIMIT_EXCEEDED", "INTERNAL_ERROR", "EVALUATION_EXPIRED", "WHATEVER"];

fn a_head() -> impl Strategy<Value = Head> {
    let number = prop_oneof![any::<u32>().prop_map(|number| number.to_string()), "[0-9]{1,3}", "[ -~]{0,12}"];
    let headers = proptest::collection::vec((proptest::sample::select(&NAMES[..]), number), 0..5);
    let status = prop_oneof![Just(200), Just(401), Just(409), Just(429), Just(503), 100u16..1000];
    (status, headers).prop_map(|(status, headers)| {
        head(status, &headers.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    })
}

fn a_fault() -> impl Strategy<Value = Fault> {
    let code = proptest::option::of(prop_oneof![proptest::sample::select(&CODES[..]), any::<u32>()]);
    prop_oneof![
        4 => (code, proptest::option::of(any::<u32>())).prop_map(|(code, item)| returned(code, item)),
        1 => Just(Fault::Empty),
        1 => Just(Fault::Cut),
        1 => "[ -~]{0,9}".prop_map(Fault::Malformed),
        1 => "[ -~]{0,9}".prop_map(|start| Fault::NotXml { start }),
        1 => "[A-Z]{1,9}".prop_map(Fault::WrongRoot),
    ]
}

pub(super) fn a_failure() -> impl Strategy<Value = Failure> {
    let kinds = [
        FailureKind::Refused,
        FailureKind::Unreachable,
        FailureKind::TimedOut,
        FailureKind::Cut,
        FailureKind::TooLarge,
        FailureKind::Cancelled,
    ];
    let kind = proptest::sample::select(kinds.to_vec());
    kind.prop_map(|kind| Failure { kind, code: "x".into(), message: "y".into() })
}

fn an_answer() -> impl Strategy<Value = Owned> {
    prop_oneof![
        1 => a_failure().prop_map(Owned::Failure),
        4 => (a_head(), a_fault()).prop_map(|(head, fault)| Owned::Fault(head, fault)),
        1 => a_head().prop_map(Owned::Status),
        1 => (a_head(), proptest::sample::select(&WORDS[..])).prop_map(|(head, word)| Owned::Word(head, word.into())),
    ]
}

/// What no time mends: the request itself, the settings, the account, or the host's own word.
fn is_hopeless(error: &Error) -> bool {
    !matches!(error.kind, ProblemKind::Unavailable | ProblemKind::Credentials)
}

proptest! {
    #[test]
    fn no_wait_is_longer_than_it_may_be(answer in an_answer(), was_good: bool) {
        let mut tries = Tries::default();
        match judge(answer.answer(), &mut tries, was_good) {
            Verdict::Again(wait) => prop_assert!((1..=WAIT_SECS_MAX).contains(&wait.secs)),
            Verdict::GiveUp(error) => prop_assert!(error.retry_after_secs.is_none_or(|secs| (1..=WAIT_SECS_MAX).contains(&secs))),
        }
    }

    #[test]
    fn what_cannot_succeed_is_not_asked_again(answer in an_answer(), was_good: bool) {
        let verdict = judge(answer.answer(), &mut Tries::default(), was_good);
        let error = give_up(answer.answer());
        if is_hopeless(&error) || (error.kind == ProblemKind::Credentials && !was_good) {
            prop_assert_eq!(verdict, Verdict::GiveUp(error));
        }
    }

    #[test]
    fn any_sequence_of_answers_ends(answers in proptest::collection::vec(an_answer(), 1..6), was_good: bool) {
        let mut tries = Tries::default();
        let asked = answers.iter().cycle().take_while(|answer| {
            matches!(judge(answer.answer(), &mut tries, was_good), Verdict::Again(_))
        });
        prop_assert!(asked.take(1_000).count() as u32 <= WAITS_MAX + TROUBLES_MAX + 1);
    }

    #[test]
    fn giving_up_says_the_same_as_the_verdict(answer in an_answer()) {
        let mut worn = Tries { waits: WAITS_MAX, troubles: TROUBLES_MAX, doubts: 1 };
        prop_assert_eq!(judge(answer.answer(), &mut worn, true), Verdict::GiveUp(give_up(answer.answer())));
    }
}
