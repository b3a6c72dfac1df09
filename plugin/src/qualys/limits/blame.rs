//! What a bad answer says of how much was asked for.

use super::rules::{self, Then, When};
use super::{Answer, named_secs};
use crate::bindings::connector::contract::http::FailureKind;

/// The code by which the source says in its own words that all of it is being maintained.
const MAINTENANCE: u32 = 1999;

/// Whether asking for less may help.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Blame {
    /// It would not: this is with the way, the account or the whole source.
    None,
    /// It may: this can be with a part of what was asked for, when it stays.
    Part,
    /// It would: the answer did not come in time, or was cut off.
    Size,
}

/// What an answer that is no good says of how much was asked for.
pub fn blame(answer: Answer<'_>) -> Blame {
    let rule = rules::find(answer);
    match (rule.code, rule.when, rule.then) {
        ("network.timed-out" | "answer.cut" | "source.slow", ..) => Blame::Size,
        (_, When::Failure(FailureKind::Unreachable) | When::Code(MAINTENANCE), _) => Blame::None,
        // Who names a time means all calls.
        (_, _, Then::AfterTrouble(..) | Then::AfterWork(..)) if named_secs(answer).is_none() => Blame::Part,
        _ => Blame::None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{head, returned};
    use super::*;
    use crate::bindings::connector::contract::http::Failure;
    use crate::qualys::xml::Fault;

    #[test]
    fn less_is_asked_for_where_a_part_may_be_at_fault() {
        let html = || Fault::NotXml { start: "<html>".into() };
        let after = &[("retry-after", "5")][..];
        #[rustfmt::skip]
        let cases = [
            (200, &[][..], Fault::Cut,                     Blame::Size),
            (408, &[],     html(),                         Blame::Size),
            (504, after,   html(),                         Blame::Size),
            (200, &[],     Fault::Empty,                   Blame::Part),
            (200, &[],     Fault::Malformed("it".into()),  Blame::Part),
            (200, &[],     html(),                         Blame::Part),
            (200, &[],     returned(999, None),            Blame::Part),
            (202, &[],     Fault::Empty,                   Blame::Part),
            (500, &[],     Fault::Cut,                     Blame::Part),
            (503, &[],     html(),                         Blame::Part),
            (503, after,   html(),                         Blame::None),
            (503, &[],     returned(1999, None),           Blame::None),
            (504, &[],     returned(1965, None),           Blame::None),
            (409, &[],     returned(1960, None),           Blame::None),
            (429, &[],     html(),                         Blame::None),
            (401, &[],     Fault::Empty,                   Blame::None),
            (302, &[],     html(),                         Blame::None),
            (200, &[],     Fault::WrongRoot("A".into()),   Blame::None),
        ];
        for (status, headers, fault, expected) in cases {
            let verdict = blame(Answer::Fault(&head(status, headers), &fault));
            assert_eq!(verdict, expected, "{status} {headers:?} {fault:?}");
        }
        let kinds = [
            (FailureKind::TimedOut, Blame::Size),
            (FailureKind::Cut, Blame::Size),
            (FailureKind::Unreachable, Blame::None),
            (FailureKind::Cancelled, Blame::None),
        ];
        for (kind, expected) in kinds {
            let failure = Failure { kind, code: "x".into(), message: "y".into() };
            assert_eq!(blame(Answer::Failure(&failure)), expected, "{kind:?}");
        }
    }
}
