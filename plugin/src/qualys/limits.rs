//! The verdict on every answer, and the only place that tells how a lane stands.
//!
//! Qualys counts calls and parallel calls per endpoint and subscription, shared with every other tool of the customer.
//! It tells the state of its counters in headers, when it tells anything.
//! This module decides; the waiting itself is the host's.

mod blame;
mod headers;
mod lanes;
pub mod next;
mod rules;

use super::xml::Fault;
use crate::bindings::connector::contract::http::{Failure, Head};
use crate::error::Error;
pub use blame::{Blame, blame};
pub use headers::left;
pub use lanes::{Lanes, Ticket, open};
use rules::{Rule, Then};

/// Times that one request is asked for again because of trouble on the way or at the source.
pub const TROUBLES_MAX: u32 = 4;
/// Times that one request is asked for again because the source's limits did not let it in, or it is not ready.
pub const WAITS_MAX: u32 = 20;
/// Longest wait that is ever asked for: a whole day's window.
pub const WAIT_SECS_MAX: u32 = 86_400;
/// How much of the source's own words an error repeats, in characters.
const WORDS_MAX: usize = 500;

/// What an answer came to, once it is known to be no good.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// There was no answer, or no whole one.
    Failure(&'a Failure),
    /// There was one, and its body is not what was asked for.
    Fault(&'a Head, &'a Fault),
    /// There was one, well-formed, with a status other than 200.
    Status(&'a Head),
    /// There was a `ServiceResponse` with this `responseCode`, which is not `SUCCESS`, and these words.
    Word(&'a Head, &'a str, &'a str),
}

impl<'a> Answer<'a> {
    /// Status and headers, where there was an answer.
    pub fn head(self) -> Option<&'a Head> {
        match self {
            Self::Failure(_) => None,
            Self::Fault(head, _) | Self::Status(head) | Self::Word(head, ..) => Some(head),
        }
    }
}

/// How often a request was asked for again, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tries {
    /// The source's limits did not let it in, or it was not ready.
    pub waits: u32,
    /// Something went wrong.
    pub troubles: u32,
    /// Credentials that were good before were refused.
    pub doubts: u32,
}

/// What to do about an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Ask the same again after this.
    Again(Wait),
    /// Asking again would not help.
    GiveUp(Error),
}

/// How long to wait before the same is asked again, and what that says of its lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    /// Seconds, 1 to [`WAIT_SECS_MAX`].
    pub secs: u32,
    /// What it says of the lane.
    pub meaning: Meaning,
    /// Why, as one line for the person who watches the wait.
    pub reason: &'static str,
}

/// What a wait says of its lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning {
    /// The source's calls are used up until then.
    UsedUp,
    /// Too many ran at once.
    TooMany,
    /// Nothing: only this answer was no good.
    Nothing,
    /// Nothing: the credentials are in doubt, whatever they are used for.
    Doubt,
}

/// Decides about an answer and counts it; `was_good` when another answer to the same credentials was good before in this attempt.
pub fn judge(answer: Answer<'_>, tries: &mut Tries, was_good: bool) -> Verdict {
    let rule = rules::find(answer);
    let Some((wait, count, most)) = again(rule, answer, tries).filter(|_| was_good || !rule.is_doubt()) else {
        return Verdict::GiveUp(error(rule, answer));
    };
    if *count >= most {
        return Verdict::GiveUp(error(rule, answer));
    }
    *count += 1;
    Verdict::Again(wait)
}

/// What is wrong with an answer that will not be asked for again.
pub fn give_up(answer: Answer<'_>) -> Error {
    error(rules::find(answer), answer)
}

/// The next wait, the counter it is counted by, and how far that goes; none where asking again cannot succeed.
fn again<'t>(rule: &Rule, answer: Answer<'_>, tries: &'t mut Tries) -> Option<(Wait, &'t mut u32, u32)> {
    let (secs, meaning, count, most) = match rule.then {
        Then::GiveUp => return None,
        Then::AfterTold(secs) => (told_secs(answer).unwrap_or(secs), Meaning::UsedUp, &mut tries.waits, WAITS_MAX),
        Then::Alone(from, to) => {
            let grown = grown(from, to, tries.waits);
            let secs = named_secs(answer).map_or(grown, |named| named.max(grown));
            (secs, Meaning::TooMany, &mut tries.waits, WAITS_MAX)
        }
        Then::AfterWork(from, to) => {
            (named_secs(answer).unwrap_or(grown(from, to, tries.waits)), Meaning::Nothing, &mut tries.waits, WAITS_MAX)
        }
        Then::AfterTrouble(from, to) => {
            let secs = named_secs(answer).unwrap_or(grown(from, to, tries.troubles));
            (secs, Meaning::Nothing, &mut tries.troubles, TROUBLES_MAX)
        }
        Then::IfGoodBefore(secs) => (secs, Meaning::Doubt, &mut tries.doubts, 1),
    };
    Some((Wait { secs: secs.clamp(1, WAIT_SECS_MAX), meaning, reason: rule.says }, count, most))
}

impl Rule {
    fn is_doubt(&self) -> bool {
        matches!(self.then, Then::IfGoodBefore(_))
    }
}

/// A wait that doubles, up to a bound.
fn grown(from: u32, to: u32, times: u32) -> u32 {
    from.saturating_mul(1 << times.min(16)).min(to)
}

/// The wait until calls are allowed again: the header, else the item of the body, else what a proxy names, else the window.
fn told_secs(answer: Answer<'_>) -> Option<u32> {
    let head = answer.head()?;
    let item = match answer {
        Answer::Fault(_, Fault::Returned(returned)) => returned.wait_secs.filter(|&secs| secs > 0),
        _ => None,
    };
    let header = headers::Said::of(head).wait_secs;
    header.or(item).or_else(|| headers::retry_after_secs(head)).or_else(|| headers::window_secs(head))
}

/// The wait that a header names for this answer alone.
fn named_secs(answer: Answer<'_>) -> Option<u32> {
    headers::retry_after_secs(answer.head()?)
}

/// The error that a rule makes of an answer; it names a time where one is known.
fn error(rule: &Rule, answer: Answer<'_>) -> Error {
    let error = Error::new(rule.kind, rule.code, message(rule, answer));
    let retry_after_secs = match rule.then {
        Then::GiveUp | Then::IfGoodBefore(_) => None,
        Then::AfterTold(secs) => Some(told_secs(answer).unwrap_or(secs)),
        Then::Alone(..) | Then::AfterWork(..) | Then::AfterTrouble(..) => named_secs(answer),
    };
    let error = Error { retry_after_secs: retry_after_secs.map(|secs| secs.clamp(1, WAIT_SECS_MAX)), ..error };
    if rule.hint.is_empty() { error } else { error.hint(rule.hint) }
}

/// The source's own words where it has any, else ours.
fn message(rule: &Rule, answer: Answer<'_>) -> String {
    let words = |words: &str| words.chars().take(WORDS_MAX).collect();
    match answer {
        Answer::Failure(failure) => format!("{} ({})", failure.message, failure.code),
        Answer::Fault(_, Fault::Returned(returned)) if !returned.text.is_empty() => words(&returned.text),
        Answer::Word(_, word, "") => words(word),
        Answer::Word(_, _, text) => words(text),
        Answer::Fault(head, fault) if head.status == 200 => match fault {
            Fault::Malformed(what) => format!("{}: {what}", rule.says),
            Fault::NotXml { start } => format!("{} and begins with {start:?}", rule.says),
            Fault::WrongRoot(root) => format!("the answer is a {root}, which was not asked for"),
            _ => rule.says.into(),
        },
        Answer::Fault(head, _) | Answer::Status(head) => format!("{} (status {})", rule.says, head.status),
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
